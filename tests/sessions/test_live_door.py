"""The door of an open room: who waits there has no part in it, and who is removed never comes again."""

import gc
import weakref

import pytest

from sessions import protocol
from sessions.protocol import CLOSE, Ack, RaiseHand, Refused
from sessions.state import Phase, Tick
from sessions.state import Refused as RoomRefused
from tests.sessions.circle import COLE, LEA, LOOK, MAX, PIA, Circle, kinds, lines_of

# At the door


async def test_who_waits_hears_sees_and_reads_nothing_of_the_group(circle: Circle) -> None:
    circle.come(LEA, COLE, PIA)
    circle.push_back()
    max_ = circle.knock(MAX)
    circle.do(COLE, protocol.SetChat, True)
    circle.do(COLE, protocol.Write, "leaders", "", "is it a good moment?")

    room = max_.room

    assert set(kinds(max_.came)) == {"welcome", "room"}
    assert (room.waits, room.heard, room.moves, room.can) == (True, False, (), ("attest", "write", "leave"))
    assert (room.presenter, room.hands, room.chat, room.asides, room.offers) == ("", (), "closed", (), ())
    assert lines_of(room) == {LEA: "absent", COLE: "absent", MAX: "waiting", PIA: "absent"}
    assert [seat.name for seat in room.seats] == ["Lea", "Cole", "Max", "Pia"]


async def test_who_waits_has_no_media(circle: Circle) -> None:
    circle.come(LEA)
    max_ = circle.knock(MAX)

    circle.live.receive(circle.seats[MAX], protocol.Offer("v=0"))
    circle.live.receive(circle.seats[MAX], protocol.Tiles((protocol.Tile(LEA, 180),)))

    assert max_.all(Refused) == [Refused("", "at_the_door")]
    assert (circle.live.media.peers, circle.live.media.watched) == ({}, {})


async def test_leaders_read_who_knocks_since_when_and_where_they_are(circle: Circle) -> None:
    lea, cole, pia = circle.come(LEA, COLE, PIA)
    circle.knock(MAX)
    since_ms = circle.live.room.door[0].since_ms
    circle.do(MAX, protocol.Attest, (Tick.ALONE, Tick.DOOR))

    told = (protocol.Knock(MAX, since_ms, False, (Tick.ALONE, Tick.DOOR)),)
    assert (lea.room.door, cole.room.door, pia.room.door) == (told, told, ())
    assert (lines_of(lea.room)[MAX], lines_of(pia.room)[MAX]) == ("waiting", "absent")


async def test_a_knock_is_gone_with_its_socket(circle: Circle) -> None:
    (lea,) = circle.come(LEA)
    circle.knock(MAX)

    circle.lose(MAX)

    assert lea.room.door == ()
    assert circle.send(LEA, protocol.Admit("a", MAX)) == Refused("a", "nobody_waits")


async def test_a_silent_socket_at_the_door_is_closed_too(circle: Circle) -> None:
    (lea,) = circle.come(LEA)
    max_ = circle.knock(MAX)

    for _ in range(9):
        circle.clock.passed += 1
        circle.live.receive(circle.seats[LEA], protocol.Heartbeat())
        circle.live.tick()

    assert (max_.code, lea.room.door) == (CLOSE["lost"], ())


async def test_without_a_leader_the_door_and_the_lobby_stay_shut(circle: Circle) -> None:
    """L7, before the session: nobody is made a leader, and whoever knocks waits."""
    circle.come(LEA, MAX)
    circle.lose(LEA)
    pia = circle.knock(PIA)

    tried = [circle.send(MAX, protocol.Admit("a", PIA)), circle.send(MAX, protocol.Move("b", Phase.GATHERING))]

    assert tried == [Refused("a", "not_leader"), Refused("b", "not_leader")]
    assert (pia.room.waits, circle.live.room.phase) == (True, Phase.LOBBY)
    (lea,) = circle.come(LEA)
    assert [knock.seat for knock in lea.room.door] == [PIA]


@pytest.mark.parametrize("ended", [False, True], ids=["debrief", "ended"])
async def test_whoever_still_waits_when_the_session_is_over_is_told_so(circle: Circle, ended: bool) -> None:
    circle.come(LEA, COLE)
    max_ = circle.knock(MAX)
    circle.move(Phase.CLOSING, Phase.DEBRIEF, *([Phase.ENDED] if ended else []))

    assert (max_.code, circle.live.room.door) == (CLOSE["over"], ())
    with pytest.raises(RoomRefused, match="over"):
        circle.knock(MAX)


# A link that was passed on


async def test_a_link_that_was_passed_on_takes_no_seat(circle: Circle) -> None:
    """H1: the browser that has the seat keeps it, and only that one hears, reads, acts and is written to."""
    lea, _ = circle.come(LEA, COLE)
    owner = circle.come(MAX, link="7", browser=1)[0]
    await circle.connect(MAX)
    owners = circle.seats[MAX]
    circle.move(Phase.GATHERING)
    stranger = circle.knock(MAX, "7", browser=2)

    said = [
        circle.send(MAX, message)
        for message in (
            RaiseHand("a"),
            protocol.Devices("b", False, False, True),
            protocol.Write("c", "line", "", "who am I?"),
            protocol.Attest("d", (Tick.ALONE,)),
        )
    ]
    circle.do(COLE, protocol.Write, "line", MAX, "for Max himself")

    assert said == [Refused(id, "at_the_door") for id in "abcd"]
    assert [(knock.seat, knock.new_device) for knock in lea.room.door] == [(MAX, True)]
    assert (owner.code, stranger.code, MAX in circle.live.media.peers) == (None, None, True)
    assert [texts.lines[0].text for texts in owner.all(protocol.Texts)] == ["for Max himself"]
    assert stranger.all(protocol.Texts) == []
    assert circle.say(owners, owner, RaiseHand("a")) == Ack("a")


async def test_a_link_that_was_passed_on_puts_nobody_out_whose_line_fails(circle: Circle) -> None:
    """H1: their socket stays open, and their media may come back."""
    circle.come(LEA)
    owner = circle.come(MAX, link="7", browser=1)[0]
    (member,) = await circle.connect(MAX)
    circle.live.tick()
    await member.vanish()
    owners = circle.seats[MAX]
    circle.wait(5)
    away = lines_of(owner.room)[MAX]

    circle.knock(MAX, "7", browser=2)
    circle.do(LEA, protocol.Move, Phase.GATHERING)

    assert (away, owner.code, MAX in circle.live.media.peers) == ("away", None, True)
    assert circle.say(owners, owner, RaiseHand("a")) == Ack("a")


async def test_a_socket_that_gave_way_at_the_door_leaves_nothing_behind(circle: Circle) -> None:
    circle.come(LEA)
    circle.knock(MAX)
    circle.do(MAX, protocol.Attest, (Tick.ALONE,))
    former = weakref.ref(circle.seats[MAX])

    circle.knock(MAX)
    circle.live.detach(former())
    gc.collect()

    assert former() is None


@pytest.mark.parametrize("how", ["leaves", "is lost", "is revoked"])
async def test_who_goes_from_the_door_takes_nobodys_media_along(circle: Circle, how: str) -> None:
    circle.come(LEA)
    owner = circle.come(MAX, browser=1)[0]
    await circle.connect(MAX)
    stranger = circle.knock(MAX, "7", browser=2)

    if how == "leaves":
        circle.do(MAX, protocol.Leave)
    elif how == "is lost":
        circle.lose(MAX)
    else:
        circle.live.see(LOOK)

    assert stranger.code == {"leaves": 1000, "is lost": None, "is revoked": CLOSE["not_yours"]}[how]
    assert (owner.code, MAX in circle.live.media.peers, owner.room.waits) == (None, True, False)
    assert lines_of(owner.room)[MAX] == "here"


async def test_a_leader_may_let_the_new_browser_have_the_seat(circle: Circle) -> None:
    (lea,) = circle.come(LEA)
    older = circle.come(MAX, link="7", browser=1)[0]
    await circle.connect(MAX)
    newer = circle.knock(MAX, "7", browser=2)

    circle.do(LEA, protocol.Admit, MAX)

    assert (older.code, newer.code, newer.room.waits) == (CLOSE["newer_tab"], None, False)
    assert MAX not in circle.live.media.peers
    assert newer.all(protocol.Slots) == [protocol.Slots(())]
    assert (lines_of(lea.room)[MAX], lea.room.door) == ("here", ())
    circle.do(MAX, protocol.Devices, True, False, False)


# Removed


async def test_l24_from_the_moment_somebody_is_removed_nothing_goes_to_them_or_from_them(circle: Circle) -> None:
    lea, *_ = circle.come(LEA, MAX, PIA)
    circle.move(Phase.GATHERING)
    _, max_, pia = await circle.connect(LEA, MAX, PIA)
    pia.send_audio(b"welcome")
    max_.send_audio(b"thank you")
    for seat in (PIA, MAX):
        await circle.heard_by_all(seat)
    got = sum(map(len, max_.received.values()))

    circle.do(LEA, protocol.Remove, MAX)
    before = circle.forwarded(MAX), circle.forwarded(PIA)
    max_.send_audio(b"and another thing")
    pia.send_audio(b"we go on")
    await circle.heard_by_all(PIA, since=before[1])

    assert circle.lines[MAX].code == CLOSE["removed"]
    assert (circle.forwarded(MAX), sum(map(len, max_.received.values()))) == (before[0], got)
    assert MAX not in circle.live.media.peers
    assert lines_of(lea.room)[MAX] == "absent"


@pytest.mark.parametrize("restarted", [False, True], ids=["at once", "after a restart"])
async def test_who_is_removed_is_refused_whatever_way_they_come(circle: Circle, restarted: bool) -> None:
    circle.come(LEA, COLE)
    circle.come(MAX, browser=1)
    circle.do(COLE, protocol.Remove, MAX)
    if restarted:
        await circle.restart()
        circle.come(LEA)

    for link, browser in ((None, 0), ("7", 1), ("8", 2)):
        with pytest.raises(RoomRefused, match="removed"):
            circle.live.attach(MAX, link, circle.lines[MAX], browser)
    assert circle.live.room.door == ()


async def test_who_is_removed_while_their_line_is_lost_leaves_no_media_behind(circle: Circle) -> None:
    circle.come(LEA, MAX)
    await circle.connect(MAX)
    circle.lose(MAX)
    before = MAX in circle.live.media.peers

    circle.do(LEA, protocol.Remove, MAX)

    assert (before, MAX in circle.live.media.peers) == (True, False)


async def test_who_knocks_is_removed_from_the_door(circle: Circle) -> None:
    circle.come(LEA)
    max_ = circle.knock(MAX)

    circle.do(LEA, protocol.Remove, MAX)

    assert (max_.code, circle.live.room.door) == (CLOSE["removed"], ())

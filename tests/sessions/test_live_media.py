"""An open room: its media follow its state."""

import pytest

from sessions import protocol
from sessions.protocol import CLOSE, AcceptReturn
from sessions.state import Phase, Refused
from tests.sessions.circle import COLE, LEA, MAX, PIA, Circle, until


async def test_nobody_hears_a_pushed_back_presenter(circle: Circle) -> None:
    lea, *_ = circle.come(LEA, COLE, MAX, PIA)
    _, pia = await circle.connect(LEA, PIA)
    circle.push_back()
    before = circle.forwarded(PIA)

    for _ in range(10):
        pia.send_audio(b"not for you")
    await until(lambda: circle.received(PIA) == 10)
    circle.clock.passed += 2.5
    circle.live.tick()

    assert circle.forwarded(PIA) == before
    assert lea.room.guard == protocol.Guard(received=10, forwarded=0)


async def test_a_presenter_who_reloads_stays_silenced_until_accepting(circle: Circle) -> None:
    circle.come(LEA, COLE, MAX, PIA)
    lea, _ = await circle.connect(LEA, PIA)
    circle.push_back()
    circle.come(PIA)
    (pia,) = await circle.connect(PIA)

    pia.send_audio(b"still not for you")
    await until(lambda: circle.received(PIA) == 1)
    circle.move(Phase.RETURN)
    pia.send_audio(b"nor now")
    await until(lambda: circle.received(PIA) == 2)
    assert circle.forwarded(PIA) == 0

    circle.do(PIA, AcceptReturn)
    pia.send_audio(b"thank you")
    await until(lambda: any(b"thank you" in payloads for payloads in lea.received.values()))
    assert not any(b"not for you" in b"".join(payloads) for payloads in lea.received.values())


async def test_the_media_server_knows_who_matters_and_whose_camera_is_on(circle: Circle) -> None:
    circle.come(LEA, COLE, MAX, PIA)
    circle.push_back()

    circle.do(MAX, protocol.Devices, True, True, False)

    media = circle.live.media
    assert (media.ranking, media.leading) == ((PIA, LEA, COLE, MAX), {PIA, LEA, COLE})
    assert set(media.expected) == {MAX}


async def test_a_line_that_strains_for_a_while_is_told_to_everybody_and_forgotten_when_it_is_well(
    circle: Circle,
) -> None:
    lea, max_ = circle.come(LEA, MAX)
    circle.move(Phase.GATHERING)
    await circle.connect(LEA, MAX)
    circle.do(MAX, protocol.Devices, True, True, False)
    await until(lambda: circle.live.media.strained() == {MAX})  # his camera is on, and no picture comes

    slow = [slow_of(lea.room), slow_of(max_.room)]
    circle.wait(8)
    slow += [slow_of(lea.room), slow_of(max_.room)]
    told = len(lea.all(protocol.Room))
    circle.wait(8)
    repeated = len(lea.all(protocol.Room)) - told
    circle.do(MAX, protocol.Devices, True, False, False)
    await until(lambda: not circle.live.media.strained())
    circle.wait(12)

    assert slow == [[], [], [MAX], [MAX]]
    assert (repeated, slow_of(lea.room)) == (0, [])


async def test_leaders_read_which_raised_hands_have_not_spoken_in_this_case(circle: Circle) -> None:
    lea, *_ = circle.come(LEA, COLE, MAX, PIA)
    circle.push_back()
    (max_,) = await circle.connect(MAX)

    await until(lambda: max_.send_audio(b"well") or MAX in lea.all(protocol.Speaking)[-1].seats)
    circle.clock.passed += 3
    circle.live.tick()
    for seat in (MAX, COLE):
        circle.do(seat, protocol.RaiseHand)
    told = [(hand.seat, hand.spoken) for hand in lea.room.queue]
    circle.do(LEA, protocol.CloseCase)
    circle.do(MAX, protocol.RaiseHand)

    assert told == [(MAX, True), (COLE, False)]
    assert [(hand.seat, hand.spoken) for hand in lea.room.queue] == [(MAX, False)]


def slow_of(room: protocol.Room) -> list[str]:
    return [seat.seat for seat in room.seats if seat.slow]


async def test_slots_say_who_is_where_and_are_told_again(circle: Circle) -> None:
    lea, _ = circle.come(LEA, PIA)
    await circle.connect(LEA, PIA)
    await until(lambda: any(slot.seat == PIA for slot in lea.all(protocol.Slots)[-1].slots))

    (again,) = circle.come(LEA)
    circle.live.media.leave(LEA)
    (later,) = circle.come(LEA)

    assert again.all(protocol.Slots) == lea.all(protocol.Slots)[-1:]
    assert later.all(protocol.Slots) == [protocol.Slots(())]


async def test_debrief_closes_the_members_and_their_media(circle: Circle) -> None:
    lea, cole, max_, pia = circle.come(LEA, COLE, MAX, PIA)
    await circle.connect(MAX)

    circle.move(Phase.CLOSING, Phase.DEBRIEF)

    assert [line.code for line in (lea, cole, max_, pia)] == [None, None, CLOSE["over"], CLOSE["over"]]
    assert max_.room.phase is Phase.DEBRIEF
    assert MAX not in circle.live.media.peers
    assert circle.live.media.heard == {LEA, COLE}


async def test_the_end_is_acknowledged_told_and_kept(circle: Circle) -> None:
    lea, cole = circle.come(LEA, COLE)

    circle.move(Phase.CLOSING, Phase.DEBRIEF, Phase.ENDED)

    assert [line.code for line in (lea, cole)] == [CLOSE["over"], CLOSE["over"]]
    assert cole.room.phase is Phase.ENDED
    assert circle.live.over
    await until(lambda: circle.written[-1].room.phase is Phase.ENDED)
    with pytest.raises(Refused, match="over"):
        circle.live.attach(LEA, None, lea)


async def test_media_that_were_silent_for_long_are_made_anew(circle: Circle) -> None:
    """Else the page would keep a connection that the node is about to give up."""
    circle.come(LEA, MAX)
    await circle.connect(MAX)
    circle.live.detach(circle.seats[MAX])
    circle.clock.passed += 25

    (max_,) = circle.come(MAX)

    assert max_.all(protocol.Slots) == [protocol.Slots(())]
    assert MAX not in circle.live.media.peers

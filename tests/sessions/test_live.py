"""An open room: its sockets and its snapshots follow its state."""

from dataclasses import replace

import pytest
from django.db import OperationalError

from sessions import protocol, wire
from sessions.protocol import CLOSE, AcceptReturn, Ack, Devices, LowerHand, Move, RaiseHand, Refused, StayBack
from sessions.state import Phase, Role
from sessions.store import LeaseLost, Look
from tests.sessions.circle import COLE, LEA, LOOK, MAX, PEOPLE, PIA, Circle, kinds, lines_of, people_without, until

# Sockets


async def test_who_comes_is_welcomed_and_sees_the_whole_room(circle: Circle) -> None:
    lea, max_ = circle.come(LEA, MAX)

    assert kinds(max_.came) == ["welcome", "room", "room", "slots", "speaking"]
    assert [room.waits for room in max_.all(protocol.Room)] == [True, False]
    assert max_.came[0] == protocol.Welcome(MAX, protocol.HEARTBEAT_MS, ())
    assert lines_of(max_.room) == {LEA: "here", COLE: "absent", MAX: "here", PIA: "absent"}
    assert lines_of(lea.room) == lines_of(max_.room)
    assert [(seat.name, seat.initials, seat.role, seat.order) for seat in max_.room.seats[:2]] == [
        ("Lea", "L", Role.LEADER, 0),
        ("Cole", "C", Role.CO_LEADER, 1),
    ]


async def test_each_sees_what_they_may_do(circle: Circle) -> None:
    lea, max_ = circle.come(LEA, MAX)

    assert lea.room.moves == (Phase.GATHERING, Phase.CLOSING)
    assert lea.room.can == ("move", "devices", "attest", "remove", "set_target", "set_cases", "write", "leave")
    assert (max_.room.moves, max_.room.can) == ((), ("devices", "attest", "write", "leave"))


async def test_the_newest_tab_takes_the_seat(circle: Circle) -> None:
    circle.come(LEA)
    (older,) = circle.come(MAX)
    circle.move(Phase.GATHERING)
    circle.do(MAX, RaiseHand)
    connection = circle.seats[MAX]

    (newer,) = circle.come(MAX)
    circle.live.detach(connection)

    assert (older.code, newer.code) == (CLOSE["newer_tab"], None)
    assert newer.room.hands == (MAX,)
    assert lines_of(newer.room)[MAX] == "here"


async def test_an_older_tab_has_no_voice_in_anything(circle: Circle) -> None:
    circle.come(LEA)
    older = circle.seats[LEA]
    circle.come(LEA)

    circle.live.receive(older, Move("a", Phase.GATHERING))

    assert circle.live.room.phase is Phase.LOBBY


async def test_a_lost_line_is_seen_at_once_and_keeps_the_seat(circle: Circle) -> None:
    lea, _ = circle.come(LEA, PIA)
    circle.push_back()

    circle.live.detach(circle.seats[PIA])
    away = lines_of(lea.room)[PIA]
    (pia,) = circle.come(PIA)

    assert (away, lines_of(lea.room)[PIA]) == ("away", "here")
    assert (pia.room.phase, pia.room.presenter, pia.room.heard) == (Phase.PUSH_BACK, PIA, False)


async def test_leaving_closes_the_own_socket_only(circle: Circle) -> None:
    lea, max_ = circle.come(LEA, MAX)

    circle.do(MAX, protocol.Leave)

    assert (max_.code, lea.code, lines_of(lea.room)[MAX]) == (1000, None, "left")


# Commands


async def test_a_command_is_acknowledged_after_its_effect_was_told(circle: Circle) -> None:
    lea, max_ = circle.come(LEA, MAX)

    circle.send(LEA, Move("a", Phase.GATHERING))

    assert lea.came[-1] == Ack("a")
    assert lea.came[-2].phase == max_.came[-1].phase == Phase.GATHERING
    assert lea.came[-2].seq == max_.came[-1].seq


async def test_a_refused_command_changes_nothing(circle: Circle) -> None:
    _, max_ = circle.come(LEA, MAX)
    before, seq, heard = circle.live.room, circle.live.seq, len(max_.came)

    answer = circle.send(MAX, Move("a", Phase.GATHERING))

    assert answer == Refused("a", "not_leader")
    assert (circle.live.room, circle.live.seq, len(max_.came)) == (before, seq, heard + 1)


async def test_a_command_that_comes_twice_has_one_effect_and_the_same_answer(circle: Circle) -> None:
    circle.come(LEA, MAX)
    circle.move(Phase.GATHERING)
    circle.send(MAX, RaiseHand("a"))
    circle.do(MAX, LowerHand, MAX)

    assert circle.send(MAX, RaiseHand("a")) == Ack("a")
    assert circle.live.room.hands == ()
    assert circle.send(LEA, RaiseHand("a")) == Ack("a")
    assert circle.live.room.hands == (LEA,)


async def test_every_command_that_is_not_offered_is_refused_in_every_phase(circle: Circle) -> None:
    circle.come(LEA, COLE, MAX, PIA)
    everything = [
        *(lambda id, phase=phase: Move(id, phase) for phase in Phase),
        *(lambda id, seat=seat: protocol.SettlePresenter(id, seat) for seat in (MAX, "otto")),
        *(lambda id, seat=seat: LowerHand(id, seat) for seat in (LEA, MAX)),
        protocol.TakeBack,
        protocol.CloseCase,
        RaiseHand,
        protocol.AskReturn,
        AcceptReturn,
        StayBack,
    ]
    tried = 0

    def try_everything() -> None:
        nonlocal tried
        for seat in (LEA, COLE, MAX, PIA):
            for build in everything:
                message = build(f"try-{tried}")
                offered = circle.lines[seat].room.can
                if wire.type_of(type(message)) in offered:
                    continue
                tried += 1
                before = circle.live.room
                assert isinstance(circle.send(seat, message), Refused)
                assert circle.live.room is before

    try_everything()
    circle.push_back()
    try_everything()
    circle.move(Phase.RETURN)
    try_everything()
    circle.do(PIA, StayBack)
    try_everything()
    circle.move(Phase.CLOSING)
    try_everything()
    assert tried > 150


async def test_devices_are_seen_by_all(circle: Circle) -> None:
    lea, _ = circle.come(LEA, MAX)

    circle.do(MAX, Devices, True, False, False)

    seat = next(seat for seat in lea.room.seats if seat.seat == MAX)
    assert (seat.microphone, seat.camera, seat.paused) == (True, False, False)


async def test_bad_sdp_is_refused_and_the_socket_stays(circle: Circle) -> None:
    _, max_ = circle.come(LEA, MAX)

    circle.live.receive(circle.seats[MAX], protocol.Offer("v=0\r\nnonsense"))
    await until(lambda: max_.all(Refused))

    assert (max_.came[-1], max_.code) == (Refused("", "bad_sdp"), None)


# Order


async def test_the_media_are_told_first_then_everyone_then_the_snapshot(circle: Circle) -> None:
    lea, *_ = circle.come(LEA, COLE, MAX, PIA)
    await until(lambda: circle.written and circle.written[-1].seq == circle.live.seq)
    told = []
    lea.on_room = lambda room: told.append((room.phase, circle.live.media.heard, circle.written[-1].seq < room.seq))

    circle.push_back()

    assert told[-1] == (Phase.PUSH_BACK, frozenset({LEA, COLE, MAX}), True)


async def test_snapshots_have_the_steps_and_the_newest_state(circle: Circle) -> None:
    circle.come(LEA, COLE, MAX, PIA)
    circle.push_back()
    await until(lambda: circle.written and circle.written[-1].seq == circle.live.seq)

    steps = [step for snapshot in circle.written for step in snapshot.steps]

    assert circle.written[-1].room == circle.live.room
    assert [step.phase for step in steps] == ["lobby", "gathering", "call", "presentation", "push_back"]
    assert [step.case for step in steps] == [0, 0, 1, 1, 1]


async def test_a_database_that_is_away_delays_only_the_snapshot(circle: Circle) -> None:
    (lea,) = circle.come(LEA)
    circle.failing = [OperationalError(), OperationalError()]

    circle.move(Phase.GATHERING, Phase.CALL)

    assert lea.room.phase is Phase.CALL
    await until(lambda: circle.written and circle.written[-1].room.phase is Phase.CALL)
    steps = [step.phase for snapshot in circle.written for step in snapshot.steps]
    assert steps == ["lobby", "gathering", "call"]


async def test_leaders_are_told_of_a_database_that_stays_away(circle: Circle) -> None:
    lea, max_ = circle.come(LEA, MAX)
    await circle.kept()
    circle.away = True

    circle.move(Phase.GATHERING)
    await until(lambda: circle.failed)
    circle.wait(4)
    early = lea.room.unsaved
    circle.wait(2)
    late = lea.room.unsaved, max_.room.unsaved, lea.room.phase
    circle.away = False
    await until(lambda: circle.written[-1].room.phase is Phase.GATHERING)
    circle.wait(1)

    assert (early, late, lea.room.unsaved) == (False, (True, False, Phase.GATHERING), False)


async def test_the_end_waits_for_a_database_that_is_away(circle: Circle) -> None:
    circle.come(LEA)
    circle.move(Phase.CLOSING, Phase.DEBRIEF)
    await until(lambda: circle.written and circle.written[-1].room.phase is Phase.DEBRIEF)
    circle.failing = [OperationalError(), OperationalError()]

    circle.move(Phase.ENDED)
    await circle.live.finish(None)

    assert circle.written[-1].room.phase is Phase.ENDED


async def test_a_room_that_another_node_has_is_given_up(circle: Circle) -> None:
    (lea,) = circle.come(LEA)
    await until(lambda: circle.written)
    circle.failing = [LeaseLost()]

    circle.move(Phase.GATHERING)
    await until(lambda: circle.live.lost)
    circle.live.tick()

    assert (lea.code, circle.live.over) == (CLOSE["elsewhere"], True)
    assert circle.written[-1].room.phase is Phase.LOBBY


async def test_a_room_goes_on_from_its_snapshot(circle: Circle) -> None:
    circle.come(LEA, COLE, MAX, PIA)
    circle.push_back()
    circle.do(MAX, RaiseHand)
    await until(lambda: circle.written[-1].seq == circle.live.seq)
    kept, before = circle.written[-1], circle.live

    circle.live = circle.open(kept)
    (pia,) = circle.come(PIA)

    assert (pia.room.phase, pia.room.presenter, pia.room.heard, pia.room.hands) == (Phase.PUSH_BACK, PIA, False, (MAX,))
    assert lines_of(pia.room) == {LEA: "away", COLE: "away", MAX: "away", PIA: "here"}
    assert pia.room.seq > before.seq
    assert circle.live.media.heard == {LEA, COLE, MAX}
    await before.finish(1.0)


# Lines


async def test_eight_seconds_without_a_sign_is_away(circle: Circle) -> None:
    lea, max_ = circle.come(LEA, MAX)

    for _ in range(9):
        circle.clock.passed += 1
        circle.live.receive(circle.seats[LEA], protocol.Heartbeat())
        circle.live.tick()

    assert (lea.code, max_.code) == (None, CLOSE["lost"])
    assert lines_of(lea.room)[MAX] == "away"


async def test_a_process_that_stood_still_accuses_nobody(circle: Circle) -> None:
    lea, max_ = circle.come(LEA, MAX)
    circle.live.tick()

    circle.clock.passed += 30
    circle.live.tick()

    assert (lea.code, max_.code) == (None, None)


async def test_the_node_sends_a_heartbeat_when_it_has_nothing_to_say(circle: Circle) -> None:
    (lea,) = circle.come(LEA)

    for _ in range(5):
        circle.clock.passed += 1
        circle.live.tick()

    assert kinds(lea.came).count("heartbeat") == 1


async def test_a_heartbeat_is_answered_so_that_a_page_can_ask_whether_the_room_is_there(circle: Circle) -> None:
    lea, max_ = circle.come(LEA, MAX)

    circle.live.receive(circle.seats[LEA], protocol.Heartbeat())

    assert [kinds(each.came).count("heartbeat") for each in (lea, max_)] == [1, 0]


async def test_four_seconds_without_media_is_away_until_the_member_acts(circle: Circle) -> None:
    lea, max_ = circle.come(LEA, MAX)
    circle.move(Phase.GATHERING)
    (member,) = await circle.connect(MAX)
    circle.live.tick()
    await member.vanish()

    for _ in range(5):
        circle.clock.passed += 1
        circle.live.receive(circle.seats[MAX], protocol.Heartbeat())
        circle.live.tick()
    away = lines_of(lea.room)[MAX]
    circle.do(MAX, RaiseHand)
    circle.live.tick()

    assert (away, lines_of(lea.room)[MAX], max_.code) == ("away", "here", None)
    assert lea.room.hands == (MAX,)


# The pages' side


async def test_a_member_who_was_removed_is_out_with_their_media(circle: Circle) -> None:
    lea, max_ = circle.come(LEA, MAX)
    await circle.connect(MAX)

    circle.live.see(people_without(MAX))

    assert (max_.code, lea.code) == (CLOSE["not_yours"], None)
    assert MAX not in circle.live.media.peers
    assert MAX not in lines_of(lea.room)


async def test_a_revoked_link_closes_the_socket_it_opened(circle: Circle) -> None:
    circle.come(LEA)
    (max_,) = circle.come(MAX, link="7")
    circle.live.see(replace(LOOK, links=frozenset({"7"})))
    before = max_.code

    circle.live.see(LOOK)

    assert (before, max_.code) == (None, CLOSE["not_yours"])


@pytest.mark.parametrize("seen", [people_without(MAX), replace(LOOK, links=frozenset())])
async def test_who_may_no_longer_come_is_out_even_without_a_socket(circle: Circle, seen: Look) -> None:
    """Whoever closes only their socket goes on hearing the room until somebody says otherwise."""
    circle.come(LEA)
    circle.come(MAX, link="7")
    circle.live.see(replace(LOOK, links=frozenset({"7"})))
    await circle.connect(MAX)
    circle.live.detach(circle.seats[MAX])
    before = MAX in circle.live.media.peers

    circle.live.see(seen)

    assert (before, MAX in circle.live.media.peers) == (True, False)


async def test_media_outlive_their_socket_only_for_a_while(circle: Circle) -> None:
    circle.come(LEA, MAX)
    (member,) = await circle.connect(MAX)
    circle.live.detach(circle.seats[MAX])

    for second in range(31):
        circle.clock.passed += 1
        circle.live.receive(circle.seats[LEA], protocol.Heartbeat())
        circle.live.tick()
        if second == 20:
            assert MAX in circle.live.media.peers

    assert MAX not in circle.live.media.peers


async def test_a_new_link_does_not_inherit_the_media_of_the_old_one(circle: Circle) -> None:
    circle.come(LEA)
    circle.come(MAX, link="7")
    await circle.connect(MAX)

    (max_,) = circle.come(MAX, link="8")

    assert MAX not in circle.live.media.peers
    assert max_.all(protocol.Slots) == [protocol.Slots(())]


async def test_a_cancelled_session_closes_everyone(circle: Circle) -> None:
    lea, max_ = circle.come(LEA, MAX)

    circle.live.see(replace(LOOK, open=False))

    assert (lea.code, max_.code, circle.live.over) == (CLOSE["not_yours"], CLOSE["not_yours"], True)


async def test_a_new_name_and_a_new_role_are_seen_by_all(circle: Circle) -> None:
    lea, max_ = circle.come(LEA, MAX)
    renamed = replace(PEOPLE[MAX], name="Maximilian", role=Role.CO_LEADER)

    circle.live.see(replace(LOOK, people=PEOPLE | {MAX: renamed}))

    assert [seat.name for seat in lea.room.seats if seat.seat == MAX] == ["Maximilian"]
    assert max_.room.moves == (Phase.GATHERING, Phase.CLOSING)


@pytest.mark.parametrize("lost", [False, True], ids=["at the socket", "without one"])
async def test_a_leader_who_is_none_any_more_is_out_of_the_debrief(circle: Circle, lost: bool) -> None:
    lea, cole = circle.come(LEA, COLE)
    await circle.connect(COLE)
    circle.move(Phase.CLOSING, Phase.DEBRIEF)
    if lost:
        circle.live.detach(circle.seats[COLE])

    circle.live.see(replace(LOOK, people=PEOPLE | {COLE: replace(PEOPLE[COLE], role=Role.MEMBER)}))

    assert (cole.code, lea.code) == (CLOSE["over"], None)
    assert COLE not in circle.live.media.peers
    assert lines_of(lea.room)[COLE] == "away"


async def test_who_was_away_comes_back_in_the_role_they_have_now(circle: Circle) -> None:
    circle.come(LEA)
    (cole,) = circle.come(COLE)
    (member,) = await circle.connect(COLE)
    circle.live.tick()
    await member.vanish()
    for _ in range(5):
        circle.clock.passed += 1
        circle.live.receive(circle.seats[COLE], protocol.Heartbeat())
        circle.live.tick()
    away = lines_of(cole.room)[COLE]
    circle.live.see(replace(LOOK, people=PEOPLE | {COLE: replace(PEOPLE[COLE], role=Role.MEMBER)}))

    answer = circle.send(COLE, Move("a", Phase.GATHERING))

    assert (away, lines_of(cole.room)[COLE]) == ("away", "here")
    assert answer == Refused("a", "not_leader")


async def test_nothing_is_sent_when_the_pages_changed_nothing(circle: Circle) -> None:
    (lea,) = circle.come(LEA)
    before = len(lea.came)

    circle.live.see(LOOK)

    assert len(lea.came) == before

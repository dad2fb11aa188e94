"""What each seat may know of the room, and what it may do."""

from dataclasses import replace

import pytest

from sessions import apart, door, protocol
from sessions import room as rules
from sessions.commands import applied
from sessions.messages import Around, room_message
from sessions.state import Hold, Line, Phase, Refused, Role, Room, Tick
from sessions.store import Person
from sessions.view import line_of, view
from tests.sessions.rooms import (
    COLE,
    EVERYONE,
    LEA,
    MAX,
    PIA,
    ROLES,
    debriefed,
    ended,
    in_call,
    in_case,
    invited,
    pushed_back,
    room_of,
    with_hands,
    without,
)

INES = "ines"
PEOPLE = tuple(
    Person(seat, seat.title(), seat[0], ROLES.get(seat, Role.MEMBER), order)
    for order, seat in enumerate((LEA, COLE, MAX, PIA, INES))
)
AROUND = Around(PEOPLE, frozenset({MAX}), "", protocol.Guard(0, 0))


def eventful() -> Room:
    """The second case: something of everything that not everybody may know."""
    room = rules.offer_case(rules.offer_case(in_call(), MAX, True), PIA, False)
    room = rules.close_case(in_presentation(room, COLE), LEA, 0)
    room = in_presentation(room, PIA)
    room = rules.attest(rules.attest(room, MAX, (Tick.ALONE,)), PIA, (Tick.DRIVING,))
    room = rules.set_devices(room, MAX, True, True, paused=True)
    room = rules.note_spoken(with_hands(room, MAX), frozenset({MAX}))
    room = apart.speak_to_leaders(apart.take_aside(room, LEA, MAX, ""), COLE, True, "")
    room = rules.attest(door.arrive(room, INES, Role.MEMBER, 7_000, browser=2), INES, (Tick.DOOR,))
    return rules.ask_return(rules.move_to(room, LEA, Phase.PUSH_BACK, 1_000), PIA)


def in_presentation(room: Room, presenter: str) -> Room:
    return rules.move_to(rules.settle_presenter(room, LEA, presenter), LEA, Phase.PRESENTATION, 0)


def told(room: Room, seat: str, waits: bool = False) -> protocol.Room:
    return room_message(view(room, seat, waits), 1, 2_000, AROUND)


def secrets(message: protocol.Room) -> dict[str, object]:
    ticks = {seat.seat: seat.ticks for seat in message.seats if seat.ticks}
    return {
        "door": [(each.seat, each.new_device, each.ticks) for each in message.door],
        "offers": [(each.seat, each.follow_up) for each in message.offers],
        "queue": [(each.seat, each.spoken) for each in message.queue],
        "closed": [(each.number, each.noted) for each in message.closed],
        "asides": [(each.leader, each.member) for each in message.asides],
        "to_leaders": message.to_leaders,
        "asks": message.asks_return,
        "ticks": ticks,
        "paused": [seat.seat for seat in message.seats if seat.paused],
    }


NOTHING = {
    "door": [],
    "offers": [],
    "queue": [],
    "closed": [],
    "asides": [],
    "to_leaders": (),
    "asks": False,
    "ticks": {},
    "paused": [],
}


@pytest.mark.parametrize("leader", [LEA, COLE])
def test_leaders_know_all_of_it(leader):
    assert secrets(told(eventful(), leader)) == {
        "door": [(INES, True, (Tick.DOOR,))],
        "offers": [(MAX, True), (PIA, False)],
        "queue": [(MAX, True)],
        "closed": [(1, False)],
        "asides": [(LEA, MAX)],
        "to_leaders": (COLE,),
        "asks": True,
        "ticks": {MAX: (Tick.ALONE,), PIA: (Tick.DRIVING,)},
        "paused": [MAX],
    }


def test_a_member_knows_their_own_of_it():
    own = {"offers": [(MAX, True)], "asides": [(LEA, MAX)], "ticks": {MAX: (Tick.ALONE,)}, "paused": [MAX]}

    assert secrets(told(eventful(), MAX)) == NOTHING | own


def test_the_presenter_knows_their_own_of_it():
    own = {"offers": [(PIA, False)], "asks": True, "ticks": {PIA: (Tick.DRIVING,)}}

    assert secrets(told(eventful(), PIA)) == NOTHING | own


def test_who_is_at_the_door_knows_their_own_knock_and_nothing_of_the_people():
    message = told(eventful(), INES, waits=True)

    assert secrets(message) == NOTHING | {"door": [(INES, True, (Tick.DOOR,))]}
    assert {seat.seat: seat.line for seat in message.seats} == dict.fromkeys(EVERYONE, "absent") | {INES: "waiting"}
    assert not any(seat.microphone or seat.camera or seat.hand or seat.slow for seat in message.seats)
    assert (message.presenter, message.follow_up, message.hands, message.moves) == ("", False, (), ())
    assert (message.phase, message.case, message.waits, message.heard) == (Phase.PUSH_BACK, 2, True, False)


def test_who_knocks_for_their_own_seat_sees_nothing_of_it_either():
    room = door.arrive(eventful(), MAX, Role.MEMBER, 0, browser=2)
    message = told(room, MAX, waits=True)

    assert secrets(message) == NOTHING | {"door": [(MAX, True, ())]}
    assert message.can == ("leave",)
    assert {seat.line for seat in message.seats if seat.seat != MAX} == {Line.ABSENT}


def test_a_stranger_sees_no_more_than_a_member_and_may_do_nothing():
    message = told(eventful(), "otto")

    assert secrets(message) == NOTHING
    assert (message.can, message.moves, message.heard) == ((), (), False)


def test_a_line_is_told_as_it_is():
    room = door.leave(without(in_call(), MAX), PIA, 0)
    room = door.arrive(room, INES, Role.MEMBER, 0)

    assert {each.seat: line_of(view(room, LEA), each.seat) for each in PEOPLE} == {
        LEA: Line.HERE,
        COLE: Line.HERE,
        MAX: Line.AWAY,
        PIA: Line.LEFT,
        INES: Line.WAITING,
    }
    assert line_of(view(room, COLE), "otto") is Line.ABSENT
    assert line_of(view(door.remove(room, LEA, MAX), LEA), MAX) is Line.ABSENT


def test_only_leaders_see_who_waits_and_a_seat_with_its_old_line_is_here():
    room = door.arrive(door.arrive(in_call(), INES, Role.MEMBER, 0), MAX, Role.MEMBER, 0, browser=2)

    assert line_of(view(room, MAX), INES) is Line.ABSENT
    assert line_of(view(room, LEA), MAX) is Line.HERE


def test_everyone_sees_a_slow_line():
    room = in_call()

    assert [seat.seat for seat in told(room, PIA).seats if seat.slow] == [MAX]


def test_everyone_knows_whether_the_room_is_held():
    room = without(in_case(), PIA)

    assert {told(room, seat).hold for seat in (LEA, COLE, MAX)} == {Hold.HELD}
    assert told(rules.go_on(room, LEA), MAX).hold is Hold.GONE_ON
    assert (told(in_case(), MAX).hold, told(without(in_call(), PIA), MAX).hold) == ("", "")


def test_the_group_sees_whether_its_presenter_is_shown():
    room = rules.agree(pushed_back(), replace(pushed_back().terms, presenter_shown=False, most_cases=1))

    message = told(room, MAX)

    assert (message.presenter_shown, message.most_cases, message.cases) == (False, 1, 1)


# What each may do


OWN = {"attest", "devices", "leave", "write"}
A_LEADER = OWN | {"move", "remove", "set_cases", "set_target", "take_back"}
TOGETHER = A_LEADER | {"raise_hand", "set_chat", "take_aside", "to_leaders"}


@pytest.mark.parametrize(
    ("room", "seat", "can"),
    [
        (room_of(LEA, MAX), MAX, OWN),
        (room_of(LEA, MAX), LEA, A_LEADER - {"take_back"}),
        (room_of(LEA, COLE, MAX), LEA, (A_LEADER | {"to_leaders"}) - {"take_back"}),
        (in_call(), MAX, OWN | {"raise_hand", "offer_case"}),
        (in_call(), LEA, TOGETHER | {"offer_case", "settle_presenter"}),
        (rules.offer_case(in_call(), MAX, False), MAX, OWN | {"raise_hand", "withdraw_case"}),
        (with_hands(in_call(), MAX), MAX, OWN | {"offer_case", "lower_hand"}),
        (in_case(), PIA, OWN | {"raise_hand"}),
        (in_case(), LEA, TOGETHER | {"close_case"}),
        (without(in_case(), COLE), LEA, (TOGETHER | {"close_case"}) - {"to_leaders"}),
        (without(in_case(), PIA), LEA, TOGETHER | {"close_case", "wait", "go_on"}),
        (pushed_back(), PIA, OWN | {"ask_return"}),
        (rules.ask_return(pushed_back(), PIA), PIA, OWN),
        (invited(), PIA, OWN | {"accept_return", "stay_back"}),
        (without(in_case(presenter=LEA), COLE), LEA, OWN | {"close_case", "raise_hand"}),
        (without(pushed_back(presenter=LEA), COLE), LEA, OWN | {"close_case", "move", "ask_return"}),
        (debriefed(), LEA, A_LEADER - {"take_back"}),
        (ended(), MAX, set()),
    ],
)
def test_what_each_may_do(room, seat, can):
    assert set(view(room, seat).can) == can


def test_somebody_at_the_door_may_say_where_they_are_and_ask_for_help():
    room = door.arrive(in_call(), INES, Role.MEMBER, 0)

    assert view(room, INES, waits=True).can == ("attest", "write", "leave")
    assert view(room, INES, waits=True).keeper == COLE
    assert view(without(room, COLE), INES, waits=True).keeper == LEA
    assert view(without(room, LEA, COLE), INES, waits=True).can == ("attest", "leave")
    assert view(without(room, LEA, COLE), INES, waits=True).keeper == ""


def test_whoever_waits_can_be_let_in_and_whoever_is_aside_can_end_it():
    room = apart.take_aside(door.arrive(in_call(), INES, Role.MEMBER, 0), LEA, MAX, "")

    assert {"admit", "end_aside"} <= set(view(room, LEA).can)
    assert "admit" in view(room, COLE).can
    assert "end_aside" not in view(room, COLE).can
    assert "end_aside" in view(room, MAX).can


def test_a_view_says_no_more_than_the_rules_allow():
    rooms = [in_call(), in_case(), pushed_back(), invited(), eventful(), debriefed(), ended()]
    for room in rooms:
        for seat in (LEA, COLE, MAX, PIA):
            allowed = {phase for phase in Phase if _may_move(room, seat, phase)}
            assert set(view(room, seat).moves) == allowed


def _may_move(room: Room, seat: str, phase: Phase) -> bool:
    try:
        applied(room, seat, protocol.Move("a", phase), 0)
    except Refused:
        return False
    return True

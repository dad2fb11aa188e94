"""Who comes in, who waits at the door, and who never comes back."""

from functools import reduce

import pytest

from sessions import door, protocol, state
from sessions import room as rules
from sessions.commands import from_the_door
from sessions.state import Knock, Phase, Role, Room, Tick
from tests.sessions.rooms import (
    COLE,
    LEA,
    MAX,
    MINUTE_MS,
    PIA,
    back,
    debriefed,
    ended,
    in_call,
    in_case,
    let_in,
    moved,
    pushed_back,
    refusal,
    room_of,
    with_hands,
    without,
)

INES = "ines"


def knocked(room: Room, seat: str = INES, at_ms: int = 5_000, browser: int = 0) -> Room:
    return door.arrive(room, seat, Role.MEMBER, at_ms, browser)


def waiting(room: Room) -> list[str]:
    return [knock.seat for knock in room.door]


def present(room: Room) -> list[str]:
    return [seat.id for seat in room.seats if seat.here]


# Coming in


def test_members_knock_and_leaders_sit_down():
    room = reduce(lambda room, seat: knocked(room, seat), (MAX, PIA), room_of(LEA))

    assert present(room) == [LEA]
    assert room.door == (Knock(MAX, Role.MEMBER, 5_000), Knock(PIA, Role.MEMBER, 5_000))


def test_who_is_at_the_door_is_not_inside():
    room = knocked(in_call())

    assert INES not in rules.inside(room) | rules.heard(room) | rules.shown(room)
    assert refusal(rules.raise_hand, room, INES, 0) == "at_the_door"
    assert refusal(rules.settle_presenter, room, LEA, INES) == "no_seat"


def test_leaders_let_in_one_by_one_or_all():
    room = reduce(lambda room, seat: knocked(room, seat), (MAX, PIA, INES), room_of(LEA))

    one = door.admit(room, LEA, PIA)

    assert (present(one), waiting(one)) == ([LEA, PIA], [MAX, INES])
    everybody = door.admit(one, LEA, "")
    assert (present(everybody), waiting(everybody)) == ([LEA, PIA, MAX, INES], [])
    assert refusal(door.admit, everybody, LEA, "") == "nobody_waits"
    assert refusal(door.admit, one, LEA, PIA) == "nobody_waits"


@pytest.mark.parametrize("room", [room_of(LEA, COLE), in_call(), pushed_back(), moved(in_call(), Phase.CLOSING)])
def test_members_wait_in_every_step_until_a_leader_lets_them_in(room):
    late = knocked(room)

    assert waiting(late) == [INES]
    assert INES in present(door.admit(late, COLE, INES))


def test_members_let_nobody_in():
    assert refusal(door.admit, knocked(in_call()), MAX, INES) == "not_leader"
    assert refusal(door.admit, knocked(in_call()), INES, INES) == "at_the_door"


def test_who_knocks_again_keeps_the_turn_and_the_time():
    room = reduce(lambda room, seat: knocked(room, seat), (INES, "nora"), in_call())

    again = knocked(room, INES, 9_000)

    assert waiting(again) == [INES, "nora"]
    assert again.knock(INES).since_ms == 5_000


def test_what_was_ticked_at_the_door_comes_in_too():
    room = rules.attest(knocked(in_call()), INES, (Tick.DOOR, Tick.ALONE))

    assert room.knock(INES).ticks == (Tick.ALONE, Tick.DOOR)
    assert door.admit(room, LEA, INES).seat(INES).ticks == (Tick.ALONE, Tick.DOOR)


def test_who_goes_from_the_door_waits_no_more():
    assert waiting(door.leave(knocked(in_call()), INES, 0)) == []


# At the door


def test_at_the_door_one_may_say_where_one_is_ask_for_help_and_go():
    room = knocked(in_call())

    attested = from_the_door(room, INES, protocol.Attest("a", (Tick.ALONE,)))

    assert attested.knock(INES).ticks == (Tick.ALONE,)
    assert from_the_door(room, INES, protocol.Write("a", "line", "", "I hear nothing")) == room
    assert waiting(from_the_door(room, INES, protocol.Leave("a"))) == []
    for command in (
        protocol.RaiseHand("a"),
        protocol.OfferCase("a", False),
        protocol.Write("a", "chat", "", "Hello"),
        protocol.Write("a", "line", LEA, "Hello"),
        protocol.Devices("a", True, True, False),
    ):
        assert refusal(from_the_door, room, INES, command) == "at_the_door"


def test_who_knocks_for_a_seat_that_is_taken_touches_nothing_of_it():
    room = knocked(in_call(), MAX, browser=2)

    assert refusal(from_the_door, room, MAX, protocol.Attest("a", ())) == "at_the_door"
    assert refusal(from_the_door, room, MAX, protocol.Write("a", "line", "", "Hello")) == "at_the_door"
    gone = from_the_door(room, MAX, protocol.Leave("a"))
    assert (waiting(gone), gone.seats) == ([], room.seats)


# Coming back


@pytest.mark.parametrize("gone", [door.lose, door.leave])
def test_whoever_was_let_in_returns_without_knocking(gone):
    room = gone(in_case(), MAX, 1_000)

    assert door.arrive(room, MAX, Role.MEMBER, 1_000 + 10 * MINUTE_MS).seat(MAX).here


def test_after_ten_minutes_a_member_waits_for_a_good_moment_of_the_case():
    late_ms = 1_001 + 10 * MINUTE_MS

    assert waiting(knocked(door.lose(in_case(), MAX, 1_000), MAX, late_ms)) == [MAX]
    assert waiting(knocked(door.lose(in_call(), MAX, 1_000), MAX, late_ms)) == []


def test_the_presenter_and_leaders_never_wait():
    room = door.lose(door.lose(pushed_back(), PIA, 1_000), COLE, 1_000)

    assert waiting(knocked(room, PIA, 99 * MINUTE_MS)) == []
    assert waiting(door.arrive(room, COLE, Role.CO_LEADER, 99 * MINUTE_MS)) == []


def test_who_left_of_their_own_will_is_told_from_who_lost_the_line():
    lost, left = door.lose(in_call(), MAX, 7_000), door.leave(in_call(), MAX, 7_000)

    assert [(room.seat(MAX).left, room.seat(MAX).gone_ms) for room in (lost, left)] == [(False, 7_000), (True, 7_000)]
    assert not back(left, MAX).seat(MAX).left
    assert not knocked(left, MAX).seat(MAX).left


def test_who_waits_after_long_is_not_inside_until_let_in():
    room = knocked(without(in_case(), MAX), MAX, 99 * MINUTE_MS)

    assert MAX not in rules.inside(room) | rules.heard(room) | rules.shown(room)
    assert MAX in rules.inside(door.admit(room, LEA, MAX))


# New devices


def test_a_link_in_a_second_browser_knocks_as_a_new_device():
    room = knocked(knocked(in_call(), "nora", browser=1), INES, browser=2)

    assert [(knock.seat, knock.new_device) for knock in room.door] == [("nora", False), (INES, True)]


def test_a_new_device_waits_while_the_seat_stays_with_the_old_one():
    room = knocked(in_call(), MAX, browser=2)

    assert (MAX in present(room), waiting(room)) == (True, [MAX])
    assert MAX in rules.heard(room)
    assert room.knock(MAX).new_device


def test_a_browser_that_was_let_in_is_known():
    room = door.admit(knocked(in_call(), MAX, browser=2), LEA, MAX)

    assert room.seat(MAX).browsers == (0, 2)
    assert waiting(knocked(without(room, MAX), MAX, browser=2)) == []
    assert waiting(knocked(without(room, MAX), MAX, browser=0)) == []
    assert waiting(knocked(without(room, MAX), MAX, browser=3)) == [MAX]


def test_a_member_on_a_new_device_waits_even_while_nobody_leads():
    assert waiting(knocked(without(in_call(), LEA, COLE), MAX, browser=2)) == [MAX]


def test_a_presenter_on_a_new_device_waits_too():
    assert waiting(knocked(without(pushed_back(), PIA), PIA, browser=2)) == [PIA]


def test_a_leader_on_a_new_device_waits_only_for_another_leader():
    room = without(in_call(), LEA)
    watched = door.arrive(room, LEA, Role.LEADER, 0, 2)
    alone = door.arrive(without(room, COLE), LEA, Role.LEADER, 0, 2)

    assert (waiting(watched), waiting(alone)) == ([LEA], [])
    assert LEA in present(door.admit(watched, COLE, LEA))


def test_a_new_device_does_not_take_the_only_leaders_seat_while_they_are_here():
    here_alone = door.arrive(without(in_call(), COLE), LEA, Role.LEADER, 0, 2)
    presenting_alone = door.arrive(without(in_case(presenter=LEA), COLE), LEA, Role.LEADER, 0, 2)

    assert (waiting(here_alone), waiting(presenting_alone)) == ([LEA], [LEA])
    assert door.admit(here_alone, LEA, LEA).seat(LEA).browsers == (0, 2)


def test_a_new_device_is_let_in_by_name_and_never_with_everybody():
    room = knocked(knocked(in_call(), MAX, browser=2), INES)

    assert waiting(door.admit(room, LEA, "")) == [MAX]
    assert refusal(door.admit, door.admit(room, LEA, ""), LEA, "") == "nobody_waits"
    assert waiting(door.admit(room, LEA, MAX)) == [INES]


def test_a_new_device_at_the_door_puts_nobody_out():
    room = knocked(without(in_call(), MAX), MAX, browser=2)

    assert MAX in rules.inside(room) & rules.heard(room) & rules.shown(room)


def test_a_leader_at_the_door_comes_in_when_nobody_is_left_to_let_them_in():
    room = door.arrive(without(in_call(), LEA), LEA, Role.LEADER, 0, 2)

    assert waiting(rules.in_order(room, 0)) == [LEA]
    left_alone = rules.in_order(without(room, COLE), 0)
    assert (LEA in present(left_alone), waiting(left_alone)) == (True, [])


def test_a_leader_who_presents_alone_lets_nobody_in_and_the_other_does_not_wait():
    room = without(in_case(presenter=LEA), COLE)

    assert refusal(door.admit, knocked(room), LEA, INES) == "needs_co_leader"
    assert waiting(door.arrive(room, COLE, Role.CO_LEADER, 0, 2)) == []


def test_a_new_device_does_not_take_a_leaders_seat_by_itself():
    room = without(door.arrive(in_call(), LEA, Role.LEADER, 0, 2), COLE)

    assert waiting(rules.in_order(room, 0)) == [LEA]


def test_who_need_not_knock_any_more_waits_no_more():
    room = knocked(without(in_case(), MAX), MAX, 99 * MINUTE_MS)

    again = knocked(rules.close_case(room, LEA, 0), MAX, 99 * MINUTE_MS)

    assert (MAX in present(again), waiting(again)) == (True, [])


def test_another_device_goes_on_waiting_when_the_known_one_is_back():
    room = knocked(knocked(without(in_call(), MAX), MAX, browser=2), MAX, browser=0)

    assert (MAX in present(room), waiting(room)) == (True, [MAX])


# Removing


def test_who_is_removed_never_comes_back():
    room = door.remove(with_hands(rules.offer_case(in_call(), MAX, False), MAX, PIA), LEA, MAX)

    assert (MAX in present(room), room.removed, room.hands, room.offers) == (False, (MAX,), (PIA,), ())
    assert MAX not in rules.inside(room) | rules.heard(room) | rules.shown(room)
    assert refusal(door.arrive, room, MAX, Role.MEMBER, 0) == "removed"
    assert refusal(door.arrive, room, MAX, Role.LEADER, 0) == "removed"
    assert refusal(door.arrive, room, MAX, Role.MEMBER, 0, 5) == "removed"
    assert refusal(door.come_back, room, MAX, Role.MEMBER) == "removed"
    assert refusal(door.remove, room, LEA, MAX) == "no_seat"


def test_who_knocks_can_be_removed():
    room = door.remove(knocked(in_call()), COLE, INES)

    assert (waiting(room), room.removed) == ([], (INES,))
    assert refusal(door.arrive, room, INES, Role.MEMBER, 0) == "removed"


def test_only_leaders_remove_and_only_members():
    assert refusal(door.remove, in_call(), MAX, PIA) == "not_leader"
    assert refusal(door.remove, in_call(), LEA, COLE) == "not_a_member"
    assert refusal(door.remove, in_call(), LEA, "otto") == "no_seat"
    assert refusal(door.remove, without(in_case(presenter=LEA), COLE), LEA, MAX) == "needs_co_leader"


def test_a_removed_presenter_leaves_the_case_to_the_leaders():
    room = rules.in_order(door.remove(pushed_back(), LEA, PIA), 2_000)

    assert rules.presenter_away(room)
    assert rules.close_case(rules.go_on(room, LEA), LEA, 0).phase is Phase.CALL


def test_who_was_settled_on_and_is_removed_presents_nothing():
    room = rules.settle_presenter(rules.offer_case(in_call(), PIA, True), LEA, PIA)

    assert door.remove(room, LEA, MAX).presenter == PIA
    removed = door.remove(room, LEA, PIA)
    assert (removed.presenter, removed.at.follow_up) == ("", False)
    assert refusal(rules.move_to, removed, LEA, Phase.PRESENTATION, 0) == "no_presenter"


# How many, and how long


def test_the_seventeenth_finds_the_room_full_until_a_seat_is_empty():
    room = reduce(lambda room, n: let_in(room, str(n)), range(1, state.MAX_HERE), room_of(LEA))
    knocking = knocked(room, MAX)

    assert refusal(door.admit, knocking, LEA, MAX) == "full"
    assert refusal(door.arrive, room, COLE, Role.CO_LEADER, 0) == "full"
    assert door.admit(without(knocking, "3"), LEA, MAX).seat(MAX).here
    assert refusal(door.come_back, door.admit(without(knocking, "3"), LEA, MAX), "3", Role.MEMBER) == "full"


def test_a_leader_at_the_door_of_a_full_room_waits():
    room = door.arrive(without(room_of(LEA, COLE), LEA), LEA, Role.LEADER, 0, 2)
    guests = [str(n) for n in range(1, state.MAX_HERE)]
    room = reduce(lambda room, guest: door.admit(knocked(room, guest), COLE, guest), guests, room)
    full = rules.in_order(door.come_back(room, COLE, Role.MEMBER), 0)

    assert waiting(full) == [LEA]
    assert LEA in present(rules.in_order(without(full, "3"), 0))


def test_the_debrief_is_for_leaders_alone():
    room = debriefed()

    assert refusal(door.arrive, room, MAX, Role.MEMBER, 0) == "over"
    assert refusal(door.come_back, room, MAX, Role.MEMBER) == "over"
    assert back(without(room, LEA), LEA) == room
    assert [(seat.id, seat.left) for seat in room.seats if not seat.here] == [(MAX, True), (PIA, True)]


def test_the_debrief_sends_members_from_the_door_and_keeps_a_leader_there():
    room = knocked(door.arrive(without(in_call(), LEA), LEA, Role.LEADER, 0, 2))

    assert waiting(moved(room, Phase.CLOSING, Phase.DEBRIEF, actor=COLE)) == [LEA]
    assert waiting(moved(room, Phase.CLOSING, Phase.DEBRIEF, Phase.ENDED, actor=COLE)) == []


def test_nobody_comes_when_it_is_over():
    assert refusal(door.arrive, ended(), LEA, Role.LEADER, 0) == "over"
    assert refusal(door.come_back, ended(), LEA, Role.LEADER) == "over"


def test_nobody_without_a_seat_comes_back():
    assert refusal(door.come_back, in_call(), "otto", Role.MEMBER) == "no_seat"
    assert refusal(door.lose, in_call(), "otto", 0) == "not_here"
    assert refusal(door.leave, in_call(), "otto", 0) == "not_here"


def test_a_leader_whom_the_pages_make_a_member_waits_at_the_door_like_one():
    room = door.arrive(without(in_call(), LEA), LEA, Role.LEADER, 0, 2)

    member = door.with_roles(room, {LEA: Role.MEMBER, COLE: Role.LEADER})

    assert (member.knock(LEA).role, member.seat(LEA).role, member.seat(COLE).role) == (
        Role.MEMBER,
        Role.MEMBER,
        Role.LEADER,
    )
    assert waiting(rules.in_order(without(member, COLE), 0)) == [LEA]
    assert door.remove(member, COLE, LEA).removed == (LEA,)


def test_a_role_is_what_the_pages_say():
    assert door.come_back(in_call(), MAX, Role.CO_LEADER).seat(MAX).role is Role.CO_LEADER
    assert door.arrive(in_call(), MAX, Role.CO_LEADER, 0).seat(MAX).role is Role.CO_LEADER

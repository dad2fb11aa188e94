"""The clock of a step, what holds it, and what the room is told."""

import pytest

from sessions import door, state
from sessions import room as rules
from sessions.state import ClosedCase, Hold, Offer, Phase, Point, ReturnState, Role, Room, Terms
from sessions.vocabulary import CaseKind
from tests.sessions.rooms import (
    COLE,
    EVERYONE,
    LEA,
    MAX,
    MINUTE_MS,
    PIA,
    back,
    debriefed,
    in_call,
    in_case,
    invited,
    moved,
    pushed_back,
    refusal,
    room_of,
    with_hands,
    without,
)


def elapsed_ms(room: Room, now_ms: int) -> int:
    return (room.at.stopped_ms or now_ms) - room.at.started_ms


def at(room: Room, now_ms: int) -> Room:
    return rules.in_order(room, now_ms)


def presented(room: Room, presenter: str, now_ms: int = 1_000) -> Room:
    return rules.move_to(rules.settle_presenter(room, LEA, presenter), LEA, Phase.PRESENTATION, now_ms)


# The clock


def test_a_step_starts_its_clock():
    room = rules.move_to(room_of(LEA), LEA, Phase.GATHERING, 7_000)

    assert (room.at, elapsed_ms(at(room, 9_000), 9_500)) == (Point(Phase.GATHERING, 7_000), 2_500)


@pytest.mark.parametrize(
    "phases", [(), (Phase.CLARIFYING,), (Phase.PUSH_BACK,), (Phase.PUSH_BACK, Phase.RETURN)], ids=str
)
def test_the_clock_stands_while_the_presenter_is_away_and_goes_on_with_the_rest(phases):
    gone = at(without(in_case(*phases), PIA), 4_000)

    assert (gone.at.stopped_ms, elapsed_ms(gone, 99_000)) == (4_000, 3_000)
    assert at(gone, 50_000) == gone
    again = at(back(gone, PIA), 64_000)
    assert (again.at.stopped_ms, again.at.started_ms) == (0, 61_000)
    assert elapsed_ms(again, 65_000) == 4_000


@pytest.mark.parametrize("phase", [Phase.GATHERING, Phase.CALL, Phase.CLOSING])
def test_the_clock_stands_while_nobody_leads(phase):
    room = room_of(LEA, COLE, MAX)
    for step in [Phase.GATHERING, Phase.CALL, Phase.CLOSING]:
        room = moved(room, step) if room.phase is not phase else room

    assert not rules.stands(without(room, LEA))
    assert rules.stands(without(room, LEA, COLE))
    assert not rules.stands(without(room, MAX))


def test_where_no_group_is_no_clock_stands():
    assert not rules.stands(without(room_of(LEA, MAX), LEA))
    assert not rules.stands(without(debriefed(), LEA, COLE))


def test_a_member_who_is_settled_on_and_away_stops_no_clock():
    room = without(rules.settle_presenter(in_call(), LEA, PIA), PIA)

    assert (rules.stands(room), rules.presenter_away(room)) == (False, False)


def test_a_case_that_begins_without_its_presenter_waits_for_them():
    settled = without(rules.settle_presenter(in_call(), LEA, PIA), PIA)

    room = at(rules.move_to(settled, LEA, Phase.PRESENTATION, 2_000), 2_000)

    assert (room.at.started_ms, room.at.stopped_ms) == (2_000, 2_000)


def test_a_step_taken_while_the_clock_stands_begins_at_nothing_and_stands():
    gone = at(without(in_case(), PIA), 4_000)

    room = at(rules.move_to(gone, LEA, Phase.PUSH_BACK, 9_000), 9_000)

    assert (room.at.started_ms, room.at.stopped_ms) == (9_000, 9_000)


def test_a_clock_that_was_set_back_makes_no_time():
    gone = at(without(in_case(), PIA), 4_000)

    assert at(back(gone, PIA), 3_000).at.started_ms == 1_000


# Holding on


def test_leaders_decide_whether_the_group_goes_on_without_the_presenter():
    held = at(without(in_case(), PIA), 4_000)
    assert held.hold is Hold.HELD

    waits = at(rules.wait(held, COLE), 5_000)
    assert (waits.hold, rules.stands(waits)) == (Hold.WAITS, True)

    on = at(rules.go_on(waits, LEA), 10_000)
    assert (on.hold, on.at.stopped_ms, elapsed_ms(on, 11_000)) == (Hold.GONE_ON, 0, 4_000)
    assert at(rules.wait(on, LEA), 12_000).at.stopped_ms == 12_000


def test_a_decision_ends_with_the_presenters_return():
    on = at(rules.go_on(at(without(in_case(), PIA), 4_000), LEA), 5_000)

    again = at(back(on, PIA), 6_000)

    assert again.hold is Hold.HELD
    assert rules.stands(without(again, PIA))


def test_a_decision_ends_with_the_case_and_holds_through_its_steps():
    on = rules.go_on(without(in_case(), PIA), LEA)

    assert moved(on, Phase.PUSH_BACK).hold is Hold.GONE_ON
    assert rules.close_case(on, LEA, 0).hold is Hold.HELD


def test_only_leaders_decide_and_only_while_the_presenter_is_away():
    assert refusal(rules.wait, without(in_case(), PIA), MAX) == "not_leader"
    assert refusal(rules.wait, in_case(), LEA) == "not_held"
    assert refusal(rules.go_on, without(in_call(), PIA), LEA) == "not_held"
    assert refusal(rules.go_on, rules.go_on(without(in_case(), PIA), LEA), LEA) == "not_held"


def test_even_with_the_group_going_on_nobody_leads_means_holding():
    on = rules.go_on(without(in_case(), PIA), LEA)

    assert not rules.stands(on)
    assert rules.stands(without(on, LEA, COLE))


def test_the_presenter_returns_into_the_same_state():
    room = rules.ask_return(with_hands(pushed_back(), MAX), PIA)

    assert at(back(at(without(room, PIA), 1_000), PIA), 1_000) == room


def test_an_acceptance_outlives_a_lost_line():
    room = back(without(rules.accept_return(invited(), PIA), PIA), PIA)

    assert rules.heard(room) == EVERYONE


# Taking back


def test_time_in_which_the_clock_stood_counts_in_no_step_that_is_taken_back():
    moved_on = at(rules.move_to(in_case(), LEA, Phase.PUSH_BACK, 11_000), 11_000)
    gone = at(without(moved_on, PIA), 12_000)

    while_away = at(rules.take_back(gone, LEA), 90_000)
    after = at(rules.take_back(at(back(gone, PIA), 90_000), LEA), 90_000)

    assert (elapsed_ms(while_away, 90_000), while_away.phase) == (11_000, Phase.PRESENTATION)
    assert (elapsed_ms(after, 90_000), after.at.stopped_ms) == (11_000, 0)
    assert elapsed_ms(at(back(while_away, PIA), 95_000), 96_000) == 12_000


def test_a_step_that_stood_when_it_ended_goes_on_with_its_rest():
    gone = at(without(in_case(), PIA), 4_000)
    pushed = at(back(at(rules.move_to(gone, LEA, Phase.PUSH_BACK, 9_000), 9_000), PIA), 20_000)

    assert elapsed_ms(at(rules.take_back(pushed, LEA), 30_000), 31_000) == 4_000


def test_taking_a_beginning_back_leaves_no_case_behind():
    room = rules.take_back(presented(rules.offer_case(in_call(), PIA, True), PIA), LEA)

    assert (room.phase, room.presenter, room.at.follow_up, room.closed) == (Phase.CALL, PIA, True, ())
    assert (room.case, room.offers) == (1, (Offer(PIA, True),))


def test_taking_a_close_back_opens_the_case_again():
    room = rules.note_case(rules.close_case(pushed_back(), LEA, 0), LEA, 1, (CaseKind.DYING,), False)

    again = rules.take_back(room, LEA)

    assert (again.case, again.closed) == (1, ())
    assert rules.close_case(again, LEA, 0).closed == (ClosedCase(1, False),)
    assert rules.take_back(moved(pushed_back(), Phase.CLOSING), LEA).closed == ()


def test_who_has_left_for_the_debrief_is_not_called_back():
    assert refusal(rules.take_back, debriefed(), LEA) == "nothing_to_take_back"


# How long a step should last


def test_leaders_set_how_long_a_step_lasts():
    room = rules.set_target(in_call(), LEA, Phase.CALL, 12)

    assert [rules.target_s(each) for each in (in_call(), room)] == [300, 720]
    assert rules.target_s(presented(room, PIA)) == 600
    assert rules.target_s(rules.set_target(room, COLE, Phase.CALL, 0)) == 0
    assert len(rules.set_target(room, LEA, Phase.CALL, 1).targets) == 1


def test_a_target_is_no_step_and_stops_nothing():
    room = in_call()

    assert rules.set_target(room, LEA, Phase.CALL, 12).at == room.at
    assert refusal(rules.set_target, room, MAX, Phase.CALL, 12) == "not_leader"


# What the room is told


def test_leaders_know_who_has_not_spoken_in_this_case():
    room = rules.note_spoken(in_case(), frozenset({MAX, "otto"}))

    assert rules.note_spoken(room, frozenset({MAX, LEA})).spoken == (MAX, LEA)
    assert rules.note_spoken(in_call(), frozenset({MAX})).spoken == ()
    assert moved(room, Phase.PUSH_BACK).spoken == (MAX,)


def test_a_group_may_not_wish_to_see_a_pushed_back_presenter():
    unseen = Terms(presenter_shown=False)

    assert rules.shown(rules.agree(pushed_back(), unseen)) == EVERYONE - {PIA}
    assert rules.shown(rules.agree(invited(), unseen)) == EVERYONE - {PIA}
    assert rules.shown(rules.agree(rules.accept_return(invited(), PIA), unseen)) == EVERYONE
    assert rules.shown(rules.agree(in_case(), unseen)) == EVERYONE
    assert rules.shown(rules.agree(room_of(LEA, MAX), unseen)) == frozenset()


def test_someone_came_in():
    room = rules.set_devices(in_call(), MAX, True, True, paused=True)

    seat = room.seat(MAX)
    assert (seat.microphone, seat.camera, seat.paused) == (False, False, True)
    assert rules.filmed(room) == frozenset()
    assert rules.filmed(rules.set_devices(room, MAX, True, True)) == {MAX}
    assert not rules.set_devices(room, MAX, True, True).seat(MAX).paused


def test_nobody_is_promoted_when_no_leader_is_left():
    room = at(without(in_case(), LEA, COLE), 2_000)

    assert [seat.role for seat in room.seats] == [Role.LEADER, Role.CO_LEADER, Role.MEMBER, Role.MEMBER]
    assert refusal(rules.move_to, room, MAX, Phase.PUSH_BACK, 0) == "not_leader"
    assert elapsed_ms(at(back(room, COLE), 60 * MINUTE_MS), 60 * MINUTE_MS) == 1_000


def test_the_other_leader_has_everything_at_once():
    room = door.lose(pushed_back(), LEA, 0)

    assert rules.move_to(room, COLE, Phase.RETURN, 0).at.return_state is ReturnState.INVITED


# Older snapshots


def test_a_snapshot_of_an_older_node_is_read():
    older = {
        "at": {"phase": "push_back", "started_ms": 5, "cases": 1, "presenter": "pia", "return_state": "none"},
        "before": {"phase": "presentation", "started_ms": 1, "cases": 1, "presenter": "pia", "return_state": "none"},
        "seats": [{"id": "pia", "role": "member", "here": False, "microphone": True, "camera": False}],
        "hands": ["max"],
        "asks_return": True,
    }

    room = state.from_json(older)

    assert room == Room(
        at=Point(Phase.PUSH_BACK, 5, cases=1, presenter=PIA),
        before=Point(Phase.PRESENTATION, 1, cases=1, presenter=PIA),
        seats=(state.Seat(PIA, Role.MEMBER, here=False, microphone=True),),
        asks_return=True,
    )

"""The room's rules: who may do what and when, and who is heard."""

import json

import pytest

from groups.models import Group
from sessions import room as rules
from sessions import state
from sessions.state import Phase, ReturnState
from sessions.view import view
from tests.sessions.rooms import (
    COLE,
    EVERYONE,
    LEA,
    MAX,
    PIA,
    back,
    debriefed,
    ended,
    in_call,
    in_case,
    invited,
    let_in,
    moved,
    pushed_back,
    refusal,
    room_of,
    with_hands,
    without,
)

# Steps


def test_moves_are_those_of_the_method():
    assert {phase: set(moves) for phase, moves in rules.MOVES.items()} == {
        Phase.LOBBY: {Phase.GATHERING, Phase.CLOSING},
        Phase.GATHERING: {Phase.CALL, Phase.CLOSING},
        Phase.CALL: {Phase.PRESENTATION, Phase.CLOSING},
        Phase.PRESENTATION: {Phase.CLARIFYING, Phase.PUSH_BACK, Phase.CLOSING},
        Phase.CLARIFYING: {Phase.PUSH_BACK, Phase.CLOSING},
        Phase.PUSH_BACK: {Phase.CLARIFYING, Phase.RETURN, Phase.CLOSING},
        Phase.RETURN: {Phase.CALL, Phase.PUSH_BACK, Phase.CLOSING},
        Phase.CLOSING: {Phase.DEBRIEF},
        Phase.DEBRIEF: {Phase.ENDED},
        Phase.ENDED: set(),
    }


def test_a_whole_session_with_two_cases():
    room = moved(invited(), Phase.CALL)
    room = moved(rules.settle_presenter(room, COLE, MAX), Phase.PRESENTATION, Phase.CLARIFYING, Phase.PUSH_BACK)
    assert (room.case, room.presenter) == (2, MAX)

    room = moved(rules.close_case(room, COLE, 2_000), Phase.CLOSING, Phase.DEBRIEF, Phase.ENDED)

    assert (room.phase, room.case, room.presenter) == (Phase.ENDED, 0, "")


def test_the_call_is_for_the_case_to_come():
    assert in_call().case == 1
    assert rules.close_case(pushed_back(), LEA, 0).case == 2


def test_a_move_off_the_table_is_refused():
    assert refusal(rules.move_to, in_call(), LEA, Phase.PUSH_BACK, 0) == "no_such_move"


def test_leader_and_co_leader_have_the_same_powers():
    room = pushed_back()

    assert view(room, LEA).can == view(room, COLE).can
    assert view(room, LEA).moves == view(room, COLE).moves


@pytest.mark.parametrize("actor", [MAX, PIA])
def test_members_move_nothing(actor):
    room = with_hands(pushed_back(), COLE)

    assert refusal(rules.move_to, room, actor, Phase.RETURN, 0) == "not_leader"
    assert refusal(rules.take_back, room, actor) == "not_leader"
    assert refusal(rules.close_case, room, actor, 0) == "not_leader"
    assert refusal(rules.settle_presenter, in_call(), actor, actor) == "not_leader"
    assert refusal(rules.lower_hand, room, actor, COLE) == "not_leader"


def test_a_stranger_and_someone_away_can_do_nothing():
    room = without(pushed_back(), LEA)

    assert view(room, "otto").can == view(room, LEA).can == ()
    assert refusal(rules.move_to, room, "otto", Phase.RETURN, 0) == "not_here"
    assert refusal(rules.move_to, room, LEA, Phase.RETURN, 0) == "not_here"


def test_closing_is_reached_from_any_phase_before_it():
    reached = [phase for phase, moves in rules.MOVES.items() if Phase.CLOSING in moves]

    assert reached == list(Phase)[: list(Phase).index(Phase.CLOSING)]


def test_no_presentation_without_a_presenter():
    assert refusal(rules.move_to, in_call(), LEA, Phase.PRESENTATION, 0) == "no_presenter"


def test_there_is_one_presenter_at_a_time():
    room = rules.settle_presenter(rules.settle_presenter(in_call(), LEA, PIA), LEA, MAX)

    assert room.presenter == MAX
    assert rules.settle_presenter(room, LEA, "").presenter == ""
    assert refusal(rules.settle_presenter, moved(room, Phase.PRESENTATION), LEA, PIA) == "wrong_phase"


def test_the_presenter_is_someone_who_is_here():
    assert refusal(rules.settle_presenter, in_call(), LEA, "otto") == "no_seat"
    assert refusal(rules.settle_presenter, without(in_call(), PIA), LEA, PIA) == "not_here"


# Who is heard and seen


@pytest.mark.parametrize(
    ("room", "heard"),
    [
        (room_of(LEA, COLE, MAX, PIA), frozenset()),
        (moved(room_of(LEA, COLE, MAX, PIA), Phase.GATHERING), EVERYONE),
        (in_call(), EVERYONE),
        (in_case(), EVERYONE),
        (in_case(Phase.CLARIFYING), EVERYONE),
        (pushed_back(), EVERYONE - {PIA}),
        (invited(), EVERYONE - {PIA}),
        (rules.accept_return(invited(), PIA), EVERYONE),
        (rules.stay_back(invited(), PIA), EVERYONE - {PIA}),
        (moved(rules.stay_back(invited(), PIA), Phase.PUSH_BACK), EVERYONE - {PIA}),
        (rules.close_case(pushed_back(), LEA, 0), EVERYONE),
        (moved(pushed_back(), Phase.CLOSING), EVERYONE),
        (debriefed(), frozenset({LEA, COLE})),
        (ended(), frozenset()),
    ],
)
def test_who_is_heard(room, heard):
    assert rules.heard(room) == heard
    assert {seat for seat in EVERYONE if view(room, seat).heard} == heard


def test_push_back_silences_only_the_presenter_be_it_a_leader():
    assert rules.heard(pushed_back(presenter=COLE)) == EVERYONE - {COLE}


def test_a_pushed_back_presenter_is_still_seen():
    assert rules.shown(pushed_back()) == EVERYONE


def test_coming_back_does_not_bring_the_voice_back():
    room = back(without(pushed_back(), PIA), PIA)

    assert rules.heard(room) == EVERYONE - {PIA}


# The return


def test_asking_to_return_is_seen_by_leaders_and_the_presenter():
    room = rules.ask_return(pushed_back(), PIA)

    assert {seat for seat in EVERYONE if view(room, seat).room.asks_return} == {LEA, COLE, PIA}
    assert rules.heard(room) == EVERYONE - {PIA}
    assert not invited().asks_return


def test_only_the_pushed_back_presenter_asks_to_return():
    assert refusal(rules.ask_return, pushed_back(), MAX) == "not_presenter"
    assert refusal(rules.ask_return, in_case(), PIA) == "wrong_phase"
    assert refusal(rules.ask_return, rules.ask_return(pushed_back(), PIA), PIA) == "already_asked"


def test_only_the_invited_presenter_answers():
    assert refusal(rules.accept_return, invited(), MAX) == "not_presenter"
    assert refusal(rules.accept_return, pushed_back(), PIA) == "not_invited"
    assert refusal(rules.stay_back, rules.accept_return(invited(), PIA), PIA) == "not_invited"


def test_staying_back_holds_until_the_case_closes():
    stayed = rules.stay_back(invited(), PIA)
    back = moved(stayed, Phase.PUSH_BACK)

    assert refusal(rules.accept_return, stayed, PIA) == "not_invited"
    assert refusal(rules.move_to, back, LEA, Phase.CLARIFYING, 0) == "stays_back"
    assert refusal(rules.ask_return, back, PIA) == "stays_back"
    assert moved(back, Phase.RETURN).at.return_state is ReturnState.STAYED
    assert rules.take_back(stayed, LEA).at.return_state is ReturnState.STAYED
    assert rules.close_case(stayed, LEA, 0).at.return_state is ReturnState.NONE


def test_a_second_push_back_asks_for_a_second_acceptance():
    room = moved(rules.accept_return(invited(), PIA), Phase.PUSH_BACK)

    assert rules.heard(moved(room, Phase.RETURN)) == EVERYONE - {PIA}
    assert rules.heard(rules.take_back(room, LEA)) == EVERYONE - {PIA}


# Leaders who present


def test_a_lone_leader_cannot_present():
    alone = without(in_call(), COLE)
    left_alone = without(rules.settle_presenter(in_call(), LEA, LEA), COLE)

    assert refusal(rules.settle_presenter, alone, LEA, LEA) == "needs_co_leader"
    assert refusal(rules.move_to, left_alone, LEA, Phase.PRESENTATION, 0) == "needs_co_leader"


@pytest.mark.parametrize("phases", [(), (Phase.CLARIFYING,), (Phase.PUSH_BACK,), (Phase.PUSH_BACK, Phase.RETURN)])
def test_a_presenting_leader_alone_may_only_invite_or_close_the_case(phases):
    room = without(with_hands(in_case(*phases, presenter=LEA), MAX), COLE)
    seen = view(room, LEA)

    assert set(seen.moves) <= {Phase.RETURN, Phase.CALL}
    assert {"take_back", "lower_hand", "settle_presenter"}.isdisjoint(seen.can)
    assert "close_case" in seen.can
    assert (Phase.RETURN in seen.moves) == (room.phase is Phase.PUSH_BACK)
    assert refusal(rules.move_to, room, LEA, Phase.CLOSING, 0) == "needs_co_leader"
    assert refusal(rules.take_back, room, LEA) == "needs_co_leader"


def test_taking_back_leaves_no_leader_presenting_alone():
    room = without(rules.close_case(pushed_back(presenter=LEA), LEA, 0), COLE)

    assert refusal(rules.take_back, room, LEA) == "needs_co_leader"


# Taking back


def test_taking_back_restores_the_phase_and_its_clock():
    room = rules.move_to(pushed_back(), COLE, Phase.RETURN, 9_000)

    again = rules.take_back(room, LEA)

    assert (again.phase, again.at.started_ms, again.presenter) == (Phase.PUSH_BACK, 1_000, PIA)
    assert refusal(rules.take_back, again, LEA) == "nothing_to_take_back"


def test_a_case_closed_by_mistake_comes_back_without_its_hands():
    room = rules.close_case(with_hands(pushed_back(), MAX), LEA, 5_000)

    again = rules.take_back(room, LEA)

    assert (again.phase, again.case, again.presenter, again.hands) == (Phase.PUSH_BACK, 1, PIA, ())
    assert rules.heard(again) == EVERYONE - {PIA}


def test_the_end_is_not_taken_back():
    assert refusal(rules.take_back, ended(), LEA) == "nothing_to_take_back"


def test_settling_a_presenter_is_no_move():
    room = rules.settle_presenter(in_call(), LEA, PIA)

    assert view(room, LEA).can_take_back is Phase.GATHERING
    assert view(room, MAX).can_take_back is None


# Hands


def test_hands_keep_the_order_in_which_they_were_raised():
    room = with_hands(in_call(), MAX, LEA, PIA)

    assert room.hands == (MAX, LEA, PIA)
    assert rules.lower_hand(room, COLE, LEA).hands == (MAX, PIA)
    assert rules.lower_hand(room, PIA, PIA).hands == (MAX, LEA)


def test_a_hand_outlives_a_lost_line():
    room = back(without(with_hands(in_call(), MAX), MAX), MAX)

    assert room.hands == (MAX,)


def test_a_hand_is_up_once():
    room = with_hands(in_call(), MAX)

    assert refusal(rules.raise_hand, room, MAX, 0) == "hand_is_up"
    assert refusal(rules.lower_hand, room, LEA, PIA) == "hand_is_down"


def test_closing_the_case_lowers_every_hand():
    room = with_hands(pushed_back(), MAX, COLE)

    assert rules.close_case(room, LEA, 0).hands == ()
    assert moved(room, Phase.CLOSING).hands == ()


def test_presenting_lowers_the_presenters_hand_only():
    room = rules.settle_presenter(with_hands(in_call(), MAX, PIA), LEA, PIA)

    assert moved(room, Phase.PRESENTATION).hands == (MAX,)


def test_a_pushed_back_presenter_raises_no_hand():
    assert refusal(rules.raise_hand, pushed_back(), PIA, 0) == "pushed_back"
    assert refusal(rules.raise_hand, room_of(LEA, MAX), MAX, 0) == "wrong_phase"


# Seats


def test_a_lost_line_keeps_everything_but_being_here():
    room = rules.set_devices(with_hands(in_call(), MAX), MAX, microphone=True, camera=False)

    gone = without(room, MAX)

    assert not gone.seat(MAX).here
    assert back(gone, MAX) == room


def test_debrief_closes_the_members_seats():
    room = debriefed()

    assert [seat.id for seat in room.seats if seat.here] == [LEA, COLE]
    assert rules.inside(room) == {LEA, COLE}


def test_the_presenter_matters_most_then_leaders_hands_and_others():
    room = with_hands(let_in(in_case(), "rae"), "rae")

    assert rules.importance(room) == (PIA, LEA, COLE, "rae", MAX)
    assert rules.leading(room) == {PIA, LEA, COLE}


def test_without_a_presenter_the_leaders_matter_most():
    assert rules.importance(room_of(MAX, LEA)) == (LEA, MAX)
    assert rules.leading(room_of(MAX, LEA)) == {LEA}


def test_a_camera_that_is_on_films_who_is_here():
    room = rules.set_devices(room_of(MAX, LEA), MAX, microphone=False, camera=True)

    assert rules.filmed(room) == {MAX}
    assert rules.filmed(without(room, MAX)) == frozenset()


def test_a_whole_group_finds_seats():
    assert Group.MOST_PEOPLE <= state.MAX_HERE


# Snapshots


def test_a_snapshot_is_the_room():
    room = with_hands(rules.stay_back(invited(), PIA), MAX)

    again = state.from_json(json.loads(json.dumps(state.to_json(room))))

    assert again == room
    assert again.phase is Phase.RETURN

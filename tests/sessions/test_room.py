"""The room's rules: who may do what and when, and who is heard."""

import json
from functools import reduce

import pytest

from groups.models import Group
from sessions import room as rules
from sessions.state import Phase, Refused, ReturnState, Role, Room
from sessions.view import view

LEA, COLE, MAX, PIA = "lea", "cole", "max", "pia"
EVERYONE = frozenset({LEA, COLE, MAX, PIA})
ROLES = {LEA: Role.LEADER, COLE: Role.CO_LEADER, MAX: Role.MEMBER, PIA: Role.MEMBER}


def room_of(*seats: str) -> Room:
    return reduce(lambda room, seat: rules.enter(room, seat, ROLES[seat]), seats, Room())


def moved(room: Room, *phases: Phase, actor: str = LEA) -> Room:
    return reduce(lambda room, phase: rules.move_to(room, actor, phase, 1_000), phases, room)


def in_call(*seats: str) -> Room:
    return moved(room_of(*(seats or (LEA, COLE, MAX, PIA))), Phase.GATHERING, Phase.CALL)


def in_case(*phases: Phase, presenter: str = PIA) -> Room:
    return moved(rules.settle_presenter(in_call(), LEA, presenter), Phase.PRESENTATION, *phases)


def pushed_back(presenter: str = PIA) -> Room:
    return in_case(Phase.PUSH_BACK, presenter=presenter)


def invited(presenter: str = PIA) -> Room:
    return moved(pushed_back(presenter), Phase.RETURN)


def refusal(command, *args) -> str:
    with pytest.raises(Refused) as refused:
        command(*args)
    assert refused.value.code in rules.REFUSALS
    return refused.value.code


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
    room = rules.raise_hand(pushed_back(), COLE)

    assert refusal(rules.move_to, room, actor, Phase.RETURN, 0) == "not_leader"
    assert refusal(rules.take_back, room, actor) == "not_leader"
    assert refusal(rules.close_case, room, actor, 0) == "not_leader"
    assert refusal(rules.settle_presenter, in_call(), actor, actor) == "not_leader"
    assert refusal(rules.lower_hand, room, actor, COLE) == "not_leader"


def test_a_stranger_and_someone_away_can_do_nothing():
    room = rules.leave(pushed_back(), LEA)

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
    assert refusal(rules.settle_presenter, rules.leave(in_call(), PIA), LEA, PIA) == "not_here"


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
        (rules.close_case(pushed_back(), LEA, 0), EVERYONE),
        (moved(pushed_back(), Phase.CLOSING), EVERYONE),
        (moved(in_call(), Phase.CLOSING, Phase.DEBRIEF), frozenset({LEA, COLE})),
        (moved(in_call(), Phase.CLOSING, Phase.DEBRIEF, Phase.ENDED), frozenset()),
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
    room = rules.enter(rules.leave(pushed_back(), PIA), PIA, Role.MEMBER)

    assert rules.heard(room) == EVERYONE - {PIA}


# The return


def test_asking_to_return_is_seen_by_leaders_and_the_presenter():
    room = rules.ask_return(pushed_back(), PIA)

    assert {seat for seat in EVERYONE if view(room, seat).asks_return} == {LEA, COLE, PIA}
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
    alone = rules.leave(in_call(), COLE)
    left_alone = rules.leave(rules.settle_presenter(in_call(), LEA, LEA), COLE)

    assert refusal(rules.settle_presenter, alone, LEA, LEA) == "needs_co_leader"
    assert refusal(rules.move_to, left_alone, LEA, Phase.PRESENTATION, 0) == "needs_co_leader"


@pytest.mark.parametrize("phases", [(), (Phase.CLARIFYING,), (Phase.PUSH_BACK,), (Phase.PUSH_BACK, Phase.RETURN)])
def test_a_presenting_leader_alone_may_only_invite_or_close_the_case(phases):
    room = rules.leave(rules.raise_hand(in_case(*phases, presenter=LEA), MAX), COLE)
    seen = view(room, LEA)

    assert set(seen.moves) <= {Phase.RETURN, Phase.CALL}
    assert {"take_back", "lower_hand", "settle_presenter"}.isdisjoint(seen.can)
    assert "close_case" in seen.can
    assert (Phase.RETURN in seen.moves) == (room.phase is Phase.PUSH_BACK)
    assert refusal(rules.move_to, room, LEA, Phase.CLOSING, 0) == "needs_co_leader"
    assert refusal(rules.take_back, room, LEA) == "needs_co_leader"


def test_taking_back_leaves_no_leader_presenting_alone():
    room = rules.leave(rules.close_case(pushed_back(presenter=LEA), LEA, 0), COLE)

    assert refusal(rules.take_back, room, LEA) == "needs_co_leader"


# Taking back


def test_taking_back_restores_the_phase_and_its_clock():
    room = rules.move_to(pushed_back(), COLE, Phase.RETURN, 9_000)

    again = rules.take_back(room, LEA)

    assert (again.phase, again.at.started_ms, again.presenter) == (Phase.PUSH_BACK, 1_000, PIA)
    assert refusal(rules.take_back, again, LEA) == "nothing_to_take_back"


def test_a_case_closed_by_mistake_comes_back_without_its_hands():
    room = rules.close_case(rules.raise_hand(pushed_back(), MAX), LEA, 5_000)

    again = rules.take_back(room, LEA)

    assert (again.phase, again.case, again.presenter, again.hands) == (Phase.PUSH_BACK, 1, PIA, ())
    assert rules.heard(again) == EVERYONE - {PIA}


def test_the_end_is_not_taken_back():
    ended = moved(in_call(), Phase.CLOSING, Phase.DEBRIEF, Phase.ENDED)

    assert refusal(rules.take_back, ended, LEA) == "nothing_to_take_back"


def test_settling_a_presenter_is_no_move():
    room = rules.settle_presenter(in_call(), LEA, PIA)

    assert view(room, LEA).can_take_back is Phase.GATHERING
    assert view(room, MAX).can_take_back is None


# Hands


def test_hands_keep_the_order_in_which_they_were_raised():
    room = reduce(rules.raise_hand, (MAX, LEA, PIA), in_call())

    assert room.hands == (MAX, LEA, PIA)
    assert rules.lower_hand(room, COLE, LEA).hands == (MAX, PIA)
    assert rules.lower_hand(room, PIA, PIA).hands == (MAX, LEA)


def test_a_hand_outlives_a_lost_line():
    room = rules.enter(rules.leave(rules.raise_hand(in_call(), MAX), MAX), MAX, Role.MEMBER)

    assert room.hands == (MAX,)


def test_a_hand_is_up_once():
    room = rules.raise_hand(in_call(), MAX)

    assert refusal(rules.raise_hand, room, MAX) == "hand_is_up"
    assert refusal(rules.lower_hand, room, LEA, PIA) == "hand_is_down"


def test_closing_the_case_lowers_every_hand():
    room = reduce(rules.raise_hand, (MAX, COLE), pushed_back())

    assert rules.close_case(room, LEA, 0).hands == ()
    assert moved(room, Phase.CLOSING).hands == ()


def test_presenting_lowers_the_presenters_hand_only():
    room = rules.settle_presenter(reduce(rules.raise_hand, (MAX, PIA), in_call()), LEA, PIA)

    assert moved(room, Phase.PRESENTATION).hands == (MAX,)


def test_a_pushed_back_presenter_raises_no_hand():
    assert refusal(rules.raise_hand, pushed_back(), PIA) == "pushed_back"
    assert refusal(rules.raise_hand, room_of(LEA, MAX), MAX) == "wrong_phase"


# Seats


def test_the_lobby_admits_whoever_enters():
    assert [(seat.id, seat.role, seat.here) for seat in room_of(MAX, LEA).seats] == [
        (MAX, Role.MEMBER, True),
        (LEA, Role.LEADER, True),
    ]


def test_a_lost_line_keeps_everything_but_being_here():
    room = rules.set_devices(rules.raise_hand(in_call(), MAX), MAX, microphone=True, camera=False)

    back = rules.enter(rules.leave(room, MAX), MAX, Role.MEMBER)

    assert back == room
    assert not rules.leave(room, MAX).seat(MAX).here


def test_debrief_closes_the_members_seats():
    room = moved(in_call(), Phase.CLOSING, Phase.DEBRIEF)

    assert [seat.id for seat in room.seats if seat.here] == [LEA, COLE]
    assert rules.inside(room) == {LEA, COLE}
    assert refusal(rules.enter, room, MAX, Role.MEMBER) == "over"
    assert rules.enter(rules.leave(room, LEA), LEA, Role.LEADER) == room


def test_the_presenter_matters_most_then_leaders_hands_and_others():
    room = rules.raise_hand(rules.enter(in_case(), "rae", Role.MEMBER), "rae")

    assert rules.importance(room) == (PIA, LEA, COLE, "rae", MAX)
    assert rules.leading(room) == {PIA, LEA, COLE}


def test_without_a_presenter_the_leaders_matter_most():
    assert rules.importance(room_of(MAX, LEA)) == (LEA, MAX)
    assert rules.leading(room_of(MAX, LEA)) == {LEA}


def test_a_camera_that_is_on_films_who_is_here():
    room = rules.set_devices(room_of(MAX, LEA), MAX, microphone=False, camera=True)

    assert rules.filmed(room) == {MAX}
    assert rules.filmed(rules.leave(room, MAX)) == frozenset()


def test_nobody_enters_when_it_is_over():
    assert refusal(rules.enter, moved(in_call(), Phase.CLOSING, Phase.DEBRIEF, Phase.ENDED), LEA, Role.LEADER) == "over"


def test_the_seventeenth_finds_the_room_full_until_a_seat_is_empty():
    room = reduce(lambda room, n: rules.enter(room, str(n), Role.MEMBER), range(rules.MAX_HERE), Room())

    assert refusal(rules.enter, room, MAX, Role.MEMBER) == "full"
    assert rules.enter(rules.leave(room, "3"), MAX, Role.MEMBER).seat(MAX).here


def test_a_whole_group_finds_seats():
    assert Group.MOST_PEOPLE <= rules.MAX_HERE


# Snapshots


def test_a_snapshot_is_the_room():
    room = rules.raise_hand(rules.stay_back(invited(), PIA), MAX)

    assert rules.from_json(json.loads(json.dumps(rules.to_json(room)))) == room

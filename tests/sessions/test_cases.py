"""How many cases a session has, who offers one, and what is left of one that is closed."""

from sessions import room as rules
from sessions.state import ClosedCase, Hold, Offer, Phase, Point, Room, Terms
from sessions.vocabulary import CaseKind
from tests.sessions.rooms import (
    COLE,
    LEA,
    MAX,
    PIA,
    debriefed,
    in_call,
    in_case,
    moved,
    pushed_back,
    refusal,
    with_hands,
)


def presented(room: Room, presenter: str, now_ms: int = 1_000) -> Room:
    return rules.move_to(rules.settle_presenter(room, LEA, presenter), LEA, Phase.PRESENTATION, now_ms)


def test_a_session_has_two_cases_and_a_groups_first_has_one():
    assert in_call().cases == 2
    assert rules.agree(in_call(), Terms(most_cases=1)).cases == 1
    assert rules.set_cases(in_call(), LEA, 1).cases == 1
    assert rules.set_cases(rules.set_cases(in_call(), LEA, 1), COLE, 2).cases == 2
    assert refusal(rules.set_cases, rules.agree(in_call(), Terms(most_cases=1)), LEA, 2) == "first_session"


def test_no_third_case_begins():
    second = presented(rules.close_case(in_case(), LEA, 0), MAX)
    after = rules.close_case(second, LEA, 0)

    assert (second.case, after.case) == (2, 0)
    assert refusal(rules.settle_presenter, after, LEA, PIA) == "no_more_cases"
    assert refusal(rules.offer_case, after, PIA, False) == "no_more_cases"
    assert moved(after, Phase.CLOSING).phase is Phase.CLOSING


def test_planning_fewer_cases_stops_the_one_that_was_settled():
    room = rules.settle_presenter(rules.close_case(in_case(), LEA, 0), LEA, MAX)

    fewer = rules.set_cases(room, LEA, 1)

    assert refusal(rules.move_to, fewer, LEA, Phase.PRESENTATION, 0) == "no_more_cases"
    assert rules.settle_presenter(fewer, LEA, "").presenter == ""
    assert rules.move_to(rules.set_cases(fewer, LEA, 2), LEA, Phase.PRESENTATION, 0).case == 2


def test_a_case_that_has_begun_is_not_planned_away():
    second = presented(rules.close_case(in_case(), LEA, 0), MAX)

    assert refusal(rules.set_cases, second, LEA, 1) == "case_begun"
    assert rules.set_cases(in_case(), LEA, 1).cases == 1


def test_cases_are_offered_in_order_and_taken_back():
    room = rules.offer_case(rules.offer_case(in_call(), PIA, True), MAX, False)

    assert room.offers == (Offer(PIA, True), Offer(MAX, False))
    assert rules.withdraw_case(room, PIA).offers == (Offer(MAX, False),)
    assert refusal(rules.offer_case, room, PIA, False) == "already_offered"
    assert refusal(rules.withdraw_case, room, COLE) == "no_offer"
    assert refusal(rules.offer_case, in_case(), MAX, False) == "wrong_phase"


def test_an_offer_says_whether_it_is_a_follow_up():
    room = rules.offer_case(rules.offer_case(in_call(), PIA, True), MAX, False)

    assert [rules.settle_presenter(room, LEA, seat).at.follow_up for seat in (PIA, MAX, COLE)] == [True, False, False]
    assert presented(room, PIA).at.follow_up


def test_offers_stay_for_the_next_case_but_the_one_that_was_told():
    room = rules.offer_case(rules.offer_case(in_call(), PIA, True), MAX, False)

    told = rules.close_case(presented(room, PIA), LEA, 0)

    assert (told.offers, told.closed) == ((Offer(MAX, False),), (ClosedCase(1, True),))
    assert debriefed().offers == moved(room, Phase.CLOSING, Phase.DEBRIEF).offers == ()


def test_leaders_note_the_kinds_of_a_closed_case():
    room = rules.close_case(in_case(), LEA, 0)
    assert rules.unnoted(room) == 1

    noted = rules.note_case(room, COLE, 1, (CaseKind.BEREAVEMENT, CaseKind.DYING), True)

    assert noted.closed == (ClosedCase(1, True, (CaseKind.DYING, CaseKind.BEREAVEMENT), noted=True),)
    assert rules.unnoted(noted) == 0
    assert rules.note_case(noted, LEA, 1, (), False).closed == (ClosedCase(1, False, (), noted=True),)


def test_each_closed_case_is_noted_for_itself():
    second = presented(rules.close_case(in_case(), LEA, 0), MAX)
    room = rules.note_case(moved(second, Phase.CLOSING), LEA, 2, (CaseKind.DYING,), False)

    assert room.closed == (ClosedCase(1, False), ClosedCase(2, False, (CaseKind.DYING,), noted=True))
    assert rules.unnoted(room) == 1
    assert refusal(rules.note_case, second, LEA, 2, (), False) == "no_case"
    assert refusal(rules.note_case, room, MAX, 1, (), False) == "not_leader"


def test_a_closed_case_leaves_nothing_of_itself_behind():
    room = rules.note_spoken(rules.ask_return(with_hands(pushed_back(), MAX), PIA), frozenset({LEA}))

    closed = rules.close_case(room, LEA, 5_000)

    assert closed.at == Point(Phase.CALL, 5_000, cases=1)
    assert (closed.raised, closed.spoken, closed.asks_return, closed.hold) == ((), (), False, Hold.HELD)

"""Every command that is refused is refused with a code, and every code has its case."""

from functools import reduce

import pytest

from sessions import apart, door, protocol, state
from sessions import room as rules
from sessions.commands import applied
from sessions.state import Phase, Role, Room, Terms
from sessions.vocabulary import CaseKind
from tests.sessions.rooms import (
    COLE,
    LEA,
    MAX,
    PIA,
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

INES = "ines"
AT_DOOR = door.arrive(in_call(), INES, Role.MEMBER, 0)
IN_FIRST_SESSION = rules.agree(in_call(), Terms(most_cases=1))
IN_SECOND_CASE = moved(rules.settle_presenter(rules.close_case(in_case(), LEA, 0), LEA, MAX), Phase.PRESENTATION)
AFTER_TWO = rules.close_case(IN_SECOND_CASE, LEA, 0)
FULL = reduce(lambda room, n: let_in(room, str(n)), range(state.MAX_HERE - 4), AT_DOOR)


REFUSED = [
    ("already_aside", apart.take_aside(in_call(), LEA, MAX, ""), COLE, protocol.TakeAside("a", MAX)),
    ("already_asked", rules.ask_return(pushed_back(), PIA), PIA, protocol.AskReturn("a")),
    ("already_offered", rules.offer_case(in_call(), MAX, False), MAX, protocol.OfferCase("a", True)),
    ("at_the_door", AT_DOOR, INES, protocol.RaiseHand("a")),
    ("at_the_door", AT_DOOR, LEA, protocol.TakeAside("a", INES)),
    ("case_begun", IN_SECOND_CASE, LEA, protocol.SetCases("a", 1)),
    ("chat_closed", in_call(), MAX, protocol.Write("a", "chat", "", "Hello")),
    ("first_session", IN_FIRST_SESSION, LEA, protocol.SetCases("a", 2)),
    ("full", FULL, LEA, protocol.Admit("a", "")),
    ("hand_is_down", in_call(), LEA, protocol.LowerHand("a", MAX)),
    ("hand_is_up", with_hands(in_call(), MAX), MAX, protocol.RaiseHand("a")),
    ("needs_co_leader", without(in_call(), COLE), LEA, protocol.SettlePresenter("a", LEA)),
    ("no_aside", in_call(), MAX, protocol.EndAside("a")),
    ("no_case", in_case(), LEA, protocol.NoteCase("a", 1, (CaseKind.DYING,), False)),
    ("no_more_cases", AFTER_TWO, LEA, protocol.SettlePresenter("a", MAX)),
    ("no_more_cases", AFTER_TWO, MAX, protocol.OfferCase("a", False)),
    ("no_offer", in_call(), MAX, protocol.WithdrawCase("a")),
    ("no_presenter", in_call(), LEA, protocol.Move("a", Phase.PRESENTATION)),
    ("no_seat", in_call(), LEA, protocol.Remove("a", "otto")),
    ("no_such_move", in_call(), LEA, protocol.Move("a", Phase.PUSH_BACK)),
    ("nobody_leads", without(in_call(), LEA, COLE), MAX, protocol.Write("a", "line", "", "Hello")),
    ("nobody_waits", in_call(), LEA, protocol.Admit("a", "")),
    ("not_a_member", in_call(), LEA, protocol.Remove("a", COLE)),
    ("not_here", without(in_call(), MAX), MAX, protocol.RaiseHand("a")),
    ("not_held", in_case(), LEA, protocol.GoOn("a")),
    ("not_held", rules.wait(without(in_case(), PIA), LEA), LEA, protocol.Wait("a")),
    ("not_invited", pushed_back(), PIA, protocol.AcceptReturn("a")),
    ("not_leader", in_call(), MAX, protocol.SetChat("a", True)),
    ("not_presenter", pushed_back(), MAX, protocol.AskReturn("a")),
    ("nothing_to_take_back", room_of(LEA), LEA, protocol.TakeBack("a")),
    ("nothing_to_take_back", debriefed(), LEA, protocol.TakeBack("a")),
    ("presenter_protected", pushed_back(), LEA, protocol.TakeAside("a", PIA)),
    ("pushed_back", pushed_back(), PIA, protocol.RaiseHand("a")),
    ("stays_back", moved(rules.stay_back(invited(), PIA), Phase.PUSH_BACK), PIA, protocol.AskReturn("a")),
    ("wrong_phase", room_of(LEA), LEA, protocol.RaiseHand("a")),
]
COMING = [
    ("over", ended(), COLE, Role.CO_LEADER),
    ("over", debriefed(), MAX, Role.MEMBER),
    ("removed", door.remove(in_call(), LEA, MAX), MAX, Role.MEMBER),
]
FOR_LEADERS = [
    protocol.Move("a", Phase.CLOSING),
    protocol.TakeBack("a"),
    protocol.SettlePresenter("a", MAX),
    protocol.CloseCase("a"),
    protocol.LowerHand("a", LEA),
    protocol.Admit("a", ""),
    protocol.Remove("a", PIA),
    protocol.SetTarget("a", Phase.CALL, 5),
    protocol.SetCases("a", 1),
    protocol.NoteCase("a", 1, (), False),
    protocol.Wait("a"),
    protocol.GoOn("a"),
    protocol.SetChat("a", True),
    protocol.Write("a", "leaders", "", "Hello"),
    protocol.TakeAside("a", PIA),
    protocol.ToLeaders("a", True),
    protocol.ToLeaders("a", False),
]
STEPS = [room_of(LEA, COLE, MAX, PIA), in_call(), in_case(), pushed_back(), invited(), moved(in_call(), Phase.CLOSING)]


def refused(room: Room, actor: str, command: protocol.Command) -> str:
    return refusal(applied, room, actor, command, 0)


@pytest.mark.parametrize(("code", "room", "actor", "command"), REFUSED)
def test_a_command_that_is_not_allowed_has_its_code(code, room, actor, command):
    assert refused(room, actor, command) == code


@pytest.mark.parametrize(("code", "room", "seat", "role"), COMING)
def test_who_may_not_come_is_told_why(code, room, seat, role):
    assert refusal(door.arrive, room, seat, role, 0) == code


def test_every_code_has_its_case():
    assert [code for code, *_ in (*REFUSED, *COMING) if code not in state.REFUSALS] == []
    assert {code for code, *_ in (*REFUSED, *COMING)} == {*state.REFUSALS}


@pytest.mark.parametrize("room", STEPS)
def test_no_member_does_what_is_the_leaders(room):
    assert {refused(room, MAX, command) for command in FOR_LEADERS} == {"not_leader"}


@pytest.mark.parametrize("room", STEPS)
def test_who_is_away_and_who_is_a_stranger_does_nothing(room):
    answers = [protocol.AskReturn("a"), protocol.AcceptReturn("a"), protocol.StayBack("a")]
    own = [protocol.RaiseHand("a"), protocol.OfferCase("a", False), protocol.Attest("a", ()), protocol.Leave("a")]
    for command in [*FOR_LEADERS, *answers, *own, protocol.Devices("a", True, True, False)]:
        assert refused(room, "otto", command) == "not_here"
        assert refused(without(room, LEA), LEA, command) == "not_here"


@pytest.mark.parametrize("command", [protocol.AskReturn("a"), protocol.AcceptReturn("a"), protocol.StayBack("a")])
@pytest.mark.parametrize("room", [pushed_back(), invited()])
def test_nobody_answers_for_the_presenter(room, command):
    assert {refused(room, seat, command) for seat in (LEA, COLE, MAX)} == {"not_presenter"}


@pytest.mark.parametrize("phases", [(), (Phase.CLARIFYING,), (Phase.PUSH_BACK,), (Phase.PUSH_BACK, Phase.RETURN)])
def test_a_leader_who_presents_alone_leads_no_further(phases):
    room = with_hands(without(in_case(*phases, presenter=LEA), COLE), MAX)
    tried = [
        protocol.Move("a", Phase.CLOSING),
        protocol.TakeBack("a"),
        protocol.LowerHand("a", MAX),
        protocol.Admit("a", ""),
        protocol.Remove("a", PIA),
        protocol.SetTarget("a", Phase.CALL, 5),
        protocol.SetCases("a", 1),
        protocol.NoteCase("a", 1, (), False),
        protocol.Wait("a"),
        protocol.GoOn("a"),
        protocol.SetChat("a", True),
        protocol.TakeAside("a", PIA),
        protocol.ToLeaders("a", True),
    ]

    assert {refused(room, LEA, command) for command in tried} == {"needs_co_leader"}

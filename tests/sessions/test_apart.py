"""What is said to some only: asides, the leaders' own line, and what is written."""

from functools import reduce

import pytest

from sessions import apart, door
from sessions import room as rules
from sessions.state import Aside, Phase, Role, Room
from tests.sessions.rooms import (
    COLE,
    EVERYONE,
    LEA,
    MAX,
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
    without,
)


def aside(room: Room, leader: str = COLE, member: str = MAX) -> Room:
    return apart.take_aside(room, leader, member, rules.silenced(room))


def to_leaders(room: Room, leader: str = LEA, on: bool = True) -> Room:
    return apart.speak_to_leaders(room, leader, on, rules.silenced(room))


def refused_aside(room: Room, leader: str, member: str) -> str:
    return refusal(apart.take_aside, room, leader, member, rules.silenced(room))


def refused_line(room: Room, leader: str) -> str:
    return refusal(apart.speak_to_leaders, room, leader, True, rules.silenced(room))


def hears(room: Room, now_ms: int = apart.BACK_SOON_MS + 1) -> dict[str, frozenset[str]]:
    """Who hears each of those that speak apart; whoever is away has been for too long."""
    return {seat: who for seat, (_, who) in rules.listeners(rules.in_order(room, now_ms)).items()}


def readers(room: Room, actor: str, paper: apart.Paper, to: str = "") -> frozenset[str]:
    return apart.readers(room, actor, paper, to, rules.silenced(room))


def unwritten(room: Room, actor: str, paper: apart.Paper, to: str = "") -> str:
    return refusal(apart.readers, room, actor, paper, to, rules.silenced(room))


def with_chat(room: Room) -> Room:
    return apart.set_chat(room, LEA, True)


# Asides


def test_two_aside_hear_each_other_and_nobody_else_hears_them():
    room = aside(in_call())

    assert rules.listeners(room) == {COLE: ("aside", frozenset({MAX})), MAX: ("aside", frozenset({COLE}))}
    assert rules.heard(room) == EVERYONE


def test_two_leaders_can_each_be_aside():
    room = aside(aside(in_call()), LEA, PIA)

    assert hears(room) == {COLE: {MAX}, MAX: {COLE}, LEA: {PIA}, PIA: {LEA}}
    assert hears(apart.end_aside(room, PIA)) == {COLE: {MAX}, MAX: {COLE}}
    assert hears(apart.end_aside(room, COLE)) == {LEA: {PIA}, PIA: {LEA}}


def test_one_is_aside_with_one_only():
    assert refused_aside(aside(in_call()), COLE, PIA) == "already_aside"
    assert refused_aside(aside(in_call()), LEA, MAX) == "already_aside"
    assert refusal(apart.end_aside, in_call(), MAX) == "no_aside"


def test_only_a_leader_takes_aside_and_only_a_member_who_is_here():
    assert refused_aside(in_call(), MAX, PIA) == "not_leader"
    assert refused_aside(in_call(), LEA, COLE) == "not_a_member"
    assert refused_aside(in_call(), LEA, LEA) == "not_a_member"
    assert refused_aside(without(in_call(), MAX), LEA, MAX) == "not_here"
    assert refused_aside(door.arrive(in_call(), "ines", Role.MEMBER, 0), LEA, "ines") == "at_the_door"


def test_a_pushed_back_presenter_is_protected():
    assert refused_aside(pushed_back(), LEA, PIA) == "presenter_protected"
    assert refused_aside(invited(), LEA, PIA) == "presenter_protected"
    assert refused_aside(pushed_back(presenter=LEA), LEA, MAX) == "pushed_back"
    assert hears(aside(rules.accept_return(invited(), PIA), COLE, PIA)) == {COLE: {PIA}, PIA: {COLE}}


@pytest.mark.parametrize("room", [room_of(LEA, MAX), debriefed()])
def test_asides_belong_to_the_steps_of_the_group(room):
    assert refused_aside(room, LEA, MAX) == "wrong_phase"


def test_pushing_back_ends_the_presenters_aside_alone():
    room = aside(aside(in_case(), LEA, PIA), COLE, MAX)

    pushed = moved(room, Phase.PUSH_BACK)

    assert hears(pushed) == {COLE: {MAX}, MAX: {COLE}}
    assert rules.in_order(pushed, 0).asides == (Aside(COLE, MAX),)


@pytest.mark.parametrize("gone", [COLE, MAX])
def test_an_aside_outlives_a_moment_without_a_line_and_no_more(gone):
    room = without(aside(in_call()), gone)

    assert hears(room, apart.BACK_SOON_MS) == {COLE: {MAX}, MAX: {COLE}}
    assert hears(room) == {}
    assert hears(back(rules.in_order(room, apart.BACK_SOON_MS + 1), gone)) == {}
    assert hears(door.leave(aside(in_call()), gone, 0), 0) == {}


def test_an_aside_ends_with_the_group_and_with_the_leaders_role():
    room = aside(in_call())

    assert rules.in_order(moved(room, Phase.CLOSING), 0).asides == (Aside(COLE, MAX),)
    assert rules.in_order(moved(room, Phase.CLOSING, Phase.DEBRIEF), 0).asides == ()
    assert rules.in_order(door.come_back(room, COLE, Role.MEMBER), 0).asides == ()
    gathering = aside(moved(room_of(LEA, COLE, MAX), Phase.GATHERING))
    assert hears(rules.take_back(gathering, LEA)) == {}
    assert rules.in_order(door.remove(room, LEA, MAX), 0).asides == ()


# The leaders' line


def test_on_the_leaders_line_only_the_other_leaders_hear_one():
    room = to_leaders(in_call())

    assert rules.listeners(room) == {LEA: ("leaders", frozenset({COLE}))}
    assert hears(to_leaders(room, COLE)) == {LEA: {COLE}, COLE: {LEA}}
    assert hears(to_leaders(room, on=False)) == {}


def test_three_leaders_hear_each_other():
    room = to_leaders(door.come_back(in_call(), MAX, Role.CO_LEADER))

    assert hears(room) == {LEA: {COLE, MAX}}


def test_the_leaders_line_is_for_leaders():
    assert refused_line(in_call(), MAX) == "not_leader"
    assert refusal(apart.speak_to_leaders, in_call(), MAX, False, "") == "not_leader"
    assert refused_line(without(in_call(), COLE), LEA) == "needs_co_leader"
    assert refused_line(pushed_back(presenter=LEA), LEA) == "pushed_back"
    assert refused_line(debriefed(), LEA) == "wrong_phase"


def test_leaders_may_speak_before_the_others_are_heard():
    room = to_leaders(room_of(LEA, COLE, MAX))

    assert (rules.heard(room), hears(room)) == ({LEA}, {LEA: {COLE}})


def test_whoever_is_aside_is_not_on_the_leaders_line_too():
    assert refused_line(aside(in_call()), COLE) == "already_aside"
    assert hears(aside(to_leaders(in_call(), COLE))) == {COLE: {MAX}, MAX: {COLE}}
    assert hears(apart.end_aside(aside(to_leaders(in_call(), COLE)), COLE)) == {}
    assert hears(aside(to_leaders(in_call(), LEA))) == {COLE: {MAX}, MAX: {COLE}, LEA: {COLE}}


@pytest.mark.parametrize("gone", [LEA, COLE])
def test_the_leaders_line_ends_when_a_leader_is_left_alone(gone):
    lost = without(to_leaders(in_call()), gone)
    room = rules.in_order(lost, apart.BACK_SOON_MS + 1)

    assert hears(lost, apart.BACK_SOON_MS)[LEA] <= {COLE}
    assert (room.to_leaders, hears(back(room, gone))) == ((), {})
    assert hears(door.leave(to_leaders(in_call()), gone, 0), 0) == {}


def test_the_leaders_line_ends_for_whom_is_pushed_back():
    room = to_leaders(to_leaders(in_case(presenter=LEA), LEA), COLE)

    assert hears(moved(room, Phase.PUSH_BACK)) == {COLE: {LEA}}
    assert rules.in_order(moved(room, Phase.PUSH_BACK), 0).to_leaders == (COLE,)


def test_asking_twice_for_the_leaders_line_changes_nothing():
    room = reduce(to_leaders, (LEA, COLE), in_call())

    assert to_leaders(room, LEA) == room
    assert to_leaders(in_call(), LEA, on=False) == in_call()


# The chat


def test_the_chat_is_closed_until_leaders_open_it():
    assert apart.chat(in_call()) == "closed"
    assert unwritten(in_call(), MAX, "chat") == "chat_closed"
    assert apart.chat(with_chat(in_call())) == "open"
    assert readers(with_chat(in_call()), MAX, "chat") == EVERYONE
    assert apart.chat(apart.set_chat(with_chat(in_call()), COLE, False)) == "closed"


def test_only_leaders_open_the_chat_and_only_while_the_group_is_together():
    assert refusal(apart.set_chat, in_call(), MAX, True) == "not_leader"
    assert refusal(apart.set_chat, room_of(LEA), LEA, True) == "wrong_phase"
    assert refusal(apart.set_chat, debriefed(), LEA, True) == "wrong_phase"
    assert refusal(apart.set_chat, without(in_case(presenter=LEA), COLE), LEA, True) == "needs_co_leader"


def test_the_chat_rests_in_push_back_whatever_the_setting():
    room = with_chat(pushed_back())

    assert apart.chat(room) == "rests"
    assert {unwritten(room, seat, "chat") for seat in (LEA, COLE, MAX)} == {"chat_closed"}
    assert unwritten(room, PIA, "chat") == "pushed_back"
    assert apart.chat(moved(room, Phase.RETURN)) == "open"


def test_the_chat_reaches_who_is_here_and_no_presenter_who_has_not_returned():
    room = moved(with_chat(pushed_back()), Phase.RETURN)

    assert unwritten(room, PIA, "chat") == "pushed_back"
    assert readers(without(room, MAX), LEA, "chat") == EVERYONE - {MAX}
    assert readers(rules.accept_return(room, PIA), PIA, "chat") == EVERYONE


def test_the_chat_ends_with_the_group():
    assert apart.chat(moved(with_chat(in_call()), Phase.CLOSING)) == "open"
    assert apart.chat(moved(with_chat(in_call()), Phase.CLOSING, Phase.DEBRIEF)) == "closed"


# The technical line


@pytest.mark.parametrize(
    ("room", "keeper"),
    [
        (in_call(), COLE),
        (without(in_call(), COLE), LEA),
        (without(in_call(), LEA, COLE), ""),
        (pushed_back(presenter=COLE), LEA),
        (rules.accept_return(invited(presenter=COLE), COLE), COLE),
        (without(pushed_back(presenter=COLE), LEA), COLE),
    ],
)
def test_the_second_leader_keeps_the_technical_line(room, keeper):
    assert apart.keeper(room, rules.silenced(room)) == keeper


def test_each_member_writes_to_the_keeper_and_nobody_else_reads_it():
    assert readers(in_call(), MAX, "line") == {MAX, COLE}
    assert readers(in_call(), LEA, "line") == {LEA, COLE}
    assert readers(in_call(), COLE, "line", MAX) == {MAX, COLE}


def test_the_technical_line_is_open_in_every_step_to_the_presenter_too():
    rooms = [room_of(LEA, COLE, MAX, PIA), in_case(), pushed_back(), invited(), moved(in_call(), Phase.CLOSING)]

    assert {readers(room, PIA, "line") for room in rooms} == {frozenset({PIA, COLE})}


def test_the_technical_line_is_open_at_the_door():
    room = door.arrive(in_call(), "ines", Role.MEMBER, 0)

    assert readers(room, "ines", "line") == {"ines", COLE}
    assert readers(room, COLE, "line", "ines") == {"ines", COLE}


def test_no_member_writes_to_a_member():
    assert unwritten(in_call(), MAX, "line", PIA) == "not_leader"
    assert unwritten(in_call(), LEA, "line", PIA) == "not_leader"
    assert unwritten(in_call(), COLE, "line") == "no_seat"
    assert unwritten(in_call(), COLE, "line", "otto") == "not_here"
    assert unwritten(in_call(), "otto", "line") == "not_here"
    assert unwritten(without(in_call(), LEA, COLE), MAX, "line") == "nobody_leads"


# What leaders write to each other


def test_leaders_write_to_each_other():
    assert readers(in_call(), LEA, "leaders") == {LEA, COLE}
    assert readers(debriefed(), LEA, "leaders") == {LEA, COLE}
    assert unwritten(in_call(), MAX, "leaders") == "not_leader"
    assert unwritten(without(in_call(), COLE), LEA, "leaders") == "needs_co_leader"
    assert unwritten(pushed_back(presenter=LEA), LEA, "leaders") == "pushed_back"

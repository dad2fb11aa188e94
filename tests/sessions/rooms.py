"""Rooms of the cast, as commands make them: values, for the tests of the rules."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import pytest

from sessions import door, state
from sessions import room as rules
from sessions.state import Phase, Refused, Role, Room

LEA, COLE, MAX, PIA = "lea", "cole", "max", "pia"
EVERYONE = frozenset({LEA, COLE, MAX, PIA})
ROLES = {LEA: Role.LEADER, COLE: Role.CO_LEADER, MAX: Role.MEMBER, PIA: Role.MEMBER}
MINUTE_MS = 60_000


def room_of(*seats: str) -> Room:
    """They come, and Lea lets in who knocks."""
    room = reduce(lambda room, seat: door.arrive(room, seat, ROLES[seat], 0), seats, Room())
    return door.admit(room, LEA, "") if room.door else room


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


def debriefed() -> Room:
    return moved(in_call(), Phase.CLOSING, Phase.DEBRIEF)


def ended() -> Room:
    return moved(debriefed(), Phase.ENDED)


def without(room: Room, *seats: str) -> Room:
    """Their lines are gone, long before now."""
    return reduce(lambda room, seat: door.lose(room, seat, 0), seats, room)


def back(room: Room, *seats: str) -> Room:
    return reduce(lambda room, seat: door.come_back(room, seat, ROLES[seat]), seats, room)


def with_hands(room: Room, *seats: str) -> Room:
    return reduce(lambda room, seat: rules.raise_hand(room, seat, 0), seats, room)


def let_in(room: Room, seat: str, role: Role = Role.MEMBER) -> Room:
    return door.admit(door.arrive(room, seat, role, 0), LEA, seat)


def refusal(command: Callable[..., Any], *args: object) -> str:
    with pytest.raises(Refused) as refused:
        command(*args)
    assert refused.value.code in state.REFUSALS
    return refused.value.code

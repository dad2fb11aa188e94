"""The room as one seat may see it, and what that seat may do now: asked of the rules, never written twice."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sessions import room as rules
from sessions.room import Phase, Refused, Room


@dataclass(frozen=True)
class View:
    """The room as one seat may see it, and what that seat may do now."""

    room: Room
    heard: bool
    asks_return: bool
    moves: tuple[Phase, ...]
    can: tuple[str, ...]
    can_take_back: Phase | None


def view(room: Room, seat_id: str) -> View:
    seat = room.seat(seat_id)
    can = dict.fromkeys(name for name, command, *args in _commands(room) if _allowed(command, room, seat_id, *args))
    return View(
        room=room,
        heard=seat_id in rules.heard(room),
        asks_return=room.asks_return and seat is not None and (seat.leads or seat_id == room.presenter),
        moves=tuple(phase for phase in rules.MOVES[room.phase] if _allowed(rules.move_to, room, seat_id, phase, 0)),
        can=tuple(can),
        can_take_back=room.before.phase if room.before and "take_back" in can else None,
    )


def _commands(room: Room) -> list[tuple[Any, ...]]:
    """Every command that a seat could try: its name on the wire, its function and what follows the actor."""
    return [
        *(("move", rules.move_to, phase, 0) for phase in rules.MOVES[room.phase]),
        ("take_back", rules.take_back),
        *(("settle_presenter", rules.settle_presenter, seat.id) for seat in room.seats),
        ("close_case", rules.close_case, 0),
        ("raise_hand", rules.raise_hand),
        *(("lower_hand", rules.lower_hand, hand) for hand in room.hands),
        ("ask_return", rules.ask_return),
        ("accept_return", rules.accept_return),
        ("stay_back", rules.stay_back),
        ("devices", rules.set_devices, False, False),
        ("leave", rules.leave),
    ]


def _allowed(command: Callable[..., Room], *args: Any) -> bool:
    try:
        command(*args)
    except Refused:
        return False
    return True

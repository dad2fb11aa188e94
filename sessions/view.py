"""PURE: the room as one seat may see it, and what that seat may do now: asked of the rules, never written twice."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from sessions import apart, door
from sessions import room as rules
from sessions.state import Hold, Line, Phase, Refused, ReturnState, Room, Seat


@dataclass(frozen=True)
class View:
    """`room` has only what this seat may know; `leads` says whether that is what leaders know. `keeper` reads the
    technical line, also what is written at the door."""

    room: Room
    seat: str
    leads: bool
    waits: bool
    heard: bool
    moves: tuple[Phase, ...]
    can: tuple[str, ...]
    can_take_back: Phase | None
    keeper: str


def view(room: Room, seat_id: str, waits: bool = False) -> View:
    """`waits`: this is somebody at the door, who knows how far the session is, and nothing of the people."""
    keeper = apart.keeper(room, rules.silenced(room))
    if waits:
        outside, can = _from_outside(room, seat_id), _at_the_door(room, seat_id)
        return View(outside, seat_id, False, True, False, (), can, None, keeper)
    seat = room.seat(seat_id)
    leads = seat is not None and seat.leads
    can = _can(room, seat_id)
    return View(
        room=room if leads else _as_member(room, seat_id),
        seat=seat_id,
        leads=leads,
        waits=False,
        heard=seat_id in rules.heard(room),
        moves=tuple(phase for phase in rules.MOVES[room.phase] if _allowed(rules.move_to, room, seat_id, phase, 0)),
        can=can,
        can_take_back=room.before.phase if room.before and "take_back" in can else None,
        keeper=keeper,
    )


def line_of(seen: View, seat_id: str) -> Line:
    """How somebody's line is told to this seat: who is at the door sees empty chairs."""
    seat, knocks = seen.room.seat(seat_id), seen.room.knock(seat_id) is not None
    if knocks and (seat is None or not seat.here):
        return Line.WAITING
    if seat is None or seat_id in seen.room.removed:
        return Line.ABSENT
    return Line.HERE if seat.here else Line.LEFT if seat.left else Line.AWAY


def _at_the_door(room: Room, seat_id: str) -> tuple[str, ...]:
    seat = room.seat(seat_id)
    taken = seat is not None and seat.here
    writes = not taken and _allowed(_readable, room, seat_id, "line", "", "")
    return (*(() if taken else ("attest",)), *(("write",) if writes else ()), "leave")


def _as_member(room: Room, seat_id: str) -> Room:
    """Nobody but the leaders knows who knocks, who has offered a case, who is aside, and what others ticked."""
    return replace(
        room,
        seats=tuple(seat if seat.id == seat_id else _outwardly(seat) for seat in room.seats),
        door=(),
        asks_return=room.asks_return and seat_id == room.presenter,
        offers=tuple(offer for offer in room.offers if offer.seat == seat_id),
        spoken=(),
        closed=(),
        asides=tuple(aside for aside in room.asides if seat_id == aside.member),
        to_leaders=(),
    )


def _from_outside(room: Room, seat_id: str) -> Room:
    mine = tuple(knock for knock in room.door if knock.seat == seat_id)
    at = replace(room.at, presenter="", return_state=ReturnState.NONE, follow_up=False)
    return Room(at=at, door=mine, planned=room.planned, targets=room.targets, terms=room.terms)


def _outwardly(seat: Seat) -> Seat:
    return replace(seat, paused=False, ticks=(), browsers=())


def hold_of(room: Room) -> Hold | Literal[""]:
    return room.hold if rules.presenter_away(room) else ""


def _can(room: Room, seat_id: str) -> tuple[str, ...]:
    names: list[str] = []
    for name, command, *args in _commands(room):
        if name not in names and _allowed(command, room, seat_id, *args):
            names.append(name)
    return tuple(names)


def _commands(room: Room) -> list[tuple[Any, ...]]:
    """Every command that a seat could try: its name on the wire, its function and what follows the actor."""
    silenced = rules.silenced(room)
    return [
        *(("move", rules.move_to, phase, 0) for phase in rules.MOVES[room.phase]),
        ("take_back", rules.take_back),
        *(("settle_presenter", rules.settle_presenter, seat.id) for seat in room.seats),
        ("close_case", rules.close_case, 0),
        ("raise_hand", rules.raise_hand, 0),
        *(("lower_hand", rules.lower_hand, hand) for hand in room.hands),
        ("ask_return", rules.ask_return),
        ("accept_return", rules.accept_return),
        ("stay_back", rules.stay_back),
        ("devices", rules.set_devices, False, False, False),
        ("attest", rules.attest, ()),
        *(("admit", door.admit, knock.seat) for knock in room.door),
        *(("remove", door.remove, seat.id) for seat in room.seats),
        ("set_target", rules.set_target, room.phase, 0),
        *(("set_cases", rules.set_cases, cases) for cases in range(1, room.terms.most_cases + 1)),
        ("offer_case", rules.offer_case, False),
        ("withdraw_case", rules.withdraw_case),
        *(("note_case", rules.note_case, case.number, (), False) for case in room.closed),
        ("wait", rules.wait),
        ("go_on", rules.go_on),
        ("set_chat", apart.set_chat, True),
        *(("write", _readable, paper, "", silenced) for paper in ("chat", "line", "leaders")),
        *(("write", _readable, "line", seat.id, silenced) for seat in room.seats),
        *(("write", _readable, "line", knock.seat, silenced) for knock in room.door),
        *(("take_aside", apart.take_aside, seat.id, silenced) for seat in room.seats),
        ("end_aside", apart.end_aside),
        ("to_leaders", apart.speak_to_leaders, True, silenced),
        ("leave", door.leave, 0),
    ]


def _readable(room: Room, actor: str, paper: apart.Paper, to: str, silenced: str) -> Room:
    apart.readers(room, actor, paper, to, silenced)
    return room


def _allowed(command: Callable[..., Room], *args: Any) -> bool:
    try:
        command(*args)
    except Refused:
        return False
    return True

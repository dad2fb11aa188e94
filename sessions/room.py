"""The room of a Balint session as an immutable state machine.

Who may do what, and when; who may be heard and seen follows from the state and is stored nowhere. A command is a
function from a room to the next room. A command that is not allowed raises `Refused` and nothing has changed. Seats
are opaque ids with a role: names, sockets, media and the clock live elsewhere, and times are passed in.
"""

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any


class Phase(StrEnum):
    LOBBY = "lobby"
    GATHERING = "gathering"
    CALL = "call"
    PRESENTATION = "presentation"
    CLARIFYING = "clarifying"
    PUSH_BACK = "push_back"
    RETURN = "return"
    CLOSING = "closing"
    DEBRIEF = "debrief"
    ENDED = "ended"


class Role(StrEnum):
    LEADER = "leader"
    CO_LEADER = "co_leader"
    MEMBER = "member"


class Line(StrEnum):
    HERE = "here"
    AWAY = "away"
    ABSENT = "absent"


class ReturnState(StrEnum):
    """The presenter's answer to the invitation back; `stayed` holds until the case closes."""

    NONE = "none"
    INVITED = "invited"
    ACCEPTED = "accepted"
    STAYED = "stayed"


CASE = frozenset({Phase.PRESENTATION, Phase.CLARIFYING, Phase.PUSH_BACK, Phase.RETURN})

# close_case (any phase of a case -> call) is a command of its own; return -> call is the same step by its phase.
MOVES: dict[Phase, tuple[Phase, ...]] = {
    Phase.LOBBY: (Phase.GATHERING, Phase.CLOSING),
    Phase.GATHERING: (Phase.CALL, Phase.CLOSING),
    Phase.CALL: (Phase.PRESENTATION, Phase.CLOSING),
    Phase.PRESENTATION: (Phase.CLARIFYING, Phase.PUSH_BACK, Phase.CLOSING),
    Phase.CLARIFYING: (Phase.PUSH_BACK, Phase.CLOSING),
    Phase.PUSH_BACK: (Phase.RETURN, Phase.CLARIFYING, Phase.CLOSING),
    Phase.RETURN: (Phase.CALL, Phase.PUSH_BACK, Phase.CLOSING),
    Phase.CLOSING: (Phase.DEBRIEF,),
    Phase.DEBRIEF: (Phase.ENDED,),
    Phase.ENDED: (),
}

# A calm guide, no alarm: about 45 minutes a case. 0 means that the step has no expected length.
TARGET_S = dict.fromkeys(Phase, 0) | {
    Phase.GATHERING: 5 * 60,
    Phase.CALL: 5 * 60,
    Phase.PRESENTATION: 10 * 60,
    Phase.CLARIFYING: 5 * 60,
    Phase.PUSH_BACK: 20 * 60,
    Phase.RETURN: 10 * 60,
    Phase.CLOSING: 5 * 60,
    Phase.DEBRIEF: 15 * 60,
}

MAX_HERE = 16

REFUSALS = (
    "already_asked",
    "full",
    "hand_is_down",
    "hand_is_up",
    "needs_co_leader",
    "no_presenter",
    "no_seat",
    "no_such_move",
    "not_here",
    "not_invited",
    "not_leader",
    "not_presenter",
    "nothing_to_take_back",
    "over",
    "pushed_back",
    "stays_back",
    "wrong_phase",
)


class Refused(Exception):
    """A command that is not allowed now; `code` is one of REFUSALS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Seat:
    """One person's place, kept for the whole session."""

    id: str
    role: Role
    here: bool = True
    microphone: bool = False
    camera: bool = False

    @property
    def leads(self) -> bool:
        return self.role is not Role.MEMBER


@dataclass(frozen=True)
class Point:
    """Where the method stands: what a move changes, and what taking it back restores."""

    phase: Phase = Phase.LOBBY
    started_ms: int = 0
    cases: int = 0
    presenter: str = ""
    return_state: ReturnState = ReturnState.NONE


@dataclass(frozen=True)
class Room:
    """`cases` of a point counts the cases begun; `hands` are seat ids in the order in which they were raised."""

    at: Point = Point()
    before: Point | None = None
    seats: tuple[Seat, ...] = ()
    hands: tuple[str, ...] = ()
    asks_return: bool = False

    @property
    def phase(self) -> Phase:
        return self.at.phase

    @property
    def presenter(self) -> str:
        return self.at.presenter

    @property
    def case(self) -> int:
        """The number of the case under way, in `call` of the one to come, else 0."""
        if self.phase is Phase.CALL:
            return self.at.cases + 1
        return self.at.cases if self.phase in CASE else 0

    def seat(self, seat_id: str) -> Seat | None:
        return next((seat for seat in self.seats if seat.id == seat_id), None)


# Seats


def admits(room: Room, role: Role) -> bool:
    """Is it not over yet for them?"""
    return room.phase is not Phase.ENDED and (room.phase is not Phase.DEBRIEF or role is not Role.MEMBER)


def enter(room: Room, seat_id: str, role: Role) -> Room:
    """Take a seat, or come back to one's own: phase and hand rank are as they were left."""
    if not admits(room, role):
        raise Refused("over")
    seat = room.seat(seat_id)
    if (seat is None or not seat.here) and sum(other.here for other in room.seats) >= MAX_HERE:
        raise Refused("full")
    if seat is None:
        return replace(room, seats=(*room.seats, Seat(seat_id, role)))
    return _with_seat(room, replace(seat, role=role, here=True))


def leave(room: Room, seat_id: str) -> Room:
    """Be away: the seat, its role and its hand stay."""
    return _with_seat(room, replace(_here(room, seat_id), here=False))


def set_devices(room: Room, actor: str, microphone: bool, camera: bool) -> Room:
    return _with_seat(room, replace(_here(room, actor), microphone=microphone, camera=camera))


# Steps


def move_to(room: Room, actor: str, phase: Phase, now_ms: int) -> Room:
    """A leader's step along the table of moves."""
    _leader(room, actor)
    if phase not in MOVES[room.phase]:
        raise Refused("no_such_move")
    if _presents_alone(room, actor) and phase not in (Phase.RETURN, Phase.CALL):
        raise Refused("needs_co_leader")
    if phase is Phase.PRESENTATION:
        if not room.presenter:
            raise Refused("no_presenter")
        _check_led(room, room.presenter)
    if phase is Phase.CLARIFYING and room.at.return_state is ReturnState.STAYED:
        raise Refused("stays_back")
    return _go(room, _next(room.at, phase, now_ms), room.at)


def close_case(room: Room, actor: str, now_ms: int) -> Room:
    """Back to `call` for the next case: hands, presenter and the presenter's answer are forgotten."""
    _leader(room, actor)
    if room.phase not in CASE:
        raise Refused("wrong_phase")
    return _go(room, _next(room.at, Phase.CALL, now_ms), room.at)


def take_back(room: Room, actor: str) -> Room:
    """Undo the last move, once. Hands are not restored, and no presenter is heard again without accepting anew."""
    _leader(room, actor)
    if room.before is None or room.phase is Phase.ENDED:
        raise Refused("nothing_to_take_back")
    if _presents_alone(room, actor):
        raise Refused("needs_co_leader")
    if room.before.phase in CASE:
        _check_led(room, room.before.presenter)
    return _go(room, replace(room.before, return_state=_consent(room.at, room.before)), None)


def settle_presenter(room: Room, actor: str, seat_id: str) -> Room:
    """Settle on the one who presents; an empty id settles on nobody yet."""
    _leader(room, actor)
    if room.phase is not Phase.CALL:
        raise Refused("wrong_phase")
    if seat_id:
        if room.seat(seat_id) is None:
            raise Refused("no_seat")
        _here(room, seat_id)
        _check_led(room, seat_id)
    return replace(room, at=replace(room.at, presenter=seat_id))


# Hands


def raise_hand(room: Room, actor: str) -> Room:
    _here(room, actor)
    if room.phase in (Phase.LOBBY, Phase.DEBRIEF, Phase.ENDED):
        raise Refused("wrong_phase")
    if actor == silenced(room):
        raise Refused("pushed_back")
    if actor in room.hands:
        raise Refused("hand_is_up")
    return replace(room, hands=(*room.hands, actor))


def lower_hand(room: Room, actor: str, seat_id: str) -> Room:
    """One's own hand, or as a leader anyone's."""
    _here(room, actor)
    if actor != seat_id:
        _leader(room, actor)
        if _presents_alone(room, actor):
            raise Refused("needs_co_leader")
    if seat_id not in room.hands:
        raise Refused("hand_is_down")
    return replace(room, hands=tuple(hand for hand in room.hands if hand != seat_id))


# The presenter


def ask_return(room: Room, actor: str) -> Room:
    """The one signal of a pushed-back presenter: may I return?"""
    _presenter(room, actor)
    if room.phase is not Phase.PUSH_BACK:
        raise Refused("wrong_phase")
    if room.at.return_state is ReturnState.STAYED:
        raise Refused("stays_back")
    if room.asks_return:
        raise Refused("already_asked")
    return replace(room, asks_return=True)


def accept_return(room: Room, actor: str) -> Room:
    return _answered(room, actor, ReturnState.ACCEPTED)


def stay_back(room: Room, actor: str) -> Room:
    return _answered(room, actor, ReturnState.STAYED)


# What follows from the state


def silenced(room: Room) -> str:
    """The presenter whose chair is pushed back, or ''."""
    accepted = room.at.return_state is ReturnState.ACCEPTED
    if room.phase is Phase.PUSH_BACK or (room.phase is Phase.RETURN and not accepted):
        return room.presenter
    return ""


def inside(room: Room) -> frozenset[str]:
    """Whose media may come and go at all."""
    return frozenset(seat.id for seat in room.seats if admits(room, seat.role))


def shown(room: Room) -> frozenset[str]:
    """Whose picture may be seen: a pushed-back presenter's too."""
    return frozenset() if room.phase is Phase.LOBBY else inside(room)


def heard(room: Room) -> frozenset[str]:
    """Whose voice may be forwarded."""
    return shown(room) - {silenced(room)}


def filmed(room: Room) -> frozenset[str]:
    """Whose camera is on."""
    return frozenset(seat.id for seat in room.seats if seat.here and seat.camera)


def leading(room: Room) -> frozenset[str]:
    """Who is heard first and seen first when not everyone can be: the presenter and the leaders."""
    return frozenset(seat.id for seat in room.seats if seat.leads or seat.id == room.presenter)


def importance(room: Room) -> tuple[str, ...]:
    """All seats: the presenter, the leaders, raised hands in their order, the others."""
    leaders = [seat.id for seat in room.seats if seat.leads]
    others = [seat.id for seat in room.seats]
    known = {seat.id for seat in room.seats}
    return tuple(each for each in dict.fromkeys((room.presenter, *leaders, *room.hands, *others)) if each in known)


# Snapshots


def to_json(room: Room) -> dict[str, Any]:
    """The room as JSON types; `from_json` gives the same room again."""
    return asdict(room)


def from_json(data: dict[str, Any]) -> Room:
    return Room(
        at=_point(data["at"]),
        before=_point(data["before"]) if data["before"] else None,
        seats=tuple(Seat(**{**seat, "role": Role(seat["role"])}) for seat in data["seats"]),
        hands=tuple(data["hands"]),
        asks_return=data["asks_return"],
    )


def _point(data: dict[str, Any]) -> Point:
    return Point(**{**data, "phase": Phase(data["phase"]), "return_state": ReturnState(data["return_state"])})


# Rules that the commands share


def _here(room: Room, seat_id: str) -> Seat:
    seat = room.seat(seat_id)
    if seat is None or not seat.here:
        raise Refused("not_here")
    return seat


def _leader(room: Room, seat_id: str) -> None:
    if not _here(room, seat_id).leads:
        raise Refused("not_leader")


def _presenter(room: Room, seat_id: str) -> None:
    _here(room, seat_id)
    if seat_id != room.presenter:
        raise Refused("not_presenter")


def _check_led(room: Room, presenter: str) -> None:
    """A leader presents only while another leader is here to lead."""
    seat = room.seat(presenter)
    if seat is not None and seat.leads and not _other_leader_here(room, presenter):
        raise Refused("needs_co_leader")


def _presents_alone(room: Room, seat_id: str) -> bool:
    return room.phase in CASE and seat_id == room.presenter and not _other_leader_here(room, seat_id)


def _other_leader_here(room: Room, seat_id: str) -> bool:
    return any(seat.leads and seat.here and seat.id != seat_id for seat in room.seats)


def _with_seat(room: Room, seat: Seat) -> Room:
    return replace(room, seats=tuple(seat if other.id == seat.id else other for other in room.seats))


def _next(at: Point, phase: Phase, now_ms: int) -> Point:
    if phase not in CASE:
        return Point(phase, now_ms, at.cases)
    begun = at.cases + (at.phase is Phase.CALL)
    return Point(phase, now_ms, begun, at.presenter, _invitation(at.return_state, phase))


def _invitation(state: ReturnState, phase: Phase) -> ReturnState:
    if state is ReturnState.STAYED:
        return state
    return ReturnState.INVITED if phase is Phase.RETURN else ReturnState.NONE


def _consent(now: Point, before: Point) -> ReturnState:
    if ReturnState.STAYED in (now.return_state, before.return_state):
        return ReturnState.STAYED
    return ReturnState.INVITED if before.phase is Phase.RETURN else ReturnState.NONE


def _go(room: Room, to: Point, before: Point | None) -> Room:
    closes = room.phase in CASE and to.phase not in CASE
    presenter = to.presenter if to.phase in CASE else ""
    return replace(
        room,
        at=to,
        before=before,
        hands=() if closes else tuple(hand for hand in room.hands if hand != presenter),
        asks_return=False,
        seats=tuple(map(_closed, room.seats)) if to.phase is Phase.DEBRIEF else room.seats,
    )


def _closed(seat: Seat) -> Seat:
    """A member's seat as the debrief leaves it."""
    return seat if seat.leads else replace(seat, here=False)


def _answered(room: Room, actor: str, answer: ReturnState) -> Room:
    _presenter(room, actor)
    if room.at.return_state is not ReturnState.INVITED:
        raise Refused("not_invited")
    return replace(room, at=replace(room.at, return_state=answer))

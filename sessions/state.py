"""PURE: what a room is made of. All of it is immutable; `sessions.room`, `door` and `apart` say what may change it.

Seats are opaque ids with a role: names, sockets, media and the clock live elsewhere. Times are milliseconds of the
server's wall clock, and are passed in.
"""

from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from enum import StrEnum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from sessions.vocabulary import CaseKind


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
    """`left` of one's own will, `away` when the line is lost, `waiting` at the door."""

    HERE = "here"
    AWAY = "away"
    LEFT = "left"
    WAITING = "waiting"
    ABSENT = "absent"


class ReturnState(StrEnum):
    """The presenter's answer to the invitation back; `stayed` holds until the case closes."""

    NONE = "none"
    INVITED = "invited"
    ACCEPTED = "accepted"
    STAYED = "stayed"


class Hold(StrEnum):
    """What the leaders decided while the presenter is away; `held` until they do."""

    HELD = "held"
    WAITS = "waits"
    GONE_ON = "gone_on"


class Tick(StrEnum):
    """What somebody said of the place they are in, before they came in."""

    ALONE = "alone"
    DOOR = "door"
    DRIVING = "driving"
    RECORDING = "recording"


CASE = frozenset({Phase.PRESENTATION, Phase.CLARIFYING, Phase.PUSH_BACK, Phase.RETURN})
TOGETHER = CASE | {Phase.GATHERING, Phase.CALL, Phase.CLOSING}  # the group is together, and hears each other

MAX_HERE = 16
MOST_CASES = 2
MOST_MINUTES = 180

REFUSALS = (
    "already_aside",
    "already_asked",
    "already_offered",
    "at_the_door",
    "case_begun",
    "chat_closed",
    "first_session",
    "full",
    "hand_is_down",
    "hand_is_up",
    "needs_co_leader",
    "no_aside",
    "no_case",
    "no_more_cases",
    "no_offer",
    "no_presenter",
    "no_seat",
    "no_such_move",
    "nobody_leads",
    "nobody_waits",
    "not_a_member",
    "not_here",
    "not_held",
    "not_invited",
    "not_leader",
    "not_presenter",
    "nothing_to_take_back",
    "over",
    "presenter_protected",
    "pushed_back",
    "removed",
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
    """One person's place, kept for the whole session. `browsers` by which they were let in: 0 is a log-in, others
    number the browsers that used the personal link. `gone_ms`: since when they are not here."""

    id: str
    role: Role
    here: bool = True
    left: bool = False
    gone_ms: int = 0
    browsers: tuple[int, ...] = ()
    microphone: bool = False
    camera: bool = False
    paused: bool = False
    ticks: tuple[Tick, ...] = ()

    @property
    def leads(self) -> bool:
        return self.role is not Role.MEMBER


@dataclass(frozen=True)
class Knock:
    """Somebody at the door. `new_device`: a personal link that was used in another browser before."""

    seat: str
    role: Role
    since_ms: int
    browser: int = 0
    new_device: bool = False
    ticks: tuple[Tick, ...] = ()


@dataclass(frozen=True)
class Point:
    """Where the method stands: what a move changes, and what taking it back restores. While the clock stands,
    `stopped_ms` is when it stopped; when it runs on, `started_ms` moves by as much."""

    phase: Phase = Phase.LOBBY
    started_ms: int = 0
    stopped_ms: int = 0
    cases: int = 0
    presenter: str = ""
    follow_up: bool = False
    return_state: ReturnState = ReturnState.NONE


@dataclass(frozen=True)
class Hand:
    seat: str
    since_ms: int


@dataclass(frozen=True)
class Offer:
    """Somebody has a case: a new one, or more of an earlier one."""

    seat: str
    follow_up: bool


@dataclass(frozen=True)
class Aside:
    """A leader and a member who hear each other, and whom nobody else hears."""

    leader: str
    member: str


@dataclass(frozen=True)
class ClosedCase:
    """All that outlives a case. `noted`: leaders have said which kinds it was of."""

    number: int
    follow_up: bool
    kinds: tuple[CaseKind, ...] = ()
    noted: bool = False


@dataclass(frozen=True)
class Terms:
    """What the group has agreed on: at most so many cases tonight, and whether a pushed-back presenter is seen."""

    most_cases: int = MOST_CASES
    presenter_shown: bool = True


@dataclass(frozen=True)
class Target:
    phase: Phase
    minutes: int


@dataclass(frozen=True)
class Room:
    """`cases` of a point counts the cases begun; `raised` hands and `door` are in the order in which they came;
    `planned` cases: 0 is as many as the terms allow; `spoken`: who has spoken in this case."""

    at: Point = Point()
    before: Point | None = None
    seats: tuple[Seat, ...] = ()
    door: tuple[Knock, ...] = ()
    removed: tuple[str, ...] = ()
    raised: tuple[Hand, ...] = ()
    asks_return: bool = False
    hold: Hold = Hold.HELD
    offers: tuple[Offer, ...] = ()
    spoken: tuple[str, ...] = ()
    planned: int = 0
    closed: tuple[ClosedCase, ...] = ()
    chat_open: bool = False
    asides: tuple[Aside, ...] = ()
    to_leaders: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    terms: Terms = Terms()

    @property
    def phase(self) -> Phase:
        return self.at.phase

    @property
    def presenter(self) -> str:
        return self.at.presenter

    @property
    def hands(self) -> tuple[str, ...]:
        """Whose hands are up, in order."""
        return tuple(hand.seat for hand in self.raised)

    @property
    def case(self) -> int:
        """The number of the case under way, in `call` of the one to come, if one is to come, else 0."""
        if self.phase is Phase.CALL:
            return self.at.cases + 1 if self.at.cases < self.cases else 0
        return self.at.cases if self.phase in CASE else 0

    @property
    def cases(self) -> int:
        """How many cases the session has."""
        return min(self.planned or self.terms.most_cases, self.terms.most_cases)

    def seat(self, seat_id: str) -> Seat | None:
        return next((seat for seat in self.seats if seat.id == seat_id), None)

    def knock(self, seat_id: str) -> Knock | None:
        return next((knock for knock in self.door if knock.seat == seat_id), None)


# Who is meant


def here(room: Room, seat_id: str) -> Seat:
    """Raises Refused unless they are in the room."""
    seat = room.seat(seat_id)
    if seat is None or not seat.here:
        raise Refused("not_here" if room.knock(seat_id) is None else "at_the_door")
    return seat


def leader(room: Room, seat_id: str) -> None:
    """Raises Refused unless a leader acts."""
    if not here(room, seat_id).leads:
        raise Refused("not_leader")


def leaders_here(room: Room) -> tuple[str, ...]:
    return tuple(seat.id for seat in room.seats if seat.leads and seat.here)


def other_leader_here(room: Room, seat_id: str) -> bool:
    return any(other != seat_id for other in leaders_here(room))


def presents_alone(room: Room, seat_id: str) -> bool:
    """A leader whose case it is while no other leader is here: they may invite themselves back, or close the case."""
    return room.phase in CASE and seat_id == room.presenter and not other_leader_here(room, seat_id)


def leads_on(room: Room, seat_id: str) -> None:
    """Raises Refused unless a leader acts who may do more than that."""
    leader(room, seat_id)
    if presents_alone(room, seat_id):
        raise Refused("needs_co_leader")


def with_seat(room: Room, seat: Seat) -> Room:
    return replace(room, seats=tuple(seat if other.id == seat.id else other for other in room.seats))


# Snapshots


def to_json(room: Room) -> dict[str, Any]:
    """The room as JSON types; `from_json` gives the same room again."""
    return asdict(room)


def from_json(data: dict[str, Any]) -> Room:
    """What is missing is as in a new room, so that a newer node goes on with an older one's room."""
    room: Room = _read(Room, data)
    return room


def _read(kind: Any, value: Any) -> Any:
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{f.name: _read(hints[f.name], value[f.name]) for f in fields(kind) if f.name in value})
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], each) for each in value)
    if get_origin(kind) is UnionType:
        return None if value is None else _read(get_args(kind)[0], value)
    return kind(value) if issubclass(kind, StrEnum) else value

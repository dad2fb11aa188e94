"""The room's wire protocol: one frozen dataclass per message, and every number that both ends must share.

*Up* is client to server, *down* is server to client. A message is a JSON object whose `type` is the snake_case name of
its class. `static/js/room/protocol.js` is written from this module by `manage.py protocol_js`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any, Literal, TypeVar, get_args, get_origin

from sessions import state
from sessions.apart import Paper
from sessions.state import MAX_HERE, MOST_CASES, MOST_MINUTES, Hold, Line, Phase, ReturnState, Role, Tick
from sessions.vocabulary import CaseKind

HEARTBEAT_MS = 4_000
AWAY_AFTER_MS = 8_000
MEDIA_AWAY_AFTER_MS = 4_000

AUDIO_SLOTS = 5  # three for who speaks, one for an aside, one for the leaders' line
VIDEO_SLOTS = MAX_HERE - 1

MAX_MESSAGE_BYTES = 8 * 1024
MAX_SDP_MESSAGE_BYTES = 64 * 1024
MAX_TEXT = 500  # characters of one line that is written

# A line test ends by itself: how long it may last, and how many run at once on a node.
REHEARSAL_MS = 45_000
MOST_REHEARSALS = 4

# A socket may send BURST messages at once, then PER_SECOND.
RATE_BURST = 60
RATE_PER_SECOND = 20

# Why the server closes a socket. After `lost`, `restarting` and `elsewhere` the page asks for the room's address again.
CLOSE = {
    "malformed": 4400,
    "not_logged_in": 4401,
    "not_yours": 4403,
    "lost": 4408,
    "newer_tab": 4409,
    "over": 4410,
    "removed": 4412,
    "elsewhere": 4421,
    "busy": 4423,
    "too_fast": 4429,
    "restarting": 4503,
}

REFUSALS = (*state.REFUSALS, "bad_sdp")


_Kind = TypeVar("_Kind")


class Malformed(ValueError):
    """A message that no client of ours sends; the words say what is wrong with it and repeat none of it."""


# Up


@dataclass(frozen=True)
class Heartbeat:
    pass


@dataclass(frozen=True)
class Offer:
    sdp: str


@dataclass(frozen=True)
class Move:
    id: str
    phase: Phase


@dataclass(frozen=True)
class TakeBack:
    id: str


@dataclass(frozen=True)
class SettlePresenter:
    id: str
    seat: str


@dataclass(frozen=True)
class CloseCase:
    id: str


@dataclass(frozen=True)
class RaiseHand:
    id: str


@dataclass(frozen=True)
class LowerHand:
    id: str
    seat: str


@dataclass(frozen=True)
class AskReturn:
    id: str


@dataclass(frozen=True)
class AcceptReturn:
    id: str


@dataclass(frozen=True)
class StayBack:
    id: str


@dataclass(frozen=True)
class Devices:
    """`paused`: someone came in, and both are off."""

    id: str
    microphone: bool
    camera: bool
    paused: bool


@dataclass(frozen=True)
class Attest:
    """What is true of the place one sits in."""

    id: str
    ticks: tuple[Tick, ...]


@dataclass(frozen=True)
class Admit:
    """Somebody at the door, or '' for everybody."""

    id: str
    seat: str


@dataclass(frozen=True)
class Remove:
    id: str
    seat: str


@dataclass(frozen=True)
class SetTarget:
    id: str
    phase: Phase
    minutes: int


@dataclass(frozen=True)
class SetCases:
    id: str
    cases: int


@dataclass(frozen=True)
class OfferCase:
    id: str
    follow_up: bool


@dataclass(frozen=True)
class WithdrawCase:
    id: str


@dataclass(frozen=True)
class NoteCase:
    id: str
    number: int
    kinds: tuple[CaseKind, ...]
    follow_up: bool


@dataclass(frozen=True)
class Wait:
    id: str


@dataclass(frozen=True)
class GoOn:
    id: str


@dataclass(frozen=True)
class SetChat:
    id: str
    open: bool


@dataclass(frozen=True)
class Write:
    """`seat`: on the technical line, whom the one who keeps it answers; else ''."""

    id: str
    place: Paper
    seat: str
    text: str


@dataclass(frozen=True)
class TakeAside:
    id: str
    seat: str


@dataclass(frozen=True)
class EndAside:
    id: str


@dataclass(frozen=True)
class ToLeaders:
    """Whether the other leaders alone hear me."""

    id: str
    on: bool


@dataclass(frozen=True)
class Leave:
    id: str


@dataclass(frozen=True)
class Tile:
    """How high a seat's picture stands on this page, in pixels of the screen."""

    seat: str
    height: int


@dataclass(frozen=True)
class Tiles:
    """The pictures that this page shows now; a seat without a tile is out of sight, or not wanted."""

    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class SendBack:
    """In a line test: how often one's own picture is to come back from now on."""

    pictures: int


Command = (
    Move
    | TakeBack
    | SettlePresenter
    | CloseCase
    | RaiseHand
    | LowerHand
    | AskReturn
    | AcceptReturn
    | StayBack
    | Devices
    | Attest
    | Admit
    | Remove
    | SetTarget
    | SetCases
    | OfferCase
    | WithdrawCase
    | NoteCase
    | Wait
    | GoOn
    | SetChat
    | Write
    | TakeAside
    | EndAside
    | ToLeaders
    | Leave
)
Up = Heartbeat | Offer | Tiles | Command
RehearsalUp = Offer | SendBack


# Down


@dataclass(frozen=True)
class IceServer:
    """A relay with its short-lived credential, as RTCPeerConnection takes it."""

    urls: tuple[str, ...]
    username: str
    credential: str


@dataclass(frozen=True)
class Welcome:
    seat: str
    heartbeat_ms: int
    ice_servers: tuple[IceServer, ...]


@dataclass(frozen=True)
class Seat:
    """`order`: leaders first, the others as they came; `hand`: the rank in the queue from 1, or 0; `slow`: their line.
    `paused` and `ticks` are for the leaders and oneself."""

    seat: str
    name: str
    initials: str
    role: Role
    order: int
    line: Line
    slow: bool
    microphone: bool
    camera: bool
    paused: bool
    ticks: tuple[Tick, ...]
    hand: int


@dataclass(frozen=True)
class Knock:
    """Somebody at the door, in the order of coming. `new_device`: their link was used in another browser before."""

    seat: str
    since_ms: int
    new_device: bool
    ticks: tuple[Tick, ...]


@dataclass(frozen=True)
class CaseOffer:
    seat: str
    follow_up: bool


@dataclass(frozen=True)
class Waiting:
    """A raised hand as leaders see it: since when, and whether they have spoken in this case."""

    seat: str
    since_ms: int
    spoken: bool


@dataclass(frozen=True)
class Aside:
    leader: str
    member: str


@dataclass(frozen=True)
class Case:
    """A case that is closed; `noted`: leaders have said its kinds."""

    number: int
    follow_up: bool
    kinds: tuple[CaseKind, ...]
    noted: bool


@dataclass(frozen=True)
class Guard:
    """The presenter's audio packets since push_back began."""

    received: int
    forwarded: int


@dataclass(frozen=True)
class Room:
    """The whole room as one seat may see it; `can` names the commands, `moves` the phases it may send now.

    `stopped_ms`: when the clock stopped, 0 while it runs. `hold`: '' while the presenter is here, or no case is on.
    `waits`: I am at the door. `door`, `queue`, `to_leaders` and `closed` are for leaders; of `offers` and `asides`
    members have their own. `keeper` answers the technical line. `next_at`: the next session, ISO 8601, or ''.
    """

    seq: int
    now_ms: int
    phase: Phase
    phase_started_ms: int
    stopped_ms: int
    target_s: int
    case: int
    cases: int
    most_cases: int
    presenter: str
    presenter_shown: bool
    follow_up: bool
    return_state: ReturnState
    asks_return: bool
    hold: Hold | Literal[""]
    seats: tuple[Seat, ...]
    hands: tuple[str, ...]
    queue: tuple[Waiting, ...]
    heard: bool
    waits: bool
    door: tuple[Knock, ...]
    offers: tuple[CaseOffer, ...]
    closed: tuple[Case, ...]
    chat: Literal["closed", "open", "rests"]
    asides: tuple[Aside, ...]
    to_leaders: tuple[str, ...]
    keeper: str
    next_at: str
    moves: tuple[Phase, ...]
    can: tuple[str, ...]
    can_take_back: Phase | Literal[""]
    guard: Guard


@dataclass(frozen=True)
class Ack:
    id: str


@dataclass(frozen=True)
class Refused:
    """`id` is that of the refused command, or '' where there was none."""

    id: str
    code: str


@dataclass(frozen=True)
class Answer:
    sdp: str


@dataclass(frozen=True)
class Slot:
    """Whose track the transceiver `mid` carries, '' nobody's; `pause`: which line keeps the picture back, '' none;
    `turn`: by how many degrees the page turns the picture clockwise."""

    mid: str
    kind: Literal["audio", "video"]
    seat: str
    pause: Literal["", "line", "theirs"]
    turn: Literal[0, 90, 180, 270]


@dataclass(frozen=True)
class Slots:
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Speaking:
    seats: tuple[str, ...]


@dataclass(frozen=True)
class Text:
    seat: str
    text: str
    at_ms: int


@dataclass(frozen=True)
class Texts:
    """What was written: `whole` in place of all that the page has of this place, else after it. `seat`: whose technical
    line it is, else ''. It lives in the pages and in the node's memory, nowhere else."""

    place: Paper
    seat: str
    lines: tuple[Text, ...]
    whole: bool


Down = Welcome | Room | Ack | Refused | Answer | Slots | Speaking | Texts | Heartbeat


def type_of(message: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", message.__name__).lower()


UP: dict[str, type[Up]] = {type_of(message): message for message in Up.__args__}
REHEARSAL_UP: dict[str, type[RehearsalUp]] = {type_of(message): message for message in RehearsalUp.__args__}
DOWN: dict[str, type[Down]] = {type_of(message): message for message in Down.__args__}
PARTS: tuple[type, ...] = (Tile, IceServer, Seat, Knock, CaseOffer, Waiting, Aside, Case, Guard, Slot, Text)

MAX_TILES = MAX_HERE
MAX_TILE_HEIGHT = 8_640

# What a field of this name must look like, in any message up.
_PATTERNS = {"id": re.compile(r"[A-Za-z0-9_-]{1,64}"), "seat": re.compile(r"[A-Za-z0-9_-]{0,64}")}

_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(text: str) -> Up:
    """The message up that `text` is, exactly: anything else is Malformed."""
    return _parse(text, UP)


def parse_rehearsal(text: str) -> RehearsalUp:
    """The same for the socket of a line test."""
    return _parse(text, REHEARSAL_UP)


def _parse(text: str, kinds: Mapping[str, type[_Kind]]) -> _Kind:
    size = len(text.encode(errors="replace"))
    if size > MAX_SDP_MESSAGE_BYTES:
        raise Malformed("too long")
    message = _typed(_object(text), kinds)
    if size > MAX_MESSAGE_BYTES and not isinstance(message, Offer):
        raise Malformed("too long")
    return message


def dump(message: Up | RehearsalUp | Down) -> str:
    return json.dumps({"type": type_of(type(message)), **_plain(message)}, separators=(",", ":"))


def _object(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None
    if not isinstance(data, dict):
        raise Malformed("not an object")
    return data


def _typed(data: dict[str, Any], kinds: Mapping[str, type[_Kind]]) -> _Kind:
    name = data.pop("type", None)
    kind = kinds.get(name) if isinstance(name, str) else None
    if kind is None:
        raise Malformed("unknown type")
    return _fields(kind, data)


def _fields(kind: type[_Kind], data: dict[str, Any]) -> _Kind:
    """A dataclass of the wire from exactly its fields."""
    wanted = {field.name: field.type for field in fields(kind)}  # type: ignore[arg-type]
    if data.keys() != wanted.keys():
        raise Malformed("missing or extra field")
    return kind(**{name: _value(name, wanted[name], value) for name, value in data.items()})


# What a number of this name may be, in any message up.
_RANGES = {"pictures": range(VIDEO_SLOTS + 1), "minutes": range(MOST_MINUTES + 1), "cases": range(1, MOST_CASES + 1)}


def _value(name: str, wanted: Any, value: Any) -> Any:
    if wanted == tuple[Tile, ...]:
        return _tiles(value)
    if get_origin(wanted) is tuple:
        return _ticked(get_args(wanted)[0], value)
    if get_origin(wanted) is Literal or issubclass(wanted, StrEnum):
        return _chosen(wanted, value)
    if type(value) is not wanted:
        raise Malformed("ill-typed field")
    if name in _RANGES and value not in _RANGES[name]:
        raise Malformed("number out of range")
    if isinstance(value, str):
        _check_words(name, value)
    return value


def _chosen(wanted: Any, value: Any) -> Any:
    """One of an enumeration, or of some words."""
    words = get_args(wanted) or tuple(wanted)
    if type(value) is not str or value not in words:
        raise Malformed("unknown word")
    return value if get_args(wanted) else wanted(value)


def _ticked(wanted: Any, value: Any) -> Any:
    """Some of an enumeration, each once."""
    if type(value) is not list or len(value) > len(wanted):
        raise Malformed("ill-typed field")
    ticked = tuple(_chosen(wanted, each) for each in value)
    if len(set(ticked)) < len(ticked):
        raise Malformed("twice the same")
    return ticked


def _check_words(name: str, value: str) -> None:
    if _SURROGATE.search(value):
        raise Malformed("not Unicode")
    if name in _PATTERNS and not _PATTERNS[name].fullmatch(value):
        raise Malformed("ill-formed id")
    if name == "text" and not (value.strip() and len(value) <= MAX_TEXT):
        raise Malformed("no text, or too much")


def _tiles(value: Any) -> tuple[Tile, ...]:
    if type(value) is not list or len(value) > MAX_TILES or not all(isinstance(each, dict) for each in value):
        raise Malformed("ill-typed field")
    tiles = tuple(_fields(Tile, each) for each in value)
    if not all(0 < tile.height <= MAX_TILE_HEIGHT for tile in tiles):
        raise Malformed("no height of a tile")
    return tiles


def _plain(message: Any) -> dict[str, Any]:
    """The fields of a message as JSON types, in order."""
    return {field.name: _json(getattr(message, field.name)) for field in fields(message)}


def _json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    return _plain(value) if is_dataclass(value) else value

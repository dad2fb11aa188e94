"""The room's wire protocol: one frozen dataclass per message, and every number that both ends must share.

*Up* is client to server, *down* is server to client. A message is a JSON object whose `type` is the snake_case name of
its class. `static/js/room/protocol.js` is written from this module by `manage.py protocol_js`; `sessions.wire`
reads and writes them.
"""

from dataclasses import dataclass
from typing import Literal

from sessions import state
from sessions.apart import Paper
from sessions.state import MAX_HERE, Hold, Line, Phase, ReturnState, Role, Tick
from sessions.vocabulary import CaseKind

HEARTBEAT_MS, AWAY_AFTER_MS, MEDIA_AWAY_AFTER_MS = 4_000, 8_000, 4_000

AUDIO_SLOTS = 5  # three for who speaks, one for an aside, one for the leaders' line
VIDEO_SLOTS = MAX_HERE - 1

MAX_TEXT = 500  # characters of one line that is written

# A line test ends by itself: how long it may last, and how many run at once on a node.
REHEARSAL_MS = 45_000
MOST_REHEARSALS = 4

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


# Up


@dataclass(frozen=True)
class Heartbeat:
    pass


@dataclass(frozen=True)
class Offer:
    sdp: str


@dataclass(frozen=True)
class Bare:
    """A command that its name says whole. Each command has an id, by which it is answered."""

    id: str


@dataclass(frozen=True)
class Move:
    id: str
    phase: Phase


class TakeBack(Bare): ...


@dataclass(frozen=True)
class SettlePresenter:
    id: str
    seat: str


class CloseCase(Bare): ...


class RaiseHand(Bare): ...


@dataclass(frozen=True)
class LowerHand:
    id: str
    seat: str


class AskReturn(Bare): ...


class AcceptReturn(Bare): ...


class StayBack(Bare): ...


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
    """Somebody at the door, or '' for everybody but those on a new device."""

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


class WithdrawCase(Bare): ...


@dataclass(frozen=True)
class NoteCase:
    id: str
    number: int
    kinds: tuple[CaseKind, ...]
    follow_up: bool


class Wait(Bare): ...


class GoOn(Bare): ...


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


class EndAside(Bare): ...


@dataclass(frozen=True)
class ToLeaders:
    """Whether the other leaders alone hear me."""

    id: str
    on: bool


class Leave(Bare): ...


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
    `unsaved`, for leaders: the database has been away for a while.
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
    unsaved: bool


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
PARTS: tuple[type, ...] = (Tile, IceServer, Seat, Knock, CaseOffer, Waiting, Aside, Case, Guard, Slot, Text)

"""A room while it is open: its state, its media and its sockets, held together.

State goes down, commands come up. After each change, always in this order: the media server is told who may be heard
and seen, everyone is sent the whole room as they may see it, a snapshot goes to the saver. Nothing here waits for the
database or the network.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sessions import protocol, sfu
from sessions import room as rules
from sessions.messages import room_message, slots_of
from sessions.presence import Presence
from sessions.protocol import CLOSE, Down
from sessions.state import Phase, Refused, Room
from sessions.saver import Saver, Write
from sessions.store import Look, Person, Snapshot, StepTaken
from sessions.turn import NO_RELAY, Relay
from sessions.view import view

AWAY_S = protocol.AWAY_AFTER_MS / 1000
MEDIA_AWAY_S = protocol.MEDIA_AWAY_AFTER_MS / 1000
HEARTBEAT_S = protocol.HEARTBEAT_MS / 1000
MEDIA_ALONE_S = 30.0  # a lost socket is back by then; beyond it somebody would listen whom everyone sees away
GUARD_S = 2.0  # between two looks at the guard while a chair is pushed back
SAVE_S = 15.0  # attendance after a crash is at most this old
STALL_S = 1.5  # three ticks

ANSWERS_KEPT = 64
# After a crash the snapshot may be some changes old: no sequence number that was ever sent is used again.
RESUME_GAP = 1_000


class Socket(Protocol):
    """What the room needs of a connection: neither call waits or fails, and what was posted goes before the close."""

    def post(self, message: Down) -> None: ...

    def close(self, code: int) -> None: ...


@dataclass(eq=False)
class Connection:
    """The one socket that has a seat now. Times are monotonic seconds."""

    seat: str
    link: str | None
    socket: Socket
    heard_at: float
    sent_at: float
    # Media count as this connection's from here on; `has_media` once a packet came since.
    media_from: float
    has_media: bool = False


@dataclass
class GuardCount:
    """The presenter's audio packets since they were pushed back: differences of the media server's counters."""

    presenter: str
    received: int
    forwarded: int


class LiveRoom:
    """One open room. `over` is set when the session ended, was cancelled, or another node has the room."""

    def __init__(
        self,
        media_of: Callable[..., sfu.MediaRoom],
        write: Write,
        look: Look,
        kept: Snapshot | None,
        relay: Relay = NO_RELAY,
        clock: Callable[[], float] = time.monotonic,
        wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.clock, self.wall_ms = clock, wall_ms
        self._relay = relay
        self.media = media_of(on_slots=self._on_slots, on_speaking=self._on_speaking)
        self.people, self.gone = dict(look.people), set[str]()
        self.room, self.seq, self.presences = _resumed(kept)
        self.connections: dict[str, Connection] = {}
        self.parted: dict[str, Connection] = {}  # their sockets are gone, their media may go on for a while
        self.over = False
        self.empty_since = self.ticked_at = self.saved_at = self.published_at = clock()
        self._saver = Saver(write)
        self._answers: dict[str, OrderedDict[str, str]] = {}
        self._slots: dict[str, tuple[protocol.Slot, ...]] = {}
        self._speaking: tuple[str, ...] = ()
        self._guard: GuardCount | None = None
        self._joining: set[asyncio.Task[None]] = set()
        self._tell_media(frozenset())
        self._save(() if kept else (self._step(),))

    # Sockets

    def attach(self, seat: str, link: str | None, socket: Socket) -> Connection:
        """Give the seat to this socket and close an older one. Raises Refused when nobody may enter.

        The first slots say whether the media of an earlier socket are still there: empty, the page has to offer.
        """
        room = rules.enter(self.room, seat, self.people[seat].role)
        now = self.clock()
        connection = Connection(seat, link, socket, now, now, media_from=now)
        older = self.parted.pop(seat, None) or self.connections.get(seat)
        self.connections[seat] = connection
        if older is not None:
            older.socket.close(CLOSE["newer_tab"])
            if older.link != link:  # a link is replaced when somebody else may hold it
                self.media.leave(seat)
        relays = self._relay.offered_to(seat, self.wall_ms() / 1000)
        self._post(connection, protocol.Welcome(seat, protocol.HEARTBEAT_MS, relays))
        if not self._change(room):
            self._post(connection, self._message(seat))
        joined = self.media.last_packet_at(seat) is not None
        self._post(connection, protocol.Slots(self._slots.get(seat, ()) if joined else ()))
        self._post(connection, protocol.Speaking(self._speaking))
        return connection

    def detach(self, connection: Connection) -> None:
        """The socket is gone: its seat is away at once, unless a newer socket has it."""
        if self.connections.get(connection.seat) is not connection:
            return
        del self.connections[connection.seat]
        self.parted[connection.seat] = connection
        self.empty_since = self.clock()
        seat = self.room.seat(connection.seat)
        if seat is not None and seat.here:
            self._change(rules.leave(self.room, connection.seat))

    def receive(self, connection: Connection, message: protocol.Up) -> None:
        if self.connections.get(connection.seat) is not connection:
            return
        connection.heard_at = self.clock()
        if isinstance(message, protocol.Heartbeat):
            return
        if isinstance(message, protocol.Offer):
            self._start(self._join(connection, message.sdp))
            return
        if isinstance(message, protocol.Tiles):
            self.media.watch(connection.seat, {tile.seat: tile.height for tile in message.tiles})
            return
        self._command(connection, message)

    def close(self, code: int) -> None:
        """Close every socket and all media; state is kept only by `finish`."""
        for connection in list(self.connections.values()):
            self._drop(connection, code)
        for task in self._joining:
            task.cancel()

    async def finish(self, patience_s: float | None) -> None:
        """Write what is not written yet, and stop."""
        if not self.over:
            self._save()
        await self._saver.close(patience_s)

    # Commands

    def _command(self, connection: Connection, message: protocol.Command) -> None:
        """Every id is answered once: a command that comes again gets the same answer and has no second effect."""
        answers = self._answers.setdefault(connection.seat, OrderedDict())
        if message.id not in answers:
            self._wake(connection)
            answers[message.id] = self._apply(connection.seat, message)
            if len(answers) > ANSWERS_KEPT:
                answers.popitem(last=False)
        code = answers[message.id]
        self._post(connection, protocol.Refused(message.id, code) if code else protocol.Ack(message.id))
        if isinstance(message, protocol.Leave) and not code:
            self._drop(connection, 1000)
        self._close_outside()

    def _apply(self, seat: str, message: protocol.Command) -> str:
        """The code of the refusal, or ''."""
        try:
            room = applied(self.room, seat, message, self.wall_ms())
        except Refused as refused:
            return refused.code
        self._change(room)
        return ""

    def _wake(self, connection: Connection) -> None:
        """Who acts is here, even if their media are silent; from here on only new packets count."""
        seat = self.room.seat(connection.seat)
        if seat is not None and not seat.here:
            connection.has_media, connection.media_from = False, self.clock()
            self._enter(seat.id)

    def _enter(self, seat: str) -> None:
        with suppress(Refused):  # the others may have filled the room meanwhile
            self._change(rules.enter(self.room, seat, self.people[seat].role))

    async def _join(self, connection: Connection, sdp: str) -> None:
        if self.connections.get(connection.seat) is not connection:
            return
        try:
            answer = await self.media.join(connection.seat, sdp)
        except sfu.Refused as refused:
            self._post(connection, protocol.Refused("", refused.code))
            return
        if connection.seat not in self.connections:
            self.media.leave(connection.seat)
        self._post(connection, protocol.Answer(answer))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._joining.add(task)
        task.add_done_callback(self._joining.discard)

    # Change

    def _change(self, room: Room) -> bool:
        """Take over a new state and let everything follow from it; False when nothing is new."""
        if room == self.room:
            return False
        former, self.room = self.room, room
        self.seq += 1
        self._note_presences()
        self._tell_media(rules.inside(former))
        self._publish()
        moved = former.at.phase != room.at.phase or former.at.cases != room.at.cases
        self._save((self._step(),) if moved else ())
        return True

    def _tell_media(self, former: frozenset[str]) -> None:
        self.media.hear(rules.heard(self.room))
        self.media.show(rules.shown(self.room))
        self.media.expect(rules.filmed(self.room))
        self.media.rank(rules.importance(self.room), rules.leading(self.room))
        for seat in former - rules.inside(self.room):
            self.media.leave(seat)
        presenter = rules.silenced(self.room)
        if presenter != (self._guard.presenter if self._guard else ""):
            counted = self.media.counters(presenter) if presenter else None
            self._guard = GuardCount(presenter, counted.audio_received, counted.audio_forwarded) if counted else None

    def _close_outside(self) -> None:
        inside = rules.inside(self.room)
        for connection in [each for each in self.connections.values() if each.seat not in inside]:
            self._drop(connection, CLOSE["over"])
        self.over = self.over or self.room.phase is Phase.ENDED

    def _note_presences(self) -> None:
        now_ms = self.wall_ms()
        for seat in self.room.seats:
            known = self.presences.get(seat.id)
            if seat.here:
                self.presences[seat.id] = known.came(now_ms) if known else Presence.begun(now_ms)
            elif known:
                self.presences[seat.id] = known.went(now_ms)

    def _step(self) -> StepTaken:
        return StepTaken(self.seq, self.room.phase, self.room.case, self.wall_ms())

    def _save(self, steps: tuple[StepTaken, ...] = ()) -> None:
        self.saved_at = self.clock()
        self._saver.save(Snapshot(self.seq, self.room, dict(self.presences), self.wall_ms(), steps))

    # Down

    def _publish(self) -> None:
        self.published_at = self.clock()
        for connection in list(self.connections.values()):
            self._post(connection, self._message(connection.seat))

    def _post(self, connection: Connection, message: Down) -> None:
        connection.sent_at = self.clock()
        connection.socket.post(message)

    def _message(self, seat: str) -> protocol.Room:
        return room_message(view(self.room, seat), self.seq, self.wall_ms(), self._circle(), self._guarded())

    def _circle(self) -> list[Person]:
        """Everybody of the group; of those who left it only a presenter, whose case is still on."""
        people = [who for who in self.people.values() if who.seat not in self.gone or who.seat == self.room.presenter]
        return sorted(people, key=lambda who: who.order)

    def _guarded(self) -> protocol.Guard:
        if self._guard is None:
            return protocol.Guard(0, 0)
        now = self.media.counters(self._guard.presenter)
        return protocol.Guard(now.audio_received - self._guard.received, now.audio_forwarded - self._guard.forwarded)

    def _on_slots(self, member: str, slots: Iterable[sfu.SlotMap]) -> None:
        self._slots[member] = slots_of(slots)
        if member in self.connections:
            self._post(self.connections[member], protocol.Slots(self._slots[member]))

    def _on_speaking(self, members: Iterable[str]) -> None:
        self._speaking = tuple(sorted(members))
        for connection in self.connections.values():
            self._post(connection, protocol.Speaking(self._speaking))

    # Time

    def tick(self) -> None:
        """Look at every line; called about twice a second. Time in which this process stood still accuses nobody."""
        now = self.clock()
        stalled_s, self.ticked_at = now - self.ticked_at, now
        if stalled_s > STALL_S:
            for connection in self.connections.values():
                connection.heard_at += stalled_s
                connection.has_media, connection.media_from = False, now
        for connection in list(self.connections.values()):
            self._look_at_line(connection, now)
        for connection in [each for each in self.parted.values() if now - each.heard_at > MEDIA_ALONE_S]:
            self.media.leave(connection.seat)
            del self.parted[connection.seat]
        if self._guard is not None and now - self.published_at >= GUARD_S:
            self._publish()
        if self.connections and now - self.saved_at >= SAVE_S:
            self._save()
        if self.lost and not self.over:
            self.give_up()

    def _look_at_line(self, connection: Connection, now: float) -> None:
        if now - connection.heard_at > AWAY_S:
            self._drop(connection, CLOSE["lost"])
            return
        if now - connection.sent_at >= HEARTBEAT_S:
            self._post(connection, protocol.Heartbeat())
        last = self.media.last_packet_at(connection.seat)
        connection.has_media = connection.has_media or (last is not None and last > connection.media_from)
        lost = connection.has_media and (last is None or now - last > MEDIA_AWAY_S)
        seat = self.room.seat(connection.seat)
        if seat is None or seat.here != lost:
            return
        if lost:
            self._change(rules.leave(self.room, seat.id))
        else:
            self._enter(seat.id)

    @property
    def lost(self) -> bool:
        """Another node has this room: nothing of it is written any more."""
        return self._saver.lost

    def give_up(self) -> None:
        """Another node has the room: write nothing more, and send everyone there."""
        self._saver.lose()
        self.over = True
        self.close(CLOSE["elsewhere"])

    # The pages' side

    def see(self, look: Look) -> None:
        """Follow what the pages changed: a cancelled session, people who came, left or were renamed, revoked links."""
        if self.over:
            return
        if not look.open:
            self.over = True
            self.close(CLOSE["not_yours"])
            return
        for connection in [*self.connections.values(), *self.parted.values()]:
            person = look.people.get(connection.seat)
            if person is None or (connection.link and connection.link not in look.links):
                self._drop(connection, CLOSE["not_yours"])
            elif not rules.admits(self.room, person.role):
                self._drop(connection, CLOSE["over"])
        former = self.people, self.gone
        self.people, self.gone = {**self.people, **look.people}, self.people.keys() - look.people.keys()
        for seat in self.room.seats:
            if seat.here and seat.role is not self.people[seat.id].role:
                self._enter(seat.id)
        if (self.people, self.gone) != former:
            self.seq += 1
            self._publish()

    def _drop(self, connection: Connection, code: int) -> None:
        """Close a socket of ours. Unless only the line was lost, its media end with it."""
        if code != CLOSE["lost"]:
            self.media.leave(connection.seat)
        connection.socket.close(code)
        self.detach(connection)


def applied(room: Room, seat: str, command: protocol.Command, now_ms: int) -> Room:
    """The room after a command; raises Refused."""
    match command:
        case protocol.Move(phase=phase):
            return rules.move_to(room, seat, phase, now_ms)
        case protocol.TakeBack():
            return rules.take_back(room, seat)
        case protocol.SettlePresenter(seat=presenter):
            return rules.settle_presenter(room, seat, presenter)
        case protocol.CloseCase():
            return rules.close_case(room, seat, now_ms)
        case protocol.RaiseHand():
            return rules.raise_hand(room, seat)
        case protocol.LowerHand(seat=hand):
            return rules.lower_hand(room, seat, hand)
        case protocol.AskReturn():
            return rules.ask_return(room, seat)
        case protocol.AcceptReturn():
            return rules.accept_return(room, seat)
        case protocol.StayBack():
            return rules.stay_back(room, seat)
        case protocol.Devices(microphone=microphone, camera=camera):
            return rules.set_devices(room, seat, microphone, camera)
        case protocol.Leave():
            return rules.leave(room, seat)


def _resumed(kept: Snapshot | None) -> tuple[Room, int, dict[str, Presence]]:
    """State, sequence number and presences to go on from: everybody is away until they come back."""
    if kept is None:
        return Room(), 1, {}
    seats = tuple(replace(seat, here=False) for seat in kept.room.seats)
    presences = {seat: presence.went(kept.at_ms) for seat, presence in kept.presences.items()}
    return replace(kept.room, seats=seats), kept.seq + RESUME_GAP, presences

"""A room while it is open: its state, its media and its sockets, held together.

State goes down, commands come up. After each change, always in this order: the media server is told who may be heard
and seen, and by whom, everyone is sent the whole room as they may see it, a snapshot goes to the saver. Nothing here
waits for the database or the network.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sessions import apart, door, protocol, sfu
from sessions import room as rules
from sessions.commands import applied, from_the_door
from sessions.connection import Connection, Socket
from sessions.messages import Around, room_message, slots_of
from sessions.papers import Papers
from sessions.presence import Presence
from sessions.protocol import CLOSE, Down
from sessions.saver import Saver, Write
from sessions.spoken import Speech
from sessions.state import Phase, Refused, Room, Terms
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


def _uncounted(code: str) -> None:
    """Nobody wants to know how often something was refused."""


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
        count: Callable[[str], None] = _uncounted,
    ) -> None:
        self.clock, self.wall_ms = clock, wall_ms
        self._relay, self._count = relay, count
        self.media = media_of(on_slots=self._on_slots, on_speaking=self._on_speaking)
        self.people, self.gone, self.terms = dict(look.people), set[str](), look.terms
        self.room, self.seq, self.presences = _resumed(kept)
        self.room = rules.agree(self.room, _terms(look))
        self.speech = Speech(kept.spoken if kept else {}, wall_ms())
        self.papers = Papers()
        self.connections: dict[str, Connection] = {}
        self.door: dict[str, Connection] = {}
        self.parted: dict[str, Connection] = {}  # their sockets are gone, their media may go on for a while
        self.over = False
        self.empty_since = self.ticked_at = self.saved_at = self.published_at = clock()
        self._saver = Saver(write)
        self._answers: dict[Connection | str, OrderedDict[str, str]] = {}
        self._slots: dict[str, tuple[protocol.Slot, ...]] = {}
        self._speaking: tuple[str, ...] = ()
        self._guard: GuardCount | None = None
        self._joining: set[asyncio.Task[None]] = set()
        self._tell_media(frozenset())
        self._save(() if kept else (self._step(),))

    @property
    def sockets(self) -> list[Connection]:
        """Of everybody, inside and at the door."""
        return [*self.connections.values(), *self.door.values()]

    # Sockets

    def attach(self, seat: str, link: str | None, socket: Socket, browser: int = 0) -> Connection:
        """Give the seat to this socket and close an older one, or let it knock. `browser`: which of those that used the
        personal link, 0 for a log-in. Raises Refused when they may not enter.

        The first slots say whether the media of an earlier socket are still there: empty, the page has to offer.
        """
        role, now, now_ms = self.people[seat].role, self.clock(), self.wall_ms()
        waits = door.knocks(self.room, seat, role, now_ms, browser)
        room = door.arrive(self.room, seat, role, now_ms, browser)
        connection = Connection(seat, link, browser, socket, now, now, media_from=now)
        if waits:
            self._knock(connection)
        else:
            self._sit_down(connection)
        relays = self._relay.offered_to(seat, now_ms / 1000)
        self._post(connection, protocol.Welcome(seat, protocol.HEARTBEAT_MS, relays))
        if not self._change(room):
            self._post(connection, self._message(connection))
        if not waits:
            self._greet(connection)
        return connection

    def _knock(self, connection: Connection) -> None:
        older, self.door[connection.seat] = self.door.get(connection.seat), connection
        if older is not None:
            older.socket.close(CLOSE["newer_tab"])

    def _sit_down(self, connection: Connection) -> None:
        seat = connection.seat
        knocking = self.door.get(seat)
        if knocking is not None and knocking.browser == connection.browser:
            del self.door[seat]
            knocking.socket.close(CLOSE["newer_tab"])
        older = self.parted.pop(seat, None) or self.connections.get(seat)
        self.connections[seat] = connection
        if older is not None:
            older.socket.close(CLOSE["newer_tab"])
            if (older.link, older.browser) != (connection.link, connection.browser):
                self.media.leave(seat)  # somebody else may have held the seat

    def _greet(self, connection: Connection) -> None:
        """What somebody inside learns besides the room itself."""
        seat = connection.seat
        joined = self.media.last_packet_at(seat) is not None
        self._post(connection, protocol.Slots(self._slots.get(seat, ()) if joined else ()))
        self._post(connection, protocol.Speaking(self._speaking))
        leads = seat in {each.id for each in self.room.seats if each.leads}
        lines = self.papers.lines() if seat == self._keeper else [seat]
        for texts in [
            *self.papers.of("chat"),
            *self.papers.of("line", lines),
            *(self.papers.of("leaders") if leads else ()),
        ]:
            self._post(connection, texts)

    def detach(self, connection: Connection) -> None:
        """The socket is gone: its seat is away at once, unless a newer socket has it; and nobody knocks any more."""
        seat = connection.seat
        self.empty_since = self.clock()
        if self.door.get(seat) is connection:
            del self.door[seat]
            self._change(door.without_knock(self.room, seat))
        if self.connections.get(seat) is connection:
            del self.connections[seat]
            self.parted[seat] = connection
            self._lose(seat)

    def _lose(self, seat_id: str) -> None:
        seat = self.room.seat(seat_id)
        if seat is not None and seat.here:
            self._change(door.lose(self.room, seat_id, self.wall_ms()))

    def receive(self, connection: Connection, message: protocol.Up) -> None:
        at_door = self.door.get(connection.seat) is connection
        if not at_door and self.connections.get(connection.seat) is not connection:
            return
        connection.heard_at = self.clock()
        if isinstance(message, protocol.Heartbeat):
            return
        if isinstance(message, protocol.Offer | protocol.Tiles):
            self._take_media(connection, message, at_door)
            return
        self._command(connection, message, at_door)

    def _take_media(self, connection: Connection, message: protocol.Offer | protocol.Tiles, at_door: bool) -> None:
        if isinstance(message, protocol.Tiles):
            if not at_door:
                self.media.watch(connection.seat, {tile.seat: tile.height for tile in message.tiles})
        elif at_door:
            self._refuse(connection, "", "at_the_door")
        else:
            self._start(self._join(connection, message.sdp))

    def close(self, code: int) -> None:
        """Close every socket and all media; state is kept only by `finish`."""
        for connection in self.sockets:
            self._drop(connection, code)
        for task in self._joining:
            task.cancel()

    async def finish(self, patience_s: float | None) -> None:
        """Write what is not written yet, and stop."""
        if not self.over:
            self._save()
        await self._saver.close(patience_s)

    # Commands

    def _command(self, connection: Connection, message: protocol.Command, at_door: bool) -> None:
        """Every id is answered once: a command that comes again gets the same answer and has no second effect."""
        answers = self._answers.setdefault(connection if at_door else connection.seat, OrderedDict())
        if message.id not in answers:
            if not at_door:
                self._wake(connection)
            answers[message.id] = self._apply(connection, message, at_door)
            if len(answers) > ANSWERS_KEPT:
                answers.popitem(last=False)
        code = answers[message.id]
        if code:
            self._refuse(connection, message.id, code)
        else:
            self._post(connection, protocol.Ack(message.id))
        if isinstance(message, protocol.Leave) and not code:
            self._drop(connection, 1000)
        self._close_outside()

    def _refuse(self, connection: Connection, command: str, code: str) -> None:
        self._count(code)
        self._post(connection, protocol.Refused(command, code))

    def _apply(self, connection: Connection, message: protocol.Command, at_door: bool) -> str:
        """The code of the refusal, or ''."""
        seat = connection.seat
        try:
            if at_door:
                room = from_the_door(self.room, seat, message)
            else:
                room = applied(self.room, seat, message, self.wall_ms())
        except Refused as refused:
            return refused.code
        self._change(room)
        if isinstance(message, protocol.Write):
            self._write(seat, message)
        return ""

    def _write(self, seat: str, message: protocol.Write) -> None:
        """Tell it to those who may read it; it is kept nowhere but in this process."""
        readers = apart.readers(self.room, seat, message.place, message.seat, rules.silenced(self.room))
        thread = (message.seat or seat) if message.place == "line" else ""
        texts = self.papers.write(message.place, thread, protocol.Text(seat, message.text, self.wall_ms()))
        for reader in readers:
            connection = self.connections.get(reader) or self.door.get(reader)
            if connection is not None:
                self._post(connection, texts)

    def _wake(self, connection: Connection) -> None:
        """Who acts is here, even if their media are silent; from here on only new packets count."""
        seat = self.room.seat(connection.seat)
        if seat is not None and not seat.here:
            connection.has_media, connection.media_from = False, self.clock()
            self._enter(seat.id)

    def _enter(self, seat: str) -> None:
        with suppress(Refused):  # the others may have filled the room meanwhile
            self._change(door.come_back(self.room, seat, self.people[seat].role))

    async def _join(self, connection: Connection, sdp: str) -> None:
        if self.connections.get(connection.seat) is not connection:
            return
        try:
            answer = await self.media.join(connection.seat, sdp)
        except sfu.Refused as refused:
            self._refuse(connection, "", refused.code)
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
        now_ms = self.wall_ms()
        room = rules.in_order(room, now_ms)
        if room == self.room:
            return False
        former, keeper = self.room, self._keeper
        self.speech.pass_time(former.phase, now_ms)
        self.room = room
        self.seq += 1
        admitted = self._let_in()
        self._note_presences()
        self._tell_media(rules.inside(former))
        self._publish()
        for connection in admitted:
            self._greet(connection)
        self._hand_over_papers(former, keeper)
        moved = former.at.phase != room.at.phase or former.at.cases != room.at.cases
        self._save((self._step(),) if moved else ())
        return True

    def _let_in(self) -> list[Connection]:
        """Those at the door whom a leader has admitted sit down; a tab that has their seat gives it up."""
        admitted = [each for seat, each in self.door.items() if self.room.knock(seat) is None and self._admitted(each)]
        for connection in admitted:
            del self.door[connection.seat]
            connection.media_from, connection.has_media = self.clock(), False
            self._sit_down(connection)
        return admitted

    def _admitted(self, connection: Connection) -> bool:
        seat = self.room.seat(connection.seat)
        return seat is not None and seat.here and connection.browser in seat.browsers

    def _hand_over_papers(self, former: Room, keeper: str) -> None:
        """A case's chat ends with it; whoever keeps the technical line now reads all that is written there."""
        if len(self.room.closed) > len(former.closed) or self.room.phase is Phase.DEBRIEF:
            cleared = self.papers.clear("chat")
            for connection in self.connections.values():
                self._post(connection, cleared)
        if self._keeper != keeper and self._keeper in self.connections:
            for texts in self.papers.of("line", self.papers.lines()):
                self._post(self.connections[self._keeper], texts)
        if self.room.case != former.case:
            self.speech.begin_case()

    @property
    def _keeper(self) -> str:
        return apart.keeper(self.room, rules.silenced(self.room))

    def _tell_media(self, former: frozenset[str]) -> None:
        alone = {seat: sfu.Apart(place, who) for seat, (place, who) in rules.listeners(self.room).items()}
        self.media.hear(rules.heard(self.room), alone)
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
        for connection in self.sockets:
            if connection.seat in self.room.removed:
                self._drop(connection, CLOSE["removed"])
            elif connection.seat not in (
                inside if self.door.get(connection.seat) is not connection else self._knocking
            ):
                self._drop(connection, CLOSE["over"])
        self.over = self.over or self.room.phase is Phase.ENDED

    @property
    def _knocking(self) -> frozenset[str]:
        return frozenset(knock.seat for knock in self.room.door)

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
        self._saver.save(
            Snapshot(self.seq, self.room, dict(self.presences), self.wall_ms(), steps, dict(self.speech.total))
        )

    # Down

    def _publish(self) -> None:
        self.published_at = self.clock()
        for connection in self.sockets:
            self._post(connection, self._message(connection))

    def _post(self, connection: Connection, message: Down) -> None:
        connection.sent_at = self.clock()
        connection.socket.post(message)

    def _message(self, connection: Connection) -> protocol.Room:
        waits = self.door.get(connection.seat) is connection
        around = Around(self._circle(), frozenset(), _iso(self.terms.next_at_ms), self._guarded())
        return room_message(view(self.room, connection.seat, waits), self.seq, self.wall_ms(), around)

    def _circle(self) -> tuple[Person, ...]:
        """Everybody of the group; of those who left it only a presenter, whose case is still on."""
        people = [who for who in self.people.values() if who.seat not in self.gone or who.seat == self.room.presenter]
        return tuple(sorted(people, key=lambda who: who.order))

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
        self.speech.pass_time(self.room.phase, self.wall_ms())
        self.speech.hear(frozenset(members))
        self._speaking = tuple(sorted(members))
        for connection in self.connections.values():
            self._post(connection, protocol.Speaking(self._speaking))

    # Time

    def tick(self) -> None:
        """Look at every line; called about twice a second. Time in which this process stood still accuses nobody."""
        now = self.clock()
        stalled_s, self.ticked_at = now - self.ticked_at, now
        if stalled_s > STALL_S:
            for connection in self.sockets:
                connection.heard_at += stalled_s
                connection.has_media, connection.media_from = False, now
        for connection in list(self.connections.values()):
            self._look_at_line(connection, now)
        for connection in list(self.door.values()):
            self._look_at_socket(connection, now)
        self.speech.pass_time(self.room.phase, self.wall_ms())
        self._change(rules.note_spoken(self.room, self.speech.in_case()))
        for connection in [each for each in self.parted.values() if now - each.heard_at > MEDIA_ALONE_S]:
            self.media.leave(connection.seat)
            del self.parted[connection.seat]
        if self._guard is not None and now - self.published_at >= GUARD_S:
            self._publish()
        if self.connections and now - self.saved_at >= SAVE_S:
            self._save()
        if self.lost and not self.over:
            self.give_up()

    def _look_at_socket(self, connection: Connection, now: float) -> bool:
        """Whether it is still there."""
        if now - connection.heard_at > AWAY_S:
            self._drop(connection, CLOSE["lost"])
            return False
        if now - connection.sent_at >= HEARTBEAT_S:
            self._post(connection, protocol.Heartbeat())
        return True

    def _look_at_line(self, connection: Connection, now: float) -> None:
        if not self._look_at_socket(connection, now):
            return
        last = self.media.last_packet_at(connection.seat)
        connection.has_media = connection.has_media or (last is not None and last > connection.media_from)
        lost = connection.has_media and (last is None or now - last > MEDIA_AWAY_S)
        seat = self.room.seat(connection.seat)
        if seat is None or seat.here != lost:
            return
        if lost:
            self._lose(seat.id)
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
        for connection in [*self.sockets, *self.parted.values()]:
            person = look.people.get(connection.seat)
            if person is None or (connection.link and connection.link not in look.links):
                self._drop(connection, CLOSE["not_yours"])
            elif not door.open_to(self.room, person.role):
                self._drop(connection, CLOSE["over"])
        former = self.people, self.gone, self.terms
        self.people, self.gone = {**self.people, **look.people}, self.people.keys() - look.people.keys()
        self.terms = look.terms
        for seat in self.room.seats:
            if seat.here and seat.role is not self.people[seat.id].role:
                self._enter(seat.id)
        changed = self._change(rules.agree(self.room, _terms(look)))
        if not changed and (self.people, self.gone, self.terms) != former:
            self.seq += 1
            self._publish()

    def _drop(self, connection: Connection, code: int) -> None:
        """Close a socket of ours. Unless only the line was lost, its media end with it."""
        if code != CLOSE["lost"]:
            self.media.leave(connection.seat)
        connection.socket.close(code)
        self.detach(connection)


def _terms(look: Look) -> Terms:
    return Terms(1 if look.terms.first_session else Terms().most_cases, look.terms.presenter_shown)


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat() if at_ms else ""


def _resumed(kept: Snapshot | None) -> tuple[Room, int, dict[str, Presence]]:
    """State, sequence number and presences to go on from: everybody is away until they come back, and the clock stands
    since the snapshot."""
    if kept is None:
        return Room(), 1, {}
    seats = tuple(replace(seat, here=False, gone_ms=kept.at_ms) if seat.here else seat for seat in kept.room.seats)
    room = rules.in_order(replace(kept.room, seats=seats, door=()), kept.at_ms)
    presences = {seat: presence.went(kept.at_ms) for seat, presence in kept.presences.items()}
    return room, kept.seq + RESUME_GAP, presences

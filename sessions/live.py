"""A room while it is open: its state, its media and its sockets, held together.

State goes down, commands come up. After each change, always in this order: the media server is told who may be heard
and seen, and by whom, everyone is sent the whole room as they may see it, a snapshot goes to the saver. Nothing here
waits for the database or the network.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Hashable, Iterable
from contextlib import suppress
from typing import Any

from sessions import apart, door, protocol, sfu
from sessions import room as rules
from sessions.answers import Answers
from sessions.commands import applied, from_the_door
from sessions.connection import Connection, Socket
from sessions.keeping import Keeping, agreed, resumed
from sessions.messages import Around, room_message, slots_of
from sessions.papers import Papers
from sessions.places import Places
from sessions.protocol import CLOSE, Down
from sessions.saver import Write
from sessions.sfu.allowance import Allowance
from sessions.slow import SlowLines
from sessions.stage import Stage
from sessions.state import Phase, Refused, Room
from sessions.store import Look, Person, Snapshot
from sessions.turn import NO_RELAY, Relay
from sessions.view import view

AWAY_S = protocol.AWAY_AFTER_MS / 1000
MEDIA_AWAY_S = protocol.MEDIA_AWAY_AFTER_MS / 1000
HEARTBEAT_S = protocol.HEARTBEAT_MS / 1000
MEDIA_ALONE_S = 30.0  # a lost socket is back by then; beyond it somebody would listen whom everyone sees away
MEDIA_FRESH_S = 20.0  # who was silent for longer is about to be given up, here or by the browser: better anew
GUARD_S = 2.0  # between two looks at the guard while a chair is pushed back
SAVE_S = 15.0  # attendance after a crash is at most this old
SLOW_S = 2.0  # between two looks at whose line is slow
UNSAVED_S = 5.0  # a database that is away for less is nobody's worry
STALL_S = 1.5  # three ticks


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
        count: Callable[[str], None] = lambda _code: None,
    ) -> None:
        self.clock, self.wall_ms = clock, wall_ms
        self._relay, self._count = relay, count
        self.media = media_of(on_slots=self._on_slots, on_speaking=self._on_speaking)
        self.people, self.gone, self.terms = dict(look.people), set[str](), look.terms
        self.room = rules.agree(resumed(kept), agreed(look))
        self.papers = Papers()
        self.places = Places()
        self.slow = SlowLines()
        self.over = self.unsaved = False
        self.empty_since = self.ticked_at = self.saved_at = self.published_at = self.looked_at = clock()
        self._stage = Stage(self.media)
        self._keeping = Keeping(write, kept, clock, wall_ms())
        self._answers = Answers()
        self.allowances: dict[tuple[str, int], Allowance] = {}
        self._slots: dict[str, tuple[protocol.Slot, ...]] = {}
        self._speaking: tuple[str, ...] = ()
        self._joining: set[asyncio.Task[None]] = set()
        self._stage.follow(self.room)
        self._save(step=kept is None)

    @property
    def seq(self) -> int:
        return self._keeping.seq

    @property
    def sockets(self) -> list[Connection]:
        return self.places.sockets

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
        for older in self.places.knock(connection):
            older.socket.close(CLOSE["newer_tab"])

    def _sit_down(self, connection: Connection) -> None:
        for older in self.places.sit_down(connection):
            older.socket.close(CLOSE["newer_tab"])
            if (older.link, older.browser) != (connection.link, connection.browser):
                self.media.leave(connection.seat)  # somebody else may have held the seat

    def _greet(self, connection: Connection) -> None:
        """What somebody inside learns besides the room itself."""
        seat = connection.seat
        last = self.media.last_packet_at(seat)
        joined = last is not None and self.clock() - last < MEDIA_FRESH_S
        if not joined:
            self.media.leave(seat)
        self._post(connection, protocol.Slots(self._slots.get(seat, ()) if joined else ()))
        self._post(connection, protocol.Speaking(self._speaking))
        for texts in self.papers.for_comer(self.room, seat):
            self._post(connection, texts)

    def detach(self, connection: Connection) -> None:
        """The socket is gone: its seat is away at once, unless a newer socket has it; and nobody knocks any more."""
        seat = connection.seat
        self.empty_since = self.clock()
        knocked = self.places.knocks(connection)
        if self.places.part(connection):
            self._lose(seat)
        self._answers.forget(connection)
        if knocked:
            self._change(door.without_knock(self.room, seat))

    def _lose(self, seat_id: str) -> None:
        seat = self.room.seat(seat_id)
        if seat is not None and seat.here:
            self._change(door.lose(self.room, seat_id, self.wall_ms()))

    def receive(self, connection: Connection, message: protocol.Up) -> None:
        at_door = self.places.knocks(connection)
        if not at_door and not self.places.sits(connection):
            return
        connection.heard_at = self.clock()
        if isinstance(message, protocol.Heartbeat):
            self._post(connection, protocol.Heartbeat())
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
        await self._keeping.saver.close(patience_s)

    # Commands

    def _command(self, connection: Connection, message: protocol.Command, at_door: bool) -> None:
        who: Hashable = connection if at_door else connection.seat
        code = self._answers.to(who, message.id)
        if code is None:
            if not at_door:
                self._wake(connection)
            code = self._apply(connection, message, at_door)
            self._answers.keep(who, message.id, code)
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
            self._write(connection, message)
        return ""

    def _write(self, connection: Connection, message: protocol.Write) -> None:
        """Tell it to those who may read it; it is kept nowhere but in this process."""
        seat = connection.seat
        readers = apart.readers(self.room, seat, message.place, message.seat, rules.silenced(self.room)) - {seat}
        thread = (message.seat or seat) if message.place == "line" else ""
        texts = self.papers.write(message.place, thread, protocol.Text(seat, message.text, self.wall_ms()))
        self._post(connection, texts)
        for found in filter(None, map(self.places.of, readers)):
            self._post(found, texts)

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
        if not self.places.sits(connection):
            return
        try:
            answer = await self.media.join(connection.seat, sdp)
        except sfu.Refused as refused:
            self._refuse(connection, "", refused.code)
            return
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
        former, self.room = self.room, room
        self._keeping.follow(former, room, now_ms)
        admitted = self._let_in()
        self._stage.follow(room)
        self._publish()
        for connection in admitted:
            self._greet(connection)
        for seat, told in self.papers.follow(former, room).items():
            for texts in told if seat in self.places.inside else ():
                self._post(self.places.inside[seat], texts)
        self._save(step=(former.at.phase, former.at.cases) != (room.at.phase, room.at.cases))
        return True

    def _let_in(self) -> list[Connection]:
        """Those at the door whom a leader has admitted sit down; a tab that has their seat gives it up."""
        waiting = [each for each in self.places.door.values() if self.room.knock(each.seat) is None]
        admitted = [each for each in waiting if self._admitted(each)]
        for connection in admitted:
            del self.places.door[connection.seat]
            self._answers.forget(connection)
            connection.media_from, connection.has_media = self.clock(), False
            self._sit_down(connection)
        return admitted

    def _admitted(self, connection: Connection) -> bool:
        seat = self.room.seat(connection.seat)
        return seat is not None and seat.here and connection.browser in seat.browsers

    def _close_outside(self) -> None:
        inside, knocking = rules.inside(self.room), {knock.seat for knock in self.room.door}
        for connection in self.sockets:
            if connection.seat in self.room.removed:
                self._drop(connection, CLOSE["removed"])
            elif connection.seat not in (knocking if self.places.knocks(connection) else inside):
                self._drop(connection, CLOSE["over"])
        self.over = self.over or self.room.phase is Phase.ENDED

    def _save(self, *, step: bool = False) -> None:
        self.saved_at = self.clock()
        self._keeping.save(self.room, self.wall_ms(), step=step)

    # Down

    def _publish(self) -> None:
        self.published_at = self.clock()
        for connection in self.sockets:
            self._post(connection, self._message(connection))

    def _post(self, connection: Connection, message: Down) -> None:
        connection.sent_at = self.clock()
        connection.socket.post(message)

    def _message(self, connection: Connection) -> protocol.Room:
        waits = self.places.knocks(connection)
        next_ms, guard = self.terms.next_at_ms, self._stage.counted()
        around = Around(self._circle(), self.slow.seats, next_ms, guard, self.unsaved)
        return room_message(view(self.room, connection.seat, waits), self.seq, self.wall_ms(), around)

    def _circle(self) -> tuple[Person, ...]:
        """Everybody of the group; of those who left it only a presenter, whose case is still on."""
        people = [who for who in self.people.values() if who.seat not in self.gone or who.seat == self.room.presenter]
        return tuple(sorted(people, key=lambda who: who.order))

    def _on_slots(self, member: str, slots: Iterable[sfu.SlotMap]) -> None:
        self._slots[member] = slots_of(slots)
        if member in self.places.inside:
            self._post(self.places.inside[member], protocol.Slots(self._slots[member]))

    def _on_speaking(self, members: Iterable[str]) -> None:
        self._keeping.speech.pass_time(self.room.phase, self.wall_ms())
        self._keeping.speech.hear(frozenset(members))
        self._speaking = tuple(sorted(members))
        for connection in self.places.inside.values():
            self._post(connection, protocol.Speaking(self._speaking))

    # Time

    def tick(self) -> None:
        """Look at every line; called about twice a second. Time in which this process stood still accuses nobody."""
        now = self.clock()
        stalled_s, self.ticked_at = now - self.ticked_at, now
        if stalled_s > STALL_S:
            self._excuse(stalled_s, now)
        for connection in list(self.places.inside.values()):
            self._look_at_line(connection, now)
        for connection in list(self.places.door.values()):
            self._look_at_socket(connection, now)
        for connection in [each for each in self.places.parted.values() if now - each.heard_at > MEDIA_ALONE_S]:
            self.media.leave(connection.seat)
            del self.places.parted[connection.seat]
        self._keeping.speech.pass_time(self.room.phase, self.wall_ms())
        self._change(rules.note_spoken(self.room, self._keeping.speech.in_case()))
        self._look_around(now)
        if self.places.inside and now - self.saved_at >= SAVE_S:
            self._save()
        if self.lost and not self.over:
            self.give_up()

    def _excuse(self, stalled_s: float, now: float) -> None:
        for connection in self.sockets:
            connection.heard_at += stalled_s
            connection.has_media, connection.media_from = False, now

    def _look_around(self, now: float) -> None:
        """Tell everybody what is no change of the room: slow lines, a database that is away, the guard's count."""
        fails_since = self._keeping.saver.fails_since
        former, self.unsaved = self.unsaved, fails_since is not None and now - fails_since > UNSAVED_S
        news = former != self.unsaved
        if now - self.looked_at >= SLOW_S:
            self.looked_at = now
            news = self.slow.look(self.media.strained()) or news
        if news:
            self._renew()
        elif self._stage.guards and now - self.published_at >= GUARD_S:
            self._publish()

    def _renew(self) -> None:
        """Publish what is new around the same room."""
        self._keeping.seq += 1
        self._publish()

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
        return self._keeping.saver.lost

    def give_up(self) -> None:
        """Another node has the room: write nothing more, and send everyone there."""
        self._keeping.saver.lose()
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
        for connection in [*self.sockets, *self.places.parted.values()]:
            person = look.people.get(connection.seat)
            if person is None or (connection.link and connection.link not in look.links):
                self._drop(connection, CLOSE["not_yours"])
            elif not door.open_to(self.room, person.role):
                self._drop(connection, CLOSE["over"])
        former = self.people, self.gone, self.terms
        self.people, self.gone = {**self.people, **look.people}, self.people.keys() - look.people.keys()
        self.terms = look.terms
        roles = {seat: person.role for seat, person in self.people.items()}
        changed = self._change(door.with_roles(rules.agree(self.room, agreed(look)), roles))
        if not changed and (self.people, self.gone, self.terms) != former:
            self._renew()

    def _drop(self, connection: Connection, code: int) -> None:
        """Close a socket of ours. Unless only the line was lost, the media of who sits there end with it."""
        if code != CLOSE["lost"] and not self.places.knocks(connection):
            self.media.leave(connection.seat)
        connection.socket.close(code)
        self.detach(connection)

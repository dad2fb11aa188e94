"""A live room in memory with the cast at its sockets: real rules, real media over loopback, no database."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from django.db import OperationalError

from sessions import protocol, wire
from sessions.live import Connection, LiveRoom
from sessions.protocol import Down
from sessions.sfu import MediaNode
from sessions.sfu.member import Member
from sessions.state import Phase, Role, leaders_here
from sessions.store import Look, Person, Snapshot
from sessions.turn import NO_RELAY, Relay
from tests.sessions.sfu.call import until

LEA, COLE, MAX, PIA = "lea", "cole", "max", "pia"
ROLES = {LEA: Role.LEADER, COLE: Role.CO_LEADER, MAX: Role.MEMBER, PIA: Role.MEMBER}
PEOPLE = {key: Person(key, key.title(), key[0].upper(), role, order) for order, (key, role) in enumerate(ROLES.items())}
LOOK = Look(open=True, people=PEOPLE, links=frozenset())


class Clock:
    """Monotonic time, of which a test can let some pass at once."""

    def __init__(self) -> None:
        self.passed = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.passed

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000 + round(1000 * self.passed)


class Line:
    """A socket whose other end is the test: what came, and the code it was closed with."""

    def __init__(self) -> None:
        self.came: list[Down] = []
        self.code: int | None = None
        self.on_room: Callable[[protocol.Room], None] = lambda room: None

    def post(self, message: Down) -> None:
        if self.code is None:
            self.came.append(message)
            if isinstance(message, protocol.Room):
                self.on_room(message)

    def close(self, code: int) -> None:
        self.code = self.code or code

    @property
    def room(self) -> protocol.Room:
        return next(message for message in reversed(self.came) if isinstance(message, protocol.Room))

    def all(self, kind: type) -> list[Down]:
        return [message for message in self.came if isinstance(message, kind)]


class Circle:
    """The live room, its lines by name, every snapshot that was written, and the codes of what was refused. `failing`
    holds what writes raise next; while the database is `away` they all fail."""

    def __init__(self, node: MediaNode, relay: Relay = NO_RELAY, look: Look = LOOK) -> None:
        self.node, self.relay, self.look = node, relay, look
        self.refused: list[str] = []
        self.clock = Clock()
        self.written: list[Snapshot] = []
        self.failing: list[Exception] = []
        self.away = False
        self.failed = 0
        self.lines: dict[str, Line] = {}
        self.seats: dict[str, Connection] = {}
        self.members: list[Member] = []
        self.live = self.open(None)
        self._ids = 0

    def open(self, kept: Snapshot | None) -> LiveRoom:
        self.node.close_room("circle")
        media = partial(self.node.open, "circle")
        times = {"clock": self.clock, "wall_ms": self.clock.wall_ms}
        return LiveRoom(media, self._write, self.look, kept, self.relay, **times, count=self.refused.append)

    async def kept(self) -> Snapshot:
        """The snapshot of the room as it is now, which has been written."""
        await until(lambda: self.written and self.written[-1].seq == self.live.seq)
        return self.written[-1]

    async def restart(self) -> None:
        """The node dies, and goes on from what is written."""
        kept, before = await self.kept(), self.live
        before.close(protocol.CLOSE["restarting"])
        await before.finish(1.0)
        self.live = self.open(kept)

    async def _write(self, snapshot: Snapshot) -> None:
        if self.failing or self.away:
            self.failed += 1
            raise self.failing.pop(0) if self.failing else OperationalError
        self.written.append(snapshot)

    def come(self, *seats: str, link: str | None = None, browser: int = 0) -> list[Line]:
        """They sit down: a leader who is here lets in whoever has to knock."""
        for seat in seats:
            self.knock(seat, link, browser)
            if self.live.room.knock(seat) is not None:
                self.do(leaders_here(self.live.room)[0], protocol.Admit, seat)
        return [self.lines[seat] for seat in seats]

    def knock(self, seat: str, link: str | None = None, browser: int = 0) -> Line:
        """A new socket for this seat, which is let in only if it needs no leader's leave."""
        self.lines[seat] = Line()
        self.seats[seat] = self.live.attach(seat, link, self.lines[seat], browser)
        return self.lines[seat]

    def send(self, seat: str, message: protocol.Up) -> Down:
        """The answer to this seat's command."""
        return self.say(self.seats[seat], self.lines[seat], message)

    def say(self, connection: Connection, line: Line, message: protocol.Up) -> Down:
        """The same for a socket that need not be the seat's."""
        self.live.receive(connection, message)
        return next(each for each in reversed(line.came) if isinstance(each, protocol.Ack | protocol.Refused))

    def do(self, seat: str, kind: Callable[..., protocol.Command], *args: object) -> None:
        self._ids += 1
        answer = self.send(seat, kind(f"id-{self._ids}", *args))
        assert answer == protocol.Ack(f"id-{self._ids}")

    def move(self, *phases: Phase, by: str = LEA) -> None:
        for phase in phases:
            self.do(by, protocol.Move, phase)

    def push_back(self, presenter: str = PIA) -> None:
        self.move(Phase.GATHERING, Phase.CALL)
        self.do(LEA, protocol.SettlePresenter, presenter)
        self.move(Phase.PRESENTATION, Phase.PUSH_BACK)

    def lose(self, *seats: str) -> None:
        """Their sockets are gone."""
        for seat in seats:
            self.live.detach(self.seats[seat])

    def wait(self, seconds: int) -> None:
        """That long nothing happens: the open sockets send their heartbeats, and the room looks at its lines."""
        for _ in range(seconds):
            self.clock.passed += 1
            for connection in self.live.sockets:
                self.live.receive(connection, protocol.Heartbeat())
            self.live.tick()

    async def connect(self, *seats: str) -> list[Member]:
        """Media for these seats, by an offer over their socket; each may be sent to when this returns."""
        return [await self._connect(seat) for seat in seats]

    async def _connect(self, seat: str) -> Member:
        member, line = Member(protocol.AUDIO_SLOTS), self.lines[seat]
        self.members.append(member)
        answers = len(line.all(protocol.Answer))
        self.live.receive(self.seats[seat], protocol.Offer(member.offer()))
        await until(lambda: len(line.all(protocol.Answer)) > answers)
        await member.connect(line.all(protocol.Answer)[-1].sdp)
        await until(lambda: self.live.media.peers[seat].open)
        return member

    def received(self, seat: str) -> int:
        return self.live.media.counters(seat).audio_received

    def forwarded(self, seat: str) -> int:
        return self.live.media.counters(seat).audio_forwarded

    async def heard_by_all(self, seat: str, since: int = 0) -> None:
        """What this seat has sent is forwarded to everybody else who has media."""
        await until(lambda: self.forwarded(seat) - since >= len(self.live.media.peers) - 1)

    async def close(self) -> None:
        await asyncio.gather(*(member.close() for member in self.members if not member.closed))
        self.live.close(protocol.CLOSE["restarting"])
        await self.live.finish(1.0)


def people_without(*seats: str) -> Look:
    return replace(LOOK, people={key: person for key, person in PEOPLE.items() if key not in seats})


def lines_of(room: protocol.Room) -> dict[str, str]:
    return {seat.seat: str(seat.line) for seat in room.seats}


def kinds(messages: Iterable[Down]) -> list[str]:
    return [wire.type_of(type(message)) for message in messages]

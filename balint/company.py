"""The demo's living group: synthetic members at the room's own socket, with voices and faces, who follow its steps.

They take seats as a browser does: a personal link's cookie, the address of the room's node, the wire protocol, media by
ICE, DTLS and SRTP. `turns` says how they behave.
"""

import asyncio
import json
import random
import time
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from balint import turns
from balint.turns import Floor
from sessions import protocol, wire
from sessions.protocol import CLOSE
from sessions.sfu.dtls import HandshakeFailed
from sessions.sfu.encoded import Clip, encode
from sessions.sfu.player import Player
from sessions.sfu.reporter import Reporter
from sessions.state import Hand, Knock, Phase, Point, ReturnState, Role, Room, Seat, Tick

PLAY_S, THINK_S = 0.02, 0.25
HEARTBEAT_S = protocol.HEARTBEAT_MS / 1000
RETRY_S, OPEN_S = 1.0, 5.0
LEAD_AFTER_S = 20.0  # how long no other leader is here before one of ours leads
ADMIT_AFTER_S = 3.0  # the same before one of ours opens the door
# The seat is somebody else's now, the session is over, or nobody may come in any more.
FOR_GOOD = {CLOSE[reason] for reason in ("newer_tab", "over", "removed", "not_yours", "not_logged_in")}


@dataclass(frozen=True)
class Place:
    """A seat to take: whose, the cookie that opens it, and which of the drawn people sits there."""

    seat: str
    cookie: str
    person: int


class Companion:
    """One synthetic member. `run` ends when the seat is lost for good."""

    def __init__(self, place: Place, page: str, session_id: uuid.UUID, clip: Clip) -> None:
        self.seat = place.seat
        self._place, self._page, self._session_id, self._clip = place, page, session_id, clip
        self._socket: ClientConnection | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._beat_at = 0.0
        self.room: Room | None = None
        self.speaking: frozenset[str] = frozenset()
        self.player: Player | None = None
        self.on_room: Callable[[dict[str, Any]], None] | None = None

    async def run(self) -> None:
        try:
            while await self._visit() not in FOR_GOOD:
                await asyncio.sleep(RETRY_S)
        finally:
            await self._hang_up()

    async def _visit(self) -> int | None:
        """Take the seat and stay as long as one may; the code that the room closed with."""
        try:
            url = await asyncio.to_thread(self._node)
            headers = {"Cookie": f"sessionid={self._place.cookie}"}
            async with connect(
                url, additional_headers=headers, origin=self._page, open_timeout=OPEN_S, proxy=None
            ) as socket:
                self._socket = socket
                await self._stay(socket)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None
        except (OSError, InvalidHandshake, TimeoutError):
            return None  # not there yet, or not there any more for a moment
        finally:
            self._socket, self.room = None, None
        return socket.close_code

    def _node(self) -> str:
        """Where the room's socket is, as a page asks it. Raises OSError."""
        headers = {"Cookie": f"sessionid={self._place.cookie}"}
        request = urllib.request.Request(f"{self._page}/sessions/{self._session_id}/node/", headers=headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=OPEN_S) as answer:  # noqa: S310  our own page, by http
            return str(json.load(answer)["url"])

    async def _stay(self, socket: ClientConnection) -> None:
        self.do(protocol.Attest, tuple(Tick))
        has_media = None
        async for text in socket:
            message = json.loads(text)
            match message["type"]:
                case "room":
                    if self.on_room is not None:
                        self.on_room(message)
                    self.room = room_of(message)
                case "speaking":
                    self.speaking = frozenset(message["seats"])
                case "slots" if has_media is None:
                    has_media = bool(message["slots"])
                    self.do(protocol.Devices, True, True, False)
                    self._send(protocol.Tiles(()))
                    if not has_media:
                        await self._dial()
                case "answer" if self.player is not None:
                    self._start(self._connect(self.player.member, message["sdp"]))

    # -- media

    async def _dial(self) -> None:
        """New media; the former ones are gone at the node, or there were none."""
        await self._hang_up()
        member = Reporter(protocol.AUDIO_SLOTS, rids=("l", "h"))
        self.player = player = Player(member, self._clip, time.monotonic())
        member.on_control = lambda control: player.answer(control, time.monotonic())
        self._send(protocol.Offer(member.offer()))

    async def _connect(self, member: Reporter, answer: str) -> None:
        try:
            await member.connect(answer)
        except (TimeoutError, HandshakeFailed):
            await self._leave()  # and come again
            return
        if self.player is not None and self.player.member is member:
            self.player.microphone = self.player.camera = True

    async def _leave(self) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def _hang_up(self) -> None:
        player, self.player = self.player, None
        if player is not None:
            await player.member.close()

    def play(self, now: float, wall_s: float, speaks: bool) -> None:
        if self.player is not None and self.player.microphone:
            self.player.speaks = speaks
            self.player.play(now, wall_s)

    # -- what it says to the room

    def beat(self, now: float) -> None:
        if now - self._beat_at >= HEARTBEAT_S:
            self._beat_at = now
            self._send(protocol.Heartbeat())

    def do(self, kind: Callable[..., protocol.Command], *args: object) -> None:
        self._send(kind(uuid.uuid4().hex, *args))

    def _send(self, message: protocol.Up) -> None:
        if self._socket is not None:
            self._start(self._socket.send(wire.dump(message)))

    def _start(self, work: Any) -> None:
        task = asyncio.ensure_future(self._carefully(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _carefully(work: Any) -> None:
        """A line that ends in the middle is noticed by whoever reads from it."""
        try:
            await work
        except (ConnectionClosed, TimeoutError):
            return


class Company:
    """All of them in one session, who know of each other: only so can they take turns."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._clips: dict[int, Clip] = {}
        self._companions: list[Companion] = []
        self._alone_since = self._among_us_since = self._thought_at = time.time()
        self._floor = Floor(random.uniform, time.time())

    async def visit(self, session_id: uuid.UUID, places: Sequence[Place]) -> None:
        """They come in one after the other; this returns when none has a seat any more."""
        self._companions = []
        self._floor = Floor(random.uniform, time.time())
        living = asyncio.create_task(self._live())
        visits = []
        for place in places:
            companion = Companion(place, self._page, session_id, await self._clip(place.person))
            self._companions.append(companion)
            visits.append(asyncio.create_task(companion.run()))
        try:
            await asyncio.gather(*visits)
        finally:
            living.cancel()

    async def _clip(self, person: int) -> Clip:
        if person not in self._clips:
            self._clips[person] = await asyncio.to_thread(encode, person)
        return self._clips[person]

    async def _live(self) -> None:
        while True:
            wall_s = time.time()
            if wall_s - self._thought_at >= THINK_S:
                self._thought_at = wall_s
                self._think(wall_s)
            for companion in self._companions:
                companion.play(time.monotonic(), wall_s, companion.seat == self._floor.speaker)
            await asyncio.sleep(PLAY_S)

    def _think(self, now: float) -> None:
        present = {each.seat: each for each in self._companions if each.room is not None}
        for companion in present.values():
            companion.beat(now)
        if present:
            self._take_turns(present, now)
            self._present(present, now)
            self._lead(present, now)

    def _take_turns(self, present: dict[str, Companion], now: float) -> None:
        room, ours = self._room(present), tuple(present)
        others = next(iter(present.values())).speaking - present.keys()
        self._floor.look(room, ours, bool(others), now)
        if (seat := self._floor.lowers(room)) in present:
            present[seat].do(protocol.LowerHand, seat)
        if (seat := self._floor.raises(room, ours, now)) in present:
            present[seat].do(protocol.RaiseHand)

    def _present(self, present: dict[str, Companion], now: float) -> None:
        presenter = present.get(self._room(present).presenter)
        if presenter is None or presenter.room is None:
            return
        if turns.accepts(presenter.room, tuple(present), now):
            presenter.do(protocol.AcceptReturn)
        if turns.asks_to_return(presenter.room, tuple(present), now):
            presenter.do(protocol.AskReturn)

    def _lead(self, present: dict[str, Companion], now: float) -> None:
        """One of ours opens the door and leads, when no other leader has been there for a while."""
        ours = tuple(present)
        leader = next((each for each in present.values() if each.room and turns.leads(each.room, each.seat)), None)
        room = leader.room if leader else None
        visitors = [seat for seat in room.seats if seat.here and seat.id not in ours] if room else []
        if leader is None or room is None or any(seat.leads for seat in visitors):
            self._alone_since = self._among_us_since = now
            return
        if room.door and now - self._alone_since >= ADMIT_AFTER_S:
            leader.do(protocol.Admit, room.door[0].seat)
        if not visitors:
            self._among_us_since = now
        elif now - self._among_us_since >= LEAD_AFTER_S:
            self._lead_on(room, leader, ours, now)

    @staticmethod
    def _lead_on(room: Room, leader: Companion, ours: tuple[str, ...], now: float) -> None:
        if presenter := turns.chosen(room, ours, now):
            leader.do(protocol.SettlePresenter, presenter)
        elif phase := turns.next_step(room, now):
            leader.do(protocol.Move, phase)

    @staticmethod
    def _room(present: dict[str, Companion]) -> Room:
        """The newest that one of them has seen; all see the same, but for the presenter's wish to return."""
        return next(each.room for each in present.values() if each.room is not None)


def room_of(message: dict[str, Any]) -> Room:
    """The room as the rules know it, from what the wire says of it."""
    at = Point(
        phase=Phase(message["phase"]),
        started_ms=message["phase_started_ms"],
        stopped_ms=message["stopped_ms"],
        presenter=message["presenter"],
        return_state=ReturnState(message["return_state"]),
    )
    seats = tuple(Seat(each["seat"], Role(each["role"]), here=each["line"] == "here") for each in message["seats"])
    door = tuple(Knock(each["seat"], Role.MEMBER, each["since_ms"]) for each in message["door"])
    raised = tuple(Hand(seat, 0) for seat in message["hands"])
    return Room(at=at, seats=seats, door=door, raised=raised, asks_return=message["asks_return"])

"""A room node: the rooms that live in this process, their leases and their beat."""

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from channels.db import database_sync_to_async
from django.db import Error as DatabaseAway

from balint.foundation.models import Part
from sessions import sfu, store
from sessions.live import LiveRoom
from sessions.protocol import CLOSE
from sessions.rehearsals import Rehearsals
from sessions.saver import Write
from sessions.turn import NO_RELAY, Relay

logger = logging.getLogger("balint.room")

TICK_S = 0.5
LOOK_S = 1.0
ALIVE_EVERY = 5  # looks; a part that was not seen for 15 s counts as gone
EMPTY_S = 60.0  # whoever reloads finds the room still open
STOP_S = 5.0  # patience with a database that is away when the node is told to stop; else it has all the time it needs

in_database = database_sync_to_async


class RoomNode:
    """`name` stays the same over a restart, so that the node reclaims its rooms; `url` is what pages are told."""

    def __init__(self, name: str, url: str, media: sfu.MediaNode, relay: Relay = NO_RELAY) -> None:
        self.name, self.url, self.media, self.relay = name, url, media, relay
        self.rooms: dict[uuid.UUID, LiveRoom] = {}
        self.rehearsals = Rehearsals(media, relay)
        self.closed: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._opening: dict[uuid.UUID, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._finishing: set[uuid.UUID] = set()
        self._stopping = False

    async def start(self) -> None:
        """Raises OSError when the media port is taken."""
        await self.media.start()
        self._start(self._beat())
        self._start(self._keep())

    async def stop(self) -> None:
        """Write every room, give its lease back, and tell its sockets to come again."""
        if self._stopping:
            return
        self._stopping = True
        self.rehearsals.close(CLOSE["restarting"])
        for room in self.rooms.values():
            room.close(CLOSE["restarting"])
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(self._finish(session_id, STOP_S) for session_id in list(self.rooms)))
        await self.media.stop()

    async def open(self, session_id: uuid.UUID, seat: str) -> LiveRoom | None:
        """The room, knowing who has this seat; None when it lives elsewhere.

        It is closed by nobody before the caller has attached, if the caller waits for nothing else in between.
        """
        async with self._opening.setdefault(session_id, asyncio.Lock()):
            room = None if self._stopping else self.rooms.get(session_id) or await self._take_over(session_id)
            if room is not None and (seat not in room.people or seat in room.gone):
                room.see(await in_database(store.look)(session_id))
            return None if room is None or room.lost else room

    async def _take_over(self, session_id: uuid.UUID) -> LiveRoom | None:
        taken = await in_database(store.take_over)(session_id, self.name, self.url)
        if taken is None:
            return None
        look, kept = taken
        write: Write = partial(in_database(store.save), session_id, self.name)
        room = self.rooms[session_id] = LiveRoom(
            partial(self.media.open, str(session_id)), write, look, kept, self.relay, count=self._refuse
        )
        return room

    def count(self, reason: str) -> None:
        """Note why a socket was closed or refused."""
        self.closed[reason] += 1

    def _refuse(self, code: str) -> None:
        """Note why a command was refused."""
        self.refused[code] += 1

    def health(self) -> dict[str, Any]:
        """How this node is, in numbers only."""
        return {
            "status": "stopping" if self._stopping else "ok",
            "node": self.name,
            "sockets": sum(len(room.sockets) for room in self.rooms.values()),
            "rehearsals": len(self.rehearsals.running),
            "closed": dict(self.closed),
            "refused": dict(self.refused),
            "totals": self.media.totals(),
        }

    # Time

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            for session_id, room in list(self.rooms.items()):
                self._contain(room.tick)
                if _is_done(room) and session_id not in self._finishing:
                    self._finishing.add(session_id)
                    self._start(self._finish(session_id, None))

    async def _keep(self) -> None:
        """Renew the leases and look at what the pages changed. While the database is away, rooms go on as they are."""
        turn = 0
        while True:
            try:
                await self._renew()
                for session_id, room in list(self.rooms.items()):
                    self._contain(room.see, await in_database(store.look)(session_id))
                if turn % ALIVE_EVERY == 0:
                    await in_database(Part.seen)("room_node", self.name, self.url)
                turn += 1
            except DatabaseAway:
                logger.warning("The database is away; rooms go on without it.")
            except Exception:
                logger.exception("A fault while keeping the rooms was contained.")
            await asyncio.sleep(LOOK_S)

    async def _renew(self) -> None:
        """Another term for our rooms; a room that another node has is given up, its sockets told to go there."""
        rooms = dict(self.rooms)
        if not rooms:
            return
        held = await in_database(store.renew_leases)(rooms, self.name)
        for session_id in rooms.keys() - held:
            if not rooms[session_id].over:
                rooms[session_id].give_up()

    async def _finish(self, session_id: uuid.UUID, patience_s: float | None) -> None:
        """Close a room that is over, lost or empty, with everything of it written, however long that takes (None)."""
        async with self._opening.setdefault(session_id, asyncio.Lock()):
            room = self.rooms.get(session_id)
            if room is not None and (self._stopping or _is_done(room)):  # somebody may have come in meanwhile
                room.close(CLOSE["restarting"])
                self.media.close_room(str(session_id))
                await room.finish(patience_s)
                del self.rooms[session_id]
                await self._end_lease(session_id)
            self._finishing.discard(session_id)

    async def _end_lease(self, session_id: uuid.UUID) -> None:
        try:
            await in_database(store.end_lease)(session_id, self.name)
        except DatabaseAway:
            logger.warning("A lease was left to expire.")

    @staticmethod
    def _contain(act: Callable[..., None], *args: Any) -> None:
        """A fault of ours in one room must not stop the beat of the others."""
        try:
            act(*args)
        except Exception:
            logger.exception("A fault in a room was contained.")

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("A task of the room node failed.", exc_info=task.exception())


def _is_done(room: LiveRoom) -> bool:
    """It is over, or nobody came back to it."""
    return room.over or (not room.sockets and room.clock() - room.empty_since > EMPTY_S)

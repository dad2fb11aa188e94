"""Keeping a room's snapshots without ever making the room wait: the newest wins, a failed write is tried again."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from django.db import Error as DatabaseAway

from sessions.store import LeaseLost, Snapshot

logger = logging.getLogger("balint.room")

Write = Callable[[Snapshot], Awaitable[None]]

RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)


class Saver:
    """Writes one snapshot at a time. `lost` is set when another node has the room, and nothing is written any more;
    `fails_since` while the database is away."""

    def __init__(self, write: Write, clock: Callable[[], float] = time.monotonic) -> None:
        self._write, self._clock = write, clock
        self.fails_since: float | None = None
        self._waiting: Snapshot | None = None
        self._written = asyncio.Event()
        self._written.set()
        self._wanted = asyncio.Event()
        self.lost = False
        self._task = asyncio.create_task(self._run())

    def save(self, snapshot: Snapshot) -> None:
        """Take over a snapshot; the steps of one that still waits go with it."""
        if self.lost:
            return
        if self._waiting is not None:
            snapshot = replace(snapshot, steps=self._waiting.steps + snapshot.steps)
        self._waiting = snapshot
        self._written.clear()
        self._wanted.set()

    def lose(self) -> None:
        self.lost = True
        self._waiting = None
        self._written.set()

    async def close(self, patience_s: float | None) -> None:
        """Write what waits, within `patience_s` (None: however long it takes), and stop."""
        try:
            await asyncio.wait_for(self._written.wait(), patience_s)
        except TimeoutError:
            logger.error("A room was closed before its snapshot could be written.")
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self._write_newest()
            if self._waiting is None:
                self._written.set()

    async def _write_newest(self) -> None:
        """Write what waits, or newer state that comes while the database is away."""
        attempt = 0
        while (snapshot := self._waiting) is not None:
            self._waiting = None
            try:
                await self._write(snapshot)
                self.fails_since = None
                return
            except LeaseLost:
                self.lose()
                return
            except DatabaseAway:
                self._put_back(snapshot)
                self.fails_since = self._clock() if self.fails_since is None else self.fails_since
                delay_s = RETRY_S[min(attempt, len(RETRY_S) - 1)]
                logger.warning("A snapshot was not written; next try in %s s.", delay_s)
                attempt += 1
                await asyncio.sleep(delay_s)

    def _put_back(self, snapshot: Snapshot) -> None:
        if self._waiting is None:
            self._waiting = snapshot
        else:
            self._waiting = replace(self._waiting, steps=snapshot.steps + self._waiting.steps)

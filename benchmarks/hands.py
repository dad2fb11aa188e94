"""A circle (circle.py) whose members raise their hands, and who note when each of them had it on their screen.

It also obeys ["raise", 300]: so many hands, one after the other, each with its seat, when it went up in seconds since
1970, and how long it took to each screen; ["flood"]: one member sends as much as it may, and another more than that,
again and again, until ["calm"]; ["race", 1000]: so many times two or three hands at once, and the orders that each
screen had, by the room's number. Half of the members have clocks that go ten minutes ahead. Their voices are real;
pictures they have none.
"""

import asyncio
import json
import logging
import os
import random
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from itertools import cycle, islice
from typing import Any

from balint.company import Companion
from benchmarks.circle import Circle, main
from sessions import protocol
from sessions.sfu.reporter import Reporter
from sessions.wire import RATE_BURST, RATE_PER_SECOND

AHEAD_S = 600.0
GATHER_S, PATIENCE_S = 60.0, 5.0
UP_S = 0.3  # longer than any screen may take: one that is slower misses the hand
PAUSE_S = (0.02, 0.1)
TOO_MANY = 2 * RATE_BURST
RACES_PER_S = 30  # well below what each may send


class Screen(Companion):
    """One member, and what it was shown."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.on_room = self._show
        self.on_shown: Callable[[], None] = lambda: None
        self.up: dict[str, float] = {}  # hands that are up, and since when here
        self.orders: dict[int, list[str]] = {}
        self.is_inside = False
        self.ahead_s = AHEAD_S if self._place.person % 2 else 0.0

    def _show(self, message: dict[str, Any]) -> None:
        now_s = time.time()
        self.is_inside = not message["waits"]
        self.up = {seat: self.up.get(seat, now_s) for seat in message["hands"]}
        self.orders[message["seq"]] = message["hands"]
        self.on_shown()

    async def _connect(self, member: Reporter, answer: str) -> None:
        await super()._connect(member, answer)
        if self.player is not None:
            self.player.camera = False

    def play(self, now: float, wall_s: float, speaks: bool) -> None:
        super().play(now, wall_s + self.ahead_s, speaks)

    def raise_hand(self) -> None:
        self.do(protocol.RaiseHand)

    def lower_hand(self) -> None:
        self.do(protocol.LowerHand, self.seat)


class Crowd(Circle):
    member = Screen

    def __init__(self, companions: Sequence[Screen]) -> None:
        super().__init__(companions)
        self.screens = self.calm = companions
        self._shown = asyncio.Event()
        self._flood: list[asyncio.Task[None]] = []
        self._answering: asyncio.Task[None] | None = None
        for screen in companions:
            screen.on_shown = self._shown.set

    def obey(self, question: list[Any]) -> None:
        match question:
            case ["raise", count]:
                self._answer(self._raise(count))
            case ["race", count]:
                self._answer(self._race(count))
            case ["flood"]:
                self._answer(self._begin_flood())
            case ["calm"]:
                self._answer(self._end_flood())
            case _:
                super().obey(question)

    def _answer(self, work: Coroutine[Any, Any, Any]) -> None:
        async def answer() -> None:
            try:
                print(json.dumps(await work), flush=True)
            except TimeoutError:
                print("A hand did not reach every screen.", file=sys.stderr)
                os._exit(1)

        self._answering = asyncio.create_task(answer())

    async def _raise(self, count: int) -> list[dict[str, Any]]:
        found = []
        await self._until(lambda: all(each.is_inside for each in self.screens), GATHER_S)
        for screen in islice(cycle(self.calm), count):
            began_s = time.time()
            screen.raise_hand()
            await self._until(lambda seat=screen.seat: all(seat in each.up for each in self.calm))
            took_s = [each.up[screen.seat] - began_s for each in self.calm]
            found.append({"seat": screen.seat, "began_s": began_s, "took_s": took_s})
            await asyncio.sleep(UP_S)
            screen.lower_hand()
            await self._until(lambda seat=screen.seat: not any(seat in each.up for each in self.calm))
            await asyncio.sleep(random.uniform(*PAUSE_S))
        return found

    async def _race(self, count: int) -> list[dict[int, list[str]]]:
        for screen in self.screens:
            screen.orders = {}
        for _ in range(count):
            began = time.monotonic()
            together = random.sample(self.screens, random.choice((2, 2, 3)))
            seats = {screen.seat for screen in together}
            for screen in together:
                screen.raise_hand()
            await self._until(lambda seats=seats: all(each.up.keys() >= seats for each in self.screens))
            for screen in together:
                screen.lower_hand()
            await self._until(lambda: not any(each.up for each in self.screens))
            await asyncio.sleep(max(0.0, began + 1 / RACES_PER_S - time.monotonic()))
        return [screen.orders for screen in self.screens]

    async def _begin_flood(self) -> None:
        """One member sends as much as it may, another more than that."""
        *self.calm, steady, wild = self.screens
        self._flood = [asyncio.create_task(each) for each in (self._send_most(steady), self._send_too_much(wild))]

    async def _end_flood(self) -> None:
        for task in self._flood:
            task.cancel()
        leader, wild = self.screens[0], self.screens[-1]
        await self._until(lambda: wild.room is not None)
        for seat in leader.up:
            leader.do(protocol.LowerHand, seat)
        await self._until(lambda: not any(each.up for each in self.screens))
        self.calm = self.screens

    async def _send_most(self, screen: Screen) -> None:
        for act in cycle((screen.raise_hand, screen.lower_hand)):
            act()
            await asyncio.sleep(1 / RATE_PER_SECOND)

    async def _send_too_much(self, screen: Screen) -> None:
        while True:
            if screen.room is not None:
                for act in islice(cycle((screen.raise_hand, screen.lower_hand)), TOO_MANY):
                    act()
            await asyncio.sleep(PAUSE_S[1])

    async def _until(self, holds: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        async with asyncio.timeout(patience_s):
            while not holds():
                self._shown.clear()
                await self._shown.wait()


if __name__ == "__main__":
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of each message to a line that was cut
    main(Crowd)

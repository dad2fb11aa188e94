"""How long each was in the room, as its snapshots keep it: while nothing happens, and when the node dies."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio

from sessions.live import SAVE_S, LiveRoom
from sessions.protocol import CLOSE, Move
from sessions.sfu import MediaNode
from sessions.state import Phase
from sessions.store import Snapshot
from tests.sessions.circle import COLE, LEA, LOOK, Line, until


class Evening:
    """A live room on a clock that the test turns, and the snapshots it wrote."""

    def __init__(self, node: MediaNode) -> None:
        self.node = node
        self.seconds = 0.0
        self.written: list[Snapshot] = []
        self.live = self.open(None)

    def open(self, kept: Snapshot | None) -> LiveRoom:
        self.node.close_room("evening")
        room, clock = partial(self.node.open, "evening"), lambda: self.seconds
        return LiveRoom(room, self._write, LOOK, kept, clock=clock, wall_ms=lambda: int(self.seconds * 1000))

    async def _write(self, snapshot: Snapshot) -> None:
        self.written.append(snapshot)

    async def kept(self) -> Snapshot:
        """The snapshot of this moment."""
        await until(lambda: self.written and self.written[-1].at_ms == self.seconds * 1000)
        return self.written[-1]

    async def attendance(self) -> dict[str, tuple[int, int]]:
        """Minutes and drops of each, as they are kept now."""
        kept = await self.kept()
        return {seat: (each.seconds(kept.at_ms) // 60, each.drops) for seat, each in kept.presences.items()}

    def speak(self, seats: set[str], seconds: float) -> None:
        """As the media server tells it."""
        self.live._on_speaking(seats)
        self.pass_minutes(seconds / 60)

    def pass_minutes(self, minutes: float) -> None:
        self.seconds += minutes * 60
        self.live.tick()


@pytest_asyncio.fixture
async def evening(node: MediaNode) -> AsyncIterator[Evening]:
    evening = Evening(node)
    yield evening
    evening.live.close(CLOSE["restarting"])
    await evening.live.finish(1.0)


async def test_minutes_are_kept_while_nothing_happens(evening: Evening) -> None:
    """A crash then costs the time of one snapshot and no more."""
    evening.live.attach(LEA, None, Line())
    await evening.kept()

    evening.pass_minutes(SAVE_S / 60)
    evening.pass_minutes(20)

    assert await evening.attendance() == {LEA: (20, 0)}


async def test_how_long_each_spoke_is_kept_by_step_and_goes_on_after_a_crash(evening: Evening) -> None:
    evening.live.attach(LEA, None, Line())
    for at, phase in enumerate((Phase.GATHERING, Phase.CALL)):
        evening.speak({LEA}, 30)
        evening.live.receive(evening.live.places.inside[LEA], Move(f"id-{at}", phase))
    kept, before = await evening.kept(), evening.live

    evening.live = evening.open(kept)
    evening.live.attach(LEA, None, Line())
    evening.speak({LEA}, 10)
    evening.speak(set(), 60)

    assert kept.spoken == {(LEA, Phase.LOBBY): 30_000, (LEA, Phase.GATHERING): 30_000}
    assert (await evening.kept()).spoken == kept.spoken | {(LEA, Phase.CALL): 10_000}
    await before.finish(1.0)


@pytest.mark.parametrize(("away", "expected"), [(1, (31, 1)), (5, (30, 0))])
async def test_a_node_that_died_is_a_drop_of_the_line(evening: Evening, away: float, expected: tuple[int, int]) -> None:
    for seat in (LEA, COLE):
        evening.live.attach(seat, None, Line())
    evening.pass_minutes(20)
    kept, before = await evening.kept(), evening.live

    evening.seconds += away * 60
    evening.live = evening.open(kept)
    evening.live.attach(LEA, None, Line())
    evening.pass_minutes(10)

    assert await evening.attendance() == {LEA: expected, COLE: (20, 0)}
    await before.finish(1.0)

"""PURE: which pictures a receiver's line carries, and in which layer.

The ladder has a rung for each picture, most important member first, and above them one for the high layer of each of
the first few large tiles. A line that is too slow loses rungs from the top of that list's end at once; it wins them
back one at a time, when it has had room for them, and some to spare, for a while; that is short when all would fit.
"""

from collections.abc import Sequence
from typing import NamedTuple

HIGH_FROM_PX = 240  # a smaller tile shows no more of the high layer
MAX_HIGH = 2
MARGIN = 0.08  # of the line must be left when a rung is added
UP_AFTER_S = 3.0
ALL_UP_AFTER_S = 1.0  # where all would fit there is no edge to waver at
STEP_S = 0.5


class Layer(NamedTuple):
    rid: str
    bps: int


class Tile(NamedTuple):
    """A picture that a receiver wants: its live layers from low to high (at least one), its height on the screen."""

    member: str
    height_px: int
    layers: tuple[Layer, ...]


class Rung(NamedTuple):
    """One step more: `bps` is what it adds."""

    member: str
    rid: str
    bps: int
    high: bool

    @property
    def key(self) -> tuple[str, bool]:
        return self.member, self.high


def rungs(tiles: Sequence[Tile]) -> list[Rung]:
    """From the most important to the first to go. `tiles` come most important first."""
    low = [Rung(tile.member, tile.layers[0].rid, tile.layers[0].bps, False) for tile in tiles]
    large = [tile for tile in tiles if tile.height_px >= HIGH_FROM_PX and len(tile.layers) > 1]
    return low + [_high(tile) for tile in large[:MAX_HIGH]]


def _high(tile: Tile) -> Rung:
    low, high = tile.layers[0], tile.layers[-1]
    return Rung(tile.member, high.rid, max(0, high.bps - low.bps), True)


class Ladder:
    """One receiver's; it remembers what the receiver has. Times are seconds of any clock that goes on."""

    def __init__(self) -> None:
        self.tight = False  # whether the line is too slow for all
        self.wanted_bps = 0.0  # what it would have to carry for all
        self._held: set[tuple[str, bool]] = set()
        self._recovers = False  # since it lost a rung, until it has all
        self._up_at = 0.0  # not before this does a line that recovers get a rung more

    def choose(self, tiles: Sequence[Tile], budget_bps: float | None, now: float) -> dict[str, str]:
        """Member -> RID of the layer to send; who is missing is paused. None is a line without limit."""
        steps = rungs(tiles)
        held = steps if budget_bps is None else self._fitted(steps, budget_bps, now)
        self.tight = len(held) < len(steps)
        self.wanted_bps = sum(step.bps for step in steps) / (1 - MARGIN)
        self._held = {step.key for step in held}
        return {step.member: step.rid for step in held}

    def _fitted(self, steps: list[Rung], budget_bps: float, now: float) -> list[Rung]:
        had = [step for step in steps if step.key in self._held]
        held = _within(had, budget_bps)
        if len(held) < len(had):
            self._recovers, self._up_at = True, now + UP_AFTER_S
        room_bps = budget_bps * (1 - MARGIN)
        if sum(step.bps for step in steps) <= room_bps:
            self._up_at = min(self._up_at, now + ALL_UP_AFTER_S)
        while (more := _raised(steps, held, room_bps)) is not None and (not self._recovers or now >= self._up_at):
            held = more
            if self._recovers:
                self._up_at = now + STEP_S
        if len(held) == len(steps):
            self._recovers = False
        elif more is None and self._recovers:
            self._up_at = now + UP_AFTER_S
        return held


def _within(held: list[Rung], limit_bps: float) -> list[Rung]:
    """Without as many of the last ones as are too much."""
    total, kept = sum(step.bps for step in held), len(held)
    while kept and total > limit_bps:
        kept -= 1
        total -= held[kept].bps
    return held[:kept]


def _raised(steps: list[Rung], held: list[Rung], limit_bps: float) -> list[Rung] | None:
    """With the first missing rung that there is room for, if need be instead of later ones; None if there is none."""
    limit_bps = max(limit_bps, sum(step.bps for step in held))
    keys = {step.key for step in held}
    before: list[Rung] = []
    spent = 0
    for at, step in enumerate(steps):
        if step.key in keys:
            before.append(step)
            spent += step.bps
        elif spent + step.bps <= limit_bps and (not step.high or (step.member, False) in keys):
            later = [each for each in steps[at + 1 :] if each.key in keys]
            return [*before, step, *_within(later, limit_bps - spent - step.bps)]
    return None

"""From the cells of a scale's items to one score a row."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.stats.arrays import Bools, Floats, Ints
from analysis.stats.numbers import column


@dataclass(frozen=True)
class Items:
    """`values` (n, k), NaN where missing; counts over all cells."""

    values: Floats
    bad: int
    out_of_range: int


@dataclass(frozen=True)
class Scores:
    """`keyed` (n, k) after reversal; `score` (n,), NaN where too few items are present; `present` (n,)."""

    keyed: Floats
    score: Floats
    present: Ints

    @property
    def scored(self) -> Bools:
        scored: Bools = ~np.isnan(self.score)
        return scored

    @property
    def prorated(self) -> Bools:
        """Rows that are scored although an item is missing."""
        prorated: Bools = self.scored & (self.present < self.keyed.shape[1])
        return prorated


def read_items(columns: Sequence[Sequence[str]], low: float, high: float) -> Items:
    """Read k columns of cells; a number outside [low, high] is missing, a fraction inside is accepted."""
    read = [column(texts) for texts in columns]
    values = np.column_stack([each.values for each in read])
    outside = (values < low) | (values > high)
    return Items(np.where(outside, np.nan, values), sum(each.bad for each in read), int(outside.sum()))


def score(
    values: Floats, reverse: Bools, low: Floats | float, high: Floats | float, min_valid: int, total: bool = False
) -> Scores:
    """Score (n, k) answers: reverse is low + high - x; the mean of the present items if at least `min_valid` are.

    `reverse` (k,), `low` and `high` one number or (k,). With `total` the mean is multiplied by k, so that
    a row with missing items is prorated. A blank is never zero.
    """
    keyed = np.where(reverse, low + high - values, values)
    present = (~np.isnan(keyed)).sum(axis=1)
    enough = present >= max(min_valid, 1)
    mean = np.nansum(keyed, axis=1) / np.maximum(present, 1)
    return Scores(keyed, np.where(enough, mean * (keyed.shape[1] if total else 1), np.nan), present)

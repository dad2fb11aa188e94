"""Checks of the model's assumptions: equal variances over cells, the shape of the residuals."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.stats.arrays import Floats, Ints

NO_SPREAD = "within-cell spread of the absolute deviations is zero (every cell has <= 2 rows, or ties)"
Centre = Callable[[Floats], np.floating]


@dataclass(frozen=True)
class Levene:
    """An F test, or `status` undefined with a reason."""

    F: float | None = None
    df1: int | None = None
    df2: int | None = None
    p: float | None = None
    status: str | None = None
    reason: str | None = None


def levene(y: Floats, group: Ints, centre: Centre) -> Levene:
    """One-way ANOVA of |y - centre of its group| (Levene 1960; Brown & Forsythe 1974, JASA 69:364-367).

    `y` (n,), `group` (n,) in 0..k-1, none empty. SPSS takes the mean, also with a covariate, then of the residuals.
    """
    deviation = np.abs(y - np.array([float(centre(y[group == g])) for g in range(group.max() + 1)])[group])
    n_in = np.bincount(group)
    mean = np.bincount(group, deviation) / n_in
    within = float(((deviation - mean[group]) ** 2).sum())
    all_in_all = float(((deviation - deviation.mean()) ** 2).sum())
    spread = float(((y - y.mean()) ** 2).sum())
    df1, df2 = len(n_in) - 1, len(y) - len(n_in)
    if within <= 1e-18 * all_in_all or within <= 1e-24 * spread:
        return Levene(status="undefined", reason=NO_SPREAD)
    between = float((n_in * (mean - deviation.mean()) ** 2).sum())
    f = (between / df1) / (within / df2)
    return Levene(f, df1, df2, float(special.fdtrc(df1, df2, f)))

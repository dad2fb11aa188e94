"""The noncentral F distribution and the confidence limits of its noncentrality."""

import math
from collections.abc import Callable

import numpy as np
from scipy import optimize, special

TIGHT = 4 * np.finfo(np.float64).eps


def tails(f: float, df1: float, df2: float, ncp: float) -> tuple[float, float]:
    """P(F <= f) and P(F > f) for the noncentral F: a Poisson mixture of beta probabilities.

    Both tails are summed on their own, so that neither loses its digits to the other. Johnson, Kotz &
    Balakrishnan 1995, Continuous Univariate Distributions 2, ch. 30.
    """
    half = ncp / 2
    width = math.ceil(60 + 12 * math.sqrt(half))
    j = np.arange(max(0, math.floor(half) - width), math.floor(half) + width + 1, dtype=np.float64)
    weight = np.exp(special.xlogy(j, half) - half - special.gammaln(j + 1))
    x = df1 * f / (df1 * f + df2)
    y = df2 / (df1 * f + df2)
    below = special.betainc(df1 / 2 + j, df2 / 2, x)
    above = special.betainc(df2 / 2, df1 / 2 + j, y)
    return float((weight * below).sum()), float((weight * above).sum())


def ncp_interval(f: float, df1: float, df2: float, confidence: float) -> tuple[float, float]:
    """The limits of the noncentrality for an observed F (Steiger 2004, Psychol Methods 9:164-182).

    Lower: the ncp under which P(F > f) is half of 1 - confidence; upper: the same for P(F <= f). Zero
    where even ncp = 0 does not reach it.
    """
    tail = (1 - confidence) / 2
    lower = _rising_root(lambda ncp: tails(f, df1, df2, ncp)[1] - tail, f * df1)
    upper = _rising_root(lambda ncp: tail - tails(f, df1, df2, ncp)[0], f * df1)
    return lower, upper


def _rising_root(gap: Callable[[float], float], guess: float) -> float:
    """Where the rising function `gap` crosses zero, 0.0 if it is not below zero there."""
    if gap(0.0) >= 0:
        return 0.0
    high = max(1.0, guess)
    while gap(high) < 0:
        high *= 2
    return float(optimize.brentq(gap, 0.0, high, xtol=1e-15, rtol=TIGHT, maxiter=500))

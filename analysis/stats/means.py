"""Adjusted means of the 2 x 2 design and the differences between them.

Coefficients are in the order intercept (at the covariate's mean), covariate, arm, level, arm x level, factors
coded +1 for the first and -1 for the second declared level.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.stats.arrays import Floats
from analysis.stats.linear import Estimate, Fit, estimate, interval

Levels = tuple[str, ...]
SIGNS = (1.0, -1.0)


@dataclass(frozen=True)
class AdjustedMean:
    """Of a cell, or of a margin (then the other factor is absent)."""

    emmean: float
    se: float
    df: int
    ci95: tuple[float, float]
    arm: str | None = None
    level: str | None = None


@dataclass(frozen=True)
class AdjustedMeans:
    """Cells with the arm varying fastest, and both margins."""

    cells: tuple[AdjustedMean, ...]
    arm: tuple[AdjustedMean, ...]
    level: tuple[AdjustedMean, ...]


@dataclass(frozen=True)
class WithinLevel(Estimate):
    """The arms' difference in one level, also with Bonferroni's correction for the two levels."""

    p_bonferroni2: float
    ci95_bonferroni2: tuple[float, float]


@dataclass(frozen=True)
class Contrasts:
    """Differences of adjusted means; d and Hedges' g divide the arms' difference by the residual sd."""

    arm_2nd_minus_1st: Estimate
    level_2nd_minus_1st: Estimate
    arm_within_level: dict[str, WithinLevel]
    interaction_difference_of_differences: Estimate
    adjusted_d_residual_sd: float
    hedges_g_residual_sd: float


def adjusted_means(model: Fit, arms: Levels, levels: Levels, shift: float) -> AdjustedMeans:
    """All adjusted means; `shift` was taken from the outcome before fitting and is given back."""

    def mean(weights: Floats, arm: str | None = None, level: str | None = None) -> AdjustedMean:
        return adjusted_mean(model, weights, shift, arm, level)

    by_arm, by_level = list(zip(arms, SIGNS, strict=True)), list(zip(levels, SIGNS, strict=True))
    return AdjustedMeans(
        cells=tuple(mean(_at(a, b), arm, level) for (level, b), (arm, a) in itertools.product(by_level, by_arm)),
        arm=tuple(mean(_at(a, 0), arm=arm) for arm, a in by_arm),
        level=tuple(mean(_at(0, b), level=level) for level, b in by_level),
    )


def adjusted_mean(
    model: Fit, weights: Floats, shift: float = 0.0, arm: str | None = None, level: str | None = None
) -> AdjustedMean:
    at = estimate(model, weights)
    return AdjustedMean(at.estimate + shift, at.se, at.df, (at.ci95[0] + shift, at.ci95[1] + shift), arm, level)


def contrasts(model: Fit, levels: Levels) -> Contrasts:
    """Second declared level minus first, and the difference of the two arm differences."""
    arm = estimate(model, _at(-1, 0) - _at(1, 0))
    d = arm.estimate / math.sqrt(model.ms)
    return Contrasts(
        arm_2nd_minus_1st=arm,
        level_2nd_minus_1st=estimate(model, _at(0, -1) - _at(0, 1)),
        arm_within_level={level: _within(model, sign) for level, sign in zip(levels, SIGNS, strict=True)},
        interaction_difference_of_differences=estimate(model, _at(1, 1) - _at(-1, 1) - _at(1, -1) + _at(-1, -1)),
        adjusted_d_residual_sd=d,
        hedges_g_residual_sd=d * small_sample_factor(model.df),
    )


def small_sample_factor(df: int) -> float:
    """What makes d unbiased (Hedges 1981, J Educ Stat 6:107-128, eq. 6e). Undefined (NaN) for one degree of freedom."""
    if df < 2:
        return math.nan
    return math.exp(special.gammaln(df / 2) - 0.5 * math.log(df / 2) - special.gammaln((df - 1) / 2))


def _at(arm: float, level: float) -> Floats:
    """Weights of the adjusted mean at the signs of arm and level, 0 being the mean over both."""
    return np.array([1.0, 0.0, arm, level, arm * level])


def _within(model: Fit, level: float) -> WithinLevel:
    plain = estimate(model, _at(-1, level) - _at(1, level))
    return WithinLevel(
        plain.estimate,
        plain.se,
        plain.df,
        plain.t,
        plain.p,
        plain.ci95,
        p_bonferroni2=min(1.0, 2 * plain.p),
        ci95_bonferroni2=interval(plain.estimate, plain.se, plain.df, 0.975),
    )

"""Rows of a Type III table with their effect sizes."""

import math
from dataclasses import dataclass

from scipy import special

from analysis.stats.arrays import Floats
from analysis.stats.linear import Fit, sum_of_squares
from analysis.stats.noncentral import ncp_interval


@dataclass(frozen=True)
class EffectInterval:
    """Limits of the noncentrality, turned into partial eta squared in the two usual ways.

    ncp / (ncp + df2) is the R package effectsize's, ncp / (ncp + df1 + df2 + 1) Steiger's (2004).
    """

    conf: float
    ncp: tuple[float, float]
    eta2p_ncp_over_ncp_plus_df2: tuple[float, float]
    eta2p_steiger_ncp_over_ncp_plus_N: tuple[float, float]


@dataclass(frozen=True)
class Term:
    """One row of the table; the residual row has neither test nor effect size."""

    ss: float
    df: int
    ms: float
    F: float | None = None
    p: float | None = None
    partial_eta2: float | None = None
    partial_omega2: float | None = None
    partial_epsilon2: float | None = None
    cohen_f: float | None = None
    ci90: EffectInterval | None = None
    ci95: EffectInterval | None = None


def table(model: Fit, weights: dict[str, Floats]) -> dict[str, Term]:
    """The table of the named hypotheses `weights` (each (p,), 1 df), with the row Residuals."""
    terms = {name: term(model, weight) for name, weight in weights.items()}
    return terms | {"Residuals": Term(model.sse, model.df, model.ms)}


def term(model: Fit, weight: Floats) -> Term:
    ss = sum_of_squares(model, weight)
    f, n = ss / model.ms, len(model.y)
    return Term(
        ss=ss,
        df=1,
        ms=ss,
        F=f,
        p=float(special.fdtrc(1, model.df, f)),
        partial_eta2=ss / (ss + model.sse),
        partial_omega2=(f - 1) / (f - 1 + n),
        partial_epsilon2=(f - 1) / (f + model.df),
        cohen_f=math.sqrt(ss / model.sse),
        ci90=effect_interval(f, 1, model.df, 0.90),
        ci95=effect_interval(f, 1, model.df, 0.95),
    )


def effect_interval(f: float, df1: int, df2: int, confidence: float) -> EffectInterval:
    """The interval of partial eta squared for an observed F, by the noncentral F distribution."""
    low, high = ncp_interval(f, df1, df2, confidence)
    n = df1 + df2 + 1
    return EffectInterval(
        confidence, (low, high), (low / (low + df2), high / (high + df2)), (low / (low + n), high / (high + n))
    )

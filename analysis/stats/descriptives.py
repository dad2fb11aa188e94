"""Descriptive statistics of one variable, as R and SPSS print them."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.stats.arrays import Floats, is_constant

UNDEFINED = (math.nan, math.nan)


@dataclass(frozen=True)
class Descriptives:
    """`n` alone when nothing is present. Quartiles: type 7 is R's and numpy's, type 6 is SPSS's.

    Skewness and kurtosis are the bias-corrected G1 and G2 of SPSS (Joanes & Gill 1998, The Statistician
    47:183-184); they need three and four values and some spread.
    """

    n: int
    mean: float | None = None
    sd: float | None = None
    sem: float | None = None
    ci95: tuple[float, float] | None = None
    min: float | None = None
    max: float | None = None
    median: float | None = None
    q1_type7: float | None = None
    q3_type7: float | None = None
    iqr_type7: float | None = None
    q1_type6_spss: float | None = None
    q3_type6_spss: float | None = None
    skewness_G1: float | None = None
    kurtosis_G2: float | None = None


def describe(values: Floats) -> Descriptives:
    """Describe the present values of `values` (n,); the 95 % interval of the mean is Student's."""
    x = values[~np.isnan(values)]
    n = len(x)
    if n == 0:
        return Descriptives(0)
    mean = float(x[0]) if is_constant(x) else float(x.mean())
    sd = float(np.sqrt(((x - mean) ** 2).sum() / (n - 1))) if n > 1 else math.nan
    sem = sd / math.sqrt(n)
    reach = float(special.stdtrit(n - 1, 0.975)) * sem if n > 1 else math.nan
    q1, median, q3 = (float(q) for q in np.quantile(x, [0.25, 0.5, 0.75]))
    q1_spss, q3_spss = (float(q) for q in np.quantile(x, [0.25, 0.75], method="weibull"))
    g1, g2 = shape(x)
    return Descriptives(
        n=n,
        mean=mean,
        sd=sd,
        sem=sem,
        ci95=(mean - reach, mean + reach),
        min=float(x.min()),
        max=float(x.max()),
        median=median,
        q1_type7=q1,
        q3_type7=q3,
        iqr_type7=q3 - q1,
        q1_type6_spss=q1_spss,
        q3_type6_spss=q3_spss,
        skewness_G1=g1,
        kurtosis_G2=g2,
    )


def shape(x: Floats) -> tuple[float, float]:
    """Skewness G1 and excess kurtosis G2 of `x` (n,) without missing values; NaN where undefined."""
    n = len(x)
    if n < 3 or is_constant(x):
        return UNDEFINED
    z = x - x.mean()
    m2 = (z**2).mean()
    g1 = math.sqrt(n * (n - 1)) / (n - 2) * float((z**3).mean() / m2**1.5)
    if n < 4:
        return g1, math.nan
    excess = float((z**4).mean() / m2**2) - 3
    return g1, (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6)

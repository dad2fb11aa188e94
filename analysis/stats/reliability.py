"""Cronbach's alpha of a scale, with its interval and item statistics."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from analysis.stats.arrays import Bools, Floats, is_constant


@dataclass(frozen=True)
class Item:
    """One item beside its scale, over the complete rows. NaN for a constant item's correlations."""

    mean: float
    sd: float
    item_rest_r: float
    item_total_r: float
    alpha_if_deleted: float


@dataclass(frozen=True)
class Listwise:
    """Over the complete rows, as SPSS does. Standardised values are undefined while an item is constant."""

    alpha_raw: float
    ci95_feldt: tuple[float, float]
    ci90_feldt: tuple[float, float]
    alpha_std: float
    mean_interitem_r: float
    alpha_std_without_zero_variance_items: float | None
    alpha_raw_without_zero_variance_items: float | None
    sem_measurement_sum: float
    items: dict[str, Item]


@dataclass(frozen=True)
class Pairwise:
    """From covariances over the rows that have both items, as psych does by default."""

    alpha_raw: float


@dataclass(frozen=True)
class Reliability:
    """`status` is ok or undefined (then `reason` says why and `listwise` is absent)."""

    status: str
    n_items: int
    reason: str | None = None
    n_listwise: int | None = None
    n_any: int | None = None
    zero_variance_items: tuple[str, ...] | None = None
    listwise: Listwise | None = None
    pairwise: Pairwise | None = None


def reliability(values: Floats, names: tuple[str, ...]) -> Reliability:
    """Cronbach's alpha of keyed answers (n, k), NaN where missing; `names` (k,) of the items."""
    k = values.shape[1]
    if k < 2:
        return Reliability("undefined", k, "fewer than 2 items")
    missing = np.isnan(values)
    complete = values[~missing.any(axis=1)]
    n = len(complete)
    constant = np.array([n > 1 and is_constant(item) for item in complete.T])
    counts: dict[str, Any] = {
        "n_items": k,
        "n_listwise": n,
        "n_any": int((~missing.all(axis=1)).sum()),
        "zero_variance_items": tuple(name for name, flat in zip(names, constant, strict=True) if flat),
    }
    if n < 2:
        return Reliability("undefined", reason="fewer than 2 complete rows", **counts)
    if _total_is_constant(complete):
        return Reliability("undefined", reason="total score has zero variance", **counts)
    pairwise = _pairwise(values) if missing.any() else None
    return Reliability("ok", listwise=_listwise(complete, names, constant), pairwise=pairwise, **counts)


def alpha(covariance: Floats) -> float:
    """Raw alpha from the items' covariance matrix (k, k) (Cronbach 1951, Psychometrika 16:299, eq. 2)."""
    k = len(covariance)
    total = float(covariance.sum())
    if k < 2 or not total > 0:
        return math.nan
    return k / (k - 1) * (1 - float(np.trace(covariance)) / total)


def feldt(alpha: float, n: int, k: int, confidence: float) -> tuple[float, float]:
    """The interval of alpha by the F distribution (Feldt, Woodruff & Salih 1987, Appl Psychol Meas 11:95, 6-7)."""
    tail = (1 - confidence) / 2
    df1, df2 = n - 1, (n - 1) * (k - 1)
    high, low = special.fdtri(df1, df2, 1 - tail), special.fdtri(df1, df2, tail)
    return 1 - (1 - alpha) * float(high), 1 - (1 - alpha) * float(low)


def _total_is_constant(complete: Floats) -> bool:
    totals = complete.sum(axis=1)
    return bool(np.ptp(totals) <= 1e-13 * np.abs(complete).sum(axis=1).max())


def _listwise(complete: Floats, names: tuple[str, ...], constant: Bools) -> Listwise:
    n, k = complete.shape
    covariance = _covariance(complete)
    raw = alpha(covariance)
    standard, r = _standardised(covariance) if not constant.any() else (math.nan, math.nan)
    rest = covariance[np.ix_(~constant, ~constant)]
    reduced = constant.any() and len(rest) > 1
    return Listwise(
        alpha_raw=raw,
        ci95_feldt=feldt(raw, n, k, 0.95),
        ci90_feldt=feldt(raw, n, k, 0.90),
        alpha_std=standard,
        mean_interitem_r=r,
        alpha_std_without_zero_variance_items=_standardised(rest)[0] if reduced else None,
        alpha_raw_without_zero_variance_items=alpha(rest) if reduced else None,
        sem_measurement_sum=math.sqrt(float(covariance.sum()) * max(0.0, 1 - raw)),
        items={name: _item(complete, covariance, j) for j, name in enumerate(names)},
    )


def _covariance(complete: Floats) -> Floats:
    centred = complete - complete.mean(axis=0)
    product: Floats = centred.T @ centred / (len(complete) - 1)
    return product


def _standardised(covariance: Floats) -> tuple[float, float]:
    """Alpha of the standardised items, and the mean correlation between two items."""
    k = len(covariance)
    sd = np.sqrt(np.diag(covariance))
    r = float(((covariance / np.outer(sd, sd)).sum() - k) / (k * (k - 1)))
    return k * r / (1 + (k - 1) * r), r


def _item(complete: Floats, covariance: Floats, j: int) -> Item:
    item, total = complete[:, j], complete.sum(axis=1)
    others = np.arange(complete.shape[1]) != j
    deleted = covariance[np.ix_(others, others)]
    return Item(
        mean=float(item.mean()),
        sd=0.0 if is_constant(item) else float(item.std(ddof=1)),
        item_rest_r=correlation(item, total - item),
        item_total_r=correlation(item, total),
        alpha_if_deleted=alpha(deleted),
    )


def correlation(x: Floats, y: Floats) -> float:
    """Pearson's r of two (n,) variables; NaN when one is constant."""
    if is_constant(x) or is_constant(y):
        return math.nan
    dx, dy = x - x.mean(), y - y.mean()
    return float(dx @ dy / math.sqrt(float(dx @ dx) * float(dy @ dy)))


def _pairwise(values: Floats) -> Pairwise | None:
    """None when some pair of items was never answered by two rows together."""
    present = ~np.isnan(values)
    with_both = present.T.astype(np.float64) @ present
    if with_both.min() < 2:
        return None
    centred = np.where(present, values - np.nanmean(values, axis=0), 0.0)
    sums = centred.T @ present
    covariance = (centred.T @ centred - sums * sums.T / with_both) / (with_both - 1)
    raw = alpha(covariance)
    return None if math.isnan(raw) else Pairwise(raw)

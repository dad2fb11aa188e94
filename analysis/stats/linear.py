"""Least squares by QR, and estimates that are linear in its coefficients."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.stats.arrays import Floats

DEPENDENT = 1e-7  # a column is dependent when less than this share of it is left (R's lm, tol)


@dataclass(frozen=True)
class Fit:
    """`coef` (p,), `unscaled` (p, p) = (X'X)^-1, `residuals` (n,), `sse`, `df` = n - p, `y` (n,)."""

    coef: Floats
    unscaled: Floats
    residuals: Floats
    sse: float
    df: int
    y: Floats

    @property
    def ms(self) -> float:
        """Residual variance."""
        return self.sse / self.df

    @property
    def sst(self) -> float:
        """Sum of squares about the mean."""
        return float(((self.y - self.y.mean()) ** 2).sum())


@dataclass(frozen=True)
class Estimate:
    """A linear function of the coefficients: `t` and the two-sided `p` test it against zero."""

    estimate: float
    se: float
    df: int
    t: float
    p: float
    ci95: tuple[float, float]


def rank(design: Floats) -> int:
    """The number of columns of (n, p) that do not depend on the ones before them."""
    basis = np.empty((len(design), 0))
    for column in design.T:
        left = column - basis @ (basis.T @ column)
        left -= basis @ (basis.T @ left)
        if np.linalg.norm(left) > DEPENDENT * np.linalg.norm(column):
            basis = np.column_stack([basis, left / np.linalg.norm(left)])
    return basis.shape[1]


def fit(design: Floats, y: Floats) -> Fit:
    """Fit `y` (n,) on a design (n, p) of full rank with n > p."""
    q, r = np.linalg.qr(design)
    inverse = np.linalg.solve(r, np.eye(len(r)))
    coef = inverse @ (q.T @ y)
    residuals = y - design @ coef
    return Fit(coef, inverse @ inverse.T, residuals, float(residuals @ residuals), len(y) - len(coef), y)


def estimate(model: Fit, weights: Floats) -> Estimate:
    """The estimate of `weights` (p,) times the coefficients, with its 95 % interval."""
    value = float(weights @ model.coef)
    se = math.sqrt(float(weights @ model.unscaled @ weights) * model.ms)
    t = value / se
    low, high = interval(value, se, model.df, 0.95)
    return Estimate(value, se, model.df, t, float(2 * special.stdtr(model.df, -abs(t))), (low, high))


def interval(value: float, se: float, df: int, confidence: float) -> tuple[float, float]:
    """Student's interval of an estimate."""
    reach = float(special.stdtrit(df, (1 + confidence) / 2)) * se
    return value - reach, value + reach


def sum_of_squares(model: Fit, weights: Floats) -> float:
    """The sum of squares of the hypothesis weights @ coef = 0 (1 df), each term adjusted for all others: Type III."""
    value = float(weights @ model.coef)
    return value * value / float(weights @ model.unscaled @ weights)

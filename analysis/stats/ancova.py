"""The 2 x 2 analysis of covariance: post ~ pre + arm x level.

Sum-to-zero coding (the first declared level is +1), Type III sums of squares, the covariate centred
before the QR decomposition. Adjusted means are taken at the covariate's mean over the analysed rows,
cells weighted equally (SPSS EMMEANS, R emmeans).
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from analysis.stats import linear
from analysis.stats.arrays import Floats, Ints, is_constant
from analysis.stats.assumptions import Levene, levene
from analysis.stats.descriptives import shape
from analysis.stats.effects import Term, table
from analysis.stats.linear import Estimate, Fit
from analysis.stats.means import AdjustedMean, AdjustedMeans, Contrasts, adjusted_mean, adjusted_means, contrasts

MISSING = -1  # code of a factor value that is none of the declared levels
FAR = 1e5  # means further than this many sd from zero are taken out of the data before fitting
EXACT = 1e-20  # with a smaller share of the total sum of squares nothing is left to estimate an error from
TERMS = ("(Intercept)", "x", "arm", "level", "arm:level")
COEFFICIENTS = ("(Intercept)", "x", "arm1", "level1", "arm1:level1")
SHIFTED = "post and pre were centred before fitting; the intercept is that of the centred values"


@dataclass(frozen=True)
class Factor:
    """`codes` (n,) into `levels`, MISSING where the value is none of them."""

    levels: tuple[str, ...]
    codes: Ints


@dataclass(frozen=True)
class Cell:
    arm: str
    level: str
    n: int


@dataclass(frozen=True)
class Coefficient:
    """One coefficient; the intercept is the value at a covariate of zero."""

    term: str
    est: float
    se: float
    t: float
    p: float


@dataclass(frozen=True)
class Model:
    """`condition_number_XtX_scaled` is that of the correlations between the four columns beside the intercept."""

    r2: float
    adj_r2: float
    sigma: float
    df_resid: int
    covariate_mean: float
    coef: tuple[Coefficient, ...]
    condition_number_XtX_scaled: float
    logLik: float
    aic_r: float


@dataclass(frozen=True)
class Assumptions:
    levene_residuals_mean_SPSS_UNIANOVA: Levene
    levene_residuals_median: Levene
    levene_post_mean: Levene
    levene_post_median_brown_forsythe: Levene
    residual_skew_G1: float
    residual_kurt_G2: float


@dataclass(frozen=True)
class Additive:
    """The model without interaction, which an empty cell leaves estimable."""

    anova: dict[str, Term]
    emmeans_arm: tuple[AdjustedMean, ...]
    contrast_arm: Estimate
    formula: str = "post ~ pre + arm + level"


@dataclass(frozen=True)
class Ancova:
    """`status` is ok, or error with one of eight codes and no estimate.

    Codes: no_complete_cases, factor_with_one_level, empty_cell, df_resid_not_positive, outcome_zero_variance,
    covariate_zero_variance, rank_deficient, zero_residual_variance.
    """

    n_total: int
    n_used: int
    n_excluded: int
    cells: tuple[Cell, ...]
    status: str = "ok"
    code: str | None = None
    rank: int | None = None
    df_resid: int | None = None
    sse_over_sst_below: float | None = None
    fallback_additive_model: Additive | None = None
    note: str | None = None
    anova_type3: dict[str, Term] | None = None
    model: Model | None = None
    emmeans: AdjustedMeans | None = None
    contrasts: Contrasts | None = None
    assumptions: Assumptions | None = None


@dataclass(frozen=True)
class Rows:
    """The analysed rows: `y`, `x` (n,), factor codes `a`, `b` (n,) in 0..1."""

    y: Floats
    x: Floats
    a: Ints
    b: Ints

    @property
    def cell(self) -> Ints:
        return 2 * self.a + self.b

    @property
    def design(self) -> Floats:
        """(n, 5): intercept, centred covariate, arm, level, arm x level."""
        a, b = 1.0 - 2.0 * self.a, 1.0 - 2.0 * self.b
        return np.column_stack([np.ones(len(a)), self.x - self.x.mean(), a, b, a * b])


def ancova(post: Floats, pre: Floats, arm: Factor, level: Factor) -> Ancova:
    """Analyse the rows on which `post`, `pre` (n,), arm and level are all present. Raises ValueError
    when a factor declares more than two levels."""
    if max(len(arm.levels), len(level.levels)) > 2:
        raise ValueError("arm and level have two levels each")
    used = ~np.isnan(post) & ~np.isnan(pre) & (arm.codes != MISSING) & (level.codes != MISSING)
    rows = Rows(post[used], pre[used], arm.codes[used], level.codes[used])
    cells = _count(rows, arm.levels, level.levels)
    n = int(used.sum())
    counts = Ancova(len(post), n, len(post) - n, cells)
    return _refused(counts, rows, arm.levels) or _analysed(counts, rows, arm.levels, level.levels)


def _count(rows: Rows, arms: tuple[str, ...], levels: tuple[str, ...]) -> tuple[Cell, ...]:
    return tuple(
        Cell(arm, level, int(((rows.a == i) & (rows.b == j)).sum()))
        for i, arm in enumerate(arms)
        for j, level in enumerate(levels)
    )


def _refused(counts: Ancova, rows: Rows, arms: tuple[str, ...]) -> Ancova | None:
    """Why these rows cannot be analysed, known before fitting; None when they can."""
    if counts.n_used == 0:
        return replace(counts, status="error", code="no_complete_cases")
    if np.ptp(rows.a) == 0 or np.ptp(rows.b) == 0:
        return replace(counts, status="error", code="factor_with_one_level")
    rank, df = linear.rank(rows.design), counts.n_used - len(TERMS)
    if any(cell.n == 0 for cell in counts.cells):
        additive = _additive(rows, arms)
        return replace(counts, status="error", code="empty_cell", rank=rank, fallback_additive_model=additive)
    if df <= 0:
        return replace(counts, status="error", code="df_resid_not_positive", df_resid=df)
    if is_constant(rows.y):
        return replace(counts, status="error", code="outcome_zero_variance")
    if is_constant(rows.x):
        return replace(counts, status="error", code="covariate_zero_variance")
    if rank < len(TERMS):
        return replace(counts, status="error", code="rank_deficient", rank=rank)
    return None


def _analysed(counts: Ancova, rows: Rows, arms: tuple[str, ...], levels: tuple[str, ...]) -> Ancova:
    far = _is_far(rows.x) or _is_far(rows.y)
    y_shift, x_shift = (float(rows.y.mean()), float(rows.x.mean())) if far else (0.0, 0.0)
    near = Rows(rows.y - y_shift, rows.x - x_shift, rows.a, rows.b)
    model = linear.fit(near.design, near.y)
    if model.sse <= EXACT * model.sst:
        return replace(counts, status="error", code="zero_residual_variance", sse_over_sst_below=EXACT)
    weights = _weights(float(near.x.mean()))
    return replace(
        counts,
        anova_type3=table(model, {term: weights[term] for term in TERMS[far:]}),
        model=_model(model, near, weights, float(rows.x.mean())),
        emmeans=adjusted_means(model, arms, levels, y_shift),
        contrasts=contrasts(model, levels),
        assumptions=_assumptions(model, near),
        note=SHIFTED if far else None,
    )


def _is_far(values: Floats) -> bool:
    return bool(abs(values.mean()) > FAR * values.std(ddof=1))


def _weights(x_mean: float) -> dict[str, Floats]:
    """Weights of each term's coefficient; the intercept is moved from the covariate's mean to zero."""
    weights = dict(zip(TERMS, np.eye(len(TERMS)), strict=True))
    weights["(Intercept)"] = np.array([1.0, -x_mean, 0.0, 0.0, 0.0])
    return weights


def _model(model: Fit, rows: Rows, weights: dict[str, Floats], covariate_mean: float) -> Model:
    n = len(rows.y)
    estimates = [linear.estimate(model, weights[term]) for term in TERMS]
    r2 = 1 - model.sse / model.sst
    log_likelihood = -n / 2 * (math.log(2 * math.pi) + math.log(model.sse / n) + 1)
    return Model(
        r2=r2,
        adj_r2=1 - (1 - r2) * (n - 1) / model.df,
        sigma=math.sqrt(model.ms),
        df_resid=model.df,
        covariate_mean=covariate_mean,
        coef=tuple(
            Coefficient(name, at.estimate, at.se, at.t, at.p) for name, at in zip(COEFFICIENTS, estimates, strict=True)
        ),
        condition_number_XtX_scaled=float(np.linalg.cond(np.corrcoef(rows.design[:, 1:], rowvar=False))),
        logLik=log_likelihood,
        aic_r=2 * (len(TERMS) + 1) - 2 * log_likelihood,
    )


def _assumptions(model: Fit, rows: Rows) -> Assumptions:
    skew, kurtosis = shape(model.residuals)
    return Assumptions(
        levene_residuals_mean_SPSS_UNIANOVA=levene(model.residuals, rows.cell, np.mean),
        levene_residuals_median=levene(model.residuals, rows.cell, np.median),
        levene_post_mean=levene(rows.y, rows.cell, np.mean),
        levene_post_median_brown_forsythe=levene(rows.y, rows.cell, np.median),
        residual_skew_G1=skew,
        residual_kurt_G2=kurtosis,
    )


def _additive(rows: Rows, arms: tuple[str, ...]) -> Additive | None:
    """None when even this model cannot be estimated from the rows."""
    design = rows.design[:, :4]
    if len(design) <= 4 or is_constant(rows.y) or linear.rank(design) < 4:
        return None
    model = linear.fit(design, rows.y)
    if model.sse <= EXACT * model.sst:
        return None
    eye = np.eye(4)
    first, second = eye[0] + eye[2], eye[0] - eye[2]
    return Additive(
        anova=table(model, {"x": eye[1], "arm": eye[2], "level": eye[3]}),
        emmeans_arm=(adjusted_mean(model, first, arm=arms[0]), adjusted_mean(model, second, arm=arms[1])),
        contrast_arm=linear.estimate(model, second - first),
    )

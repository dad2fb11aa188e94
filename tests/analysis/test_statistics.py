"""Printed examples, a second way to compute, and simulations."""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.stats.ancova import Ancova, Factor, ancova
from analysis.stats.arrays import Floats
from analysis.stats.assumptions import levene
from analysis.stats.change import change_difference
from analysis.stats.descriptives import describe
from analysis.stats.effects import effect_interval
from analysis.stats.linear import fit
from analysis.stats.noncentral import tails
from analysis.stats.reliability import feldt, reliability
from analysis.stats.scale import score

SPSS = json.loads((Path(__file__).parent / "cases" / "spss_levene.json").read_text(encoding="utf-8"))
NAN = float("nan")


def factor(codes: list[int] | Floats) -> Factor:
    return Factor(("first", "second"), np.array(codes, dtype=np.intp))


@pytest.mark.parametrize("outcome", ["t1", "t2"])
def test_levene_prints_what_spss_prints(outcome: str) -> None:
    rows = np.array(SPSS["rows"], dtype=np.float64)
    y, group = rows[:, SPSS["columns"].index(outcome)], rows[:, 3].astype(np.intp) - 1
    model = fit(np.column_stack([np.ones(len(rows)), rows[:, 0], 1 - 2 * group]), y)

    with_covariate = levene(model.residuals, group, np.mean)
    without = levene(y, group, np.mean)

    printed = SPSS["spss_with_covariate"][outcome], SPSS["spss_without_covariate"][outcome]
    for ours, spss in zip((with_covariate, without), printed, strict=True):
        assert (ours.F, ours.p) == pytest.approx((spss["F"], spss["p"]), abs=6e-4)


def test_levene_is_undefined_when_cells_have_two_rows() -> None:
    assert levene(np.array([1.0, 3, 2, 6]), np.array([0, 0, 1, 1]), np.mean).status == "undefined"


def test_the_interval_of_alpha_is_as_printed() -> None:
    """The example printed at https://imaging.mrc-cbu.cam.ac.uk/statswiki/FAQ/cafun (C. Evans)."""
    assert feldt(0.913, n=873, k=20, confidence=0.95) == pytest.approx((0.9044024, 0.9211588), abs=6e-8)


@pytest.mark.parametrize(("f", "eta2", "low", "high"), [(10.21, 0.46, 0.10, 0.68), (11.78, 0.50, 0.14, 0.71)])
def test_effect_sizes_follow_from_the_f_of_a_published_table(f: float, eta2: float, low: float, high: float) -> None:
    """Koppe, van de Mortel & Ahern 2016, Aust J Rural Health 24:16-22, Table 2: PMI and WWAS, F(1, 12)."""
    interval = effect_interval(f, 1, 12, 0.90)

    assert f / (f + 12) == pytest.approx(eta2, abs=0.005)
    assert interval.eta2p_ncp_over_ncp_plus_df2 == pytest.approx((low, high), abs=0.005)


def test_the_noncentral_tails_are_those_of_a_simulation() -> None:
    draw = np.random.default_rng(7)
    f = ((draw.standard_normal(200_000) + 3) ** 2) / (draw.chisquare(16, 200_000) / 16)

    below, above = tails(6.0, 1, 16, 9.0)

    assert below + above == pytest.approx(1, abs=1e-14)
    assert below == pytest.approx((f <= 6.0).mean(), abs=4 * np.sqrt(0.25 / 200_000))


def test_describing_nothing_and_one_value() -> None:
    one = describe(np.array([NAN, 4.0]))

    assert describe(np.array([NAN])).n == 0
    assert describe(np.array([NAN])).mean is None
    assert (one.n, one.mean, one.median) == (1, 4.0, 4.0)
    assert np.isnan([one.sd, one.sem, one.skewness_G1]).all()  # type: ignore[list-item]


def test_equal_values_have_no_spread_and_no_shape() -> None:
    same = describe(np.full(7, 0.1))

    assert (same.sd, same.ci95) == (0.0, (0.1, 0.1))
    assert np.isnan(same.skewness_G1)  # type: ignore[arg-type]


def test_a_score_needs_enough_items_and_a_blank_is_never_zero() -> None:
    answers = np.array([[1.0, 5, 5], [1, NAN, 5], [NAN, NAN, 5], [NAN, NAN, NAN]])
    reverse = np.array([True, False, False])

    mean = score(answers, reverse, 1, 5, min_valid=2)
    total = score(answers, reverse, 1, 5, min_valid=2, total=True)

    np.testing.assert_array_equal(mean.score, [5, 5, NAN, NAN])
    np.testing.assert_array_equal(total.score, [15, 15, NAN, NAN])
    assert mean.prorated.tolist() == [False, True, False, False]


def test_items_may_have_ranges_of_their_own() -> None:
    scored = score(np.array([[2.0, 2.0]]), np.array([True, True]), np.array([1.0, 0.0]), np.array([9.0, 4.0]), 2)

    assert scored.keyed.tolist() == [[8, 2]]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([[1.0], [2], [3]], "fewer than 2 items"),
        ([[1.0, 2], [NAN, 3], [4, NAN]], "fewer than 2 complete rows"),
        ([[1.0, 2], [2, 1], [1, 2]], "total score has zero variance"),
    ],
)
def test_alpha_is_undefined(answers: list[list[float]], reason: str) -> None:
    values = np.array(answers)

    result = reliability(values, tuple("ab"[: values.shape[1]]))

    assert (result.status, result.reason, result.listwise) == ("undefined", reason, None)


def type3_by_leaving_out(y: Floats, x: Floats, a: Floats, b: Floats, term: int) -> float:
    """F of a term as the loss of fit without its sum-to-zero column, uncentred, by another solver."""
    design = np.column_stack([np.ones(len(y)), x, a, b, a * b])

    def sse(columns: Floats) -> float:
        coef = np.linalg.lstsq(columns, y, rcond=None)[0]
        return float(((y - columns @ coef) ** 2).sum())

    full = sse(design)
    return (sse(np.delete(design, term, axis=1)) - full) / (full / (len(y) - 5))


def trial(draw: np.random.Generator, n: tuple[int, int, int, int] = (5, 3, 8, 5), effect: float = 0.8) -> Ancova:
    """One simulated trial, cells (first, first), (first, second), (second, first), (second, second)."""
    arm, level = np.repeat([0, 0, 1, 1], n), np.repeat([0, 1, 0, 1], n)
    x = draw.normal(5, 1, len(arm))
    y = 2 + 0.6 * x + effect * arm + 0.3 * level + draw.normal(0, 0.7, len(arm))
    return ancova(y, x, factor(arm), factor(level))


def test_type_three_is_the_loss_of_fit_without_the_term() -> None:
    draw = np.random.default_rng(3)
    arm, level = np.repeat([0, 0, 1, 1], [9, 2, 4, 7]), np.repeat([0, 1, 0, 1], [9, 2, 4, 7])
    x, y = draw.normal(5, 1, 22), draw.normal(0, 1, 22)

    table = ancova(y, x, factor(arm), factor(level)).anova_type3

    assert table is not None
    for term, name in enumerate(["(Intercept)", "x", "arm", "level", "arm:level"]):
        f = table[name].F
        assert f == pytest.approx(type3_by_leaving_out(y, x, 1.0 - 2 * arm, 1.0 - 2 * level, term), rel=1e-9)


def test_change_scores_are_compared_by_the_means_of_the_cells() -> None:
    """By hand: unweighted means of unequal cells, one variance pooled within them, Student's t on n - 4."""
    change = [[1.0, 2.0, 6.0], [0.0, 1.0], [5.0, 4.0, 3.0, 8.0], [7.0, 4.0]]
    arm, level = np.repeat([0, 0, 1, 1], [3, 2, 4, 2]), np.repeat([0, 1, 0, 1], [3, 2, 4, 2])
    pre = np.array([4.0, 7, 1, 3, 5, 2, 2, 6, 8, 1, 9])
    post, gone = pre + np.concatenate(change), np.array([NAN])

    found = change_difference(np.concatenate([post, gone]), np.append(pre, 3.0), factor([*arm, 1]), factor([*level, 0]))

    within = sum(((np.array(cell) - np.mean(cell)) ** 2).sum() for cell in change) / 7
    se = np.sqrt(within / 4 * (1 / 3 + 1 / 2 + 1 / 4 + 1 / 2))
    assert found is not None
    assert (found.estimate, found.df) == (pytest.approx((5 + 5.5) / 2 - (3 + 0.5) / 2), 7)
    assert found.se == pytest.approx(se)
    assert found.ci95 == pytest.approx((3.5 - 2.364624 * se, 3.5 + 2.364624 * se), abs=1e-5)


def test_there_is_no_change_to_compare_without_a_cell_or_without_spread() -> None:
    pre, arm, level = np.arange(12.0), factor([0, 1] * 6), np.repeat([0, 1], 6)

    assert change_difference(pre + 1, pre, arm, factor(level)) is None
    assert change_difference(pre**2, pre, arm, factor(np.array([0, 1] * 6))) is None
    assert change_difference(pre**2, pre, arm, factor(level)) is not None


def test_the_interval_of_the_difference_covers_it_95_times_in_100() -> None:
    draw = np.random.default_rng(20141001)
    intervals = [trial(draw).contrasts.arm_2nd_minus_1st.ci95 for _ in range(500)]  # type: ignore[union-attr]

    covered = np.mean([low <= 0.8 <= high for low, high in intervals])

    assert covered == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 500))


def test_the_interval_of_alpha_covers_it_95_times_in_100() -> None:
    draw = np.random.default_rng(1965)
    k, n, runs = 7, 21, 1500
    true = k * 0.3 / (1 + (k - 1) * 0.3)
    covered = 0
    for _ in range(runs):
        items = np.sqrt(0.3) * draw.standard_normal((n, 1)) + np.sqrt(0.7) * draw.standard_normal((n, k))
        low, high = reliability(items, tuple("abcdefg")).listwise.ci95_feldt  # type: ignore[union-attr]
        covered += low <= true <= high

    assert covered / runs == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / runs))


def eight(**change: object) -> Ancova:
    """Eight rows, two a cell, that can be analysed but for the change."""
    rows: dict[str, list[float]] = {
        "y": [3, 4, 2, 6, 5, 1, 7, 3],
        "x": [1, 2, 4, 3, 1, 5, 2, 2],
        "a": [0, 0, 0, 0, 1, 1, 1, 1],
        "b": [0, 0, 1, 1, 0, 0, 1, 1],
    } | change  # type: ignore[assignment]
    return ancova(
        np.array(rows["y"], dtype=np.float64),
        np.array(rows["x"], dtype=np.float64),
        factor([int(a) for a in rows["a"]]),
        factor([int(b) for b in rows["b"]]),
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"y": [NAN] * 8}, "no_complete_cases"),
        ({"a": [-1] * 8}, "no_complete_cases"),
        ({"a": [1] * 8}, "factor_with_one_level"),
        ({"b": [0, 0, 1, 1, 0, 0, 0, 0]}, "empty_cell"),
        ({"y": [3, NAN, 2, NAN, 5, NAN, 7, 3]}, "df_resid_not_positive"),
        ({"y": [0.1] * 8}, "outcome_zero_variance"),
        ({"x": [0.1] * 8}, "covariate_zero_variance"),
        ({"x": [1, 1, 2, 2, 3, 3, 5, 5]}, "rank_deficient"),
        ({"y": [2, 4, 8, 6, 2, 10, 4, 4]}, "zero_residual_variance"),
    ],
)
def test_where_no_number_exists_there_is_a_code(change: dict[str, object], code: str) -> None:
    result = eight(**change)

    assert (eight().status, eight().code) == ("ok", None)
    assert (result.status, result.code) == ("error", code)
    assert (result.anova_type3, result.model, result.emmeans, result.contrasts) == (None, None, None, None)


def test_an_empty_cell_leaves_the_additive_model_if_that_can_be_fitted() -> None:
    one_empty = eight(b=[0, 0, 1, 1, 0, 0, 0, 0])
    diagonal = eight(b=[0, 0, 0, 0, 1, 1, 1, 1])

    assert one_empty.fallback_additive_model is not None
    assert diagonal.fallback_additive_model is None
    assert (one_empty.rank, diagonal.rank) == (4, 3)


def test_values_far_from_zero_keep_their_digits() -> None:
    draw = np.random.default_rng(1)
    arm, level = np.repeat([0, 0, 1, 1], 6), np.tile([0, 0, 0, 1, 1, 1], 4)
    x, y = draw.integers(0, 9, 24) / 8, draw.integers(0, 9, 24) / 8

    near = ancova(y, x, factor(arm), factor(level))
    far = ancova(y + 2**33, x + 2**33, factor(arm), factor(level))

    estimates = [each.contrasts.arm_2nd_minus_1st for each in (near, far) if each.contrasts]
    assert far.note is not None
    assert estimates[1].estimate == pytest.approx(estimates[0].estimate, rel=1e-9)
    assert estimates[1].se == pytest.approx(estimates[0].se, rel=1e-9)

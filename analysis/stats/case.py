"""A whole analysis: a table and its specification in, one JSON-ready object out."""

from typing import Any

import numpy as np

from analysis.stats.ancova import MISSING, Ancova, Factor, ancova
from analysis.stats.arrays import Floats, plain
from analysis.stats.descriptives import describe
from analysis.stats.numbers import TRIM, numeric
from analysis.stats.reliability import Reliability, reliability
from analysis.stats.scale import Items, Scores, read_items, score
from analysis.stats.spec import SUM, FactorSpec, ScaleSpec, Spec
from analysis.stats.table import Table

ALL_SCORES = 250  # with more rows only the first 20 scores are listed
FIRST = 20


def analyse(table: Table, spec: Spec) -> dict[str, Any]:
    """Everything the specification asks for, as plain JSON values. Raises TableError for a missing column."""
    arm, level = factor(table, spec.arm), factor(table, spec.level)
    scores: dict[str, Floats] = {name: numeric(table.column(name)) for name in spec.numeric_columns}
    scales: dict[str, dict[str, Any]] = {}
    for scale in spec.scales:
        for wave, items in scale.items.items():
            answers, scored = read_scale(table, scale, wave)
            scores[f"{scale.name}_{wave}"] = scored.score
            scales.setdefault(scale.name, {})[wave] = scale_wave(
                answers, scored, reliability(scored.keyed, items), arm, level
            )
    outcomes: dict[str, Ancova] = {}
    if arm and level:
        outcomes = {each.name: ancova(scores[each.post], scores[each.pre], arm, level) for each in spec.outcomes}
    answer: dict[str, Any] = plain(
        {
            "case": spec.id,
            "n_rows": table.n,
            "unrecognised_factor_values": {"arm": _unrecognised(arm), "level": _unrecognised(level)},
            "scales": scales,
            "ancova": outcomes,
        }
    )
    return answer


def factor(table: Table, spec: FactorSpec | None) -> Factor | None:
    """A column's cells as codes: equal to a declared level after trimming, or missing."""
    if spec is None:
        return None
    code = {level: i for i, level in enumerate(spec.levels)}
    return Factor(spec.levels, np.array([code.get(text.strip(TRIM), MISSING) for text in table.column(spec.column)]))


def read_scale(table: Table, scale: ScaleSpec, wave: str) -> tuple[Items, Scores]:
    """The answers to one scale in one wave, and their scores."""
    names = scale.items[wave]
    answers = read_items([table.column(name) for name in names], scale.low, scale.high)
    reverse = np.array([name in scale.reverse.get(wave, ()) for name in names])
    return answers, score(answers.values, reverse, scale.low, scale.high, scale.min_valid, scale.scoring == SUM)


def scale_wave(
    answers: Items, scored: Scores, reliability: Reliability, arm: Factor | None, level: Factor | None
) -> dict[str, Any]:
    """Counts, scores, descriptives and reliability of one scale in one wave."""
    values = scored.score
    listed = {"scores": values} if len(values) <= ALL_SCORES else {"scores_first_20": values[:FIRST]}
    return {
        "n_bad_nonnumeric": answers.bad,
        "n_out_of_range": answers.out_of_range,
        "n_missing_cells": np.isnan(answers.values).sum(),
        "n_scored": scored.scored.sum(),
        "n_prorated": scored.prorated.sum(),
        "n_not_scored": (~scored.scored).sum(),
        **listed,
        "scores_sum": np.nansum(values),
        "descriptives": describe(values),
        **(descriptives_by_group(values, arm, level) if arm and level else {}),
        "reliability": reliability,
    }


def descriptives_by_group(values: Floats, arm: Factor, level: Factor) -> dict[str, Any]:
    """Descriptives of `values` (n,) in each cell and in each arm, in the declared order."""
    arms, levels = list(enumerate(arm.levels)), list(enumerate(level.levels))
    return {
        "descriptives_by_cell": [
            {"arm": a, "level": b, **plain(describe(values[(arm.codes == i) & (level.codes == j)]))}
            for i, a in arms
            for j, b in levels
        ],
        "descriptives_by_arm": [{"arm": a, **plain(describe(values[arm.codes == i]))} for i, a in arms],
    }


def _unrecognised(factor: Factor | None) -> int:
    return 0 if factor is None else int((factor.codes == MISSING).sum())

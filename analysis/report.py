"""From a trial's data to its results: one object of plain values, in which every number of the report has a key. PURE.

The words are elsewhere: here are numbers, names and codes.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from analysis.stats.ancova import Ancova, Factor, ancova
from analysis.stats.arrays import plain
from analysis.stats.case import scale_wave
from analysis.stats.change import change_difference
from analysis.stats.reliability import reliability
from analysis.stats.scale import Items, Scores
from analysis.trial_data import POST, PRE, WAVES, Person, Round, TrialData, column, csv_text, digest, safe
from surveys.instrument import Instrument, Scale
from surveys.scoring import keyed, score

CONVENTIONS = {
    "model": "post ~ pre + arm * level",
    "sums_of_squares": "type III, sum to zero",
    "rows": "complete cases",
    "adjusted_means_at": "covariate mean of the analysed rows, cells weighted equally",
    "difference": "second arm minus first",
    "interval_difference_percent": 95,
    "interval_mean_percent": 95,
    "interval_partial_eta2_percent": 90,
    "interval_partial_eta2": "noncentral F, ncp / (ncp + df2)",
    "interval_alpha_percent": 95,
    "interval_alpha": "Feldt, complete rows",
    "levene": "mean of the absolute residuals (SPSS UNIANOVA)",
}


def results(data: TrialData, software: dict[str, str]) -> dict[str, Any]:
    """The whole report as JSON-ready values; the same data and software give the same values."""
    arm, level = _factor(data.arms, [p.arm for p in data.people]), _factor(data.levels, [p.level for p in data.people])
    scores = {(s.id, wave): _score(data, i, s, wave) for i, s in _scales(data) for wave in WAVES}
    outcomes = {
        s.id: (scores[s.id, POST].score, scores[s.id, PRE].score) for _, s in _scales(data) if not s.is_subscale
    }
    analysed = {name: ancova(post, pre, arm, level) for name, (post, pre) in outcomes.items()}
    answer: dict[str, Any] = {
        "trial": {"title": data.title, "non_random": data.non_random, "arms": data.arms, "levels": data.levels},
        "data": {
            "sha256": digest(csv_text(data)),
            "as_of": data.as_of and data.as_of.isoformat(),
            "n_before_late": data.n_before_late,
        },
        "software": software,
        "conventions": CONVENTIONS,
        "instruments": [_instrument(instrument) for instrument in data.instruments],
        "waves": [_round(each) for each in data.rounds],
        "flow": flow(data),
        "scales": {
            scale.id: _scale(instrument, scale)
            | {
                wave: scale_wave(
                    Items(scores[scale.id, wave].keyed, 0, 0),
                    scores[scale.id, wave],
                    reliability(scores[scale.id, wave].keyed, _columns(instrument, scale, wave)),
                    arm,
                    level,
                )
                for wave in WAVES
            }
            for instrument, scale in _scales(data)
        },
        "ancova": analysed,
        "change": {name: change_difference(post, pre, arm, level) for name, (post, pre) in outcomes.items()},
        "limits": limits(data, analysed.values()),
        "spec": spec(data),
    }
    return plain(answer)  # type: ignore[no-any-return]


def _scales(data: TrialData) -> list[tuple[Instrument, Scale]]:
    return [(instrument, scale) for instrument in data.instruments for scale in instrument.scales]


def _factor(levels: tuple[str, ...], codes: list[int]) -> Factor:
    return Factor(levels, np.array(codes, dtype=np.intp))


def _columns(instrument: Instrument, scale: Scale, wave: str) -> tuple[str, ...]:
    return tuple(column(instrument, item, wave) for item in instrument.items_of(scale))


def _score(data: TrialData, instrument: Instrument, scale: Scale, wave: str) -> Scores:
    """Everybody's keyed answers and score in one wave; all NaN for whoever did not send it."""
    items = instrument.items_of(scale)
    values = np.full((len(data.people), len(items)), np.nan)
    total = np.full(len(data.people), np.nan)
    for row, person in enumerate(data.people):
        answers = person.sent.get(wave, {}).get(instrument.id, {})
        for place, item in enumerate(items):
            if item.id in answers:
                values[row, place] = keyed(item, answers[item.id])
        mean = score(scale, instrument, answers)
        total[row] = np.nan if mean is None else mean
    return Scores(values, total, (~np.isnan(values)).sum(axis=1))


def _instrument(instrument: Instrument) -> dict[str, Any]:
    return {
        "id": instrument.id,
        "title": instrument.title,
        "source": instrument.source,
        "version": instrument.version,
        "wording": instrument.wording,
        "language": instrument.language,
        "n_items": len(instrument.items),
    }


def _round(wave: Round) -> dict[str, Any]:
    waived = wave.waived_on and wave.waived_on.isoformat()
    return {"name": wave.name, "open": wave.is_open, "wording_waived_on": waived, "versions": dict(wave.versions)}


def _scale(instrument: Instrument, scale: Scale) -> dict[str, Any]:
    items = instrument.items_of(scale)
    return {
        "title": scale.title,
        "instrument": instrument.id,
        "exploratory": scale.is_subscale,
        "direction": scale.direction,
        "min": min(item.min for item in items),
        "max": max(item.max for item in items),
        "n_items": len(items),
        "min_answered": scale.min_answered,
    }


def flow(data: TrialData) -> dict[str, Any]:
    """How many were enrolled and answered: in each cell, in each arm, in all."""
    arms, levels = list(enumerate(data.arms)), list(enumerate(data.levels))
    return {
        "cells": [
            {"arm": arm, "level": level, **_counts(p for p in data.people if (p.arm, p.level) == (i, j))}
            for i, arm in arms
            for j, level in levels
        ],
        "arms": [{"arm": arm, **_counts(p for p in data.people if p.arm == i)} for i, arm in arms],
        "total": _counts(data.people),
    }


def _counts(people: Iterable[Person]) -> dict[str, int]:
    sent = [person.sent.keys() for person in people]
    return {
        "enrolled": len(sent),
        "answered_pre": sum(PRE in waves for waves in sent),
        "answered_post": sum(POST in waves for waves in sent),
        "answered_both": sum(PRE in waves and POST in waves for waves in sent),
    }


def limits(data: TrialData, outcomes: Iterable[Ancova]) -> list[str]:
    """Codes of what a reader must know before believing the figures."""
    found = {
        "non_random": data.non_random,
        "no_plan": True,
        "one_group_per_cell": True,
        "working_wording": any(instrument.is_working for instrument in data.instruments),
        "undeclared_direction": any(scale.direction == "undeclared" for _, scale in _scales(data)),
        "versions_differ": _versions_differ(data),
        "late_before": data.n_before_late > 0,
        "still_open": any(wave.is_open for wave in data.rounds),
        "incomplete": any(outcome.n_used < outcome.n_total for outcome in outcomes),
    }
    return [code for code, holds in found.items() if holds]


def _versions_differ(data: TrialData) -> bool:
    """Whether an instrument was asked in another version than the one that scores it here."""
    asked = {(name, version) for wave in data.rounds for name, version in wave.versions.items()}
    return not asked <= {(instrument.id, instrument.version) for instrument in data.instruments}


def spec(data: TrialData) -> dict[str, Any]:
    """What `manage.py analyse` needs to compute the same from the exported sheet.

    Scales whose items differ in range are left out: a specification has one range a scale.
    """
    same = [(i, s) for i, s in _scales(data) if len({(item.min, item.max) for item in i.items_of(s)}) == 1]
    return {
        "id": digest(csv_text(data))[:16],
        "factors": {
            "arm": {"column": "arm", "levels": [safe(arm) for arm in data.arms]},
            "level": {"column": "level", "levels": data.levels},
        },
        "scales": [_scale_spec(instrument, scale) for instrument, scale in same],
        "outcomes": [
            {"name": scale.id, "post": f"{scale.id}_post", "pre": f"{scale.id}_pre"}
            for _, scale in same
            if not scale.is_subscale
        ],
    }


def _scale_spec(instrument: Instrument, scale: Scale) -> dict[str, Any]:
    reverse = [item for item in instrument.items_of(scale) if item.reverse]
    about = _scale(instrument, scale)
    return {
        "name": scale.id,
        "min": about["min"],
        "max": about["max"],
        "scoring": "mean",
        "min_valid": scale.min_answered,
        "items": {wave: _columns(instrument, scale, wave) for wave in WAVES},
        "reverse": {wave: [column(instrument, item, wave) for item in reverse] for wave in WAVES},
    }


def faults(results: dict[str, Any]) -> list[str]:
    """Where the results disagree with themselves: counts that do not add up, degrees of freedom that do not fit."""
    total, cells = results["flow"]["total"], results["flow"]["cells"]
    found = [f"flow.{key}" for key in total if total[key] != sum(cell[key] for cell in cells)]
    for name, outcome in results["ancova"].items():
        if outcome["n_used"] != sum(cell["n"] for cell in outcome["cells"]):
            found.append(f"ancova.{name}.cells")
        if not outcome["n_used"] <= total["answered_both"] <= outcome["n_total"] == total["enrolled"]:
            found.append(f"ancova.{name}.n_used")
        if outcome["status"] == "ok" and outcome["model"]["df_resid"] != outcome["n_used"] - 5:
            found.append(f"ancova.{name}.df_resid")
    return found

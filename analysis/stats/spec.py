"""What to compute from a data file: its factors, scales and outcomes, read from JSON and checked."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MEAN, SUM = "mean", "sum"
LARGEST = 1e60  # the fourth power of an answer must still be a number


class SpecError(ValueError):
    """A sentence that names the place in the specification and what is wrong there."""


@dataclass(frozen=True)
class FactorSpec:
    column: str
    levels: tuple[str, ...]


@dataclass(frozen=True)
class ScaleSpec:
    """`items` and `reverse` are keyed by wave (pre, post)."""

    name: str
    low: float
    high: float
    min_valid: int
    scoring: str
    items: dict[str, tuple[str, ...]]
    reverse: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class OutcomeSpec:
    """`post` and `pre` name a score (SCALE_wave) or a numeric column."""

    name: str
    post: str
    pre: str


@dataclass(frozen=True)
class Spec:
    """`arm` and `level` are both present whenever there is an outcome."""

    id: str
    arm: FactorSpec | None
    level: FactorSpec | None
    scales: tuple[ScaleSpec, ...]
    numeric_columns: tuple[str, ...]
    outcomes: tuple[OutcomeSpec, ...]


def read_spec(content: bytes) -> Spec:
    """Read a specification's bytes. Raises SpecError; keys that are not known are passed over."""
    try:
        root = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise SpecError(f"the specification is not JSON ({error})") from None
    if not isinstance(root, dict):
        raise SpecError("the specification is not a JSON object")
    factors = _object(root, "factors", "")
    spec = Spec(
        id=_text(root, "id", ""),
        arm=_factor(factors, "arm"),
        level=_factor(factors, "level"),
        scales=tuple(_scale(*each) for each in _objects(root, "scales")),
        numeric_columns=_texts(root.get("numeric_columns") or [], "numeric_columns"),
        outcomes=tuple(_outcome(*each) for each in _objects(root, "outcomes")),
    )
    _check(spec)
    return spec


def _check(spec: Spec) -> None:
    scores = [f"{scale.name}_{wave}" for scale in spec.scales for wave in scale.items]
    known = scores + list(spec.numeric_columns)
    if len(set(known)) < len(known):
        raise SpecError("two scales or numeric columns have the same name")
    if spec.arm and spec.level and spec.arm.column == spec.level.column:
        raise SpecError("factors: arm and level are the same column")
    for outcome in spec.outcomes:
        for name in (outcome.post, outcome.pre):
            if name not in known:
                raise SpecError(f"outcome {outcome.name!r}: {name!r} is no score and no numeric column")
        if spec.arm is None or spec.level is None:
            raise SpecError(f"outcome {outcome.name!r} needs the factors arm and level")


def _factor(factors: dict[str, Any], name: str) -> FactorSpec | None:
    if name not in factors:
        return None
    place = f"factors.{name}"
    raw = _object(factors, name, "factors.")
    levels = _texts(raw.get("levels"), f"{place}.levels")
    if not 1 <= len(levels) <= 2 or len(set(levels)) < len(levels):
        raise SpecError(f"{place}.levels: one or two different levels are needed")
    return FactorSpec(_text(raw, "column", f"{place}."), levels)


def _scale(raw: dict[str, Any], place: str) -> ScaleSpec:
    low, high = _number(raw, "min", place), _number(raw, "max", place)
    if not low < high:
        raise SpecError(f"{place}min must be less than max")
    scoring = raw.get("scoring", MEAN)
    if scoring not in (MEAN, SUM):
        raise SpecError(f"{place}scoring is neither mean nor sum")
    items = _by_wave(raw, "items", place)
    reverse = _by_wave(raw, "reverse", place) if "reverse" in raw else {}
    if not reverse.keys() <= items.keys():
        raise SpecError(f"{place}reverse: a wave without items")
    enough = _count(raw, "min_valid", place)
    for wave, names in items.items():
        _check_items(names, reverse.get(wave, ()), enough, f"{place}items.{wave}")
    return ScaleSpec(_text(raw, "name", place), low, high, enough, scoring, items, reverse)


def _check_items(names: tuple[str, ...], reverse: tuple[str, ...], enough: int, place: str) -> None:
    if not names or len(set(names)) < len(names):
        raise SpecError(f"{place}: different item columns are needed")
    if not set(reverse) <= set(names):
        raise SpecError(f"{place}: a reversed item is not among the items")
    if len(names) < enough:
        raise SpecError(f"{place}: fewer items than min_valid")


def _outcome(raw: dict[str, Any], place: str) -> OutcomeSpec:
    return OutcomeSpec(_text(raw, "name", place), _text(raw, "post", place), _text(raw, "pre", place))


def _objects(root: dict[str, Any], key: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The objects of a list, each with its place; an absent or null list is empty."""
    value = root.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise SpecError(f"{key} is not a list of objects")
    return ((item, f"{key}[{i}].") for i, item in enumerate(value))


def _object(raw: dict[str, Any], key: str, place: str) -> dict[str, Any]:
    value = raw.get(key, {})
    if not isinstance(value, dict):
        raise SpecError(f"{place}{key} is not an object")
    return value


def _by_wave(raw: dict[str, Any], key: str, place: str) -> dict[str, tuple[str, ...]]:
    waves = _object(raw, key, place)
    return {wave: _texts(names, f"{place}{key}.{wave}") for wave, names in waves.items()}


def _text(raw: dict[str, Any], key: str, place: str) -> str:
    value = raw.get(key)
    if not isinstance(value, str) or not value:
        raise SpecError(f"{place}{key} is not a text")
    return value


def _texts(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SpecError(f"{place} is not a list of texts")
    return tuple(value)


def _number(raw: dict[str, Any], key: str, place: str) -> float:
    value = raw.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -LARGEST <= value <= LARGEST:
        raise SpecError(f"{place}{key} is not a number")
    return value


def _count(raw: dict[str, Any], key: str, place: str) -> int:
    value = raw.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise SpecError(f"{place}{key} is not a positive whole number")
    return value

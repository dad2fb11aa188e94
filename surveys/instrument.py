"""An instrument: its items, how each is answered, and the scales they make. Read from TOML and checked. PURE."""

import hashlib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias, TypeVar

Wording: TypeAlias = Literal["working", "licensed"]
Direction: TypeAlias = Literal["higher_is_better", "lower_is_better", "undeclared"]
Table: TypeAlias = Mapping[str, object]
T = TypeVar("T")

WORDINGS: tuple[Wording, ...] = ("working", "licensed")
DIRECTIONS: tuple[Direction, ...] = ("higher_is_better", "lower_is_better", "undeclared")
ID = re.compile(r"[a-z][a-z0-9_]{0,39}")


class InstrumentError(ValueError):
    """What is wrong in an instrument's file: the place, the fault, and the remedy."""

    def __init__(self, place: str, fault: str, remedy: str) -> None:
        super().__init__(f"{place}: {fault}. {remedy}.")
        self.place, self.fault, self.remedy = place, fault, remedy


@dataclass(frozen=True)
class Format:
    """How items are answered: a whole number from `min` to `max`, under a common opening line.

    `labels` has the words of each point in order, "" where a point has none; both ends have words.
    """

    id: str
    min: int
    max: int
    labels: tuple[str, ...]
    stem: str

    @property
    def points(self) -> tuple[tuple[int, str], ...]:
        return tuple(zip(range(self.min, self.max + 1), self.labels, strict=True))


@dataclass(frozen=True)
class Item:
    """One question. `subscale` is the id of a scale, or "" when the item counts in the whole only."""

    id: str
    text: str
    format: Format
    reverse: bool
    subscale: str

    @property
    def min(self) -> int:
        return self.format.min

    @property
    def max(self) -> int:
        return self.format.max


@dataclass(frozen=True)
class Scale:
    """Items that make one score, the mean of at least `min_answered` of them."""

    id: str
    title: str
    items: tuple[str, ...]
    min_answered: int
    direction: Direction
    is_subscale: bool


@dataclass(frozen=True)
class Instrument:
    """A questionnaire. `version` is a hash of the content: comments and layout of the file do not change it."""

    id: str
    title: str
    source: str
    wording: Wording
    language: str
    instruction: str
    items: tuple[Item, ...]
    scales: tuple[Scale, ...]
    version: str

    @property
    def is_working(self) -> bool:
        return self.wording == "working"

    @property
    def total(self) -> Scale:
        """The scale of all items, named like the instrument."""
        return next(scale for scale in self.scales if not scale.is_subscale)

    def items_of(self, scale: Scale) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.id in scale.items)


def parse(text: str) -> Instrument:
    """Read an instrument from TOML; InstrumentError names the first place that is wrong and what to do."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InstrumentError("the file", f"not TOML, {error}", "Correct the line that is named") from None
    _known(table, "the file", {"id", "title", "source", "wording", "language", "instruction", *LISTS})
    instrument_id = _id(table, "the file")
    formats = {each.id: each for each in _unique(_format(*entry) for entry in _entries(table, "formats"))}
    items = _unique(_item(*entry, formats) for entry in _entries(table, "items"))
    scales = _unique(_scale(*entry, instrument_id, items) for entry in _entries(table, "scales"))
    _subscales_exist(items, scales)
    _whole_exists(instrument_id, scales)
    content: dict[str, object] = {
        "id": instrument_id,
        "title": _text(table, "title", "the file"),
        "source": _text(table, "source", "the file"),
        "wording": _choice(table, "wording", "the file", WORDINGS),
        "language": _text(table, "language", "the file"),
        "instruction": _text(table, "instruction", "the file"),
        "items": items,
        "scales": scales,
    }
    return Instrument(**content, version=_hash(content))  # type: ignore[arg-type]


LISTS = ("formats", "items", "scales")


def _format(table: Table, place: str) -> Format:
    _known(table, place, {"id", "min", "max", "labels", "stem"})
    low, high = _number(table, "min", place), _number(table, "max", place)
    if not 1 <= low < high <= 9:
        raise InstrumentError(place, f"the range is {low} to {high}", "Use whole numbers from 1 to 9, min below max")
    return Format(_id(table, place), low, high, _labels(table, place, low, high), _text(table, "stem", place))


def _labels(table: Table, place: str, low: int, high: int) -> tuple[str, ...]:
    given = _get(table, "labels", place, dict)
    points = [str(point) for point in range(low, high + 1)]
    for key in given:
        if key not in points:
            raise InstrumentError(place, f"label {key} lies outside {low} to {high}", "Move it into the range")
    for end in (points[0], points[-1]):
        if end not in given:
            raise InstrumentError(place, f"point {end} has no label", "Give both ends a label in words")
    return tuple(_text(given, point, f"{place} labels") if point in given else "" for point in points)


def _item(table: Table, place: str, formats: Mapping[str, Format]) -> Item:
    _known(table, place, {"id", "text", "format", "reverse", "subscale"})
    name = _text(table, "format", place)
    if name not in formats:
        raise InstrumentError(place, f"format {name} is not among the formats", f"Use one of: {', '.join(formats)}")
    reverse = _get(table, "reverse", place, bool) if "reverse" in table else False
    subscale = _text(table, "subscale", place) if "subscale" in table else ""
    return Item(_id(table, place), _text(table, "text", place), formats[name], reverse, subscale)


def _scale(table: Table, place: str, instrument_id: str, items: tuple[Item, ...]) -> Scale:
    """The scale named like the instrument has all items; every other has the items that name it."""
    _known(table, place, {"id", "title", "min_answered", "direction"})
    scale_id = _id(table, place)
    is_subscale = scale_id != instrument_id
    members = tuple(item.id for item in items if not is_subscale or item.subscale == scale_id)
    if not members:
        raise InstrumentError(place, "no item belongs to it", f'Write subscale = "{scale_id}" at its items')
    enough = _number(table, "min_answered", place)
    if not 1 <= enough <= len(members):
        raise InstrumentError(place, f"min_answered is {enough}", f"Use a number from 1 to {len(members)}")
    direction = _choice(table, "direction", place, DIRECTIONS)
    return Scale(scale_id, _text(table, "title", place), members, enough, direction, is_subscale)


def _subscales_exist(items: tuple[Item, ...], scales: tuple[Scale, ...]) -> None:
    known = {scale.id for scale in scales if scale.is_subscale}
    for item in items:
        if item.subscale and item.subscale not in known:
            remedy = "Add it under [[scales]] or correct the name"
            raise InstrumentError(f"item {item.id}", f"subscale {item.subscale} is not among the scales", remedy)


def _whole_exists(instrument_id: str, scales: tuple[Scale, ...]) -> None:
    if all(scale.is_subscale for scale in scales):
        remedy = f'Add one under [[scales]] with id = "{instrument_id}"'
        raise InstrumentError("the scales", "none has all the items", remedy)


def _hash(content: Table) -> str:
    text = json.dumps(content, default=asdict, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _entries(table: Table, key: str) -> Iterable[tuple[Table, str]]:
    """The tables of [[key]], each with the words for its place."""
    entries = _get(table, key, "the file", list)
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        raise InstrumentError("the file", f"{key} is not a list of tables", f"Write each one under [[{key}]]")
    singular = key.removesuffix("s")
    return [(entry, f"{singular} {entry.get('id', number)}") for number, entry in enumerate(entries, start=1)]


def _unique(parts: Iterable[T]) -> tuple[T, ...]:
    found = tuple(parts)
    for part_id, times in Counter(getattr(part, "id") for part in found).items():  # noqa: B009
        if times > 1:
            raise InstrumentError(part_id, f"the id is used {times} times", "Give each its own")
    return found


def _known(table: Table, place: str, keys: set[str]) -> None:
    for key in table:
        if key not in keys:
            raise InstrumentError(place, f"{key} is not known here", f"Use only: {', '.join(sorted(keys))}")


def _get(table: Table, key: str, place: str, kind: type[T]) -> T:
    """The value of a key that must be there. An exact type: TOML's true is no number."""
    if key not in table:
        raise InstrumentError(place, f"{key} is missing", "Add it")
    value = table[key]
    if type(value) is not kind:
        raise InstrumentError(place, f"{key} is {value!r}", f"Write a {KINDS[kind]}")
    return value


KINDS: Mapping[type, str] = {
    str: "text in quotes",
    int: "whole number",
    bool: "true or false",
    list: "list",
    dict: "table",
}


def _number(table: Table, key: str, place: str) -> int:
    return _get(table, key, place, int)


def _text(table: Table, key: str, place: str) -> str:
    value = _get(table, key, place, str).strip()
    if not value:
        raise InstrumentError(place, f"{key} is empty", "Fill it in")
    return value


def _id(table: Table, place: str) -> str:
    value = _text(table, "id", place)
    if not ID.fullmatch(value):
        raise InstrumentError(place, f"id is {value!r}", "Use a to z, 0 to 9 and _, at most 40, a letter first")
    return value


def _choice(table: Table, key: str, place: str, choices: tuple[T, ...]) -> T:
    value = _text(table, key, place)
    for choice in choices:
        if choice == value:
            return choice
    raise InstrumentError(place, f"{key} is {value!r}", f"Use one of: {', '.join(str(choice) for choice in choices)}")

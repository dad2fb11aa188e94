"""All items of a wave in the order in which a doctor meets them, one a screen."""

import json
import math
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from surveys import catalogue
from surveys.instrument import Instrument, Item

SECONDS_AN_ITEM = 8
LARGEST_BODY = 400  # bytes of one saved answer; deep JSON never reaches the parser


class Refused(Exception):
    """An answer is not taken. `code` is stable, `item` says where if it is about one item."""

    def __init__(self, code: str, item: str = "") -> None:
        super().__init__(code)
        self.code, self.item = code, item


@dataclass(frozen=True)
class Question:
    """One screen: `number` of all `of`, in part `part` of `parts`."""

    instrument: Instrument
    item: Item
    number: int
    of: int
    part: int
    parts: int

    @property
    def before(self) -> "Question | None":
        return questions()[self.number - 2] if self.number > 1 else None

    @property
    def after(self) -> "Question | None":
        return questions()[self.number] if self.number < self.of else None

    @property
    def minutes_left(self) -> int:
        return minutes(self.of - self.number + 1)

    @property
    def labels_every_point(self) -> bool:
        """More words than fit under a row of numbers at its ends and middle."""
        labels = self.item.format.labels
        return any(labels[place] for place in range(len(labels)) if place not in self._anchored)

    @property
    def anchors(self) -> tuple[tuple[int, str], ...]:
        """The points at the start, in the middle if there is one, and at the end."""
        points = self.item.format.points
        return tuple(points[place] for place in self._anchored)

    @property
    def _anchored(self) -> tuple[int, ...]:
        last = len(self.item.format.labels) - 1
        return (0, last // 2, last) if last % 2 == 0 else (0, last)

    def check(self, value: int | None) -> None:
        """Refused("out_of_range") for what the item does not offer; None is a blank."""
        if value is not None and (type(value) is not int or not self.item.min <= value <= self.item.max):
            raise Refused("out_of_range", self.item.id)


def minutes(items: int) -> int:
    """About how long these items take, rounded up."""
    return math.ceil(items * SECONDS_AN_ITEM / 60)


@cache
def questions() -> tuple[Question, ...]:
    instruments = list(catalogue.instruments().values())
    entries = [(part, each, item) for part, each in enumerate(instruments, start=1) for item in each.items]
    return tuple(
        Question(instrument, item, number, len(entries), part, len(instruments))
        for number, (part, instrument, item) in enumerate(entries, start=1)
    )


def find(item_id: str) -> Question | None:
    return next((question for question in questions() if question.item.id == item_id), None)


def going_on(answered: Collection[str]) -> Question | None:
    """Where one goes on: after the last question answered, past what was left blank; None after the last of all."""
    last = max((question.number for question in questions() if question.item.id in answered), default=0)
    return questions()[last] if last < len(questions()) else None


def blanks(answered: Collection[str]) -> list[Question]:
    """The questions without an answer; `answered` are item ids."""
    return [question for question in questions() if question.item.id not in answered]


def read_answer(body: bytes) -> tuple[Question, int | None]:
    """{"instrument", "item", "value"} as sent by the page; Refused: malformed, unknown_item, out_of_range."""
    try:
        data = json.loads(body) if len(body) <= LARGEST_BODY else None
    except ValueError:
        data = None
    if not isinstance(data, dict) or data.keys() != {"instrument", "item", "value"}:
        raise Refused("malformed")
    question = find(data["item"])
    if question is None or question.instrument.id != data["instrument"]:
        raise Refused("unknown_item", str(data["item"]))
    question.check(data["value"])
    return question, data["value"]

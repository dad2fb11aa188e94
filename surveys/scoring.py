"""From answers to a score, by the rule of the scale. PURE.

A reversed item counts min + max - x; a score is the mean of the answered items if there are enough; a blank is
never zero.
"""

from collections.abc import Mapping

from surveys.instrument import Instrument, Item, Scale


class OutOfRange(ValueError):
    """A value that its item does not offer."""

    def __init__(self, item: str, value: object) -> None:
        super().__init__(f"{item} does not offer {value!r}")
        self.item = item


def keyed(item: Item, value: int) -> int:
    """The answer as it counts: reversed where the item is. OutOfRange for a value that the item does not offer."""
    if type(value) is not int or not item.min <= value <= item.max:
        raise OutOfRange(item.id, value)
    return item.min + item.max - value if item.reverse else value


def score(scale: Scale, instrument: Instrument, answers: Mapping[str, int]) -> float | None:
    """The mean of the answered items of a scale; None when fewer than `min_answered` are there.

    `answers` is item id to value; an item that is not in it is blank, and items of other scales do not matter.
    """
    answered = [item for item in instrument.items_of(scale) if item.id in answers]
    counted = [keyed(item, answers[item.id]) for item in answered]
    return sum(counted) / len(counted) if len(counted) >= scale.min_answered else None

"""What counts as a number in a data file.

`float()` is too liberal: it takes `1_0`, `nan`, `inf`, Arabic and full-width digits. Here a number is
ASCII, optionally signed, with an optional fraction and exponent, after trimming space, tab, CR, LF.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.stats.arrays import Floats

TRIM = " \t\r\n"
BLANKS = frozenset({"", "NA"})
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Column:
    """`values` (n,), NaN where missing; `bad` counts the cells that are neither blank nor a number."""

    values: Floats
    bad: int


def number(text: str) -> float:
    """The number written in `text`, or NaN. `1e999` is infinite, thus out of every range."""
    trimmed = text.strip(TRIM)
    return float(trimmed) if NUMBER.fullmatch(trimmed) else math.nan


def column(texts: Sequence[str]) -> Column:
    """Read a column of cells. Each distinct spelling is read once."""
    meaning = {text: number(text) for text in set(texts)}
    bad = {text for text, value in meaning.items() if math.isnan(value) and text.strip(TRIM) not in BLANKS}
    values = np.array([meaning[text] for text in texts], dtype=np.float64)
    return Column(values, sum(text in bad for text in texts))


def numeric(texts: Sequence[str]) -> Floats:
    """A column of measurements (n,): what is not a finite number is missing."""
    values = column(texts).values
    return np.where(np.isfinite(values), values, np.nan)

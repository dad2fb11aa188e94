"""What is a number in a data file, and what is not."""

import numpy as np
import pytest

from analysis.stats.numbers import column, number, numeric


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), (" 4\t", 4), ("+2", 2), ("-1.5", -1.5), ("2.", 2), (".5", 0.5), ("1e0", 1), ("3E+2", 300), ("\r5\n", 5)],
)
def test_a_number_is_read(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    "text", ["", ".", "+", "3,5", "1_0", "nan", "inf", "0x3", "--", "=1+1", "٣", "３", "1 2", "\u00a04", "e5", "5\x00"]
)
def test_what_only_looks_like_a_number_is_missing(text: str) -> None:
    assert np.isnan(number(text))


def test_blank_and_na_are_missing_but_not_bad() -> None:
    read = column(["1", "", " ", "NA", "n/a", "na"])

    assert read.bad == 2
    assert np.isnan(read.values).tolist() == [False, True, True, True, True, True]


def test_an_endless_number_is_no_measurement() -> None:
    assert np.isnan(numeric(["1e999", "2"])).tolist() == [True, False]

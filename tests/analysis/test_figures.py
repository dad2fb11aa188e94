"""The figure: the same bytes for the same numbers, readable without colour, with words that stand for it."""

import re
import xml.etree.ElementTree as ET
from typing import Any

from analysis.colours import NIGHT, themed
from analysis.figures import draw


def mean(arm: str, value: float) -> dict[str, Any]:
    return {"mean": value, "ci95": [value - 0.5, value + 0.5], "text": f"{value:.2f}", "arm": arm}


PANELS: list[dict[str, Any]] = [
    {
        "axis": "PMI, 1 to 9",
        "reason": "",
        "groups": [{"title": "all", "means": [mean("Balint", 6.1), mean("Control", 5)]}],
    },
    {"axis": "PIS, 1 to 5", "reason": "The PIS cannot be analysed.", "groups": []},
]


def test_it_is_drawn_twice_alike() -> None:
    assert draw(PANELS, "words") == draw(PANELS, "words")


def test_it_shows_names_values_and_reasons_as_text() -> None:
    texts = [element.text for element in ET.fromstring(draw(PANELS, "words")).iter("{http://www.w3.org/2000/svg}text")]

    assert {"all", "Balint", "Control", "6.10", "5.00", "PMI, 1 to 9", "The PIS cannot be analysed."} <= set(texts)


def test_it_carries_its_words_and_no_date() -> None:
    svg = draw(PANELS, "Balint 6.10, Control 5.00")

    assert "<title>Balint 6.10, Control 5.00</title>" in svg
    assert "date" not in svg.lower()


def test_by_night_every_colour_has_its_night_colour() -> None:
    svg = themed(draw(PANELS, "words"))

    used = set(re.findall(r"#[0-9a-f]{6}", svg.split("</style>", 1)[1]))
    assert used == set()
    assert all(f"{night};" in svg for night in NIGHT.values())
    ET.fromstring(svg)

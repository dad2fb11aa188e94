"""The style sheets: colours have names, day and night agree, and every pair of them can be read."""

import re

import pytest
from django.conf import settings

from analysis.colours import NIGHT

BASE = settings.BASE_DIR
CSS = BASE / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text()
SHEETS = sorted(path for path in CSS.glob("*.css") if path.name != "tokens.css")
COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)


def token_values(block: str) -> dict[str, str]:
    return dict(re.findall(r"(--[\w-]+): (.+?);\n", block))


DAY = token_values(TOKENS.split("@supports")[0])
BOTH = token_values(re.search(r"@supports.*?\n}\n", TOKENS, re.DOTALL).group())
PAIR = re.compile(r"light-dark\(((?:[^(),]|\([^)]*\))+), ((?:[^(),]|\([^)]*\))+)\)")


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance, of #rrggbb."""
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_on_white_is_twenty_one():
    assert contrast("#000000", "#ffffff") == 21


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_colours_stand_in_tokens_only(path):
    assert re.findall(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|light-dark)\(", path.read_text()) == []


def test_every_token_in_use_has_a_value():
    sheets = "".join(path.read_text() for path in SHEETS)

    used = set(re.findall(r"var\((--[\w-]+)\)", sheets))
    given = set(re.findall(r"(--[\w-]+):", sheets)) | DAY.keys()

    assert used - given == set()


def test_every_class_is_drawn_somewhere():
    pages = [*BASE.glob("templates/**/*.html"), *BASE.glob("static/js/**/*.js"), BASE / "balint" / "guides.py"]
    drawn = {word for path in pages for word in re.findall(r"[\w-]+", path.read_text())}
    styled = {name for path in SHEETS for name in re.findall(r"\.([a-z][\w-]*)", COMMENTS.sub("", path.read_text()))}

    assert styled - drawn == {"errorlist"}  # Django draws that one


def test_browsers_without_light_dark_get_the_day():
    assert {name: PAIR.sub(r"\1", value) for name, value in BOTH.items()}.items() <= DAY.items()


def test_the_reports_figure_has_the_pages_colours():
    pairs = {PAIR.match(value).groups() for value in BOTH.values() if PAIR.fullmatch(value)}

    assert set(NIGHT.items()) - pairs == set()


TEXT = 4.5
SHAPE = 3.0
READ = [
    (("--ink", "--ink-2", "--ink-3", "--link", "--lamp-ink"), ("--ground", "--surface"), TEXT),
    (("--ink", "--ink-2", "--link"), ("--sunken",), TEXT),
    (("--ink", "--ink-2", "--ink-3", "--lamp-ink"), ("--floor", "--bar"), TEXT),
    (("--ink", "--ink-2"), ("--pool", "--lamp-soft", "--blank"), TEXT),
    (("--on-action",), ("--action", "--action-hover"), TEXT),
    (("--on-lamp",), ("--lamp", "--lamp-hover"), TEXT),
    (("--stop",), ("--stop-soft", "--ground", "--surface"), TEXT),
    (("--good",), ("--good-soft", "--ground", "--surface"), TEXT),
    (("--lamp-ink",), ("--lamp-soft",), TEXT),
    (("--edge", "--lamp-edge", "--focus"), ("--ground", "--surface", "--floor"), SHAPE),
]


@pytest.mark.parametrize("night", [0, 1], ids=["day", "night"])
def test_every_pair_of_colours_can_be_read(night):
    colour = {name: PAIR.match(value).groups()[night] for name, value in BOTH.items() if PAIR.fullmatch(value)}

    weak = [
        (front, back, round(contrast(colour[front], colour[back]), 2))
        for fronts, backs, least in READ
        for front in fronts
        for back in backs
        if contrast(colour[front], colour[back]) < least
    ]

    assert weak == []


def test_motion_stops_for_those_who_ask():
    reduced = TOKENS[TOKENS.index("prefers-reduced-motion") :]

    assert token_values(reduced.replace("; ", ";\n").replace(" }", "\n")).keys() == {"--quick", "--calm", "--slow"}

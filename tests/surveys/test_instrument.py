"""Reading an instrument: what the file says, and what is refused with its place and remedy."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.instrument import Format, InstrumentError, Item, Scale, parse

SMALL = """
id = "calm"
title = "Calm at work"
source = "Written for this test"
wording = "working"
language = "en"
instruction = "How often?"

[[formats]]
id = "often"
min = 1
max = 5
labels = { 1 = "never", 3 = "at times", 5 = "always" }
stem = "At work I feel"

[[scales]]
id = "calm"
title = "Calm"
min_answered = 2
direction = "higher_is_better"

[[scales]]
id = "body"
title = "In the body"
min_answered = 1
direction = "undeclared"

[[items]]
id = "calm_1"
text = "Quiet"
format = "often"

[[items]]
id = "calm_2"
text = "Restless"
format = "often"
reverse = true
subscale = "body"
"""


def test_a_file_becomes_items_and_scales():
    calm = parse(SMALL)

    often = Format("often", 1, 5, ("never", "", "at times", "", "always"), "At work I feel")
    assert calm.items == (Item("calm_1", "Quiet", often, False, ""), Item("calm_2", "Restless", often, True, "body"))
    assert calm.scales == (
        Scale("calm", "Calm", ("calm_1", "calm_2"), 2, "higher_is_better", False),
        Scale("body", "In the body", ("calm_2",), 1, "undeclared", True),
    )
    assert calm.total == calm.scales[0]
    assert (calm.title, calm.wording, calm.is_working) == ("Calm at work", "working", True)


def test_points_carry_their_words():
    points = parse(SMALL).items[0].format.points

    assert points == ((1, "never"), (2, ""), (3, "at times"), (4, ""), (5, "always"))


def test_version_is_of_the_content_not_of_the_layout():
    respaced = "# a comment\n" + SMALL.replace(" = ", "   =   ")

    assert parse(respaced).version == parse(SMALL).version


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Quiet", "Silent"),
        ("reverse = true", "reverse = false"),
        ("min_answered = 2", "min_answered = 1"),
        ('max = 5\nlabels = { 1 = "never", 3 = "at times", 5', 'max = 4\nlabels = { 1 = "never", 3 = "at times", 4'),
        ('"working"', '"licensed"'),
    ],
)
def test_version_changes_with_the_content(old, new):
    changed = SMALL.replace(old, new)

    assert changed != SMALL
    assert parse(changed).version != parse(SMALL).version


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('id = "calm"\ntitle = "Calm at', 'id = "Calm!"\ntitle = "Calm at', "the file: id is 'Calm!'. Use a to z"),
        ('wording = "working"', 'wording = "tested"', "the file: wording is 'tested'. Use one of: working, licensed."),
        ('language = "en"\n', "", "the file: language is missing. Add it."),
        ('language = "en"\n', 'language = " "\n', "the file: language is empty. Fill it in."),
        (
            'language = "en"\n',
            'language = "en"\ntitel = "x"\n',
            "the file: titel is not known here. Use only: formats,",
        ),
        ("min = 1", "min = 5", "format often: the range is 5 to 5. Use whole numbers from 1 to 9"),
        ("max = 5", "max = 10", "format often: the range is 1 to 10. Use whole numbers from 1 to 9"),
        ("min = 1", "min = true", "format often: min is True. Write a whole number."),
        ("max = 5", "max = 5.0", "format often: max is 5.0. Write a whole number."),
        ("max = 5", "max = 4", "format often: label 5 lies outside 1 to 4. Move it into the range."),
        ('1 = "never", ', "", "format often: point 1 has no label. Give both ends a label in words."),
        ("min_answered = 2", "min_answered = 3", "scale calm: min_answered is 3. Use a number from 1 to 2."),
        ("min_answered = 1", "min_answered = 0", "scale body: min_answered is 0. Use a number from 1 to 1."),
        ('"undeclared"', '"unknown"', "scale body: direction is 'unknown'. Use one of: higher_is_better,"),
        ('id = "calm_2"', 'id = "calm_1"', "calm_1: the id is used 2 times. Give each its own."),
        ('id = "body"', 'id = "calm"', "calm: the id is used 2 times. Give each its own."),
        ('subscale = "body"', 'subscale = "mind"', 'scale body: no item belongs to it. Write subscale = "body" at'),
        (
            '"Quiet"\nformat = "often"',
            '"Quiet"\nformat = "seldom"',
            "item calm_1: format seldom is not among the formats.",
        ),
        ("reverse = true", "revers = true", "item calm_2: revers is not known here. Use only: format, id, reverse,"),
        ("reverse = true", 'reverse = "yes"', "item calm_2: reverse is 'yes'. Write a true or false."),
        ("[[items]]", "[[scale]]", "the file: scale is not known here."),
        ('id = "calm_2"\n', "", "item 2: id is missing. Add it."),
        ("[[formats]]", "[formats]", "the file: formats is {"),
        ("title = ", "title ", "the file: not TOML,"),
    ],
)
def test_a_fault_is_named_with_place_and_remedy(old, new, message):
    broken = SMALL.replace(old, new, 1) if old != "[[items]]" else SMALL.replace(old, new)

    with pytest.raises(InstrumentError, match=re.escape(message)):
        parse(broken)


def test_a_subscale_of_an_item_must_exist():
    orphan = SMALL.replace('"Quiet"\n', '"Quiet"\nsubscale = "mind"\n')

    with pytest.raises(InstrumentError, match=r"item calm_1: subscale mind is not among the scales\. Add it"):
        parse(orphan)


def test_one_scale_has_all_the_items():
    headless = (
        SMALL.replace('id = "calm"\ntitle = "Calm at', 'id = "peace"\ntitle = "Calm at')
        .replace('"Quiet"\n', '"Quiet"\nsubscale = "calm"\n')
        .replace("min_answered = 2", "min_answered = 1")
    )

    with pytest.raises(InstrumentError, match=r'the scales: none has all the items\. Add one .* id = "peace"'):
        parse(headless)


@given(st.text())
def test_any_text_is_read_or_refused(text):
    with pytest.raises(InstrumentError):
        parse(text)


@given(st.data())
def test_a_file_with_a_part_torn_out_is_read_or_refused(data):
    start = data.draw(st.integers(0, len(SMALL)))
    end = data.draw(st.integers(start, len(SMALL)))

    with suppress(InstrumentError):
        parse(SMALL[:start] + SMALL[end:])

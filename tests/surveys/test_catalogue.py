"""The instruments that ship: how many items, which ranges, which are reversed, and that they are marked."""

from collections import Counter

import pytest

from surveys.catalogue import instruments

SUBSCALES = {
    "anxiety_contentment": 6,
    "depression_enthusiasm": 6,
    "competence": 6,
    "aspiration": 6,
    "negative_carry_over": 4,
}


def test_three_instruments_in_the_order_of_answering():
    assert [(each.id, len(each.items)) for each in instruments().values()] == [("pmi", 11), ("wwas", 28), ("pis", 7)]


def test_ranges_are_those_of_the_pilot():
    ranges = {name: {(item.min, item.max) for item in each.items} for name, each in instruments().items()}

    assert ranges == {"pmi": {(1, 9)}, "wwas": {(1, 6)}, "pis": {(1, 5)}}


def test_work_related_affect_has_five_subscales():
    wwas = instruments()["wwas"]

    assert {scale.id: len(scale.items) for scale in wwas.scales if scale.is_subscale} == SUBSCALES
    assert Counter(item.subscale for item in wwas.items) == SUBSCALES


def test_reversed_items_are_the_unpleasant_ones():
    wwas = instruments()["wwas"]

    reversed_words = {item.text for item in wwas.items[:12] if item.reverse}
    per_subscale = Counter(item.subscale for item in wwas.items if item.reverse)

    assert reversed_words == {"Tense", "Worried", "Uneasy", "Gloomy", "Miserable", "Depressed"}
    assert per_subscale == dict.fromkeys(list(SUBSCALES)[:4], 3) | {"negative_carry_over": 4}


def test_the_key_is_written_down_a_second_time():
    """The numbers of the items: a slip in an instrument's file must not change a score unnoticed."""
    numbers = {each.id: {item.id: int(item.id[-2:]) for item in each.items} for each in instruments().values()}
    members = {
        scale.id: [numbers[each.id][item.id] for item in each.items if item.id in scale.items]
        for each in instruments().values()
        for scale in each.scales
        if scale.is_subscale
    }
    reverse = {
        each.id: [numbers[each.id][item.id] for item in each.items if item.reverse] for each in instruments().values()
    }

    assert members == {
        "anxiety_contentment": [1, 3, 5, 7, 9, 11],
        "depression_enthusiasm": [2, 4, 6, 8, 10, 12],
        "competence": [13, 15, 18, 21, 23, 26],
        "aspiration": [14, 17, 19, 22, 25, 27],
        "negative_carry_over": [16, 20, 24, 28],
    }
    assert reverse == {
        "pmi": [],
        "wwas": [1, 4, 5, 8, 9, 12, 15, 16, 17, 20, 21, 22, 24, 26, 27, 28],
        "pis": [2, 4, 6],
    }


def test_a_scale_that_counts_against_its_name_says_so():
    wwas = instruments()["wwas"]

    assert all(item.reverse for item in wwas.items if item.subscale == "negative_carry_over")
    assert [scale.title for scale in wwas.scales if "reversed" in scale.title] == ["Negative carry-over, reversed"]


@pytest.mark.parametrize("name", ["pmi", "wwas", "pis"])
def test_everything_that_ships_is_working_wording(name):
    assert instruments()[name].is_working


def test_isolation_has_no_declared_direction():
    directions = {each.total.id: each.total.direction for each in instruments().values()}

    assert directions == {"pmi": "higher_is_better", "wwas": "higher_is_better", "pis": "undeclared"}


def test_enough_answers_are_asked_for():
    enough = {scale.id: scale.min_answered for each in instruments().values() for scale in each.scales}

    assert enough == {"pmi": 8, "wwas": 20, "pis": 5, **dict.fromkeys(SUBSCALES, 4), "negative_carry_over": 3}


def test_no_item_shares_its_id_or_its_words_with_another():
    items = [item for each in instruments().values() for item in each.items]

    assert len({item.id for item in items}) == len({item.text for item in items}) == 46

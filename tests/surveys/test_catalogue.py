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

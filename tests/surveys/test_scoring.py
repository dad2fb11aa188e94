"""Scores: worked by hand, and what must hold for every set of answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.catalogue import instruments
from surveys.instrument import Instrument, Scale
from surveys.scoring import OutOfRange, keyed, score

SCALES = [(instrument, scale) for instrument in instruments().values() for scale in instrument.scales]
ITEMS = [item for instrument in instruments().values() for item in instrument.items]


def answers_of(instrument: Instrument, least: int = 0) -> st.SearchStrategy[dict[str, int]]:
    values = {item.id: st.integers(item.min, item.max) for item in instrument.items}
    return st.fixed_dictionaries({}, optional=values).filter(lambda answers: len(answers) >= least)


scored = st.sampled_from(SCALES).flatmap(
    lambda pair: st.tuples(st.just(pair[0]), st.just(pair[1]), answers_of(pair[0]))
)


def test_mean_of_isolation_worked_by_hand():
    """Reversed are 2, 4 and 6: 5, 6 - 2 = 4, 3, 6 - 1 = 5, 4, 6 - 3 = 3, 2 make 26 / 7."""
    pis = instruments()["pis"]
    answers = dict(zip([f"pis_{n:02}" for n in range(1, 8)], [5, 2, 3, 1, 4, 3, 2], strict=True))

    assert score(pis.total, pis, answers) == 26 / 7


def test_mean_of_the_answered_when_there_are_enough():
    """Five of seven, of which 2 and 4 reversed: 1, 6 - 1 = 5, 1, 6 - 1 = 5, 1 make 13 / 5. The blanks count nothing."""
    pis = instruments()["pis"]
    answers = dict.fromkeys([f"pis_{n:02}" for n in range(1, 6)], 1)

    assert score(pis.total, pis, answers) == 13 / 5


def test_no_score_with_one_answer_too_few():
    pis = instruments()["pis"]

    assert score(pis.total, pis, dict.fromkeys(["pis_01", "pis_02", "pis_03", "pis_04"], 3)) is None
    assert score(pis.total, pis, {}) is None


def test_carried_home_is_keyed_towards_well_being():
    """All four reversed: 7 - 1, 7 - 2, 7 - 1 make 17 / 3."""
    wwas = instruments()["wwas"]
    scale = next(scale for scale in wwas.scales if scale.id == "negative_carry_over")

    assert score(scale, wwas, {"wwas_16": 1, "wwas_20": 2, "wwas_24": 1}) == 17 / 3


def test_a_subscale_takes_its_own_items_only():
    wwas = instruments()["wwas"]
    scale = next(scale for scale in wwas.scales if scale.id == "anxiety_contentment")
    own = dict.fromkeys(scale.items, 4)
    others = {item.id: 1 for item in wwas.items if item.id not in own}

    assert score(scale, wwas, own | others) == score(scale, wwas, own) == (3 * 4 + 3 * 3) / 6


@pytest.mark.parametrize("value", [0, 10, -1, 5.0, True, "5", None])
def test_a_value_that_is_not_offered_is_refused_with_its_item(value):
    pmi = instruments()["pmi"]
    answers = {item.id: 5 for item in pmi.items} | {"pmi_07": value}

    with pytest.raises(OutOfRange) as refused:
        score(pmi.total, pmi, answers)

    assert refused.value.item == "pmi_07"


@given(st.sampled_from(ITEMS), st.data())
def test_reversal_stays_in_range_and_undoes_itself(item, data):
    value = data.draw(st.integers(item.min, item.max))

    assert item.min <= keyed(item, value) <= item.max
    assert keyed(item, keyed(item, value)) == value


@given(scored)
def test_a_score_lies_in_the_range_and_needs_enough_answers(drawn: tuple[Instrument, Scale, dict[str, int]]):
    instrument, scale, answers = drawn
    present = [item for item in scale.items if item in answers]

    result = score(scale, instrument, answers)

    assert (result is None) == (len(present) < scale.min_answered)
    if result is not None:
        assert instrument.items[0].min <= result <= instrument.items[0].max


@given(scored)
def test_answers_turned_round_turn_the_score_round(drawn: tuple[Instrument, Scale, dict[str, int]]):
    instrument, scale, answers = drawn
    low, high = instrument.items[0].min, instrument.items[0].max

    result = score(scale, instrument, answers)
    turned = score(scale, instrument, {item: low + high - value for item, value in answers.items()})

    assert turned == (None if result is None else pytest.approx(low + high - result))


@given(scored, st.randoms())
def test_the_order_of_answers_does_not_matter(drawn: tuple[Instrument, Scale, dict[str, int]], random):
    instrument, scale, answers = drawn
    shuffled = list(answers.items())
    random.shuffle(shuffled)

    assert score(scale, instrument, dict(shuffled)) == score(scale, instrument, answers)

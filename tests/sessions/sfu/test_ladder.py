"""Which pictures a line carries: whom it drops first, and that it comes to rest."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.sfu.ladder import ALL_UP_AFTER_S, STEP_S, UP_AFTER_S, Ladder, Layer, Tile

LOW, HIGH = Layer("l", 60_000), Layer("h", 220_000)
NAMES = ("pia", "lea", "cole", "max", "rae", "otto")


def tiles(*names: str, height_px: int = 180) -> list[Tile]:
    return [Tile(name, height_px, (LOW, HIGH)) for name in names or NAMES]


def settled(ladder: Ladder, wanted: Sequence[Tile], budget_bps: int | None, since: float = 0.0) -> dict[str, str]:
    """What the ladder comes to in half a minute."""
    for tick in range(60):
        chosen = ladder.choose(wanted, budget_bps, since + tick / 2)
    return chosen


def test_a_line_without_limit_carries_all() -> None:
    assert Ladder().choose(tiles(), None, 0.0) == dict.fromkeys(NAMES, "l")


def test_two_large_tiles_get_the_high_layer() -> None:
    assert Ladder().choose(tiles("pia", "lea", "max", height_px=240), None, 0.0) == {"pia": "h", "lea": "h", "max": "l"}


def test_who_sends_one_layer_is_sent_in_it() -> None:
    single = Tile("pia", 700, (Layer("", 300_000),))

    assert Ladder().choose([single], None, 0.0) == {"pia": ""}


def test_a_new_line_gets_at_once_what_it_holds() -> None:
    assert Ladder().choose(tiles(), 300_000, 0.0) == dict.fromkeys(NAMES[:4], "l")


def test_all_faces_come_before_any_high_layer() -> None:
    wanted = tiles("pia", "lea", height_px=500)

    chosen = [Ladder().choose(wanted, budget, 0.0) for budget in (100_000, 200_000, 350_000, 600_000)]

    assert chosen == [{"pia": "l"}, {"pia": "l", "lea": "l"}, {"pia": "h", "lea": "l"}, {"pia": "h", "lea": "h"}]


def test_a_slower_line_drops_the_least_important_at_once() -> None:
    ladder = Ladder()
    ladder.choose(tiles("pia", "lea", "max", height_px=300), 10**6, 0.0)

    chosen = [ladder.choose(tiles("pia", "lea", "max", height_px=300), budget, 0.1) for budget in (400_000, 130_000, 0)]

    assert chosen == [{"pia": "h", "lea": "l", "max": "l"}, {"pia": "l", "lea": "l"}, {}]


@pytest.mark.parametrize(("budget_bps", "after_s", "faces"), [(350_000, UP_AFTER_S, 5), (10**6, ALL_UP_AFTER_S, 6)])
def test_a_line_that_recovers_gets_its_pictures_back_one_by_one(budget_bps: int, after_s: float, faces: int) -> None:
    ladder = Ladder()
    ladder.choose(tiles(), 10**6, 0.0)
    ladder.choose(tiles(), 100_000, 0.75)

    counts = [(now / 4, len(ladder.choose(tiles(), budget_bps, now / 4))) for now in range(4, 40)]
    changes = [(now, count) for (_, former), (now, count) in pairwise(counts) if count != former]

    begins = (1.0 if after_s == ALL_UP_AFTER_S else 0.75) + after_s
    assert changes == [(begins + step * STEP_S, 2 + step) for step in range(faces - 1)]


def test_a_line_just_wide_enough_gets_nothing_more() -> None:
    ladder = Ladder()
    ladder.choose(tiles(), 130_000, 0.0)

    assert settled(ladder, tiles(), 194_000, 1.0) == {"pia": "l", "lea": "l"}
    assert settled(ladder, tiles(), 197_000, 90.0) == {"pia": "l", "lea": "l", "cole": "l"}


def test_another_presenter_takes_the_place_of_the_least_important() -> None:
    ladder = Ladder()
    before = settled(ladder, tiles("pia", "lea", "max"), 140_000)

    after = settled(ladder, tiles("max", "pia", "lea"), 140_000, 90.0)

    assert (before, after) == ({"pia": "l", "lea": "l"}, {"max": "l", "pia": "l"})


def test_a_large_picture_that_does_not_fit_does_not_keep_smaller_ones_away() -> None:
    wanted = [Tile("pia", 180, (Layer("", 400_000),)), *tiles("lea", "max")]

    assert settled(Ladder(), wanted, 200_000) == {"lea": "l", "max": "l"}


layers = st.one_of(
    st.builds(lambda bps: (Layer("", bps),), st.integers(0, 10**6)),
    st.builds(lambda low, more: (Layer("l", low), Layer("h", low + more)), *[st.integers(0, 300_000)] * 2),
)
rooms = st.lists(st.sampled_from(NAMES), unique=True).flatmap(
    lambda names: st.tuples(*(st.builds(Tile, st.just(name), st.integers(1, 500), layers) for name in names))
)
budgets = st.integers(0, 2 * 10**6)


def cost(wanted: Sequence[Tile], chosen: dict[str, str]) -> int:
    return sum(layer.bps for tile in wanted for layer in tile.layers if chosen.get(tile.member) == layer.rid)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(steps=st.lists(st.tuples(rooms, budgets, st.floats(0, 5)), max_size=20))
def test_never_more_than_the_budget_and_two_high(steps: list[tuple[Sequence[Tile], int, float]]) -> None:
    ladder, now = Ladder(), 0.0
    for wanted, budget, pause in steps:
        now += pause
        chosen = ladder.choose(wanted, budget, now)

        assert cost(wanted, chosen) <= budget
        assert list(chosen.values()).count("h") <= 2
        assert all(tile.height_px >= 240 for tile in wanted if chosen.get(tile.member) == "h")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(former=rooms, before=budgets, wanted=rooms, budget=budgets)
def test_a_constant_line_comes_to_rest(
    former: Sequence[Tile], before: int, wanted: Sequence[Tile], budget: int
) -> None:
    ladder = Ladder()
    ladder.choose(former, before, 0.0)
    rest = settled(ladder, wanted, budget, 1.0)

    assert [ladder.choose(wanted, budget, 62.0 + later) for later in range(20)] == [rest] * 20


@settings(max_examples=60, deadline=None, derandomize=True)
@given(former=rooms, before=budgets, wanted=rooms, budget=budgets)
def test_who_is_paused_is_no_cheaper_and_more_important_than_who_is_shown(
    former: Sequence[Tile], before: int, wanted: Sequence[Tile], budget: int
) -> None:
    ladder = Ladder()
    ladder.choose(former, before, 0.0)
    rest = settled(ladder, wanted, budget, 1.0)

    for at, paused in enumerate(wanted):
        for shown in wanted[at + 1 :]:
            if paused.member not in rest and shown.member in rest:
                assert paused.layers[0].bps > shown.layers[0].bps

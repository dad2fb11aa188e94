"""Whose line is slow: slow to say so, and slow to take it back."""

from sessions.slow import SlowLines


def looks(*strained: set[str]) -> list[tuple[bool, set[str]]]:
    slow = SlowLines()
    return [(slow.look(each), set(slow.seats)) for each in strained]


def test_a_bad_moment_is_no_slow_line() -> None:
    assert looks({"max"}, {"max"}, set(), {"max"}, set()) == [(False, set())] * 5


def test_a_line_that_strains_on_is_slow_and_is_told_once() -> None:
    assert looks(*[{"max"}] * 5) == [(False, set())] * 2 + [(True, {"max"})] + [(False, {"max"})] * 2


def test_a_line_is_well_again_after_as_many_good_moments() -> None:
    told = looks(*[{"max", "pia"}] * 9, *[{"pia"}] * 6)

    assert told[8:] == [(False, {"max", "pia"})] * 5 + [(True, {"pia"})] + [(False, {"pia"})]

"""How much one sender may send."""

from sessions.sfu.allowance import Allowance


def test_a_burst_is_allowed_and_not_one_more() -> None:
    allowance = Allowance(burst=3, per_second=1, now=10)

    assert [allowance.take(10) for _ in range(5)] == [True, True, True, False, False]


def test_what_costs_more_is_allowed_less_often() -> None:
    allowance = Allowance(burst=10, per_second=1, now=0)

    assert [allowance.take(0, cost) for cost in (6, 6, 4, 1)] == [True, False, True, False]


def test_it_comes_back_with_time() -> None:
    allowance = Allowance(burst=1, per_second=2, now=0)
    allowance.take(0)

    assert [allowance.take(now) for now in (0.4, 0.5, 0.6, 1.0)] == [False, True, False, True]


def test_waiting_long_gives_no_more_than_the_burst() -> None:
    allowance = Allowance(burst=2, per_second=100, now=0)

    assert [allowance.take(3600) for _ in range(3)] == [True, True, False]

"""The estimate against a simulated line: what it finds, what it leaves alone, how soon it follows."""

import random

import pytest

from sessions.sfu.estimate import MAX_BPS, MIN_BPS, START_BPS, Estimator
from tests.sessions.sfu.line import Line

RTTS_S = (0.04, 0.3)


def line(rate_bps: float, rtt_s: float = 0.04, **terms: float) -> Line:
    """After half a minute."""
    made = Line(rate_bps, rtt_s, **terms)  # type: ignore[arg-type]
    made.run(30)
    return made


@pytest.mark.parametrize("rtt_s", RTTS_S)
@pytest.mark.parametrize("rate_bps", [2_000_000, 1_000_000, 300_000, 64_000])
def test_the_rate_of_the_line_is_found(rate_bps: float, rtt_s: float) -> None:
    found = line(rate_bps, rtt_s)

    assert 0.7 <= found.mean_bps(15) / rate_bps <= 1.0
    assert found.wait_s(20, share=0.95) < 0.06


@pytest.mark.parametrize("rtt_s", RTTS_S)
@pytest.mark.parametrize("loss", [0.05, 0.1, 0.2])
def test_a_line_that_loses_by_chance_is_not_starved(loss: float, rtt_s: float) -> None:
    found = line(1_000_000, rtt_s, loss=loss)

    assert found.mean_bps(15) > 600_000
    assert min(bps for at, bps in found.estimates if at > found.now - 15) > 450_000


def test_a_line_without_a_queue_is_judged_by_what_it_loses() -> None:
    found = line(500_000, queue_s=0.02)

    assert 0.7 <= found.mean_bps(15) / 500_000 <= 1.2
    assert found.estimator.losses.now < 0.1


@pytest.mark.parametrize("rtt_s", RTTS_S)
def test_a_fall_is_followed_within_two_seconds(rtt_s: float) -> None:
    falling = line(2_000_000, rtt_s)

    falling.rate_bps = 300_000
    falling.run(2)
    assert falling.estimator.bps < 300_000

    falling.run(2)
    assert falling.wait_s(1.5, share=1.0) < 0.25  # the queue that the fall left is gone


@pytest.mark.parametrize("rtt_s", RTTS_S)
def test_a_better_line_is_found_within_ten_seconds(rtt_s: float) -> None:
    better = line(300_000, rtt_s)

    better.rate_bps = 2_000_000
    better.run(10)

    assert better.estimator.bps > 1_400_000


@pytest.mark.parametrize("moment_s", [0.7, 1.4, 2.1, 2.8])
def test_a_line_that_is_wide_again_has_room_for_all_faces_in_four_seconds(moment_s: float) -> None:
    """Whenever that is between two probes."""
    again = Line(2_000_000, wants_bps=800_000)
    again.run(20)
    again.rate_bps = 200_000
    again.run(30 + moment_s)

    again.rate_bps = 2_000_000
    again.run(4)

    assert again.estimator.bps > 620_000


def test_the_first_seconds_do_not_flood_a_narrow_line() -> None:
    started = Line(300_000)

    started.run(3)

    assert started.wait_s(3, share=1.0) < 0.1


def test_who_wants_no_more_is_not_probed() -> None:
    calm = Line(2_000_000, wants_bps=200_000)
    calm.run(10)
    sent = sum(size for at, size in calm.sent if at > calm.now - 5) * 8 / 5

    assert sent < 210_000


def test_a_probe_is_as_short_as_the_line_is_narrow() -> None:
    estimator = Estimator(0.0)

    narrow = estimator.probe(2_000_000, 0.0)
    assert narrow is not None
    assert narrow.packets * narrow.size * 8 <= 0.06 * START_BPS

    estimator.bps = 2_000_000
    wide = estimator.probe(4_000_000, 0.0)
    assert wide is not None
    assert (wide.packets, wide.size) == (40, 300)


def test_another_probe_waits_for_the_first() -> None:
    estimator = Estimator(0.0)
    probe = estimator.probe(2_000_000, 0.0)
    assert probe is not None

    estimator.sent(probe, 1, probe.packets)

    assert estimator.probe(2_000_000, 0.05) is None


def test_a_probe_that_nothing_is_heard_of_finds_nothing() -> None:
    estimator = Estimator(0.0)
    probe = estimator.probe(2_000_000, 0.0)
    assert probe is not None
    estimator.sent(probe, 1, probe.packets)

    estimator.hear([(0.0, 1, 0.0, 80)], 1, probe.packets - 1, 0.04, 2.0)

    assert estimator.bps == START_BPS
    assert estimator.probe(2_000_000, 10.0) is not None


def test_the_estimate_never_falls_below_one_voice() -> None:
    found = line(8_000)

    assert min(bps for _, bps in found.estimates) >= MIN_BPS


def test_a_clock_that_runs_wild_breaks_nothing() -> None:
    dice, estimator = random.Random(2), Estimator(0.0)

    for number in range(1, 6000):
        arrived_at = dice.choice((-1e6, 1e6, 0.0)) * dice.random() - number
        estimator.hear([(arrived_at, number, number * 0.01, 200)], number, 0, 0.04, number * 0.01)

    assert MIN_BPS <= estimator.bps <= MAX_BPS
    assert len(estimator._rate.arrived) <= 2000

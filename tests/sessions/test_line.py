"""What a tested line carries: the thresholds of the ladder, each from both sides."""

from dataclasses import replace

import pytest

from sessions.line import Measured, Verdict, Voices, judge

GOOD = Measured(up_bps=480_000, down_bps=940_000, rtt_ms=40, jitter_ms=3, loss_pct=0.1)
ALL, SPEAKER, TROUBLE = Voices.ALL, Voices.SPEAKER, Voices.TROUBLE


@pytest.mark.parametrize(
    ("line", "verdict", "ready"),
    [
        ({}, Verdict(ALL, 11, True), True),
        ({"down_bps": 860_000}, Verdict(ALL, 11, True), True),
        ({"down_bps": 859_999}, Verdict(ALL, 10, True), True),
        ({"down_bps": 440_000}, Verdict(ALL, 4, True), True),
        ({"down_bps": 260_000}, Verdict(ALL, 1, True), True),
        ({"down_bps": 259_999}, Verdict(ALL, 0, True), True),
        ({"down_bps": 200_000}, Verdict(ALL, 0, True), True),
        ({"down_bps": 199_999}, Verdict(SPEAKER, 0, True), False),
        ({"down_bps": 36_000}, Verdict(SPEAKER, 0, True), False),
        ({"down_bps": 35_999}, Verdict(TROUBLE, 0, False), False),
        ({"up_bps": 350_000}, Verdict(ALL, 11, True), True),
        ({"up_bps": 349_999}, Verdict(ALL, 11, False), True),
        ({"up_bps": 60_000}, Verdict(ALL, 11, False), True),
        ({"up_bps": 59_999}, Verdict(TROUBLE, 0, False), False),
        ({"loss_pct": 20.0}, Verdict(ALL, 11, True), True),
        ({"loss_pct": 20.1}, Verdict(TROUBLE, 0, False), False),
        ({"rtt_ms": 800}, Verdict(ALL, 11, True), True),
        ({"rtt_ms": 801}, Verdict(TROUBLE, 0, False), False),
        ({"up_bps": 0, "down_bps": 0, "loss_pct": 100.0}, Verdict(TROUBLE, 0, False), False),
        ({"jitter_ms": 500}, Verdict(ALL, 11, True), True),
    ],
)
def test_what_a_line_carries(line: dict[str, float], verdict: Verdict, ready: bool) -> None:
    judged = judge(replace(GOOD, **line))

    assert (judged, judged.ready) == (verdict, ready)

"""What `./balint.sh bench line` makes of what a page has seen; the figures are for a quiet machine to say."""

from dataclasses import replace
from typing import Any

from benchmarks.circle import speaking
from benchmarks.line import Figures, Terms, heard, lines, median, missed, pictures

FAR, NEAR = 0.3, 0.04
GOOD = Figures(
    concealed_pct=0.0,
    gaps_pct=0.0,
    faces=11,
    fps=12.0,
    fps_least=12.0,
    unsaid_s=0.2,
    settle_s=2.0,
    estimate_share=0.7,
    wait_ms=5.0,
    wait_most_ms=40.0,
    dropped_pct=0.0,
    up_kbps=300.0,
)


def look(at: float, audio: dict[str, list[int]] | None = None, **video: tuple[int, str]) -> dict[str, Any]:
    return {
        "at": at,
        "audio": audio or {},
        "video": {seat: [frames, 180] for seat, (frames, _) in video.items()},
        "words": {seat: words for seat, (_, words) in video.items()},
    }


def voice(*concealed: int) -> list[dict[str, Any]]:
    """A look each tenth of a second, at 4,800 samples since the last; so many of them concealed aloud."""
    totals = [sum(concealed[:n]) for n in range(len(concealed) + 1)]
    return [look(n / 10, {"max": [4800 * n, total, 0, 5 * n]}) for n, total in enumerate(totals)]


def test_only_what_was_said_counts() -> None:
    seen = voice(*[0] * 10, 480, *[0] * 9, 4800)

    assert heard(seen, {"max": [[0.0, 2.0]]}) == {"concealed_pct": 0.71, "gaps_pct": 0.0}


def test_a_voice_that_is_not_there_for_long_is_a_gap() -> None:
    short, long = voice(*[0] * 10, 4800, *[0] * 9), voice(*[0] * 10, 4800, 4800, 4800, *[0] * 7)

    assert heard(short, {"max": [[0.0, 2.0]]})["gaps_pct"] == 0.0
    assert heard(long, {"max": [[0.0, 2.0]]})["gaps_pct"] == 21.43  # 0.3 of 1.4 s


def test_a_voice_that_no_slot_carries_is_a_gap() -> None:
    assert heard([look(n / 10) for n in range(21)], {"max": [[0.0, 2.0]]})["gaps_pct"] == 100.0


def test_pictures_that_run_and_that_stand_still() -> None:
    seen = [look(n / 10, max=(n, ""), pia=(7, ""), lea=(7, "picture paused: slow line")) for n in range(31)]

    found = pictures(seen)

    assert found == {"faces": 1, "fps": 10.0, "fps_least": 10.0, "unsaid_s": 3.0}


def test_targets_that_are_missed_are_said() -> None:
    wide = Terms("1 Mb/s", 1e6, NEAR)

    assert missed(wide, GOOD) == []
    assert missed(wide, replace(GOOD, faces=9, unsaid_s=2.5)) == [
        "a tile was still for 2.5 s without words",
        "only 9 of the other faces ran",
    ]


def test_more_may_be_concealed_where_repair_comes_late() -> None:
    some = replace(GOOD, concealed_pct=1.5)

    assert missed(Terms("near", 2e6, NEAR, loss=0.1), some) == ["1.5 % of the voices was concealed"]
    assert missed(Terms("far", 2e6, FAR, loss=0.1), some) == []


def test_each_line_is_measured_near_and_far() -> None:
    found = lines()

    assert len(found) == len({each.name for each in found}) == 16
    assert {each.rtt_s for each in found} == {NEAR, FAR}


def test_the_median_of_each_figure() -> None:
    assert median([GOOD, replace(GOOD, fps=9.0), replace(GOOD, fps=8.0)]) == replace(GOOD, fps=9.0)


def test_nobody_begins_while_as_many_others_still_end_their_sentences() -> None:
    assert [
        speaking("abcde", 3, engaged) for engaged in (set(), {"x"}, {"x", "y", "z"}, {"a", "x", "y"}, set("abc"))
    ] == [{"a", "b", "c"}, {"a", "b"}, set(), {"a"}, {"a", "b", "c"}]

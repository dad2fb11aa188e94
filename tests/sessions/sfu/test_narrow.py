"""Estimate, voices and ladder together on a simulated line: what a member of a circle of twelve is left with."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from sessions.sfu.ladder import Ladder, Layer, Tile
from sessions.sfu.voices import Lately, Share
from tests.sessions.sfu.line import STEP_S, Line

RTTS_S = (0.04, 0.3)
FACES = [Tile(name, 180, (Layer("l", 58_000),)) for name in "abcdefghijk"]
FRAME_BYTES, FRAME_S = 604, 1 / 12
VOICE_BYTES, VOICE_S = 125, 0.02  # VOICE_BPS
SENTENCE_S, PAUSE_S = 2.6, 0.4
PRE_ROLL = 5
BEAT_S, ALLOT_S = 0.05, 0.25


@dataclass
class Circle(Line):
    """`speakers` talk at once, and all stop for breath at once."""

    speakers: int = 1
    seen: list[tuple[float, int, int]] = field(default_factory=list)  # at, voices, faces

    def __post_init__(self) -> None:
        super().__post_init__()
        self.share, self.ladder, self.lately = Share(), Ladder(), Lately()
        self.chosen: dict[str, str] = {}

    def _send_voices(self, tick: int) -> None:
        if _due(tick, BEAT_S):
            self.share.update(self.estimator.bps, self.now)
            self.seen.append((self.now, self.share.portion.voices, len(self.chosen)))
        within_s = self.now % (SENTENCE_S + PAUSE_S)
        if _due(tick, VOICE_S) and within_s < SENTENCE_S:
            begins = within_s < VOICE_S
            for _ in range(min(self.speakers, self.share.portion.voices) * (1 + begins * PRE_ROLL)):
                self._send(VOICE_BYTES)

    def _send_pictures(self, tick: int) -> None:
        if _due(tick, ALLOT_S):
            self.lately.take(self.speakers, self.now)
            spare_bps = self.estimator.bps - self.share.portion.reserved_bps(self.lately.most)
            self.chosen = self.ladder.choose(FACES, max(0, spare_bps), self.now)
        for at, tile in enumerate(FACES):
            if tile.member in self.chosen and _due(tick + at, FRAME_S):
                self._send(FRAME_BYTES)

    def lately_seen(self, last_s: float) -> tuple[Sequence[int], Sequence[int]]:
        """Voices and faces, at each beat."""
        seen = [(voices, faces) for at, voices, faces in self.seen if at > self.now - last_s]
        return [voices for voices, _ in seen], [faces for _, faces in seen]


def _due(tick: int, every_s: float) -> bool:
    return tick % round(every_s / STEP_S) == 0


def circle(rate_bps: float, rtt_s: float, speakers: int = 1, **terms: float) -> Circle:
    """After half a minute."""
    made = Circle(rate_bps, rtt_s, speakers=speakers, **terms)  # type: ignore[arg-type]
    made.run(30)
    return made


@pytest.mark.parametrize("rtt_s", RTTS_S)
@pytest.mark.parametrize("seed", range(3))
def test_three_voices_stay_whole_at_200_kbps(rtt_s: float, seed: int) -> None:
    narrow = circle(200_000, rtt_s, speakers=3, seed=seed)

    voices, _ = narrow.lately_seen(20)

    assert min(voices) == 3
    assert narrow.wait_s(20, share=0.99) < 0.2


@pytest.mark.parametrize("rtt_s", RTTS_S)
@pytest.mark.parametrize(("rate_bps", "least"), [(300_000, 2), (1_000_000, 11)])
def test_faces_stay(rate_bps: float, least: int, rtt_s: float) -> None:
    steady = circle(rate_bps, rtt_s)

    _, faces = steady.lately_seen(15)

    assert min(faces) >= least

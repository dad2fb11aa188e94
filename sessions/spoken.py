"""PURE: for how long each has spoken, by audio levels: milliseconds by seat and step."""

from collections import defaultdict
from collections.abc import Mapping

from sessions.state import CASE, Phase

A_WORD_MS = 2_000  # a cough is no contribution

Spoken = dict[tuple[str, Phase], int]


class Speech:
    def __init__(self, kept: Mapping[tuple[str, Phase], int], now_ms: int) -> None:
        self.total: Spoken = dict(kept)
        self._case: dict[str, int] = defaultdict(int)
        self._speaking: frozenset[str] = frozenset()
        self._since_ms = now_ms

    def pass_time(self, phase: Phase, now_ms: int) -> None:
        """Until now it was this step, and the same people spoke."""
        passed_ms, self._since_ms = max(0, now_ms - self._since_ms), now_ms
        for seat in self._speaking:
            self.total[seat, phase] = self.total.get((seat, phase), 0) + passed_ms
            if phase in CASE:
                self._case[seat] += passed_ms

    def hear(self, speaking: frozenset[str]) -> None:
        """From now on these speak."""
        self._speaking = speaking

    def begin_case(self) -> None:
        self._case.clear()

    def in_case(self) -> frozenset[str]:
        """Who has said something in the case that is on."""
        return frozenset(seat for seat, ms in self._case.items() if ms >= A_WORD_MS)

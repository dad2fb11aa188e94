"""PURE: whose line is slow: not for one bad moment, and not well again after one good one."""

from collections import Counter
from collections.abc import Collection

SLOW_FROM, SURE = 3, 5  # looks


class SlowLines:
    """`look` about every two seconds: a line that strains counts up, one that does not counts down."""

    def __init__(self) -> None:
        self._strained: Counter[str] = Counter()
        self.seats: frozenset[str] = frozenset()

    def look(self, strained: Collection[str]) -> bool:
        """Who strains now; whether `seats` has changed."""
        for seat in {*strained, *self._strained}:
            self._strained[seat] = min(SURE, self._strained[seat] + 1) if seat in strained else self._strained[seat] - 1
        self._strained = +self._strained
        former = self.seats
        kept = {seat for seat, count in self._strained.items() if count >= SLOW_FROM or seat in former}
        self.seats = frozenset(kept)
        return self.seats != former

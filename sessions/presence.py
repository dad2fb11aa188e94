"""PURE: how long somebody was in the room. A gap under two minutes is a drop of the line and counts as present."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Self

BRIDGED_MS = 120_000
MOST_DROPS = 32_767  # what the column of a small integer holds


@dataclass(frozen=True)
class Presence:
    """One person's time in a session. A stretch runs from `since_ms` to `left_ms`, or on while that is None."""

    joined_ms: int
    since_ms: int
    left_ms: int | None = None
    earlier_ms: int = 0
    drops: int = 0

    @classmethod
    def begun(cls, now_ms: int) -> Self:
        return cls(joined_ms=now_ms, since_ms=now_ms)

    def came(self, now_ms: int) -> Self:
        if self.left_ms is None:
            return self
        if now_ms - self.left_ms < BRIDGED_MS:
            return replace(self, left_ms=None, drops=min(self.drops + 1, MOST_DROPS))
        earlier_ms = self.earlier_ms + self.left_ms - self.since_ms
        return replace(self, since_ms=now_ms, left_ms=None, earlier_ms=earlier_ms)

    def went(self, now_ms: int) -> Self:
        return replace(self, left_ms=now_ms) if self.left_ms is None else self

    def seconds(self, now_ms: int) -> int:
        until_ms = now_ms if self.left_ms is None else self.left_ms
        return (self.earlier_ms + until_ms - self.since_ms) // 1000

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

"""PURE: how much one sender may send. A token bucket; the clock is passed in."""


class Allowance:
    """`burst` at once, then `per_second`."""

    __slots__ = ("_at", "_burst", "_left", "_per_second")

    def __init__(self, burst: float, per_second: float, now: float) -> None:
        self._burst, self._per_second = burst, per_second
        self._left, self._at = burst, now

    def take(self, now: float, cost: float = 1) -> bool:
        """Whether so much more is allowed at `now` (seconds); what is not allowed costs nothing."""
        left = self._left + (now - self._at) * self._per_second
        if left > self._burst:
            left = self._burst
        self._at = now
        allowed = left >= cost
        self._left = left - cost if allowed else left
        return allowed

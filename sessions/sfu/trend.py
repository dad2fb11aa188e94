"""PURE: whether the one-way delay grows (draft-ietf-rmcat-gcc-02, section 5), seen by a line laid through the delays.

Times are seconds; sending and arrival may have clocks of their own.
"""

from collections import deque
from collections.abc import Sequence

BURST_S = 0.005  # sent within: one group (section 5.2)
BURST_MAX_S = 0.1
POINTS = 20
SMOOTHING = 0.9
GAIN = 4.0
MAX_DELTAS = 60
THRESHOLD_MS, THRESHOLD_MIN_MS, THRESHOLD_MAX_MS = 12.5, 6.0, 600.0
UP_PER_MS, DOWN_PER_MS = 0.0087, 0.039  # section 5.4: quick to forget a peak, slow to grow used to one
OUTLIER_MS = 15.0
ADAPT_MAX_MS = 100.0
GAP_S = 2.0  # what lies before a longer silence says nothing of the line now


class Group:
    """Packets that left together."""

    __slots__ = ("first_arrived", "first_sent", "last_arrived", "last_sent")

    def __init__(self, sent_at: float, arrived_at: float) -> None:
        self.first_sent = self.last_sent = sent_at
        self.first_arrived = self.last_arrived = arrived_at


class Trend:
    """`take` what has arrived, in that order, then `judge`: +1, a queue is growing; -1, one empties; 0, neither."""

    def __init__(self) -> None:
        self._threshold_ms = THRESHOLD_MS
        self._judged_at: float | None = None
        self._before = 0.0
        self._forget()

    def _forget(self) -> None:
        self._group: Group | None = None
        self._former: Group | None = None
        self._points: deque[tuple[float, float]] = deque(maxlen=POINTS)
        self._deltas = 0
        self._delay_ms = self._smooth_ms = 0.0

    def take(self, sent_at: float, arrived_at: float) -> None:
        group = self._group
        if group is None or arrived_at - group.last_arrived > GAP_S:
            self._forget()
            self._group = Group(sent_at, arrived_at)
        elif sent_at - group.first_sent <= BURST_S or _held_up(group, sent_at, arrived_at):
            if sent_at > group.last_sent:
                group.last_sent = sent_at
            if arrived_at > group.last_arrived:
                group.last_arrived = arrived_at
        elif sent_at > group.last_sent:
            self._compare(group)
            self._group = Group(sent_at, arrived_at)

    def _compare(self, group: Group) -> None:
        former, self._former = self._former, group
        if former is None:
            return
        arrived, sent = group.last_arrived - former.last_arrived, group.last_sent - former.last_sent
        self._deltas += 1
        self._delay_ms += 1000 * (arrived - sent)
        self._smooth_ms = SMOOTHING * self._smooth_ms + (1 - SMOOTHING) * self._delay_ms
        self._points.append((1000 * group.last_arrived, self._smooth_ms))

    def judge(self, now: float) -> int:
        if len(self._points) < POINTS:
            return 0
        trend_ms = min(self._deltas, MAX_DELTAS) * GAIN * _slope(self._points)
        threshold_ms, before, self._before = self._threshold_ms, self._before, trend_ms
        self._adapt(trend_ms, now)
        if trend_ms > threshold_ms and trend_ms >= before:
            return 1
        return -1 if trend_ms < -threshold_ms else 0

    def _adapt(self, trend_ms: float, now: float) -> None:
        passed_ms = 1000 * (now - self._judged_at) if self._judged_at is not None else 0.0
        self._judged_at = now
        beyond = abs(trend_ms) - self._threshold_ms
        if beyond > OUTLIER_MS:
            return
        step = (UP_PER_MS if beyond > 0 else DOWN_PER_MS) * beyond * min(passed_ms, ADAPT_MAX_MS)
        self._threshold_ms = min(THRESHOLD_MAX_MS, max(THRESHOLD_MIN_MS, self._threshold_ms + step))


def _held_up(group: Group, sent_at: float, arrived_at: float) -> bool:
    """Whether something held them up and let them go together (section 5.2)."""
    since = arrived_at - group.last_arrived
    return since <= min(BURST_S, sent_at - group.last_sent) and arrived_at - group.first_arrived < BURST_MAX_S


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """Of the least-squares line."""
    x0, y0 = points[0]
    sum_x = sum_y = sum_xx = sum_xy = 0.0
    for x, y in points:
        x, y = x - x0, y - y0
        sum_x += x
        sum_y += y
        sum_xx += x * x
        sum_xy += x * y
    spread = len(points) * sum_xx - sum_x * sum_x
    return (len(points) * sum_xy - sum_x * sum_y) / spread if spread else 0.0

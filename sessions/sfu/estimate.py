"""PURE: how much a member's line carries down, in the spirit of draft-ietf-rmcat-gcc-02. Rates count whole IP packets.

Delay is the judge. A growing queue is met by what the line was just seen to carry, a little less; without one the
estimate grows slowly, never far beyond what is carried. A sender whose pictures come in steps seldom fills its line, so
growth in earnest comes from probes: a short train of packets, sent at once, whose spread on arrival is the line's rate.

Loss alone is no judge: a line over fields loses a tenth at any rate. So loss that has risen without a queue is put to
the test once. If it falls when less is sent, the line is full (it has no queue to speak of); if it stays, it is the
line's own, and the estimate returns.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from sessions.sfu.transport_cc import Fate
from sessions.sfu.trend import Trend

START_BPS, MIN_BPS, MAX_BPS = 150_000.0, 30_000.0, 20_000_000.0
RATE_WINDOW_S, RATE_PACKETS = 0.5, 2000  # a clock that runs backwards must not fill the memory
DECREASE = 0.85  # section 5.5: beta
FLICKER = 0.95  # of the estimate, when the queue was too short to tell what the line carries
BUSY_S, BUSY_PACKETS = 0.04, 4  # at least, for a rate
DEEPEST = 0.5  # of one decrease: a delay that only flickers must not cost all pictures
GROWTH, GROWTH_NEAR = 1.08, 1.02  # in one second; near: about what the line carried when its queue grew
NEAR = (0.8, 1.3)
CARRIED_ROOM, CARRIED_MORE_BPS = 1.15, 5_000.0
SPACING_S = 0.1  # between decreases, beside a round trip
NOISE_S = 0.015  # a shorter queue, or one that grows at one look only, is a busy machine's or a radio's
FULL_S = 0.1  # a queue as long, and more loss than is the line's own: it runs over
BASE_WINDOW_S = 20.0
LOSS_WINDOW_S, LOSS_PACKETS = 1.5, 20
LOSS_SUSPECT, LOSS_FULL = 0.1, 0.04  # above the line's own
QUIET_NEW = 0.1  # the weight of a new look
LOSS_STAYED = 0.7  # of what it was before less was sent
LOSS_OWN_MAX = 0.35  # no line that one can talk over loses more by itself
TRIAL_S = 1.5
PROBE_S = 0.05  # a train keeps the estimated line busy for so long
PROBE_BYTES = (80, 300)  # of one packet
PROBE_PACKETS = (5, 40)
PROBE_TIMES = 2.0  # the estimate, at most, is what one probe may find
PROBE_SURE = 0.9
PROBE_AFTER_S, PROBE_GAP_S, PROBE_PAUSE_S, PROBE_PAUSE_MAX_S = 2.0, 0.3, 1.5, 5.0
FALLEN, FALLEN_PAUSE_MAX_S = 0.5, 3.0  # below this part of the most that it was: that may soon come again
PROBE_QUEUE_S = 0.04


class Rate:
    """Bits per second over the last RATE_WINDOW_S of the receiver's clock."""

    def __init__(self) -> None:
        self.arrived: deque[Fate] = deque()
        self._bytes = 0

    def take(self, fates: Sequence[Fate]) -> None:
        """In the order of their arrival, and at least one."""
        arrived, since = self.arrived, fates[-1][0] - RATE_WINDOW_S
        arrived.extend(fates)
        self._bytes += sum([size for _, _, _, size in fates])
        while arrived[0][0] < since or len(arrived) > RATE_PACKETS:
            self._bytes -= arrived.popleft()[3]

    @property
    def bps(self) -> float:
        return 8 * self._bytes / RATE_WINDOW_S


class Busy:
    """The same since the line's queue began: while something waits, the line's own rate arrives, whatever is sent. A
    burst that fills a line for a moment is no sign that it carries less."""

    def __init__(self) -> None:
        self.arrived: deque[Fate] = deque(maxlen=RATE_PACKETS)

    @property
    def bps(self) -> float:
        """0 while the queue is too young to tell."""
        since = self.arrived[-1][0] - RATE_WINDOW_S if self.arrived else 0.0
        lately = [(arrived_at, size) for arrived_at, _, _, size in self.arrived if arrived_at >= since]
        if len(lately) < BUSY_PACKETS:
            return 0.0
        took_s = lately[-1][0] - lately[0][0]
        return 8 * sum(size for _, size in lately[1:]) / took_s if took_s >= BUSY_S else 0.0


class Losses:
    """The share lost in the last LOSS_WINDOW_S; `own` is the line's at any rate, as a trial has shown, `quiet` what is
    lost while nothing waits."""

    def __init__(self) -> None:
        self._told: deque[tuple[float, int, int]] = deque()  # at, received and lost until then
        self.now = self.own = self.quiet = 0.0

    @property
    def usual(self) -> float:
        """What is no sign of a full line."""
        return max(self.own, self.quiet)

    def learn(self) -> None:
        """Nothing waits now."""
        self.quiet += QUIET_NEW * (self.now - self.quiet)

    def take(self, received: int, lost: int, now: float) -> None:
        """Both cumulative."""
        self._told.append((now, received, lost))
        while self._told[0][0] < now - LOSS_WINDOW_S:
            self._told.popleft()
        _, received_then, lost_then = self._told[0]
        packets = received - received_then + lost - lost_then
        if packets >= LOSS_PACKETS:
            self.now = max(0, lost - lost_then) / packets
            self.own += 0.05 * min(0.0, self.now - self.own)


class Delays:
    """`queue_s`: how much longer packets take now than the quickest of the last BASE_WINDOW_S."""

    def __init__(self) -> None:
        self._least: deque[tuple[float, float]] = deque()  # ascending: when, how long (with the clocks' difference)
        self.queue_s = 0.0

    def take(self, took_s: float, now: float) -> None:
        least = self._least
        while least and least[-1][1] >= took_s:
            least.pop()
        least.append((now, took_s))
        while least[0][0] < now - BASE_WINDOW_S:
            least.popleft()
        self.queue_s = took_s - least[0][1]

    def forget(self) -> None:
        self._least.clear()


@dataclass
class Probe:
    """A train that is under way; serials of its first and last packet are known when it has left."""

    packets: int
    size: int
    goal_bps: float
    sent_at: float
    first: int = 0
    last: int = 0
    arrived: list[tuple[float, int]] = field(default_factory=list)

    @property
    def bps(self) -> float:
        """What the line let through; 0 when too few arrived to tell."""
        if len(self.arrived) < max(3, 0.6 * self.packets):
            return 0.0
        arrived = sorted(self.arrived)
        spread_s = max(arrived[-1][0] - arrived[0][0], 0.0005)
        return 8 * sum(size for _, size in arrived[1:]) / spread_s


@dataclass(frozen=True)
class Trial:
    """Less is sent for a while, to see whether less is lost."""

    until: float
    loss: float
    bps: float


class Estimator:
    """`hear` each report; `bps` is the estimate. `probe` now and then, when more than that is wanted."""

    def __init__(self, now: float) -> None:
        self.bps = START_BPS
        self.losses, self.delays = Losses(), Delays()
        self._rate, self._busy, self._trend = Rate(), Busy(), Trend()
        self._newest = 0
        self._grew = False
        self._heard_at = now
        self._crowded_at = self._decreased_at = now - PROBE_AFTER_S
        self._most_bps = self.bps
        self._limit_bps = 0.0  # what was carried when the queue last grew
        self._trial: Trial | None = None
        self._probe: Probe | None = None
        self._probe_at, self._pause_s = now, PROBE_PAUSE_S

    @property
    def carried_bps(self) -> float:
        """What goes through, counting in what the line loses by itself."""
        return self._kept(self._rate.bps)

    def _kept(self, bps: float) -> float:
        return bps / (1 - min(self.losses.usual, 0.5))

    def hear(self, fates: Sequence[Fate], received: int, lost: int, rtt_s: float, now: float) -> None:
        """`fates` of the packets told now; `received` and `lost` are cumulative."""
        self._take(sorted(fates), now)
        self.losses.take(received, lost, now)
        growing = self._trend.judge(now)
        before, self._grew = self._grew, growing > 0 and self.delays.queue_s > NOISE_S
        passed_s, self._heard_at = min(now - self._heard_at, 1.0), now
        if (before and self._grew) or self._runs_over():
            self._decrease(rtt_s, now)
        elif growing == 0 and self._trial is None:
            if self.delays.queue_s < PROBE_QUEUE_S:
                self.losses.learn()
            self._increase(passed_s)
        self._try_loss(rtt_s, now)
        self._end_probe(rtt_s, now)
        self._most_bps = max(self._most_bps, self.bps)

    def _take(self, fates: Sequence[Fate], now: float) -> None:
        """In the order of their arrival."""
        trend, delays, busy, probe = self._trend, self.delays, self._busy.arrived, self._probe
        self._rate.take(fates)
        for fate in fates:
            arrived_at, serial, sent_at, size = fate
            if serial <= self._newest:
                continue  # overtaken or sent again: its delay is not the line's
            self._newest = serial
            trend.take(sent_at, arrived_at)
            delays.take(arrived_at - sent_at, now)
            if delays.queue_s > NOISE_S:
                busy.append(fate)
            else:
                busy.clear()
            if probe is not None and probe.first <= serial <= probe.last:
                probe.arrived.append((arrived_at, size))

    def _runs_over(self) -> bool:
        return self.delays.queue_s > FULL_S and self.losses.now > self.losses.usual + LOSS_FULL

    def _decrease(self, rtt_s: float, now: float) -> None:
        self._crowded_at = now
        self._trial = None
        if now - self._decreased_at < rtt_s + SPACING_S:
            return
        self._decreased_at = now
        self._limit_bps = self._kept(self._busy.bps) or self.bps
        less = min(DECREASE * self._limit_bps, FLICKER * self.bps) if self._busy.bps else FLICKER * self.bps
        self.bps = max(less, DEEPEST * self.bps, MIN_BPS)

    def _increase(self, passed_s: float) -> None:
        most = min(CARRIED_ROOM * self.carried_bps + CARRIED_MORE_BPS, MAX_BPS)
        if self.bps < most:
            near = NEAR[0] * self._limit_bps < self.bps < NEAR[1] * self._limit_bps
            self.bps = min(most, self.bps * (GROWTH_NEAR if near else GROWTH) ** passed_s)

    def _try_loss(self, rtt_s: float, now: float) -> None:
        trial, losses = self._trial, self.losses
        if trial is None:
            if losses.now > losses.own + LOSS_SUSPECT and now - self._decreased_at > rtt_s + LOSS_WINDOW_S:
                self._trial = Trial(now + rtt_s + TRIAL_S, losses.now, self.bps)
                self.bps = max(MIN_BPS, self.bps * (1 - losses.now))
        elif now >= trial.until:
            self._trial = None
            self._decreased_at = now
            if LOSS_STAYED * trial.loss < losses.now <= LOSS_OWN_MAX:
                losses.own, self.bps = losses.now, max(self.bps, trial.bps)

    # -- probes

    def probe(self, wanted_bps: float, now: float) -> Probe | None:
        """A train to be sent now, all at once; then `sent` it."""
        quiet = now - self._crowded_at >= PROBE_AFTER_S and self.delays.queue_s < PROBE_QUEUE_S
        if self._probe or self._trial or not quiet or now < self._probe_at or wanted_bps < 1.05 * self.bps:
            return None
        train = PROBE_S * self.bps / 8
        size = round(min(max(train / 8, PROBE_BYTES[0]), PROBE_BYTES[1]))
        packets = round(min(max(train / size, PROBE_PACKETS[0]), PROBE_PACKETS[1]))
        return Probe(packets, size, min(PROBE_TIMES * self.bps, 1.1 * wanted_bps), now)

    def sent(self, probe: Probe, first: int, last: int) -> None:
        probe.first, probe.last = first, last
        self._probe = probe

    def _end_probe(self, rtt_s: float, now: float) -> None:
        probe = self._probe
        if probe is None or (self._newest < probe.last and now - probe.sent_at < rtt_s + 1.0):
            return
        self._probe = None
        found = min(probe.goal_bps, PROBE_SURE * probe.bps / (1 - min(self.losses.own, 0.5)), MAX_BPS)
        better = found > 1.05 * self.bps and now - self._crowded_at > PROBE_GAP_S
        self.bps = found if better else self.bps
        longest_s = FALLEN_PAUSE_MAX_S if self.bps < FALLEN * self._most_bps else PROBE_PAUSE_MAX_S
        self._pause_s = PROBE_PAUSE_S if better else min(1.5 * self._pause_s, longest_s)
        self._probe_at = now + (PROBE_GAP_S if better else self._pause_s)

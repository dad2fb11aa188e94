"""A simulated line for the estimator: a bottleneck with a queue, random loss, a delay; reports as browsers write them.

The sender is a room: voices at their rate, pictures in steps of a layer as far as the estimate allows, probes.
"""

import random
from collections import deque
from dataclasses import dataclass, field

from sessions.sfu.estimate import Estimator
from sessions.sfu.transport_cc import Arrivals, Fate, History, read

STEP_S = 0.005
REPORT_S = 0.1
LAYER_BPS = 60_000
VOICE_BYTES, VOICE_HZ = 120, 50
FRAME_HZ = 15
PACKET_BYTES = 1100


@dataclass
class Line:
    rate_bps: float
    rtt_s: float = 0.04
    loss: float = 0.0
    queue_s: float = 0.3
    wants_bps: float = 4_000_000
    seed: int = 1
    now: float = 1000.0
    waits_s: list[tuple[float, float]] = field(default_factory=list)  # when, how long in the queue
    estimates: list[tuple[float, float]] = field(default_factory=list)
    sent: list[tuple[float, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.history, self.arrivals = History(), Arrivals()
        self.estimator = Estimator(self.now)
        self.dice = random.Random(self.seed)
        self._free_at = self.now
        self._on_the_way: deque[tuple[float, int]] = deque()
        self._reports: deque[tuple[float, bytes]] = deque()
        self._owed = 0.0
        self._phase = 0.0
        self._report_at = self.now

    def _send(self, size: int) -> int:
        number = self.history.add(size, self.now)
        self.sent.append((self.now, size))
        wait_s = max(0.0, self._free_at - self.now)
        if wait_s > self.queue_s:
            return number
        self.waits_s.append((self.now, wait_s))
        self._free_at = self.now + wait_s + size * 8 / self.rate_bps
        if self.dice.random() >= self.loss:
            jitter_s = self.dice.random() * 0.002
            self._on_the_way.append((self._free_at + self.rtt_s / 2 + jitter_s, number))
        return number

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self._step()
            self.now += STEP_S

    def _step(self) -> None:
        tick = round(self.now / STEP_S)
        self._send_voices(tick)
        self._send_pictures(tick)
        probe = self.estimator.probe(self.wants_bps, self.now)
        if probe is not None:
            for _ in range(probe.packets):
                self._send(probe.size)
            self.estimator.sent(probe, self.history.last - probe.packets + 1, self.history.last)
        self._arrive()
        self._hear()

    def _send_voices(self, tick: int) -> None:
        if tick % round(1 / VOICE_HZ / STEP_S) == 0:
            self._send(VOICE_BYTES)

    def _send_pictures(self, tick: int) -> None:
        """Each layer sends a frame 15 times a second, each at its own moment."""
        voices = VOICE_BYTES * VOICE_HZ * 8
        layers = int((min(self.estimator.bps, self.wants_bps) - voices) // LAYER_BPS)
        period = round(1 / FRAME_HZ / STEP_S)
        for layer in range(layers):
            if (tick + 5 * layer) % period == 0:
                left = round(LAYER_BPS / 8 / FRAME_HZ * (0.7 + 0.6 * self.dice.random()))
                while left > 0:
                    self._send(min(left, PACKET_BYTES))
                    left -= PACKET_BYTES

    def _arrive(self) -> None:
        while self._on_the_way and self._on_the_way[0][0] <= self.now:
            at, number = self._on_the_way.popleft()
            self.arrivals.take(number, at + 5000.0)  # another clock
        if self.now >= self._report_at:
            self._report_at += REPORT_S
            for report in self.arrivals.write(1, 2):
                self._reports.append((self.now + self.rtt_s / 2, report))

    def _hear(self) -> None:
        fates: list[Fate] = []
        while self._reports and self._reports[0][0] <= self.now:
            feedback = read(self._reports.popleft()[1])
            assert feedback is not None
            fates += self.history.told(feedback)
        if fates:
            received, lost = self.history.received, self.history.lost
            self.estimator.hear(fates, received, lost, self.rtt_s, self.now)
            self.estimates.append((self.now, self.estimator.bps))

    def mean_bps(self, last_s: float) -> float:
        """Of the estimates of the last seconds."""
        found = [bps for at, bps in self.estimates if at >= self.now - last_s]
        return sum(found) / len(found)

    def wait_s(self, last_s: float, share: float) -> float:
        """What so great a share of packets did not wait longer than."""
        found = sorted(wait for at, wait in self.waits_s if at >= self.now - last_s)
        return found[min(len(found) - 1, int(share * len(found)))]

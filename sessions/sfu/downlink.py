"""What goes down to one member: its numbers, what became of it, and what the line carries."""

from sessions.sfu.allowance import Allowance
from sessions.sfu.estimate import Estimator, Probe
from sessions.sfu.feedback import Message, Reception, Remb, TransportWide
from sessions.sfu.transport_cc import Fate, History, read

IP_BYTES = 44  # what a packet weighs beside its RTP: the authentication tag, UDP and IP
REPORT_WAIT_S = 5.0  # a browser that said it would report does so within a second
RTT_S, RTT_MAX_S = 0.1, 10.0  # while unknown; what is more is no round trip
RTT_NEW = 0.25  # the weight of a new measurement
FEEDBACKS_PER_S = 60  # browsers send twenty
JUDGE_S = 0.09  # browsers report every 50 to 250 ms; twice as often is twice the work and tells no more
RESEND_SHARE, RESEND_S = 0.35, 0.5  # of the line, and for how long it may be saved up: a full line must not be fed


class Downlink:
    """The ladder reads `budget_bps` and `rtt_s`, and says in `wanted_bps` what it could use; rates are of whole IP
    packets, each IP_BYTES more than its RTP."""

    def __init__(self, now: float, *, reported: bool) -> None:
        """`reported`: transport-wide feedback was negotiated."""
        self._history = History(IP_BYTES)
        self.leaves = self._history.add  # called for every packet; no call in between
        self._estimator = Estimator(now)
        self._allowance = Allowance(FEEDBACKS_PER_S, FEEDBACKS_PER_S, now)
        self._reports: dict[int, tuple[int, float]] = {}  # slot's ssrc -> its last report's NTP time, when it was sent
        self._measured_rtt_s: float | None = None
        self._feedback_rtt_s: float | None = None
        self._remb_bps: float | None = None
        self._measured = False
        self._wait_until = now + REPORT_WAIT_S if reported else 0.0
        self.wanted_bps = 0.0
        self._fates: list[Fate] = []
        self._judged_at = 0.0
        self._spare_bits = 0.0
        self._spared_at = now

    # -- for the ladder

    def budget_bps(self, now: float) -> float | None:
        """None for a line that nobody reports on."""
        return self._estimator.bps if self._measured or now < self._wait_until else self._remb_bps

    @property
    def rtt_s(self) -> float:
        """The reports' round trip, or, as long as none has come, the feedback's, which is a little longer."""
        found = self._feedback_rtt_s if self._measured_rtt_s is None else self._measured_rtt_s
        return RTT_S if found is None else found

    # -- for the peer

    def reported(self, ssrc: int, ntp: int, now: float) -> None:
        """A sender report for this slot leaves. Its NTP time is the publisher's: we remember when it left us."""
        self._reports[ssrc] = (ntp >> 16 & 0xFFFFFFFF, now)

    def hear(self, message: Message, now: float) -> None:
        """What the member's browser says of what it has received."""
        if isinstance(message, TransportWide):
            self._hear_feedback(message.part, now)
        elif isinstance(message, Reception):
            self._hear_reception(message, now)
        elif isinstance(message, Remb):
            self._remb_bps = float(message.bps)

    def _hear_feedback(self, part: bytes, now: float) -> None:
        feedback = read(part) if self._allowance.take(now) else None
        fates = [] if feedback is None else self._history.told(feedback)
        if not fates:
            return
        self._measured = True
        self._feedback_rtt_s = min(now - fates[-1][2], self._feedback_rtt_s or RTT_MAX_S)
        self._fates += fates
        if now - self._judged_at >= JUDGE_S:
            self._judged_at = now
            self._estimator.hear(self._fates, self._history.received, self._history.lost, self.rtt_s, now)
            self._fates = []

    def _hear_reception(self, told: Reception, now: float) -> None:
        """RFC 3550, section 6.4.1."""
        ntp, sent_at = self._reports.get(told.ssrc, (0, 0.0))
        found = now - sent_at - told.since_report / 65536
        if ntp and ntp == told.last_report and 0 <= found < RTT_MAX_S:
            former = found if self._measured_rtt_s is None else self._measured_rtt_s
            self._measured_rtt_s = former + RTT_NEW * (found - former)

    def affords(self, size: int, now: float) -> bool:
        """Whether the line has room for a packet of `size` bytes to be sent once more."""
        budget_bps = self.budget_bps(now)
        if budget_bps is None:
            return True
        saved = self._spare_bits + (now - self._spared_at) * RESEND_SHARE * budget_bps
        self._spare_bits, self._spared_at = min(saved, RESEND_S * RESEND_SHARE * budget_bps), now
        bits = 8 * (size + IP_BYTES)
        if bits > self._spare_bits:
            return False
        self._spare_bits -= bits
        return True

    def probe(self, now: float) -> Probe | None:
        """A train of packets to send now, `size` bytes of IP each; `sent` is called when it has left."""
        waiting = now < self._wait_until  # a line on which nothing goes yet: only a train brings a report about
        return self._estimator.probe(self.wanted_bps, now) if self._measured or waiting else None

    def sent(self, probe: Probe) -> None:
        last = self._history.last
        self._estimator.sent(probe, last - probe.packets + 1, last)

"""An up stream: one source (ssrc) as it arrives here; a voice, or one layer of a picture."""

from typing import TYPE_CHECKING

from sessions.sfu.feedback import Reception
from sessions.sfu.rewrite import Packet, unwrap

if TYPE_CHECKING:
    from sessions.sfu.slot import Slot
    from sessions.sfu.track import Track

CLOCK_HZ = {"audio": 48000, "video": 90000}
KEPT_PACKETS = {"audio": 4, "video": 512}  # a lead-in; about 4 s of a 1.2 Mb/s picture
LEAD_IN_PACKETS = 3
LEAD_IN_TICKS = LEAD_IN_PACKETS * 960  # 60 ms: in a silence, packets lie further apart and are none
LOSS_MEMORY = {"audio": 15, "video": 200}  # more is an outage: a key frame mends it, not retransmission
NACK_EVERY_S = 0.06
NACK_FOR_S = {"audio": 0.2, "video": 0.6}  # a voice has been played without it after that
PLI_EVERY_S = 0.5
USUAL_BPS = {"l": 60_000, "h": 220_000}  # what a page's layers are told to take, until it is measured
USUAL_SINGLE_BPS = 220_000
OVERHEAD_BYTES = 66  # a packet's headers and tag down to IPv4; what is told of the line counts them too
RATE_EVERY_S, RATE_WEIGHT = 1.0, 0.3
REPORT_EVERY_S = 0.1  # browsers send a sender report each second, or each fifth


class Stream:
    """Sequence numbers, losses, statistics and the last packets: of a picture for retransmission, of a voice for whom
    it had no slot yet when it began.

    What came or was sent before `forget` is never forwarded after it: `is_new` says so.
    `slots` are the video slots that it is sent in or that wait for its next key frame.
    """

    def __init__(self, track: "Track", rid: str = "") -> None:
        self.track, self.rid, self.kind = track, rid, track.kind
        self.clock_hz = CLOCK_HZ[track.kind]
        self.slots: list[Slot] = []
        self._key_asked_at = 0.0
        self.octets = 0
        self.seen_at: float | None = None
        self.bps = USUAL_BPS.get(rid, USUAL_SINGLE_BPS)
        self._rated: tuple[float, int] | None = None
        self.start(0)
        self.ssrc: int | None = None

    def start(self, ssrc: int) -> None:
        """A (new) source sends this stream: nothing of the former one counts any more."""
        self.ssrc = ssrc
        self.highest: int | None = None
        self._first = self._received = self._told_expected = self._told_received = 0
        self._jitter = 0.0
        self._transit: int | None = None
        self._report: tuple[int, float] | None = None
        self.forget()

    def forget(self) -> None:
        """What is kept cannot be sent again, what is missing not be made good."""
        self._kept: list[Packet | None] = [None] * KEPT_PACKETS[self.kind]
        self._missing: dict[int, tuple[float, float]] = {}  # index -> first seen missing at, last asked for at
        self._since: int | None = None

    def is_new(self, index: int) -> bool:
        """Whether this index does not lie before the first that was asked about after `forget`: what a hole before it
        held was sent before."""
        if self._since is None:
            self._since = index
            self._missing.clear()
        return index >= self._since

    def take(self, sequence: int, timestamp: int, now: float, size: int = 0) -> int | None:
        """The index of a packet that has arrived; None for one that nobody waits for any more."""
        self._received += 1
        self.octets += size + OVERHEAD_BYTES
        self.seen_at = now
        if self.highest is None:
            self._first = self.highest = sequence
            return sequence
        index = unwrap(sequence, self.highest)
        if index <= self.highest:
            return index if self.found(index) else None
        if index - self.highest <= LOSS_MEMORY[self.kind]:
            for hole in range(self.highest + 1, index):
                self._missing[hole] = (now, 0.0)
            if len(self._missing) > LOSS_MEMORY[self.kind]:
                self._missing.clear()
        self.highest = index
        self._measure(timestamp, now)
        return index

    def take_repair(self, sequence: int) -> int | None:
        """The index of a retransmitted packet; None for one that was not missing (browsers probe with old ones)."""
        if self.highest is None:
            return None
        index = unwrap(sequence, self.highest)
        return index if self.found(index) else None

    def found(self, index: int) -> bool:
        """A packet is there; whether it was missing."""
        return self._missing.pop(index, None) is not None

    def _measure(self, timestamp: int, now: float) -> None:
        """Interarrival jitter: RFC 3550, appendix A.8."""
        transit = int(now * self.clock_hz) - timestamp
        if self._transit is not None:
            drift = abs((transit - self._transit + 0x80000000 & 0xFFFFFFFF) - 0x80000000)
            self._jitter += (drift - self._jitter) / 16
        self._transit = transit

    def rate(self, now: float) -> None:
        """Brings `bps` up to date: what a receiver's line would carry for it. Called while it is live."""
        at, octets = self._rated or (now, self.octets)
        if now - at >= RATE_EVERY_S:
            fresh_bps = (self.octets - octets) * 8 / (now - at)
            self.bps += int((fresh_bps - self.bps) * RATE_WEIGHT)
            at, octets = now, self.octets
        self._rated = at, octets

    def live(self, now: float, within_s: float) -> bool:
        """Whether something has come of late."""
        if self.seen_at is not None and now - self.seen_at < within_s:
            return True
        self._rated = None
        return False

    def keep(self, packet: Packet) -> None:
        self._kept[packet.index % len(self._kept)] = packet

    def kept(self, index: int) -> Packet | None:
        packet = self._kept[index % len(self._kept)]
        return packet if packet is not None and packet.index == index else None

    def lead_in(self, packet: Packet) -> list[Packet]:
        """What was said directly before `packet`, oldest first."""
        kept = [self.kept(index) for index in range(packet.index - LEAD_IN_PACKETS, packet.index)]
        return [each for each in kept if each and packet.timestamp - each.timestamp & 0xFFFFFFFF <= LEAD_IN_TICKS]

    @property
    def misses(self) -> bool:
        return bool(self._missing)

    def to_ask_for(self, now: float) -> list[int]:
        """Indices to send a NACK for now, ascending. What stays away for NACK_FOR_S is given up."""
        asked = []
        for index, (since, last) in list(self._missing.items()):
            if now - since > NACK_FOR_S[self.kind]:
                del self._missing[index]
            elif now - last >= NACK_EVERY_S:
                self._missing[index] = (since, now)
                asked.append(index)
        return sorted(asked)

    def wants_key_frame(self, now: float) -> bool:
        """Whether a PLI may be sent now; True at most every PLI_EVERY_S."""
        if self.ssrc is None or self.kind != "video" or now - self._key_asked_at < PLI_EVERY_S:
            return False
        self._key_asked_at = now
        return True

    def note_report(self, ntp: int, now: float) -> bool:
        """Keep a sender report; False for one that comes too soon behind the last."""
        if self._report is not None and now - self._report[1] < REPORT_EVERY_S:
            return False
        self._report = (ntp >> 16 & 0xFFFFFFFF, now)
        return True

    def reception(self, now: float) -> Reception | None:
        """The report block since the last call (RFC 3550, appendix A.3); None before the first packet."""
        if self.highest is None or self.ssrc is None:
            return None
        expected = self.highest - self._first + 1
        new, got = expected - self._told_expected, self._received - self._told_received
        self._told_expected, self._told_received = expected, self._received
        fraction = max(0, min(255, (new - got) * 256 // new)) if new > 0 else 0
        reported, at = self._report or (0, now)
        return Reception(
            ssrc=self.ssrc,
            fraction_lost=fraction,
            lost=expected - self._received,
            highest=self.highest,
            jitter=int(self._jitter),
            last_report=reported,
            since_report=int((now - at) * 65536),
        )

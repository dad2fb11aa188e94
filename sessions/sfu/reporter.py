"""A synthetic member who judges its line as browsers do: numbers what it sends, and reports what comes."""

import time

from sessions.sfu import feedback
from sessions.sfu.feedback import Reception, SenderReport
from sessions.sfu.member import OPUS, VP8, Member, Source
from sessions.sfu.rewrite import MID, TRANSPORT, Header, read_extensions, unwrap
from sessions.sfu.transport_cc import Arrivals

TRANSPORT_ID = 5
FEEDBACK_S, REPORT_S = 0.05, 1.0


class Counted:
    """What came of one source, and what was told of it (RFC 3550, appendix A.3)."""

    __slots__ = ("first", "highest", "received", "report", "told_expected", "told_received")

    def __init__(self, sequence: int) -> None:
        self.first = self.highest = sequence
        self.received = self.told_expected = self.told_received = 0
        self.report: tuple[int, float] | None = None  # the last sender report's NTP time, and when it came

    def take(self, sequence: int) -> None:
        self.received += 1
        self.highest = max(self.highest, unwrap(sequence, self.highest))

    @property
    def expected(self) -> int:
        return self.highest - self.first + 1

    def reception(self, ssrc: int, now: float) -> Reception:
        new, got = self.expected - self.told_expected, self.received - self.told_received
        self.told_expected, self.told_received = self.expected, self.received
        fraction = max(0, min(255, (new - got) * 256 // new)) if new > 0 else 0
        ntp, at = self.report or (0, now)
        middle, waited = ntp >> 16 & 0xFFFFFFFF, int((now - at) * 65536)
        return Reception(ssrc, fraction, self.expected - self.received, self.highest, 0, middle, waited)


class Numbered(Member):
    """Has negotiated transport-wide feedback: numbers what it sends. `number` is the last one."""

    number = 0

    def offer(self) -> str:
        offer = super().offer()
        for payload_type in (OPUS, VP8):
            mapped = f"a=rtpmap:{payload_type} "
            offer = offer.replace(mapped, f"a=rtcp-fb:{payload_type} transport-cc\r\n{mapped}")
        return offer.replace(MID, f"{MID}\r\na=extmap:{TRANSPORT_ID} {TRANSPORT}")

    def _block(self, source: Source, rid_id: int, extra: bytes) -> bytes:
        self.number = (self.number + 1) & 0xFFFF
        item = bytes((TRANSPORT_ID << 4 | 1,)) + self.number.to_bytes(2, "big")
        return super()._block(source, rid_id, extra + item)


class Reporter(Numbered):
    """Call `report` often. `counted` by ssrc."""

    def __init__(self, slots: int = 3, *, rids: tuple[str, ...] = (), keeping: bool = False) -> None:
        super().__init__(slots, rids=rids, keeping=keeping)
        self.counted: dict[int, Counted] = {}
        self._arrivals = Arrivals()
        self._fed_back_at = self._reported_at = 0.0

    def _take(self, header: Header, data: bytes) -> None:
        super()._take(header, data)
        counted = self.counted.get(header.ssrc)
        if counted is None:
            counted = self.counted[header.ssrc] = Counted(header.sequence)
        counted.take(header.sequence)
        number = read_extensions(data, header).get(TRANSPORT_ID)
        if number is not None:
            self._arrivals.take(int.from_bytes(number, "big"), time.monotonic())

    def _take_control(self, data: bytes) -> None:
        super()._take_control(data)
        for message in feedback.read(data):
            if isinstance(message, SenderReport) and message.ssrc in self.counted:
                self.counted[message.ssrc].report = (message.ntp, time.monotonic())

    def report(self, now: float) -> None:
        """What is due of what browsers tell: arrivals twenty times a second, losses each second."""
        if now - self._fed_back_at >= FEEDBACK_S:
            self._fed_back_at = now
            for part in self._arrivals.write(1, 2):
                self.send_control(part)
        if self.counted and now - self._reported_at >= REPORT_S:
            self._reported_at = now
            receptions = [each.reception(ssrc, now) for ssrc, each in self.counted.items()]
            self.send_control(feedback.write_receiver_report(1, receptions))

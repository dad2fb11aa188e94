"""The line judged both ways, over real sockets: numbers on all that goes down, reports of all that comes up."""

import asyncio
import struct
import time
from typing import NamedTuple

import pytest

from sessions.sfu import feedback, transport_cc
from sessions.sfu.downlink import FEEDBACKS_PER_S, IP_BYTES, REPORT_WAIT_S, Downlink
from sessions.sfu.estimate import START_BPS
from sessions.sfu.feedback import Reception, Remb, TransportWide, write_receiver_report
from sessions.sfu.member import OPUS, RTX, VP8, Member
from sessions.sfu.reporter import TRANSPORT_ID, Numbered
from sessions.sfu.rewrite import read_extensions, read_header
from sessions.sfu.transport_cc import Arrivals
from tests.sessions.sfu.call import Call, picture, until


class Came(NamedTuple):
    number: int
    payload_type: int
    payload: bytes
    size: int


class Judge(Numbered):
    """Keeps the numbers that come."""

    def __init__(self, slots: int = 3) -> None:
        super().__init__(slots)
        self.came: list[Came] = []
        self.arrivals = Arrivals()
        self.number = 0xFFF0  # it wraps soon

    def _receive_media(self, size: int) -> None:
        super()._receive_media(size)
        data = bytes(self._inbox.view[: self._inbox.length[0]])
        header = read_header(data)
        if header is None or 192 <= data[1] <= 223:
            return
        number = int.from_bytes(read_extensions(data, header)[TRANSPORT_ID], "big")
        self.came.append(Came(number, header.payload_type, data[header.payload : header.end], len(data)))
        self.arrivals.take(number, time.monotonic())

    def report(self) -> None:
        for each in self.arrivals.write(1, 2):
            self.send_control(each)

    def told(self) -> list[transport_cc.Feedback]:
        """What the node has told of what we sent."""
        messages = [message for part in self.control for message in feedback.read(part)]
        parts = [message.part for message in messages if isinstance(message, TransportWide)]
        return [read for part in parts if (read := transport_cc.read(part))]


async def judged(call: Call) -> tuple[Member, Judge]:
    """Max sends, Lea judges what comes."""
    (sender,) = await call.join("max")
    judge = Judge()
    await call.enter("lea", judge)
    everybody = frozenset(call.members)
    call.room.hear(everybody)
    call.room.show(everybody)
    await until(lambda: call.peer("lea").open)
    return sender, judge


async def test_voices_and_pictures_are_numbered_as_one_row(call: Call) -> None:
    sender, judge = await judged(call)

    for _ in range(5):
        sender.send_audio(b"voice")
        sender.send_video(picture("frame", key=True))
    await until(lambda: {each.payload_type for each in judge.came} == {OPUS, VP8})

    assert [each.number for each in judge.came] == list(range(1, len(judge.came) + 1))


async def test_who_did_not_ask_for_numbers_gets_none(call: Call) -> None:
    lea, max_ = await call.join("lea", "max")

    max_.send_audio(b"voice")
    await until(lambda: call.got("lea", "max", "audio"))

    assert call.peer("lea").downlink.budget_bps(time.monotonic()) is None
    assert not lea.asked(feedback.Pli)


async def test_a_publisher_is_told_when_each_packet_came(call: Call) -> None:
    _, judge = await judged(call)

    for number in range(20):
        if number == 3:
            judge.number += 1  # one that the line loses
        judge.send_audio(b"voice")
    await until(lambda: sum(len(each.ticks) for each in judge.told()) >= 21)

    first, *rest = judge.told()
    ticks = [tick for each in (first, *rest) for tick in each.ticks]
    assert first.base == 0xFFF1
    assert [at for at, tick in enumerate(ticks) if tick is None] == [3]


async def test_the_estimate_follows_what_the_browser_reports(call: Call) -> None:
    sender, judge = await judged(call)
    downlink = call.peer("lea").downlink

    async def talk() -> bool:
        downlink.wanted_bps = 2_000_000  # the ladder says each time what its tiles want
        sender.send_audio(bytes(100))
        judge.report()
        await asyncio.sleep(0.02)
        found = downlink.budget_bps(time.monotonic())
        return found is not None and found > 1.5 * START_BPS

    async with asyncio.timeout(20):
        while not await talk():
            pass

    probes = [each for each in judge.came if each.payload_type == RTX]
    assert len(probes) >= 5
    assert {each.payload for each in probes} == {b""}  # padding, and nothing of anybody
    assert max(each.size for each in probes) + IP_BYTES <= 400
    assert 0 <= downlink.rtt_s < 1
    assert downlink._estimator.losses.now == 0


async def test_probes_are_nobodys_media(call: Call) -> None:
    sender, judge = await judged(call)
    call.room.hear(frozenset())
    call.room.show(frozenset())
    call.peer("lea").downlink.wanted_bps = 2_000_000
    call.peer("lea").downlink._measured = True

    await until(lambda: judge.came)

    assert {each.payload for each in judge.came} == {b""}
    counted = call.room.counters("max")
    assert (counted.audio_forwarded, counted.video_forwarded) == (0, 0)
    assert call.node.totals()["audio_forwarded_unheard"] == 0


async def test_the_round_trip_is_that_of_our_reports_not_of_the_publishers_clock(call: Call) -> None:
    sender, judge = await judged(call)
    sender.send_audio(b"voice")
    await until(lambda: judge.came)
    sender.send_report(sender.sources["audio"], ntp=0x1234_5678_9ABC_DEF0, timestamp=7)  # a clock of long ago

    def reports() -> list[feedback.SenderReport]:
        messages = [message for part in judge.control for message in feedback.read(part)]
        return [message for message in messages if isinstance(message, feedback.SenderReport)]

    await until(reports)
    (report,) = reports()

    held_s = 0.3
    await asyncio.sleep(held_s)
    block = Reception(report.ssrc, 0, 0, 1, 0, 0x5678_9ABC, int(held_s * 65536))
    judge.send_control(write_receiver_report(1, [block]))

    await until(lambda: call.peer("lea").downlink._measured_rtt_s is not None)
    assert 0 <= call.peer("lea").downlink.rtt_s < held_s


# -- what a browser says, in passed time


def feedback_part(numbers: int, first: int = 1) -> TransportWide:
    arrivals = Arrivals()
    for number in range(first, first + numbers):
        arrivals.take(number, number * 0.02)
    (part,) = arrivals.write(1, 2)
    return TransportWide(part)


def test_a_line_that_nobody_reports_on_has_no_budget() -> None:
    assert Downlink(0.0, reported=False).budget_bps(1.0) is None


def test_a_line_that_will_be_reported_on_begins_carefully() -> None:
    downlink = Downlink(0.0, reported=True)

    assert downlink.budget_bps(1.0) == START_BPS
    assert downlink.budget_bps(REPORT_WAIT_S + 1) is None


def test_a_wish_counts_where_nothing_better_is_known() -> None:
    downlink = Downlink(0.0, reported=False)
    downlink.hear(Remb(700_000), 1.0)
    assert downlink.budget_bps(1.0) == 700_000

    downlink.leaves(100, 1.0)
    downlink.hear(feedback_part(1), 1.1)

    assert downlink.budget_bps(1.1) == pytest.approx(START_BPS, rel=0.1)


@pytest.mark.parametrize("told", [(2, 0x1111, 0), (1, 0x2222, 0), (1, 0x1111, 2 * 65536), (1, 0, 0)])
def test_a_report_block_that_fits_no_report_of_ours_is_no_round_trip(told: tuple[int, int, int]) -> None:
    downlink = Downlink(0.0, reported=True)
    downlink.reported(1, 0x1111 << 16, 10.0)
    ssrc, last_report, since = told

    downlink.hear(Reception(ssrc, 0, 0, 0, 0, last_report, since), 10.5)

    assert downlink.rtt_s == 0.1


def test_a_flood_of_reports_is_not_read() -> None:
    downlink = Downlink(0.0, reported=True)
    for _ in range(4000):
        downlink.leaves(100, 0.0)

    for number in range(1, 4000):
        downlink.hear(feedback_part(1, first=number), 1.0)

    assert downlink._history.received == FEEDBACKS_PER_S


def test_garbage_for_a_report_changes_nothing() -> None:
    downlink = Downlink(0.0, reported=True)

    downlink.hear(TransportWide(struct.pack("!BBHII", 0x8F, 205, 2, 1, 2)), 1.0)

    assert downlink.budget_bps(1.0) == START_BPS

"""A reporter tells the node what a browser would: with it the node knows the line."""

import asyncio
import time

from sessions.sfu.reporter import Reporter
from tests.sessions.sfu.call import Call, until


async def test_the_node_learns_the_line_of_who_reports(call: Call) -> None:
    max_, lea = Reporter(1), Reporter(1)
    await call.enter("max", max_)
    await call.enter("lea", lea)
    call.room.hear(frozenset({"max"}))
    await until(lambda: call.peer("lea").open)
    downlink = call.peer("lea").downlink

    for sequence in range(60):
        max_.send_audio(b"voice", level=20)
        if sequence % 10 == 0:
            source = max_.sources["audio"]
            max_.send_report(source, int(time.time() * (1 << 32)), source.timestamp)
        await asyncio.sleep(0.02)
        lea.report(time.monotonic())

    await until(lambda: downlink.rtt_s < 0.1 and downlink.budget_bps(time.monotonic()))
    assert downlink._estimator.losses.now == 0


async def test_what_is_missing_is_reported(call: Call) -> None:
    max_, lea = Reporter(1), Reporter(1)
    await call.enter("max", max_)
    await call.enter("lea", lea)
    lea.loses = lambda header: header.sequence % 4 == 0
    call.room.hear(frozenset({"max"}))
    await until(lambda: call.peer("lea").open)

    for _ in range(40):
        max_.send_audio(b"voice", level=20)
        await asyncio.sleep(0.005)
    await lea.settle()

    counted = lea.counted[lea.slot_ssrcs[call.mid("lea", "max", "audio")]]
    reception = counted.reception(1, 0.0)
    assert 8 <= reception.lost <= 10
    assert 50 <= reception.fraction_lost <= 72
    assert counted.reception(1, 0.0).fraction_lost == 0

"""A member or a stranger who floods the node: what is too much is dropped, and the others' call goes on."""

import socket
import struct

from sessions.sfu import feedback
from sessions.sfu.allowance import Allowance
from sessions.sfu.peer import VOICE_BURST_S, VOICE_BYTES_PER_SECOND
from tests.sessions.sfu.call import Call, until

NOTHING_MORE = {"burst": 5, "per_second": 0, "now": 0.0}


async def test_a_members_flood_is_dropped(call: Call) -> None:
    lea, pia, otto = await call.join("lea", "pia", "otto")
    call.peer("otto").allowance = Allowance(**NOTHING_MORE)

    for _ in range(50):
        otto.send_audio(b"noise")
    await call.settle("lea")
    pia.send_audio(b"quietly")

    await until(lambda: call.got("lea", "pia", "audio") == [b"quietly"])
    assert call.got("lea", "otto", "audio") == [b"noise"] * 5
    assert call.node.totals()["flooding"] == 45


async def test_a_voice_fills_nobodys_line(call: Call) -> None:
    lea, pia, otto = await call.join("lea", "pia", "otto")

    for _ in range(100):
        otto.send_audio(bytes(1000))
    await call.settle("otto")
    pia.send_audio(b"quietly")

    await until(lambda: call.got("lea", "pia", "audio") == [b"quietly"])
    said = sum(map(len, call.got("lea", "otto", "audio")))
    assert 0 < said < VOICE_BYTES_PER_SECOND * (VOICE_BURST_S + 1)


async def test_a_members_checks_are_limited_and_cost_no_voice(call: Call) -> None:
    _, otto = await call.join("lea", "otto")
    call.peer("otto").checks = Allowance(**NOTHING_MORE)

    for _ in range(50):
        otto.check()
    otto.send_audio(b"still heard")

    await until(lambda: call.got("lea", "otto", "audio") == [b"still heard"])
    assert call.node.totals()["flooding"] == 45


async def test_strangers_share_one_allowance_that_no_member_needs(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    call.node.strangers = Allowance(**NOTHING_MORE)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for _ in range(50):
            stranger.sendto(lea.check_request()[:20], ("127.0.0.1", call.node.port.number))
    await call.settle("lea")
    pia.send_audio(b"quietly")

    await until(lambda: call.got("lea", "pia", "audio") == [b"quietly"])
    assert call.node.totals()["flooding"] == 45


async def test_one_packet_of_many_sender_reports_is_forwarded_once(call: Call) -> None:
    """Each report goes to every receiver: 48 of them fit into one packet, and 15 people may listen."""
    lea, _, otto = await call.join("lea", "pia", "otto")
    otto.send_audio(b"hello")
    await until(lambda: call.got("lea", "otto", "audio"))
    lea.control.clear()

    report = struct.pack("!BBHIQ3I", 0x80, feedback.SENDER_REPORT, 6, otto.sources["audio"].ssrc, 1, 2, 3, 4)
    otto.send_control(report * 48)
    await call.settle("otto")
    await call.settle("lea")

    told = [each for part in lea.control for each in feedback.read(part) if isinstance(each, feedback.SenderReport)]
    assert len(told) == 1

"""Whatever strangers and members send: nothing raises, and a call that is going on goes on."""

import asyncio
import gc
import itertools
import math
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

import pytest

from benchmarks.mutants import COUNT, mutants
from benchmarks.node import TimedNode
from sessions.sfu import Refused, red
from sessions.sfu.allowance import Allowance
from sessions.sfu.dtls import HandshakeFailed
from sessions.sfu.feedback import read, write_nack, write_pli, write_receiver_report, write_remb
from sessions.sfu.forward import resend
from sessions.sfu.ice import answer_check
from sessions.sfu.member import KEY_FRAME, OPUS, VP8, Member
from sessions.sfu.peer import ASKED_PER_BEAT, MAX_PATHS, MAX_SOURCES
from sessions.sfu.rewrite import read_extensions, read_header
from sessions.sfu.sdp import parse
from sessions.sfu.vp8 import frame_ids, starts_key_frame
from tests.sessions.sfu.call import Call, picture, until
from tests.sessions.sfu.redundant import RED as REDUNDANT
from tests.sessions.sfu.redundant import Redundant
from tests.sessions.sfu.test_ice import HERE, PASSWORD, request
from tests.sessions.sfu.test_sdp import CHROMIUM, FIREFOX, LAYERED

CLIENT_HELLO = (
    bytes.fromhex("16fefd0000000000000000003a0100002e000000000000002efefd")
    + bytes(32)
    + b"\0\0\0\x02\xc0\x2b\x01\0\0\0"
)
RTP = bytes.fromhex("906f0001000003e800000007bede000210140000400000000000") + b"payload"
RED = red.write([red.Block(1920, b"one"), red.Block(960, b"two"), red.Block(0, b"three")], OPUS)
LAYER = bytes.fromhex("bede0002 4031 a06c d001 0000")  # MID 1, RID l, turned by a quarter
REPORTS = (
    write_receiver_report(1, []) + write_remb(1, 10**6, [2, 3]),
    write_nack(1, 2, [1, 2, 30]) + write_pli(1, 2),
    bytes.fromhex("80c80006") + bytes(24),
    bytes.fromhex("8fcd000700000001000000020001000900000100d525900090042402f8040420"),  # transport-wide
)


SEEDS = itertools.count()
STALL_S = 0.05


@pytest.fixture(autouse=True)
def nothing_stalls(node: TimedNode) -> Iterator[None]:
    """CPU time of this thread, so that a busy machine fails nobody; the collector's pauses are the test run's own."""
    gc.disable()
    yield
    gc.enable()
    assert node.worst_s < STALL_S


def test_sdp_is_read_or_refused() -> None:
    refused = 0

    for offer in mutants(CHROMIUM.encode(), FIREFOX.encode(), LAYERED.encode()):
        try:
            parse(offer.decode("utf-8", "replace"))
        except Refused:
            refused += 1

    assert 0 < refused < COUNT


def test_rtp_rtcp_red_and_vp8_parsers_never_raise() -> None:
    for data in mutants(RTP, RTP[:12], RED, *REPORTS, KEY_FRAME):
        list(read(data))
        red.read(data, OPUS)
        starts_key_frame(data)
        frame_ids(data)
        header = read_header(data)
        if header is not None:
            read_extensions(data, header)


def test_only_an_authentic_check_is_answered() -> None:
    original = request()

    answered = [data for data in mutants(original) if answer_check(data, HERE, {"ours": PASSWORD}.get)]

    assert all(data[:20] == original[:20] for data in answered)
    assert len(answered) < COUNT // 10


async def test_strangers_disturb_nobody(call: Call) -> None:
    """Checks, records and media from an address that nobody has."""
    lea, pia = await call.join("lea", "pia")
    check = lea.check_request()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:

        def send(data: bytes) -> None:
            stranger.sendto(data, ("127.0.0.1", call.node.port.number))

        for seeds in ((check,), (CLIENT_HELLO,), (RTP, *REPORTS)):
            await flood(call, send, mutants(*seeds))

        send(b"")
        send(bytes.fromhex("0001000621 12a442".replace(" ", "")) + bytes(12) + bytes.fromhex("00240001ff000000"))
    await still_going(call)


async def test_a_members_raw_garbage_disturbs_nobody(call: Call) -> None:
    """The same from a member's address, where the node listens to records and media."""
    _, _, otto = await call.join("lea", "pia", "otto")

    for seeds in (
        (otto.check_request(),),
        (CLIENT_HELLO, b"\x15\xfe\xfd" + bytes(8) + b"\0\x02\x02\x28"),
        (RTP, *REPORTS),
    ):
        await flood(call, otto.send_raw, mutants(*seeds))

    await still_going(call)


async def test_a_members_authentic_garbage_disturbs_nobody(call: Call) -> None:
    """RTP and RTCP that decrypt well and then are nonsense."""
    await call.join("lea", "pia")
    (otto,) = await call.join("otto", kind=Redundant)
    audio, video = otto.sources["audio"], otto.sources["video"]
    reports = [
        part.replace(b"\0\0\0\x02", ssrc.to_bytes(4, "big")) for part in REPORTS for ssrc in otto.slot_ssrcs.values()
    ]

    def send_audio(data: bytes) -> None:
        audio.sequence = (audio.sequence + 1) & 0xFFFF
        otto.send_packet((OPUS, audio.sequence, int.from_bytes(data[:4], "big"), audio.ssrc), data)

    def send_redundant(data: bytes) -> None:
        audio.sequence = (audio.sequence + 1 + len(data) % 3) & 0xFFFF  # now and then one is lost
        otto.repeat(REDUNDANT, audio.sequence, 960 * audio.sequence, data)

    def send_video(data: bytes) -> None:
        video.sequence = (video.sequence + 1) & 0xFFFF
        otto.send_packet((VP8, video.sequence, int.from_bytes(data[:4], "big"), video.ssrc), data)

    await flood(call, send_audio, mutants(RTP[12:]))
    await flood(call, send_redundant, mutants(RED))
    await flood(call, send_video, mutants(RTP[12:22] + KEY_FRAME))
    await flood(call, otto.send_control, mutants(*reports))

    await still_going(call)


class Garbler(Member):
    """Answers every flight of the handshake with mutants of what it should say."""

    def _send_record(self, record: bytes) -> None:
        for data in mutants(record, count=3, seed=next(SEEDS)):
            self.send_raw(data)


async def test_a_handshake_of_garbage_disturbs_nobody(call: Call) -> None:
    await call.join("lea", "pia")

    for n in range(60):
        otto = Garbler(1)
        with suppress(TimeoutError, HandshakeFailed):
            await asyncio.wait_for(otto.connect(await call.room.join(f"otto-{n}", otto.offer())), 0.05)
        await otto.vanish()
        call.room.leave(f"otto-{n}")

    await still_going(call)


async def test_a_members_nonsense_of_layers_disturbs_nobody(call: Call) -> None:
    """MID, RID and orientation of known and of new sources."""
    await call.join("lea", "pia")
    (otto,) = await call.join("otto", rids=("l", "h"))
    otto.send_video(KEY_FRAME, rid="l")
    numbers, ssrcs = itertools.count(), itertools.cycle([otto.layers["l"].ssrc, otto.layers["h"].ssrc, 1, 2, 3])

    def send(data: bytes) -> None:
        otto.send_packet((VP8, next(numbers) & 0xFFFF, 0, next(ssrcs)), data)

    await flood(call, send, mutants(LAYER + KEY_FRAME, count=3000))

    await still_going(call)


async def test_a_member_cannot_fill_the_memory_with_sources(call: Call) -> None:
    _, _, otto = await call.join("lea", "pia", "otto")

    for ssrc in range(1, 1000):
        otto.send_packet((OPUS, 1, 0, ssrc), RTP[12:])
    await call.settle("otto")

    assert len(call.peer("otto")._seen) == MAX_SOURCES
    await still_going(call)


async def test_a_small_request_does_not_bring_a_flood(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    numbers: list[int] = []
    lea.on_packet = lambda mid, header, payload: numbers.append(header.sequence)
    for n in range(200):
        pia.send_video(picture(f"{n}", key=n == 0))
    await until(lambda: len(numbers) == 200)

    peer, before = call.peer("lea"), call.room.counters("pia").video_forwarded
    for _ in range(20):  # read in one go, before the next beat
        resend(call.room, peer._by_ssrc[lea.slot_ssrcs[call.mid("lea", "pia", "video")]], tuple(numbers), 0.0)
    resent = call.room.counters("pia").video_forwarded - before

    assert 0 < resent <= ASKED_PER_BEAT


async def test_asking_for_what_is_not_there_counts_too(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    numbers: list[int] = []
    lea.on_packet = lambda mid, header, payload: numbers.append(header.sequence)
    pia.send_video(picture("there", key=True))
    await until(lambda: numbers)

    slot = call.peer("lea")._by_ssrc[lea.slot_ssrcs[call.mid("lea", "pia", "video")]]
    resend(call.room, slot, (*[numbers[0] + 100] * ASKED_PER_BEAT, *numbers), 0.0)  # read before the next beat

    assert call.room.counters("pia").video_forwarded == 1


async def test_a_member_cannot_fill_the_memory_with_paths(call: Call) -> None:
    _, _, otto = await call.join("lea", "pia", "otto")
    former = call.peer("otto").address
    peer = call.peer("otto")

    for port in range(20000, 20100):
        peer.reached(("192.0.2.1", port), False, peer.last_packet_at)

    assert len(peer.paths) <= MAX_PATHS + 2
    assert former in peer.paths
    await still_going(call)


async def test_a_path_in_use_cannot_be_taken_over(call: Call) -> None:
    """A member with good credentials claims another's address, as if the check came from there."""
    lea, pia, otto = await call.join("lea", "pia", "otto")

    pia.send_raw(otto.check_request())
    await call.settle("pia")

    assert call.peer("otto").address != call.peer("pia").address
    await still_going(call)


async def test_a_quiet_path_that_was_claimed_comes_back(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forged check keeps it for a moment only, however much its sender says from elsewhere."""
    monkeypatch.setattr("sessions.sfu.peer.OWNED_S", 0.3)
    lea, pia, otto = await call.join("lea", "pia", "otto")
    path = call.peer("pia").address
    pia._checking.cancel()

    def claimed() -> bool:
        pia.send_raw(otto.check_request())
        return call.node._by_address[path] is call.peer("otto")

    def regained() -> bool:
        otto.send_audio(b"from elsewhere")
        pia.check()
        return call.node._by_address[path] is call.peer("pia")

    await until(claimed)
    await until(regained)
    await still_going(call)


async def flood(call: Call, send: Callable[[bytes], None], messages: Iterable[bytes]) -> None:
    """In portions that the socket's buffer holds; each is read, for test_flood.py tells what becomes of too many.
    Meanwhile Lea talks, and Pia hears every word."""
    lift_limits(call)
    said: list[bytes] = []
    for n, message in enumerate(messages):
        send(message)
        if n % 200 == 199:
            said.append(b"word %d" % n)
            call.members["lea"].send_audio(said[-1])
            await call.settle("lea")
    await until(lambda: call.got("pia", "lea", "audio")[-len(said) :] == said)


def lift_limits(call: Call) -> None:
    call.node.strangers = Allowance(math.inf, 0, 0)
    for peer in call.room.peers.values():
        peer.allowance = peer.checks = Allowance(math.inf, 0, 0)


async def still_going(call: Call) -> None:
    """Lea and Pia still hear and see each other, and nothing had to be contained."""
    lea, pia = call.members["lea"], call.members["pia"]
    lea.send_audio(b"still here")
    pia.send_audio(b"me too")
    pia.send_video(picture("and seen", key=True))

    await until(lambda: call.got("pia", "lea", "audio")[-1:] == [b"still here"])
    await until(lambda: call.got("lea", "pia", "audio")[-1:] == [b"me too"])
    await until(lambda: call.got("lea", "pia", "video")[-1:] == [picture("and seen", key=True)])
    assert call.node.totals()["faults"] == 0

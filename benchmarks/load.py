"""The members' side of a measured room: who sends what, and what comes to whom how late.

A voice is 50 packets a second of 100 bytes, from every microphone, with the level of speech from those who talk and of
a quiet room from all others. A picture is 60 packets a second of 1,100 bytes (15 frames of four), and with simulcast a
small one of 15 packets of 500 bytes beside it. The last bytes of each packet say when it was sent.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import NamedTuple

from sessions.sfu.ice import Address
from sessions.sfu.member import OPUS, Member
from sessions.sfu.reporter import Reporter
from sessions.sfu.rewrite import Header
from sessions.sfu.vp8 import FrameIds, describe

VOICE_BYTES, PICTURE_BYTES, SMALL_BYTES = 100, 1100, 500
TICK_S = 0.01
VOICE_TICKS, FRAME_HZ, FRAME_PACKETS = 2, 15, 4
KEY_HEAD = bytes.fromhex("100000 9d012a 8002 6801")  # a key frame of 640 by 360: RFC 6386, section 9.1
KEY_EVERY = 15  # frames: each second, as nobody here can make one when asked
PRESENTER_LEVEL, TALKER_LEVEL, QUIET_LEVEL = 20, 28, 90  # -dBov; the voice bit is not set, as in most browsers
TURN_S = 3.0
SETTLE_S = 0.3


class Got(NamedTuple):
    packets: int
    lost: int
    octets: int
    delays_us: list[int]


class Ear(Reporter):
    """Receives, and keeps how long each voice packet took of those sent since `since_us`."""

    def __init__(self, slots: int, rids: tuple[str, ...] = ()) -> None:
        super().__init__(slots, rids=rids)
        self.on_packet = self._hear
        self._hear_from()

    def _hear_from(self) -> None:
        self.since_us, self.octets = now_us(), 0
        self.delays_us: list[int] = []

    def forget(self) -> None:
        self._hear_from()
        self.counted.clear()

    def _hear(self, mid: str, header: Header, payload: bytes) -> None:
        if header.payload_type != OPUS:
            return
        sent_us = int.from_bytes(payload[-8:], "big")
        if sent_us >= self.since_us:
            self.delays_us.append(now_us() - sent_us)

    def _receive(self, size: int, address: Address) -> None:
        self.octets += size
        super()._receive(size, address)

    @property
    def got(self) -> Got:
        counted = self.counted.values()
        packets = sum(each.received for each in counted)
        return Got(packets, sum(each.expected - each.received for each in counted), self.octets, self.delays_us)


class Mouth:
    """One member's voice and picture, made beforehand."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self._frames = 0

    def speak(self, level: int) -> None:
        self.member.send_audio(_stamped(b"", VOICE_BYTES), level)

    def show(self, elapsed_s: float) -> None:
        if elapsed_s * FRAME_HZ < self._frames:
            return
        ids = FrameIds(self._frames & 0x7FFF, self._frames & 0xFF)
        key = self._frames % KEY_EVERY == 0
        self._frames += 1
        for rid in self.member.layers or ("",):
            self._show(rid, ids, key)

    def _show(self, rid: str, ids: FrameIds, key: bool) -> None:
        parts = 1 if rid == "l" else FRAME_PACKETS
        size = SMALL_BYTES if rid == "l" else PICTURE_BYTES
        timestamp = self._frames * 90_000 // FRAME_HZ
        for part in range(parts):
            head = describe(ids, starts=part == 0) + (KEY_HEAD if key and part == 0 else b"\x01")
            self.member.send_video(_stamped(head, size), rid=rid, marker=part == parts - 1, timestamp=timestamp)


class Load:
    """Rooms of members; the presenter is the first of each, and one or two others talk in turn."""

    def __init__(self, rooms: Sequence[Sequence[Member]], ears: Sequence[Ear]) -> None:
        self._rooms = [[Mouth(member) for member in room] for room in rooms]
        self.ears = ears
        self._ticks = 0

    async def send(self, seconds: float) -> None:
        """Paced by the clock; members take turns within a period, as they would by chance."""
        start, first = time.monotonic(), self._ticks
        while self._ticks - first < seconds / TICK_S:
            for room in self._rooms:
                self._tick(room)
            for ear in self.ears:
                ear.report(time.monotonic())
            self._ticks += 1
            await asyncio.sleep(max(0.0, start + (self._ticks - first) * TICK_S - time.monotonic()))

    def _tick(self, room: Sequence[Mouth]) -> None:
        elapsed_s = self._ticks * TICK_S
        talkers = _talkers(len(room) - 1, int(elapsed_s / TURN_S))
        for at, mouth in enumerate(room):
            if (self._ticks + at) % VOICE_TICKS == 0:
                mouth.speak(PRESENTER_LEVEL if at == 0 else TALKER_LEVEL if at in talkers else QUIET_LEVEL)
            mouth.show(elapsed_s + at / len(room) / FRAME_HZ)

    def forget(self) -> None:
        for ear in self.ears:
            ear.forget()

    async def got(self) -> Got:
        """All that came since `forget`."""
        await asyncio.sleep(SETTLE_S)  # the last ones are still on their way
        each = [ear.got for ear in self.ears]
        delays = sorted(delay for one in each for delay in one.delays_us)
        return Got(*(sum(column) for column in zip(*(one[:3] for one in each), strict=True)), delays)


def _talkers(others: int, turn: int) -> set[int]:
    """One beside the presenter, in every second turn two."""
    return {1 + (turn + step) % others for step in ((0, 3) if turn % 2 else (0,))}


def now_us() -> int:
    return time.monotonic_ns() // 1000


def _stamped(head: bytes, size: int) -> bytes:
    return head.ljust(size - 8, b"\x55") + now_us().to_bytes(8, "big")

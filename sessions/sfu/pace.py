"""Pictures leave no faster than the receiver's line carries them: a key frame sent at once would hold voices up."""

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING

from sessions.sfu.downlink import IP_BYTES
from sessions.sfu.forward import passes, send
from sessions.sfu.rewrite import Packet, send_time, write_extensions
from sessions.sfu.slot import Run, Slot

if TYPE_CHECKING:
    from sessions.sfu.room import MediaRoom

BURST_S = 0.02  # how much of the line's time may be sent at once
TICK_S = BURST_S / 2  # the line has work until then
LONGEST_S = 1.0  # what would wait for longer is not worth sending: its slot begins anew with a key frame
LEAST_BPS = 50_000.0
HEADERS_BYTES = IP_BYTES + 32


class Pacer:
    """Of one receiver. What its line carries is set at each beat: `spare_bps` for pictures, and what is kept free for
    voices, of which pictures may take what no voice needs now. None is a line without limit, and nothing ever waits."""

    def __init__(self, room: "MediaRoom") -> None:
        self.spare_bps: float | None = None
        self._s_per_byte = 0.0
        self._room = room
        self._waiting: deque[tuple[Slot, Run, Packet]] = deque()
        self._waiting_bits = 0
        self._free_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def limit(self, spare_bps: float | None, reserved_bps: float) -> None:
        self.spare_bps = None if spare_bps is None else max(spare_bps, LEAST_BPS)
        self._s_per_byte = 8 / max((spare_bps or 0) + reserved_bps, LEAST_BPS)

    def spend(self, size: int, now: float) -> None:
        """Every packet of `size` bytes of RTP that leaves, voices too: they do not wait, but pictures wait for them."""
        if self.spare_bps is not None:
            begins_at = self._free_at if self._free_at > now else now
            self._free_at = begins_at + (size + IP_BYTES) * self._s_per_byte

    def holds(self, slot: Slot, run: Run, packet: Packet, now: float) -> bool:
        """Whether this packet waits; if not, it is to be sent now."""
        if not self._waiting and (self.spare_bps is None or self._free_at <= now + BURST_S):
            return False
        self._wait(slot, run, packet, now)
        return True

    def close(self) -> None:
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _wait(self, slot: Slot, run: Run, packet: Packet, now: float) -> None:
        if self.spare_bps is not None and self._waiting_bits > LONGEST_S * self.spare_bps:
            slot.overflow(now)
            self._sweep()
            if slot.may_ask(now):
                self._room.ask_key_frame(slot.follows or run.stream, now)
            return
        self._waiting.append((slot, run, packet))
        self._waiting_bits += _bits(packet)
        if self._timer is None:
            self._again()

    def _sweep(self) -> None:
        """What waits of pictures that are cut makes room at once, or the key frame would find the queue full."""
        self._waiting = deque(each for each in self._waiting if each[0].run is each[1])
        self._waiting_bits = sum(_bits(packet) for _, _, packet in self._waiting)

    def _again(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(TICK_S, self._room.contain, self._drain)

    def _drain(self) -> None:
        self._timer = None
        now = time.monotonic()
        while self._waiting and self._free_at <= now + BURST_S:
            slot, run, packet = self._waiting.popleft()
            self._waiting_bits -= _bits(packet)
            if slot.run is run and slot.peer.open and passes(self._room, run.stream.track):
                self._send(slot, run, packet, now)
        if self._waiting:
            self._again()

    def _send(self, slot: Slot, run: Run, packet: Packet, now: float) -> None:
        block = write_extensions(packet, slot.ids, send_time(time.time()))
        send(self._room, slot, run, packet, block, packet.payload, packet.marker | slot.payload_type, now)


def _bits(packet: Packet) -> int:
    return 8 * (len(packet.payload) + HEADERS_BYTES)

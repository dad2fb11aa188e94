"""PURE: transport-wide congestion control (draft-holmer-rmcat-transport-wide-cc-extensions-01).

Every packet to one peer, whatever it carries, has a 16-bit number in a header extension; the peer reports when each of
them arrived. `Arrivals` writes such reports about what comes up, `read` and `History` understand those about what went
down. Times of arrival count in ticks of 250 us of the receiver's clock, so only their differences mean anything.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sessions.sfu.rewrite import unwrap

TICKS_PER_S = 4000
REFERENCE_TICKS = 256  # reference times count 64 ms
ABSENT, NEAR, FAR = 0, 1, 2  # symbols: not received; a delta of one byte, or of two
RUN_LENGTH = 8191
PIECE = 256  # packets in one report at most: with two-byte deltas 600 bytes
LATE = 256  # who comes later than so many others is not told of any more
MAX_STATUSES = 2048  # no honest report covers more; one that claims 65,535 costs twenty bytes to send
KEPT = 4096  # a power of two; packets on their way or not told of yet
MASK = KEPT - 1


class Feedback(NamedTuple):
    """One report: for `base` and each number behind it the 32-bit tick of arrival, None for "not received"."""

    base: int
    ticks: tuple[int | None, ...]


# A packet that has arrived, told for the first time: when it arrived, its number counted on past 16 bits, when it was
# sent, its size. A plain tuple: there are thousands a second, and they are sorted by their arrival.
Fate = tuple[float, int, float, int]


def read(part: bytes) -> Feedback | None:
    """`part` is one RTCP packet of type 205, format 15; None when it contradicts itself."""
    if len(part) < 20:
        return None
    base, count, reference = struct.unpack_from("!HHI", part, 12)
    if not 0 < count <= MAX_STATUSES:
        return None
    symbols, at = _symbols(part, count)
    if len(symbols) < count or at + sum(symbols) > len(part):  # a symbol is the size of its delta
        return None
    return Feedback(base, _ticks(part, at, symbols, (reference >> 8) * REFERENCE_TICKS))


def _symbols(part: bytes, count: int) -> tuple[list[int], int]:
    """As many as there are, and where the deltas begin; short when one is the reserved value."""
    symbols: list[int] = []
    at = 20
    while len(symbols) < count and at + 2 <= len(part):
        chunk = part[at] << 8 | part[at + 1]
        at += 2
        if chunk < 0x8000:
            symbols += [chunk >> 13] * min(chunk & RUN_LENGTH, count - len(symbols))
        elif chunk < 0xC000:
            symbols += [chunk >> bit & 1 for bit in range(13, -1, -1)]
        else:
            symbols += [chunk >> bit & 3 for bit in range(12, -1, -2)]
    del symbols[count:]
    return ([], at) if 3 in symbols else (symbols, at)


def _ticks(part: bytes, at: int, symbols: Sequence[int], tick: int) -> tuple[int | None, ...]:
    ticks: list[int | None] = []
    for symbol in symbols:
        if symbol == ABSENT:
            ticks.append(None)
            continue
        if symbol == NEAR:
            tick += part[at]
        else:
            tick += (part[at] << 8 | part[at + 1]) - (part[at] >> 7 << 16)
        at += symbol
        ticks.append(tick & 0xFFFFFFFF)
    return tuple(ticks)


class Arrivals:
    """What has come of one sender since it was last told."""

    def __init__(self) -> None:
        self._ticks: dict[int, int] = {}
        self._highest: int | None = None
        self._first = 0  # to tell of next
        self._reports = 0

    def take(self, number: int, now: float) -> None:
        highest = self._highest
        if highest is None:
            self._first = self._highest = highest = number
        index = unwrap(number, highest)
        if index in self._ticks or index <= highest - LATE:
            return
        self._ticks[index] = int(now * TICKS_PER_S)
        if index > highest:
            self._highest = index
        elif index < self._first:
            self._first = index  # told as lost before

    def write(self, ssrc: int, media: int) -> Iterator[bytes]:
        """Reports of all that is new; none when nothing is. `media` is a source of whom they are told to."""
        highest = self._highest
        if highest is None or self._first > highest:
            return
        first, self._first = max(self._first, highest - MAX_STATUSES + 1), highest + 1
        for base in range(first, highest + 1, PIECE):
            ticks = [self._ticks.get(index) for index in range(base, min(base + PIECE, highest + 1))]
            start = next((tick for tick in ticks if tick is not None), None)
            if start is not None:
                yield self._report(struct.pack("!II", ssrc, media), base, ticks, start)
        if len(self._ticks) > 2 * LATE:
            self._ticks = {index: tick for index, tick in self._ticks.items() if index > highest - LATE}

    def _report(self, sources: bytes, base: int, ticks: Sequence[int | None], start: int) -> bytes:
        symbols, deltas = _deltas(ticks, start - start % REFERENCE_TICKS)
        reference = start // REFERENCE_TICKS & 0xFFFFFF
        head = struct.pack("!HHI", base & 0xFFFF, len(symbols), reference << 8 | self._reports & 0xFF)
        self._reports += 1
        body = sources + head + b"".join(chunk.to_bytes(2, "big") for chunk in _chunks(symbols)) + deltas
        fill = -len(body) % 4
        if fill:
            body += bytes(fill - 1) + bytes((fill,))
        return struct.pack("!BBH", 0x80 | (0x20 if fill else 0) | 15, 205, len(body) // 4) + body


def _deltas(ticks: Sequence[int | None], last: int) -> tuple[list[int], bytes]:
    """A symbol for each, and the deltas of those that have one; who is too far from the one before is left out."""
    symbols: list[int] = []
    deltas = bytearray()
    for tick in ticks:
        delta = 0x8000 if tick is None else tick - last
        if 0 <= delta <= 0xFF:
            symbols.append(NEAR)
            deltas.append(delta)
        elif -0x8000 <= delta <= 0x7FFF:
            symbols.append(FAR)
            deltas += delta.to_bytes(2, "big", signed=True)
        else:
            symbols.append(ABSENT)
            continue
        last += delta
    return symbols, bytes(deltas)


def _chunks(symbols: list[int]) -> Iterator[int]:
    """Runs where they are worth it, else vectors of one or two bits a symbol."""
    at = 0
    while at < len(symbols):
        run = _run(symbols, at)
        if run > 14 or at + run == len(symbols):
            yield symbols[at] << 13 | run
            at += run
        elif FAR not in symbols[at : at + 14]:
            yield 0x8000 | _packed(symbols[at : at + 14], 14, 1)
            at += 14
        else:
            yield 0xC000 | _packed(symbols[at : at + 7], 7, 2)
            at += 7


def _run(symbols: list[int], at: int) -> int:
    end = at + 1
    while end < len(symbols) and symbols[end] == symbols[at] and end - at < RUN_LENGTH:
        end += 1
    return end - at


def _packed(symbols: list[int], places: int, bits: int) -> int:
    word = 0
    for symbol in symbols:
        word = word << bits | symbol
    return word << bits * (places - len(symbols))


class History:
    """The packets sent to one peer, until it has told what became of them. `lost` and `received` are cumulative.
    `around` bytes are added to the size of each."""

    def __init__(self, around: int = 0) -> None:
        self._around = around
        self._index = 0
        self._sizes, self._times = [0] * KEPT, [0.0] * KEPT  # a size is negative once told as lost, 0 once received
        self._tick: int | None = None
        self.lost = self.received = 0

    @property
    def last(self) -> int:
        """The index of the newest packet: its number counted on past 16 bits."""
        return self._index

    def add(self, size: int, now: float) -> int:
        """The number of a packet that leaves now."""
        self._index = index = self._index + 1
        self._sizes[index & MASK] = size
        self._times[index & MASK] = now
        return index & 0xFFFF

    def told(self, feedback: Feedback) -> list[Fate]:
        """Who has arrived, in the order of sending, without those that were told of before."""
        newest, sizes, times = self._index, self._sizes, self._times
        oldest = max(newest - KEPT, 0) + 1
        last = self._tick
        fates: list[Fate] = []
        for index, tick in enumerate(feedback.ticks, unwrap(feedback.base, newest)):
            if not oldest <= index <= newest:
                continue
            size = sizes[index & MASK]
            if tick is None:
                self._lose(index, size)
            elif size:
                sizes[index & MASK] = 0
                self.lost -= size < 0
                last = tick if last is None else last + ((tick - last + 0x80000000) & 0xFFFFFFFF) - 0x80000000
                fates.append((last / TICKS_PER_S, index, times[index & MASK], abs(size) + self._around))
        self._tick = last  # of the receiver's clock, counted on past 32 bits
        self.received += len(fates)
        return fates

    def _lose(self, index: int, size: int) -> None:
        if size > 0:
            self._sizes[index & MASK] = -size
            self.lost += 1

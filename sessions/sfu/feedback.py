"""PURE: RTCP read and written (RFC 3550, section 6; RFC 4585; draft-alvestrand-rmcat-remb-03).

A compound is walked part by part, so that one broken part costs only what comes behind it.
"""

import struct
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

SENDER_REPORT, RECEIVER_REPORT, DESCRIPTION, TRANSPORT_FEEDBACK, PAYLOAD_FEEDBACK = 200, 201, 202, 205, 206
NACK, PLI, APPLICATION, TRANSPORT_WIDE = 1, 1, 15, 15
MAX_REPORTS = 31
MAX_PARTS, MAX_LOST = 32, 253  # of one compound; browsers send fewer, and each costs as much to read as it says


class SenderReport(NamedTuple):
    ssrc: int
    ntp: int  # 32.32 fixed point seconds since 1900
    timestamp: int


class Nack(NamedTuple):
    ssrc: int
    sequences: tuple[int, ...]


class Pli(NamedTuple):
    ssrc: int


class Reception(NamedTuple):
    """One report block, of a sender's or a receiver's report: what has been received of `ssrc`."""

    ssrc: int
    fraction_lost: int  # of 256
    lost: int
    highest: int
    jitter: int
    last_report: int  # middle 32 bits of the last sender report's NTP time
    since_report: int  # 1/65536 s


class Remb(NamedTuple):
    """The most that its sender wants to receive."""

    bps: int


class TransportWide(NamedTuple):
    """A whole packet of transport-wide feedback, for transport_cc.read."""

    part: bytes


Message = SenderReport | Reception | Nack | Pli | Remb | TransportWide


def read(data: bytes) -> Iterator[Message]:
    """What a forwarder acts on, in order; all else is passed over."""
    at, lost_left = 0, MAX_LOST
    for _ in range(MAX_PARTS):
        if at + 8 > len(data):
            return
        first, kind, words = struct.unpack_from("!BBH", data, at)
        end = at + 4 + 4 * words
        if first >> 6 != 2 or end > len(data):
            return
        for message in _read_part(kind, first & 0x1F, data[at:end], lost_left):
            lost_left -= len(message.sequences) if isinstance(message, Nack) else 0
            yield message
        at = end


def _read_part(kind: int, form: int, part: bytes, most_lost: int) -> Iterator[Message]:
    if kind == SENDER_REPORT and len(part) >= 28:
        ssrc, ntp, timestamp = struct.unpack_from("!IQI", part, 4)
        yield SenderReport(ssrc, ntp, timestamp)
        yield from _receptions(part[28:], form)
    elif kind == RECEIVER_REPORT:
        yield from _receptions(part[8:], form)
    elif kind == PAYLOAD_FEEDBACK and len(part) >= 12:
        yield from _read_payload_feedback(form, part)
    elif kind == TRANSPORT_FEEDBACK and form == TRANSPORT_WIDE:
        yield TransportWide(part)
    elif kind == TRANSPORT_FEEDBACK and form == NACK and len(part) >= 12:
        yield Nack(_word(part, 8), tuple(islice(_lost(part[12:]), most_lost)))


def _read_payload_feedback(form: int, part: bytes) -> Iterator[Message]:
    if form == PLI:
        yield Pli(_word(part, 8))
    elif form == APPLICATION and len(part) >= 20 and part[12:16] == b"REMB":
        word = _word(part, 16)
        yield Remb((word & 0x3FFFF) << (word >> 18 & 0x3F))


def _receptions(blocks: bytes, count: int) -> Iterator[Reception]:
    for ssrc, losses, *numbers in islice(struct.iter_unpack("!6I", blocks[: len(blocks) // 24 * 24]), count):
        lost = losses & 0xFFFFFF
        yield Reception(ssrc, losses >> 24, lost - (lost >> 23 << 24), *numbers)


def _word(part: bytes, at: int) -> int:
    return int.from_bytes(part[at : at + 4], "big")


def _lost(pairs: bytes) -> Iterator[int]:
    """RFC 4585, section 6.2.1: a packet id and a bitmask of the 16 that follow it."""
    for first, mask in struct.iter_unpack("!HH", pairs):
        yield first
        for bit in range(16):
            if mask >> bit & 1:
                yield (first + bit + 1) & 0xFFFF


def _part(form: int, kind: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | form, kind, len(body) // 4) + body


def write_receiver_report(ssrc: int, receptions: Iterable[Reception]) -> bytes:
    blocks = [_block(each) for each in receptions][:MAX_REPORTS]
    return _part(len(blocks), RECEIVER_REPORT, struct.pack("!I", ssrc) + b"".join(blocks))


def _block(each: Reception) -> bytes:
    lost = max(-0x800000, min(each.lost, 0x7FFFFF)) & 0xFFFFFF
    numbers = (each.ssrc, each.fraction_lost << 24 | lost, each.highest, each.jitter, each.last_report)
    return struct.pack("!6I", *(number & 0xFFFFFFFF for number in (*numbers, each.since_report)))


def write_sender_report(report: SenderReport, packets: int, octets: int, name: str) -> bytes:
    """With the source description that a compound must have; `name` is the CNAME."""
    numbers = (report.timestamp & 0xFFFFFFFF, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    info = struct.pack("!IQ3I", report.ssrc, report.ntp, *numbers)
    item = bytes((1, len(name))) + name.encode()
    padding = b"\0" * (4 - len(item) % 4)  # at least one: it ends the list
    return _part(0, SENDER_REPORT, info) + _part(1, DESCRIPTION, struct.pack("!I", report.ssrc) + item + padding)


def write_nack(ssrc: int, media: int, sequences: Iterable[int]) -> bytes:
    """`sequences` ascending, as indices; neighbours within 16 share a pair."""
    pairs: list[list[int]] = []
    for each in sequences:
        if pairs and 0 < each - pairs[-1][0] <= 16:
            pairs[-1][1] |= 1 << (each - pairs[-1][0] - 1)
        else:
            pairs.append([each, 0])
    body = b"".join(struct.pack("!HH", first & 0xFFFF, mask) for first, mask in pairs)
    return _part(NACK, TRANSPORT_FEEDBACK, struct.pack("!II", ssrc, media) + body)


def write_pli(ssrc: int, media: int) -> bytes:
    return _part(PLI, PAYLOAD_FEEDBACK, struct.pack("!II", ssrc, media))


def write_remb(ssrc: int, bits_per_second: int, media: Iterable[int]) -> bytes:
    """The most that the sender of `media` may send; 18 bits of mantissa, 6 of exponent."""
    sources = list(media)
    exponent = max(0, bits_per_second.bit_length() - 18)
    word = len(sources) << 24 | exponent << 18 | bits_per_second >> exponent
    body = struct.pack("!II4sI", ssrc, 0, b"REMB", word) + struct.pack(f"!{len(sources)}I", *sources)
    return _part(APPLICATION, PAYLOAD_FEEDBACK, body)

"""PURE: the VP8 payload descriptor (RFC 7741, section 4.2), the little of it that a forwarder reads and rewrites."""

from typing import NamedTuple

LONG_ID = 0x7FFF


def starts_key_frame(payload: bytes) -> bool:
    """Whether this packet is the first of a key frame: partition 0, its start, and the frame header's P bit clear."""
    if len(payload) < 2 or payload[0] & 0x17 != 0x10:
        return False
    at = 1
    if payload[0] & 0x80:
        flags = payload[1]
        at = 2
        if flags & 0x80:
            at += 2 if at < len(payload) and payload[at] & 0x80 else 1
        at += bool(flags & 0x40) + bool(flags & 0x30)
    return at < len(payload) and not payload[at] & 1


class FrameIds(NamedTuple):
    """The 15-bit picture id and the optional TL0PICIDX of a packet, both right behind the flags."""

    picture: int
    tl0: int | None


def frame_ids(payload: bytes) -> FrameIds | None:
    """None without a 15-bit picture id: a 7-bit one cannot be continued across sources."""
    if len(payload) < 5 or not payload[0] & 0x80 or not payload[1] & 0x80 or not payload[2] & 0x80:
        return None
    return FrameIds((payload[2] << 8 | payload[3]) & LONG_ID, payload[4] if payload[1] & 0x40 else None)


def describe(ids: FrameIds, *, starts: bool) -> bytes:
    """The descriptor of a packet of the frame `ids`, its first if it `starts` it; `frame_ids` reads it again."""
    return bytes((0x90 if starts else 0x80, 0xE0, 0x80 | ids.picture >> 8, ids.picture & 0xFF, ids.tl0 or 0, 0x00))


def with_ids(buffer: memoryview, at: int, ids: FrameIds) -> None:
    """Writes `ids` into the payload that begins at `at` and was read by `frame_ids`."""
    buffer[at + 2] = 0x80 | ids.picture >> 8
    buffer[at + 3] = ids.picture & 0xFF
    if ids.tl0 is not None:
        buffer[at + 4] = ids.tl0

"""PURE: RTP packets (RFC 3550, section 5.1) taken apart and written anew for another receiver.

The frame in the payload is never touched. Of the header extensions (RFC 8285, one-byte form) the audio level, the
picture's orientation, abs-send-time and the transport-wide sequence number are written under the receiver's ids; the
publisher's MID and RID never are: Chromium routes by MID before anything else and would put the packet into the wrong
m-line.
"""

import struct
from typing import NamedTuple

from sessions.sfu.red import Red
from sessions.sfu.vp8 import FrameIds

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
ORIENTATION = "urn:3gpp:video-orientation"
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"

ONE_BYTE_FORM = 0xBEDE
FIXED_HEADER = struct.Struct("!BBHII")
HEADER_BYTES = FIXED_HEADER.size
TRANSPORT_AT = HEADER_BYTES + 5  # behind the block's header and the item's: where `write_extensions` leaves two bytes


class Header(NamedTuple):
    """An RTP header; extensions lie in data[extensions:payload], what is sent in data[payload:end]."""

    marker: int  # 0x80 or 0
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    extensions: int
    payload: int
    end: int


def read_header(data: bytes) -> Header | None:
    """None for a packet whose lengths do not agree with its size."""
    if len(data) < HEADER_BYTES:
        return None
    first, second, sequence, timestamp, ssrc = FIXED_HEADER.unpack_from(data)
    extensions = payload = HEADER_BYTES + 4 * (first & 0x0F)
    if first & 0x10:
        if len(data) < extensions + 4:
            return None
        payload = extensions + 4 + 4 * (data[extensions + 2] << 8 | data[extensions + 3])
    end = len(data) - (data[-1] if first & 0x20 else 0)
    if first >> 6 != 2 or payload > end:
        return None
    return Header(second & 0x80, second & 0x7F, sequence, timestamp, ssrc, extensions, payload, end)


def read_extensions(data: bytes, header: Header) -> dict[int, bytes]:
    """The value of each one-byte extension by its id; a truncated last one is left out."""
    at, end = header.extensions, header.payload
    found: dict[int, bytes] = {}
    if at == end or data[at] << 8 | data[at + 1] != ONE_BYTE_FORM:
        return found
    at += 4
    while at < end:
        first = data[at]
        at += 1
        if first < 0x10:
            continue  # padding
        after = at + (first & 0x0F) + 1
        if first >= 0xF0 or after > end:
            break
        found[first >> 4] = data[at:after]
        at = after
    return found


EXTENSIONS = (MID, AUDIO_LEVEL, SEND_TIME, TRANSPORT, ORIENTATION, RID, REPAIRED_RID)


class ExtensionIds(NamedTuple):
    """A receiver's or publisher's ids as negotiated; 0 is "not negotiated"."""

    mid: int = 0
    audio_level: int = 0
    send_time: int = 0
    transport: int = 0
    orientation: int = 0
    rid: int = 0
    repaired_rid: int = 0

    @classmethod
    def of(cls, ids: dict[str, int]) -> "ExtensionIds":
        return cls(*(ids.get(uri, 0) for uri in EXTENSIONS))


class Packet:
    """A publisher's packet as it is kept: `index` is the sequence number counted on past 16 bits."""

    __slots__ = (
        "frame_ids",
        "index",
        "level",
        "marker",
        "orientation",
        "payload",
        "red",
        "starts_key_frame",
        "timestamp",
    )

    def __init__(
        self,
        index: int,
        timestamp: int,
        payload: bytes,
        *,
        marker: int = 0,
        level: int | None = None,
        red: Red | None = None,
        orientation: int | None = None,
        starts_key_frame: bool = False,
        frame_ids: FrameIds | None = None,
    ) -> None:
        self.index = index
        self.timestamp = timestamp
        self.payload = payload
        self.marker = marker
        self.level = level  # RFC 6464 octet, voice bit included
        self.red = red  # of a voice: the payload with those of former packets, where it came so
        self.orientation = orientation  # 3GPP TS 26.114, section 7.4.5: camera, mirroring, quarter turns
        self.starts_key_frame = starts_key_frame
        self.frame_ids = frame_ids


def unwrap(sequence: int, near: int) -> int:
    """The 16-bit sequence number as the index closest to `near`."""
    return near + ((sequence - near + 0x8000) & 0xFFFF) - 0x8000


def send_time(now_s: float) -> int:
    """abs-send-time: seconds in 6.18 fixed point."""
    return int(now_s * 262144) & 0xFFFFFF


def write_extensions(packet: Packet, ids: ExtensionIds, send_time_24: int) -> bytes:
    """The whole extension block for a receiver, or b"" when there is nothing to carry. It may serve several receivers
    with the same ids: the transport-wide number is left 0, at TRANSPORT_AT of the packet."""
    items = b""
    if ids.transport:
        items += bytes((ids.transport << 4 | 1, 0, 0))
    elif ids.send_time:  # one measure of the line is enough, and a voice has fifty packets a second
        items += bytes((ids.send_time << 4 | 2,)) + send_time_24.to_bytes(3, "big")
    if ids.audio_level and packet.level is not None:
        items += bytes((ids.audio_level << 4, packet.level))
    if ids.orientation and packet.orientation is not None:
        items += bytes((ids.orientation << 4, packet.orientation))
    if not items:
        return b""
    words = (len(items) + 3) // 4
    return struct.pack("!HH", ONE_BYTE_FORM, words) + items.ljust(4 * words, b"\0")


def write_header(
    buffer: memoryview, extended: bool, marked_type: int, sequence: int, timestamp: int, ssrc: int
) -> None:
    """The fixed header at the buffer's start; numbers wrap, `marked_type` is marker | payload type."""
    first = 0x90 if extended else 0x80
    FIXED_HEADER.pack_into(buffer, 0, first, marked_type, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)

"""A down slot: one m-line of a receiver, in which one publisher at a time is sent under the slot's own numbers."""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessions.sfu.rewrite import ExtensionIds, Packet, unwrap
from sessions.sfu.sdp import Codec, Source
from sessions.sfu.track import CLOCK_HZ, Track
from sessions.sfu.vp8 import LONG_ID, FrameIds

if TYPE_CHECKING:
    from sessions.sfu.peer import Peer

MAX_PAUSE_S = 3600.0  # timestamps of 90 kHz turn over after 13 hours; a longer pause is told as this one


@dataclass(frozen=True, slots=True)
class SlotMap:
    """Whom a receiver finds in its m-line `mid`, "" nobody; `pause` is the line that keeps the picture back: "line" is
    the receiver's, "theirs" the publisher's, "" none."""

    mid: str
    kind: str
    member: str
    pause: str = ""


class Slot:
    """Shifts from a publisher's numbers to ours, renewed whenever forwarding begins: to the receiver it is one source.

    `floor` is the first index forwarded since: nothing older goes out, neither late nor as a retransmission.
    """

    def __init__(self, peer: "Peer", mid: str, kind: str, codec: Codec, ids: ExtensionIds) -> None:
        self.peer, self.mid, self.kind, self.ids = peer, mid, kind, ids
        self.payload_type, self.rtx_type = codec.payload_type, codec.rtx
        # RFC 3711, section 3.3.1: a start below 2^15 keeps the rollover count sure if the first packets are lost.
        self.ssrc, self.rtx_ssrc = 1 + secrets.randbits(31), 1 + secrets.randbits(31)
        self._sequence, self.rtx_sequence = secrets.randbits(14), secrets.randbits(14)
        self._timestamp = secrets.randbits(31)
        self._sent_at: float | None = None
        self.stream = f"slot-{secrets.token_hex(6)}"
        self.member = ""
        self.track: Track | None = None
        self.packets = self.octets = 0
        self._shifted: tuple[Track | None, int | None] | None = None  # the source that the shifts were made for
        self._sent_ids: FrameIds | None = None
        self._picture_shift = self._tl0_shift = 0
        self.timestamp_shift = self.sequence_shift = self.floor = 0
        self.flowing = False

    @property
    def source(self) -> Source:
        return Source(self.ssrc, self.rtx_ssrc, self.stream)

    @property
    def map(self) -> SlotMap:
        return SlotMap(self.mid, self.kind, self.member)

    def bind(self, member: str, track: Track | None) -> None:
        self.member = member
        if track is not self.track:
            self.track = track
            self.cut()

    def cut(self) -> None:
        self.flowing = False

    def begin(self, packet: Packet, now: float) -> bool:
        """Begins to forward with this packet; False when a picture must wait for its key frame."""
        if self.kind == "video" and not packet.starts_key_frame:
            return False
        self.floor = packet.index
        self.sequence_shift = self._sequence + 1 - packet.index
        source = (self.track, self.track.ssrc if self.track else None)
        if self._shifted != source:
            self._shifted = source
            self._continue_clock(packet, now)
            self._continue_frame_ids(packet)
        self.flowing = True
        return True

    def _continue_clock(self, packet: Packet, now: float) -> None:
        """Another source: its clock is moved so that the time since our last packet has passed, no more, no less."""
        pause_s = 0.0 if self._sent_at is None else min(now - self._sent_at, MAX_PAUSE_S)
        passed = max(1, int(pause_s * CLOCK_HZ[self.kind]))
        self.timestamp_shift = self._timestamp + passed - packet.timestamp

    def _continue_frame_ids(self, packet: Packet) -> None:
        """Picture ids that jump back look like old frames to Chromium, and the picture freezes."""
        former = None if self._sent_ids is None else self._shifted_ids(self._sent_ids)
        ids, self._picture_shift, self._tl0_shift = packet.frame_ids, 0, 0
        if former is None or ids is None:
            return
        self._picture_shift = former.picture + 1 - ids.picture
        if former.tl0 is not None and ids.tl0 is not None:
            self._tl0_shift = former.tl0 + 1 - ids.tl0

    def frame_ids(self, packet: Packet) -> FrameIds | None:
        """The ids to write over the packet's; None where they are right as they are."""
        if packet.frame_ids is None or not (self._picture_shift or self._tl0_shift):
            return None
        return self._shifted_ids(packet.frame_ids)

    def _shifted_ids(self, ids: FrameIds) -> FrameIds:
        tl0 = None if ids.tl0 is None else (ids.tl0 + self._tl0_shift) & 0xFF
        return FrameIds((ids.picture + self._picture_shift) & LONG_ID, tl0)

    def sent(self, packet: Packet, now: float) -> None:
        self.packets += 1
        self.octets += len(packet.payload)
        sequence = packet.index + self.sequence_shift
        if sequence > self._sequence:
            self._sequence = sequence
            self._timestamp = packet.timestamp + self.timestamp_shift
            self._sent_at = now
            self._sent_ids = packet.frame_ids

    def index_of(self, sequence: int) -> int | None:
        """The publisher's index behind a sequence number that we sent; None for what lies before `floor`."""
        index = unwrap(sequence, self._sequence) - self.sequence_shift
        return index if self.flowing and index >= self.floor else None

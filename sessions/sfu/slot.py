"""A down slot: one m-line of a receiver, in which one publisher at a time is sent under the slot's own numbers."""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessions.sfu.rewrite import ExtensionIds, Packet, unwrap
from sessions.sfu.sdp import Codec, Source
from sessions.sfu.stream import CLOCK_HZ, Stream
from sessions.sfu.track import Track
from sessions.sfu.vp8 import LONG_ID, FrameIds

if TYPE_CHECKING:
    from sessions.sfu.peer import Peer

STORED, STORED_S = 16, 0.3
KEY_FRAME_EVERY_S = 2.5  # that one receiver may ask of a publisher: everybody who sees the picture pays for it
MAX_PAUSE_S = 3600.0  # timestamps of 90 kHz turn over after 13 hours; a longer pause is told as this one


@dataclass(frozen=True, slots=True)
class SlotMap:
    """Whom a receiver finds in its m-line `mid`, "" nobody; `pause` is the line that keeps the picture back: "line" is
    the receiver's, "theirs" the publisher's, "" none. The picture is upright when turned clockwise by `turn` degrees: 0
    for a receiver that reads that from the packets."""

    mid: str
    kind: str
    member: str
    pause: str = ""
    turn: int = 0


class Store:
    """The last packets of a voice as they left. Sent again they are the same bytes: another packet under the same
    number, if only its time of sending were another, would give away the key that authenticates (NIST SP 800-38D,
    appendix A)."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._sent: list[tuple[int, bytes, float]] = [(-1, b"", 0.0)] * STORED

    def put(self, sequence: int, datagram: bytes, now: float) -> None:
        self._sent[sequence % STORED] = (sequence & 0xFFFF, datagram, now)

    def find(self, sequence: int, now: float) -> bytes | None:
        number, datagram, sent_at = self._sent[sequence % STORED]
        return datagram if number == sequence and now - sent_at <= STORED_S else None


class Run:
    """A stream in a slot, without a break: what turns its numbers into the slot's.

    `floor` is the first index that was forwarded: nothing older goes out, neither late nor as a retransmission.
    """

    __slots__ = ("floor", "picture_shift", "sequence_shift", "ssrc", "stream", "timestamp_shift", "tl0_shift")

    def __init__(self, stream: Stream, floor: int, sequence_shift: int) -> None:
        self.stream, self.ssrc = stream, stream.ssrc
        self.floor, self.sequence_shift = floor, sequence_shift
        self.timestamp_shift = self.picture_shift = self.tl0_shift = 0

    def goes_on(self, former: "Run") -> None:
        """The same source after a pause: its own clock and picture ids have counted on."""
        self.timestamp_shift = former.timestamp_shift
        self.picture_shift, self.tl0_shift = former.picture_shift, former.tl0_shift

    def frame_ids(self, packet: Packet) -> FrameIds | None:
        """The ids to write over the packet's; None where they are right as they are."""
        ids = packet.frame_ids
        return None if ids is None or not (self.picture_shift or self.tl0_shift) else self.shifted(ids)

    def shifted(self, ids: FrameIds) -> FrameIds:
        tl0 = None if ids.tl0 is None else (ids.tl0 + self.tl0_shift) & 0xFF
        return FrameIds((ids.picture + self.picture_shift) & LONG_ID, tl0)


class Slot:
    """To the receiver it is one source, whatever is sent in it: each run goes on where the last one ended.

    `run` is None while nothing is sent; `follows` is the video stream whose next key frame begins a run, or whose run
    it is. While another one's key frame is awaited, the run goes on: make before break.
    """

    def __init__(self, peer: "Peer", mid: str, kind: str, codec: Codec, ids: ExtensionIds) -> None:
        self.peer, self.mid, self.kind, self.ids = peer, mid, kind, ids
        self.payload_type, self.rtx_type, self.red_type = codec.payload_type, codec.rtx, codec.red
        self.store = Store() if kind == "audio" and "nack" in codec.feedback else None
        # RFC 3711, section 3.3.1: a start below 2^15 keeps the rollover count sure if the first packets are lost.
        self.ssrc, self.rtx_ssrc = peer.new_ssrc(), peer.new_ssrc()
        self._sequence, self.rtx_sequence = secrets.randbits(14), secrets.randbits(14)
        self._timestamp = secrets.randbits(31)
        self.pause = ""
        self.wanted_at: float | None = None  # since when a tile shows it
        self._sent_at: float | None = None
        self._sent_ids: tuple[Run, FrameIds | None] | None = None  # the publisher's, of the last packet sent
        self.name = f"slot-{secrets.token_hex(6)}"
        self.member = ""
        self.track: Track | None = None
        self.follows: Stream | None = None
        self.run: Run | None = None
        self._renewed_at = self._asks_from = 0.0  # last request in a run; the next beginning asks no sooner
        self._former: Run | None = None  # the run before a switch, for what the receiver lost of it
        self._last: Run | None = None
        self.packets = self.octets = 0

    @property
    def source(self) -> Source:
        return Source(self.ssrc, self.rtx_ssrc, self.name)

    @property
    def map(self) -> SlotMap:
        turn = 0 if self.track is None or self.ids.orientation else self.track.turn
        return SlotMap(self.mid, self.kind, self.member, self.pause, turn)

    @property
    def sent_at(self) -> float:
        return self._sent_at or 0.0

    def sent_until(self, stream: Stream) -> int:
        """The last index of the latest run, if that was this stream's; else before all."""
        last = self._last
        if last is None or (last.stream, last.ssrc) != (stream, stream.ssrc):
            return -1
        return self._sequence - last.sequence_shift

    def bind(self, member: str, track: Track | None) -> None:
        self.member = member
        if track is not self.track:
            self.release()
            self.track, self.pause, self.wanted_at = track, "", None
            self._renewed_at = self._asks_from = 0.0

    def follow(self, stream: Stream) -> bool:
        """Send this video stream from its next key frame on, and the present one until then. Returns whether that key
        frame is to come."""
        former, self.follows = self.follows, stream
        if former is not stream:
            self._asks_from = 0.0
        if self not in stream.slots:
            stream.slots.append(self)
        self._unlist(former)
        return self.run is None or self.run.stream is not stream

    def release(self) -> None:
        """Send nothing, at once."""
        former, self.follows = self.follows, None
        self.cut()
        self._unlist(former)

    def cut(self) -> None:
        """What is sent next begins anew, and nothing from before is ever sent again."""
        former, self.run, self._former = self.run, None, None
        if self.store is not None:
            self.store.clear()
        self._unlist(former and former.stream)

    def overflow(self, now: float) -> None:
        """The line is full: what is sent next begins anew, and is asked for only when that is due again."""
        self.cut()
        if self._renewed_at <= now:
            self._renewed_at = max(now, self._renewed_at + KEY_FRAME_EVERY_S)
        self._asks_from = self._renewed_at

    def renews(self, now: float) -> bool:
        """Whether a key frame may be asked for within a run; True at most every KEY_FRAME_EVERY_S."""
        if now - self._renewed_at < KEY_FRAME_EVERY_S:
            return False
        self._renewed_at = now
        return True

    def may_ask(self, now: float) -> bool:
        """Whether the key frame of a beginning may be asked for; of the first one, and of a switch, always."""
        return now >= self._asks_from

    def flowed(self) -> bool:
        """Whether something was sent since a tile shows it."""
        return self.wanted_at is not None and (self._sent_at or 0.0) > self.wanted_at

    def idle_s(self, now: float) -> float:
        """For how long a tile has been waiting."""
        return 0.0 if self.wanted_at is None else now - max(self.wanted_at, self._sent_at or 0.0)

    def _unlist(self, stream: Stream | None) -> None:
        """A stream that is neither sent nor awaited here any more need not look here."""
        sent = self.run and self.run.stream
        if stream is not None and stream is not sent and stream is not self.follows and self in stream.slots:
            stream.slots.remove(self)

    def begin(self, stream: Stream, packet: Packet, now: float) -> Run:
        """A run of `stream` begins with this packet (of a picture: the first of a key frame)."""
        run = Run(stream, packet.index, self._sequence + 1 - packet.index)
        last = self._last
        if last is not None and (last.stream, last.ssrc) == (run.stream, run.ssrc):
            run.goes_on(last)
        else:
            run.timestamp_shift = self._timestamp + self._passed(now) - packet.timestamp
            self._continue_ids(run, packet.frame_ids)
        former, self.run, self._former, self._last = self.run, run, self.run, run
        self._unlist(former and former.stream)
        return run

    def _passed(self, now: float) -> int:
        """Another source has another clock: it is moved so that the time since our last packet passes, no more, no
        less."""
        pause_s = 0.0 if self._sent_at is None else min(now - self._sent_at, MAX_PAUSE_S)
        return max(1, int(pause_s * CLOCK_HZ[self.kind]))

    def _continue_ids(self, run: Run, ids: FrameIds | None) -> None:
        """Picture ids that jump back look like old frames to Chromium, and the picture freezes."""
        last_run, last_ids = self._sent_ids or (run, None)
        if last_ids is None or ids is None:
            return
        former = last_run.shifted(last_ids)
        run.picture_shift = former.picture + 1 - ids.picture
        if former.tl0 is not None and ids.tl0 is not None:
            run.tl0_shift = former.tl0 + 1 - ids.tl0

    def sent(self, run: Run, packet: Packet, octets: int, now: float) -> None:
        self.packets += 1
        self.octets += octets
        sequence = packet.index + run.sequence_shift
        if sequence > self._sequence:
            self._sequence = sequence
            self._timestamp = packet.timestamp + run.timestamp_shift
            self._sent_at = now
            self._sent_ids = run, packet.frame_ids

    def find(self, sequence: int) -> tuple[Run, int] | None:
        """The run and the publisher's index behind a sequence number that we sent; None for what was sent before."""
        if self.run is None:
            return None
        number = unwrap(sequence, self._sequence)
        for run in (self.run, self._former):
            if run is not None and number - run.sequence_shift >= run.floor and run.ssrc == run.stream.ssrc:
                return run, number - run.sequence_shift
        return None

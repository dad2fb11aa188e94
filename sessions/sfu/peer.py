"""One member's connection: its path, its keys, the tracks it publishes and the slots it receives in."""

import asyncio
import math
import secrets
import time
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from sessions.sfu import feedback, picture, red, voice
from sessions.sfu.allowance import Allowance
from sessions.sfu.downlink import IP_BYTES, Downlink
from sessions.sfu.dtls import (
    Box,
    Dtls,
    HandshakeFailed,
    Srtp,
    fingerprint_of,
    protect_rtcp,
    unprotect_rtcp,
    unprotect_rtp,
)
from sessions.sfu.forward import admits, forward_report, pad, resend
from sessions.sfu.ice import Address, Credentials, candidates
from sessions.sfu.ladder import Ladder
from sessions.sfu.levels import guessed
from sessions.sfu.pace import Pacer
from sessions.sfu.rewrite import ExtensionIds, Header, Packet, read_extensions, read_header
from sessions.sfu.sdp import Codec, Local, Offer, answer
from sessions.sfu.slot import Slot, SlotMap
from sessions.sfu.stream import Stream
from sessions.sfu.track import Track
from sessions.sfu.transport_cc import Arrivals
from sessions.sfu.voices import Share
from sessions.sfu.vp8 import frame_ids, starts_key_frame

if TYPE_CHECKING:
    from sessions.sfu.room import MediaRoom

MAX_PATHS = 16  # a browser checks from each of its addresses, and from new ones in another network
OWNED_S = 5.0  # a path is free for another peer when its own has been quiet there for so long
MAX_SOURCES = 32  # libsrtp keeps state for every source it has authenticated, so their number must end
PACKETS_PER_SECOND = 1000  # three times what a page sends; more of one member would delay the voices of all
# Twice what a voice with its redundancy takes, headers included: nobody's line is asked before voices are sent.
VOICE_BYTES_PER_SECOND, VOICE_BURST_S = 30_000, 2.0
CHECKS_PER_SECOND = 100  # a browser paces its checks 50 ms apart (RFC 8445, section 14.2); each costs two HMACs here
RTCP_BYTES = 1400  # what a path takes in one piece
OPEN_AFTER_S = 1.0
ASKED_PER_BEAT = 64  # one small NACK can ask for hundreds of packets; this is 11 Mb/s, more than any line here needs
OUTAGE_S = 1.0
NACK_RTT_S = 0.2  # later, a voice has been played without what it lost
RECOVERY_EVERY_S = 5.0
UPLINK_BPS = 2_500_000  # without transport-wide feedback: no obstacle, browsers then go by the losses we report

INBOX, CONTROL = Box(), Box()


class Peer:
    """`receive_media` and `receive_dtls` are called with what came from its address; nothing here raises for it."""

    def __init__(self, room: "MediaRoom", member: str, offer: Offer) -> None:
        self.room, self.member, self.offer = room, member, offer
        self.credentials = [Credentials.new()]
        self.address: Address = ()
        self.paths: dict[Address, float] = {}  # where authentic checks came from, and when the last packet did
        self.srtp: Srtp | None = None
        self.open = False  # whether media may be sent to it
        self.quiet = False  # nothing came for a while: it takes no slot and is sent nothing until it is back
        self.faults = 0
        self._asked_left = ASKED_PER_BEAT
        self.last_packet_at = time.monotonic()
        self.allowance = Allowance(PACKETS_PER_SECOND, PACKETS_PER_SECOND, self.last_packet_at)
        self.checks = Allowance(CHECKS_PER_SECOND, CHECKS_PER_SECOND, self.last_packet_at)
        self.voice_allowance = Allowance(
            VOICE_BYTES_PER_SECOND * VOICE_BURST_S, VOICE_BYTES_PER_SECOND, self.last_packet_at
        )
        self.told: tuple[SlotMap, ...] | None = None
        self.told_at = 0.0
        self.news = False  # whether its slots may carry others than it was told
        self.share = Share()
        self.arrivals = Arrivals()
        self.pacer = Pacer(room)
        self.ladder = Ladder()
        self.tracks: dict[str, Track] = {}
        self.slots: list[Slot] = []
        self._ssrcs: set[int] = set()
        self._control_ssrc = self.new_ssrc()
        self._session = secrets.randbits(62)
        self._version = 0
        self._keyed_at = self._recovered_at = 0.0
        self._seen: set[int] = set()  # sources whose packets were authentic
        self._sources: dict[int, tuple[Stream, bool]] = {}  # ssrc -> its stream, whether it repairs
        self._types: dict[int, tuple[Track, bool]] = {}  # payload type -> its track, whether it repairs
        self._mids: dict[str, bytes] = {}
        self._codecs: dict[str, Codec] = {}
        self._set_up()
        self.downlink = Downlink(self.last_packet_at, reported=any(slot.ids.transport for slot in self.slots))
        self._by_ssrc = {slot.ssrc: slot for slot in self.slots}
        self._dtls = Dtls(room.certificate, self._send_record)
        self._connecting: asyncio.Task[None] | None = None

    def _set_up(self) -> None:
        for kind, media in self.offer.published().items():
            ids = ExtensionIds.of(media.extensions)
            track = self.tracks[kind] = Track(self.member, kind, ids, self.room.tally(self.member, kind), media.rids)
            self._mids[kind] = media.mid.encode()
            self._codecs[kind] = media.codec
            self._types[media.codec.payload_type] = (track, False)
            if media.codec.red is not None:
                self._types[media.codec.red] = (track, False)
            if media.codec.rtx is not None:
                self._types[media.codec.rtx] = (track, True)
        for media in self.offer.media:
            if media.receives:
                self.slots.append(Slot(self, media.mid, media.kind, media.codec, ExtensionIds.of(media.extensions)))

    def new_ssrc(self) -> int:
        """Two sources under one number would use the same nonces (RFC 7714, section 8.4)."""
        while (ssrc := 1 + secrets.randbits(31)) in self._ssrcs:
            pass
        self._ssrcs.add(ssrc)
        return ssrc

    def answer(self, host: str, port: int) -> str:
        self._version += 1
        current = self.credentials[-1]
        local = Local(
            session=self._session,
            version=self._version,
            ufrag=current.ufrag,
            password=current.password,
            fingerprint=fingerprint_of(self.room.certificate),
            candidates=candidates(host, port),
        )
        return answer(self.offer, local, {slot.mid: slot.source for slot in self.slots})

    def restart(self, offer: Offer) -> None:
        """New ICE credentials if `offer` has some; the same keys. The former hold on for checks on their way."""
        if offer.ufrag != self.offer.ufrag:
            self.credentials = [self.credentials[-1], Credentials.new()]
        self.offer = offer

    def streams(self) -> Iterator[Stream]:
        return chain.from_iterable(track.streams for track in self.tracks.values())

    def maps(self) -> tuple[SlotMap, ...]:
        return tuple(slot.map for slot in self.slots)

    # -- path and keys

    def reached(self, address: Address, nominates: bool, now: float) -> list[Address]:
        """An authentic check came from `address`. Returns the paths that are forgotten for it."""
        self.last_packet_at, self.quiet = now, False
        if nominates or not self.address:
            self._choose(address, now)
        self.paths.pop(address, None)
        self.paths[address] = now  # the last one now
        others = [path for path in self.paths if path not in (address, self.address)]
        for outlived in others[:-MAX_PATHS]:
            del self.paths[outlived]
        return others[:-MAX_PATHS]

    def uses(self, address: Address, now: float) -> bool:
        """Whether something authentic came from there of late; what it says from elsewhere does not count."""
        return now - self.paths.get(address, -math.inf) < OWNED_S

    def _choose(self, address: Address, now: float) -> None:
        moved = bool(self.address) and address != self.address
        self.address = address
        if self._connecting is None:
            self._connecting = asyncio.get_running_loop().create_task(self._connect())
        if moved:
            self._recover(now)

    async def _connect(self) -> None:
        theirs = self.offer.fingerprint
        try:
            srtp = await self._dtls.handshake(theirs.algorithm, theirs.value)
        except HandshakeFailed:
            self.room.lose(self)
            return
        self._dtls.on_closed(lambda: self.room.lose(self))
        self.srtp = srtp
        self._keyed_at = time.monotonic()

    def receive_dtls(self, record: bytes) -> None:
        self._dtls.put(record)

    def _send_record(self, record: bytes) -> None:
        if self.address:
            self.room.port.send(record, self.address)

    def close(self) -> asyncio.Task[None]:
        """Nothing is sent or received from now on; the task says good-bye to the other side."""
        self.open = False
        if self._connecting is not None:
            self._connecting.cancel()
        self.srtp = None
        self.pacer.close()
        return asyncio.get_running_loop().create_task(self._dtls.stop())

    # -- media from the member

    def receive_media(self, size: int, address: Address, now: float) -> None:
        """SRTP or SRTCP of `size` bytes in INBOX, from one of its paths (RFC 5761, section 4 tells them apart)."""
        view, length = INBOX.view, INBOX.length
        if self.srtp is None or size < 12:
            return
        control = 192 <= view[1] <= 223
        source = int.from_bytes(view[4:8] if control else view[8:12], "big")
        if source not in self._seen and len(self._seen) >= MAX_SOURCES:
            self.faults += 1
            return
        length[0] = size
        if (unprotect_rtcp if control else unprotect_rtp)(self.srtp.rx, INBOX.cdata, length):
            self.faults += 1
            return
        self._seen.add(source)
        outage = not control and now - self.last_packet_at > OUTAGE_S
        self.last_packet_at = self.paths[address] = now
        if not self.open:
            self._open(now)
        data = bytes(view[: length[0]])
        if control:
            self._receive_control(data, now)
        else:
            self._receive_rtp(data, now)
        if outage:
            self._recover(now)

    def _open(self, now: float) -> None:
        """Its first authentic packet shows that it has keys too; what is sent earlier, browsers throw away."""
        self.open, self.quiet = True, False
        self.room.opened(self, now)

    def hush(self) -> None:
        """Nothing goes to where nobody may be; keys and path stay, and the first authentic packet opens it again."""
        self.open, self.quiet = False, True

    def _receive_rtp(self, data: bytes, now: float) -> None:
        header = read_header(data)
        found = None if header is None else self._sources.get(header.ssrc) or self._learn(data, header)
        if header is None or found is None:
            return
        stream, repairs = found
        said = read_extensions(data, header)
        number = said.get(stream.track.ids.transport)
        if number is not None:
            self.arrivals.take(int.from_bytes(number[:2], "big"), now)
        start, sequence = header.payload, header.sequence
        if repairs:
            if header.end - start < 2:
                return  # a probe of the line, only padding
            sequence = data[start] << 8 | data[start + 1]
            start += 2
            index = stream.take_repair(sequence)
        else:
            index = stream.take(sequence, header.timestamp, now, header.end - start)
        if index is None:
            return
        if stream.kind == "audio":
            self._receive_voice(stream, index, data, header, said, now)
        else:
            self._receive_picture(stream, index, data, start, header, said, now)

    def _receive_voice(
        self, stream: Stream, index: int, data: bytes, header: Header, said: dict[int, bytes], now: float
    ) -> None:
        payload, codec = data[header.payload : header.end], self._codecs["audio"]
        if not self.voice_allowance.take(now, len(data) + IP_BYTES):
            self.faults += 1
            return
        redundant = red.read(payload, codec.payload_type) if header.payload_type == codec.red else None
        if redundant is not None:
            payload = redundant.blocks[-1].payload
        elif header.payload_type != codec.payload_type:
            self.faults += 1
            return
        level = _octet(said, stream.track.ids.audio_level)
        self.room.floors.voice(self.member).hear(guessed(payload) if level is None else level, now)
        packet = Packet(index, header.timestamp, payload, marker=header.marker, level=level, red=redundant)
        voice.forward(self.room, stream, packet, now)

    def _receive_picture(
        self, stream: Stream, index: int, data: bytes, start: int, header: Header, said: dict[int, bytes], now: float
    ) -> None:
        if not stream.slots:
            admits(self.room, stream.track)  # a layer that no tile shows is counted, no more
            return
        payload = data[start : header.end]
        orientation = _octet(said, stream.track.ids.orientation)
        if orientation is not None:
            stream.track.orient(orientation)
        packet = Packet(
            index,
            header.timestamp,
            payload,
            marker=header.marker,
            orientation=orientation,
            starts_key_frame=starts_key_frame(payload),
            frame_ids=frame_ids(payload),
        )
        picture.forward(self.room, stream, packet, now)

    def _learn(self, data: bytes, header: Header) -> tuple[Stream, bool] | None:
        """A source seen for the first time, by its payload type and RID; its MID, if it says one, must agree."""
        track, repairs = self._types.get(header.payload_type, (None, False))
        if track is None:
            return None
        said = read_extensions(data, header)
        if said.get(track.ids.mid, self._mids[track.kind]) != self._mids[track.kind]:
            return None
        rid = said.get(track.ids.repaired_rid if repairs else track.ids.rid, b"")
        stream = track.layers.get("" if "" in track.layers else rid.decode("ascii", "replace"))
        if stream is None:
            return None
        if not repairs:
            self._sources.pop(stream.ssrc or 0, None)
            track.start(stream, header.ssrc)
        self._sources[header.ssrc] = stream, repairs
        return stream, repairs

    def _receive_control(self, data: bytes, now: float) -> None:
        for message in feedback.read(data):
            if isinstance(message, feedback.SenderReport):
                stream, repairs = self._sources.get(message.ssrc, (None, False))
                if stream is not None and not repairs and stream.note_report(message.ntp, now):
                    forward_report(stream, message, now)
            elif isinstance(message, feedback.Nack | feedback.Pli):
                slot = self._by_ssrc.get(message.ssrc)
                if slot is not None:
                    self._receive_request(slot, message, now)
            else:
                self.downlink.hear(message, now)

    def _receive_request(self, slot: Slot, message: feedback.Nack | feedback.Pli, now: float) -> None:
        if isinstance(message, feedback.Nack):
            (voice.resend if slot.kind == "audio" else resend)(self.room, slot, message.sequences, now)
        elif slot.run is not None and slot.renews(now):
            self.room.ask_key_frame(slot.run.stream, now)

    def may_ask(self) -> bool:
        """Whether it may ask for one more packet before the next beat; one that is not there costs work too."""
        self._asked_left -= 1
        return self._asked_left >= 0

    # -- control to the member

    def send_rtcp(self, data: bytes) -> None:
        size = len(data)
        if self.srtp is None or not self.open or size > RTCP_BYTES:
            return
        CONTROL.view[:size] = data
        CONTROL.length[0] = size
        if protect_rtcp(self.srtp.tx, CONTROL.cdata, CONTROL.length):
            self.faults += 1
            return
        self.room.port.send(CONTROL.view[: CONTROL.length[0]], self.address)

    def ask_key_frame(self, stream: Stream, now: float) -> None:
        if self.open and stream.wants_key_frame(now):
            self.send_rtcp(feedback.write_pli(self._control_ssrc, stream.ssrc or 0))

    def _recover(self, now: float) -> None:
        """After an outage or on a new path: key frames both ways at once, instead of when each browser notices."""
        if now - self._recovered_at < RECOVERY_EVERY_S:
            return
        self._recovered_at = now
        own = [stream for stream in self.streams() if stream.slots]
        for stream in [*own, *(slot.follows for slot in self.slots if slot.follows)]:
            self.room.ask_key_frame(stream, now)

    def beat(self, now: float) -> None:
        """Called every node.BEAT_S."""
        if self.srtp is not None and not (self.open or self.quiet) and now - self._keyed_at > OPEN_AFTER_S:
            self._open(now)  # who only listens may have nothing to say yet
        self._asked_left = ASKED_PER_BEAT
        for stream in self.streams():
            asked = stream.to_ask_for(now)
            if asked and self._repairs(stream):
                self.send_rtcp(feedback.write_nack(self._control_ssrc, stream.ssrc or 0, asked))
        if self.open:
            self._probe(now)
        self.pacer.limit(self.room.spare_bps(self, now), self.room.reserved_bps(self))
        budget_bps = self.downlink.budget_bps(now)
        if self.share.update(math.inf if budget_bps is None else budget_bps, now):
            self.room.floors.arrange()

    def _probe(self, now: float) -> None:
        slot = next((slot for slot in self.slots if slot.rtx_type is not None and slot.ids.transport), None)
        probe = self.downlink.probe(now) if slot is not None else None
        if slot is not None and probe is not None:
            pad(self.room, slot, probe.packets, probe.size, now)
            self.downlink.sent(probe)

    def tell_arrivals(self) -> None:
        """By these its browser judges the line up to us: draft-holmer-rmcat-transport-wide-cc-extensions-01."""
        source = next((stream.ssrc for stream in self.streams() if stream.ssrc is not None), 0)
        for told in self.arrivals.write(self._control_ssrc, source):
            self.send_rtcp(told)

    def _repairs(self, stream: Stream) -> bool:
        """Whether it is worth asking for what is missing of `stream`."""
        if stream.kind == "video":
            return bool(stream.slots)
        if "nack" not in self._codecs["audio"].feedback or self.downlink.rtt_s >= NACK_RTT_S:
            return False
        return self.member in self.room.heard

    def report(self, now: float) -> None:
        received = [each for stream in self.streams() if (each := stream.reception(now)) is not None]
        if not received:
            return
        data = feedback.write_receiver_report(self._control_ssrc, received)
        pictures = [stream.ssrc for stream in self.streams() if stream.kind == "video" and stream.ssrc]
        if pictures and not self.tracks["video"].ids.transport:
            data += feedback.write_remb(self._control_ssrc, UPLINK_BPS, pictures)
        self.send_rtcp(data)


def _octet(said: dict[int, bytes], number: int) -> int | None:
    """The first octet of a header extension; None where it is not there."""
    value = said.get(number)
    return None if value is None else value[0]

"""A synthetic member: real ICE checks, DTLS and SRTP over its own UDP socket, with packets made beforehand.

For tests, for the benchmark, and to fill a room. It offers what our page offers and understands our own answers only.
"""

import asyncio
import secrets
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable

from aioice import stun

from sessions.sfu import dtls, feedback, sdp
from sessions.sfu.ice import Address, Credentials
from sessions.sfu.port import Port
from sessions.sfu.rewrite import (
    AUDIO_LEVEL,
    MID,
    ORIENTATION,
    REPAIRED_RID,
    RID,
    SEND_TIME,
    Header,
    read_header,
    write_header,
)

OPUS, VP8, RTX = 111, 96, 97
LEVEL_ID, SEND_TIME_ID, MID_ID, RID_ID, REPAIRED_RID_ID, ORIENTATION_ID = 1, 2, 4, 10, 11, 13
CHECK_EVERY_S, CONNECT_S = 0.1, 10.0
KEEP_ALIVE_S = 2.0
PEER_REFLEXIVE = 1845501695  # the priority of a check, RFC 8445, section 7.1.1
# A descriptor with picture id 1 and TL0PICIDX 1, and a frame header whose P bit is clear.
KEY_FRAME = bytes((0x90, 0xE0, 0x80, 0x01, 0x01, 0x20, 0x00))
DELTA_FRAME = bytes((0x90, 0xE0, 0x80, 0x02, 0x02, 0x20, 0x01))
NOTHING_RECEIVED = feedback.write_receiver_report(1, [])
CODECS = {
    "audio": (
        f"a=rtpmap:{OPUS} opus/48000/2",
        f"a=fmtp:{OPUS} minptime=10;useinbandfec=1",
        f"a=extmap:{LEVEL_ID} {AUDIO_LEVEL}",
        f"a=extmap:{SEND_TIME_ID} {SEND_TIME}",
    ),
    "video": (
        f"a=rtpmap:{VP8} VP8/90000",
        *(f"a=rtcp-fb:{VP8} {each}" for each in sdp.FEEDBACK["video"][:3]),
        f"a=rtpmap:{RTX} rtx/90000",
        f"a=fmtp:{RTX} apt={VP8}",
        f"a=extmap:{SEND_TIME_ID} {SEND_TIME}",
        f"a=extmap:{ORIENTATION_ID} {ORIENTATION}",
        f"a=extmap:{RID_ID} {RID}",
        f"a=extmap:{REPAIRED_RID_ID} {REPAIRED_RID}",
    ),
}
FORMATS = {"audio": f"{OPUS}", "video": f"{VP8} {RTX}"}


class Source:
    """What a member sends of one kind, or of one layer; numbers count on from packet to packet."""

    def __init__(self, kind: str, mid: str, rid: str = "") -> None:
        self.kind, self.mid, self.rid = kind, mid.encode(), rid.encode()
        self.ssrc, self.rtx_ssrc = 1 + secrets.randbits(31), 1 + secrets.randbits(31)
        self.sequence, self.rtx_sequence, self.timestamp = secrets.randbits(15), 0, secrets.randbits(32)
        self.step = 960 if kind == "audio" else 6000  # 20 ms of 48 kHz; a 15th of a second of 90 kHz
        self.packets = self.octets = 0


class Member:
    """`slots` receives of each kind. `on_packet(mid, header, payload)` sees each RTP packet, `received` keeps payloads
    by mid unless `keeping` is off; `loses(header)` lets the network lose what arrives. With `rids` the picture is sent
    in layers: `layers` has their sources, from low to high. It sends from `host`; `on_block(mid, block)` sees header
    extensions, of which `without` says which it does not know."""

    host = "127.0.0.1"

    def __init__(
        self,
        slots: int = 3,
        *,
        sends: Iterable[str] = ("audio", "video"),
        keeping: bool = True,
        rids: tuple[str, ...] = (),
        without: tuple[str, ...] = (),
    ) -> None:
        self._certificate = dtls.new_certificate()
        self._inbox, self._outbox = dtls.Box(), dtls.Box()
        self._ice = Credentials.new()
        self._session = secrets.randbits(62)
        self._dtls = dtls.Dtls(self._certificate, self._send_record, server=True)
        self._srtp: dtls.Srtp | None = None
        self._lines: list[tuple[str, str, bool]] = []  # kind, mid, whether it sends
        self.sources: dict[str, Source] = {}
        for kind in sends:
            self.sources[kind] = Source(kind, str(len(self._lines)))
            self._lines.append((kind, str(len(self._lines)), True))
        self.layers = {rid: Source("video", self.sources["video"].mid.decode(), rid) for rid in rids}
        for kind in ("audio", "video"):
            for _ in range(slots):
                self._lines.append((kind, str(len(self._lines)), False))
        self._keeping, self._without = keeping, without
        self.closed = self._reached = False
        self._port: Port | None = None
        self._remote: Address = ()
        self._answered = asyncio.Event()
        self._checking: asyncio.Task[None] | None = None
        self._mids: dict[int, str] = {}
        self.slot_ssrcs: dict[str, int] = {}
        self.slot_rtx_ssrcs: dict[str, int] = {}
        self.received: dict[str, list[bytes]] = defaultdict(list)
        self.control: list[bytes] = []
        self.on_control: Callable[[bytes], None] = self.control.append
        self.on_packet: Callable[[str, Header, bytes], None] | None = None
        self.on_block: Callable[[str, bytes], None] | None = None
        self.loses: Callable[[Header], bool] | None = None

    # -- signalling

    def offer(self) -> str:
        lines = ["v=0", f"o=- {self._session} 2 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        lines.append("a=group:BUNDLE " + " ".join(mid for _, mid, _ in self._lines))
        for kind, mid, sends in self._lines:
            lines += [
                f"m={kind} 9 {sdp.PROTOCOL} {FORMATS[kind]}",
                "c=IN IP4 0.0.0.0",
                f"a=mid:{mid}",
                "a=sendonly" if sends else "a=recvonly",
                "a=rtcp-mux",
                "a=setup:actpass",
                f"a=ice-ufrag:{self._ice.ufrag}",
                f"a=ice-pwd:{self._ice.password}",
                f"a=fingerprint:sha-256 {dtls.fingerprint_of(self._certificate)}",
                f"a=extmap:{MID_ID} {MID}",
                *(line for line in CODECS[kind] if not line.endswith(self._without)),
            ]
            if sends and kind == "video" and self.layers:
                lines += [*(f"a=rid:{rid} send" for rid in self.layers), "a=simulcast:send " + ";".join(self.layers)]
        return "\r\n".join(lines) + "\r\n"

    def restart_ice(self) -> str:
        """The offer for new credentials; give the answer to `connect`."""
        self._ice = Credentials.new()
        return self.offer()

    async def connect(self, answer: str) -> None:
        """Checks the path until it answers, then makes keys; with keys from before, only the path. Raises TimeoutError,
        HandshakeFailed."""
        self._read(answer)
        self._answered.clear()
        if self._checking is None:
            self.listen()
            self._checking = asyncio.get_running_loop().create_task(self._check())
        await asyncio.wait_for(self._answered.wait(), CONNECT_S)
        if self._srtp is None:
            self._srtp = await self._dtls.handshake(*self._fingerprint)

    def _read(self, answer: str) -> None:
        mid = ""
        for line in answer.split("\r\n"):
            name, _, value = line.partition(":")
            words = value.split()
            if name == "a=mid":
                mid = value
            elif name == "a=ice-ufrag":
                self._username = f"{value}:{self._ice.ufrag}"
            elif name == "a=ice-pwd":
                self._password = value.encode()
            elif name == "a=fingerprint":
                self._fingerprint = (words[0], words[1])
            elif name == "a=candidate":
                self._remote = (words[4], int(words[5]))
            elif name == "a=ssrc-group":
                self.slot_rtx_ssrcs[mid] = int(words[2])
            elif name == "a=ssrc":
                self._mids[int(words[0])] = mid
                self.slot_ssrcs.setdefault(mid, int(words[0]))

    async def close(self) -> None:
        """Says good-bye and frees the socket."""
        await self.vanish(good_bye=True)

    async def vanish(self, *, good_bye: bool = False) -> None:
        """As a laptop whose lid is shut: nothing is sent any more."""
        if self._checking is not None:
            self._checking.cancel()
            await asyncio.gather(self._checking, return_exceptions=True)
        remote = self._remote
        if not good_bye:
            self._remote = ()
        await self._dtls.stop()
        self._remote = remote
        if self._port is not None:
            self._port.close()
        self.closed = True

    def listen(self) -> None:
        """Opens the socket, unless it is open."""
        self._port = self._port or self._open_port()

    def move(self) -> None:
        """Goes on from another address, as a telephone does that leaves the house."""
        former, self._port = self._port, self._open_port()
        former.close()
        self.check()

    def _open_port(self) -> Port:
        port = Port(self.host, 0, self._inbox, self._receive)
        port.open()
        return port

    # -- path

    async def _check(self) -> None:
        while True:
            self.check()
            if self._srtp is not None:
                self.send_control(NOTHING_RECEIVED)  # the first authentic packet opens the way down
            await asyncio.sleep(KEEP_ALIVE_S if self._reached else CHECK_EVERY_S)

    def check(self) -> None:
        self.send_raw(self.check_request())

    async def settle(self) -> None:
        """Returns when the node has handled all that was sent before: a check goes the same way, and is answered."""
        self._answered.clear()
        self.check()
        await asyncio.wait_for(self._answered.wait(), CONNECT_S)

    def check_request(self) -> bytes:
        """A connectivity check, which nominates."""
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = self._username
        request.attributes["PRIORITY"] = PEER_REFLEXIVE
        request.attributes["ICE-CONTROLLING"] = secrets.randbits(64)
        request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(self._password)
        request.add_fingerprint()
        return bytes(request)

    def send_raw(self, datagram: bytes | memoryview) -> None:
        """Whatever it is, from this member's address."""
        self._port.send(datagram, self._remote)

    def _send_record(self, record: bytes) -> None:
        if self._remote:
            self._port.send(record, self._remote)

    # -- media up

    def send_audio(
        self, payload: bytes, level: int = 20, *, marker: bool = False, timestamp: int | None = None
    ) -> None:
        """`level` as RFC 6464 has it. Without a timestamp it is 20 ms after the packet before."""
        extra = bytes((LEVEL_ID << 4, level))
        self._send(self.sources["audio"], payload, extra, marker=marker, timestamp=timestamp)

    def send_video(
        self,
        payload: bytes,
        *,
        marker: bool = True,
        rid: str = "",
        orientation: int | None = None,
        timestamp: int | None = None,
    ) -> None:
        extra = b"" if orientation is None else bytes((ORIENTATION_ID << 4, orientation))
        self._send(self._picture(rid), payload, extra, marker=marker, timestamp=timestamp)

    def send_report(self, source: Source, ntp: int, timestamp: int) -> None:
        """What time it is at `timestamp` (RFC 3550, section 6.4.1): by it a receiver joins voice and lips."""
        report = feedback.SenderReport(source.ssrc, ntp, timestamp)
        self.send_control(feedback.write_sender_report(report, source.packets, source.octets, "member"))

    def _picture(self, rid: str) -> Source:
        return self.layers[rid] if rid else self.sources["video"]

    def lose(self, kind: str, rid: str = "") -> int:
        """A packet that the network loses on the way up; its sequence number."""
        source = self._picture(rid) if kind == "video" else self.sources[kind]
        source.sequence = (source.sequence + 1) & 0xFFFF
        return source.sequence

    def _send(
        self, source: Source, payload: bytes, extra: bytes, *, marker: bool, timestamp: int | None = None
    ) -> None:
        source.sequence = (source.sequence + 1) & 0xFFFF
        source.timestamp = (source.timestamp + source.step if timestamp is None else timestamp) & 0xFFFFFFFF
        source.packets, source.octets = source.packets + 1, source.octets + len(payload)
        types = OPUS if source.kind == "audio" else VP8
        numbers = (types | (0x80 if marker else 0), source.sequence, source.timestamp, source.ssrc)
        self.send_packet(numbers, self._block(source, RID_ID, extra) + payload)

    def send_repair(self, sequence: int, payload: bytes, rid: str = "") -> None:
        """The lost video packet `sequence`, by RTX."""
        source = self._picture(rid)
        source.rtx_sequence += 1
        numbers = (RTX, source.rtx_sequence, source.timestamp, source.rtx_ssrc)
        self.send_packet(numbers, self._block(source, REPAIRED_RID_ID, b"") + struct.pack("!H", sequence) + payload)

    def _block(self, source: Source, rid_id: int, extra: bytes) -> bytes:
        items = bytes((MID_ID << 4 | len(source.mid) - 1,)) + source.mid + extra
        if source.rid:
            items += bytes((rid_id << 4 | len(source.rid) - 1,)) + source.rid
        words = (len(items) + 3) // 4
        return struct.pack("!HH", 0xBEDE, words) + items.ljust(4 * words, b"\0")

    def send_nack(self, mid: str, sequences: Iterable[int]) -> None:
        """Asks for packets of a slot again."""
        self.send_control(feedback.write_nack(1, self.slot_ssrcs[mid], sequences))

    def send_pli(self, mid: str) -> None:
        """Asks for a key frame of a slot."""
        self.send_control(feedback.write_pli(1, self.slot_ssrcs[mid]))

    def send_packet(self, numbers: tuple[int, int, int, int], rest: bytes) -> None:
        """An RTP packet with extensions: marker and type, sequence, timestamp, ssrc; then the block and the payload."""
        size = 12 + len(rest)
        write_header(self._outbox.view, True, *numbers)
        self._outbox.view[12:size] = rest
        self._protect(dtls.protect_rtp, size)

    def send_control(self, packet: bytes) -> None:
        self._outbox.view[: len(packet)] = packet
        self._protect(dtls.protect_rtcp, len(packet))

    def _protect(self, protect: Callable[..., int], size: int) -> None:
        if self._srtp is None:
            raise RuntimeError("not connected")
        self._outbox.length[0] = size
        if protect(self._srtp.tx, self._outbox.cdata, self._outbox.length) == 0:
            self._port.send(self._outbox.view[: self._outbox.length[0]], self._remote)

    # -- what arrives

    def asked(self, kind: type[feedback.Nack] | type[feedback.Pli]) -> list[feedback.Nack | feedback.Pli]:
        """The requests of this kind that the node has sent about what this member publishes."""
        return [message for part in self.control for message in feedback.read(part) if isinstance(message, kind)]

    def _receive(self, size: int, address: Address) -> None:
        first = self._inbox.view[0]
        if first == 1:  # the class of a success response, in the binding method
            self._answered.set()
        elif first < 64:
            self._dtls.put(bytes(self._inbox.view[:size]))
        elif self._srtp is not None:
            self._receive_media(size)

    def _receive_media(self, size: int) -> None:
        box = self._inbox
        box.length[0] = size
        control = 192 <= box.view[1] <= 223
        assert self._srtp is not None
        if (dtls.unprotect_rtcp if control else dtls.unprotect_rtp)(self._srtp.rx, box.cdata, box.length):
            return
        data = bytes(box.view[: box.length[0]])
        self._reached = True
        if control:
            self._take_control(data)
            return
        header = read_header(data)
        if header is not None and (self.loses is None or not self.loses(header)):
            self._take(header, data)

    def _take_control(self, data: bytes) -> None:
        self.on_control(data)

    def _take(self, header: Header, data: bytes) -> None:
        mid, payload = self._mids.get(header.ssrc, ""), data[header.payload : header.end]
        if self.on_block is not None:
            self.on_block(mid, data[header.extensions : header.payload])
        if self.on_packet is not None:
            self.on_packet(mid, header, payload)
        if self._keeping:
            self.received[mid].append(payload)

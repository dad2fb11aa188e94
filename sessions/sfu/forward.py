"""Who may pass, what a packet looks like to a receiver, and the one place where media leave."""

import struct
import time
from typing import TYPE_CHECKING

from sessions.sfu.downlink import IP_BYTES
from sessions.sfu.dtls import Box, protect_rtp
from sessions.sfu.feedback import SenderReport, write_sender_report
from sessions.sfu.rewrite import HEADER_BYTES, TRANSPORT_AT, Packet, send_time, write_extensions, write_header
from sessions.sfu.slot import Run, Slot
from sessions.sfu.stream import Stream
from sessions.sfu.track import Track
from sessions.sfu.vp8 import with_ids

if TYPE_CHECKING:
    from sessions.sfu.room import MediaRoom

OUTBOX = Box()
NUMBER = struct.Struct("!H")
NOTHING = Packet(0, 0, b"")
PADDED = 0x20  # RFC 3550, section 5.1: the last byte says how many are padding


def passes(room: "MediaRoom", track: Track) -> bool:
    """The gate. Asked for every packet and every retransmission, so that a change holds from the next packet on."""
    return track.member in (room.heard if track.kind == "audio" else room.shown)


def admits(room: "MediaRoom", track: Track) -> bool:
    """Counts a packet that has arrived. One that does not pass is forgotten."""
    track.tally.received += 1
    if passes(room, track):
        return True
    track.tally.received_unheard += 1
    return False


def send(
    room: "MediaRoom", slot: Slot, run: Run, packet: Packet, block: bytes, payload: bytes, marked_type: int, now: float
) -> bool:
    """`block` are the header extensions for the slot's ids, `marked_type` is marker | payload type, `now` is monotonic
    seconds. Whether it has left; then OUTBOX has it as it was sent."""
    view = OUTBOX.view
    at = HEADER_BYTES + len(block)
    end = at + len(payload)
    view[HEADER_BYTES:at] = block
    view[at:end] = payload
    ids = run.frame_ids(packet) if packet.frame_ids is not None else None
    if ids is not None:
        with_ids(view, at, ids)
    sequence, timestamp = packet.index + run.sequence_shift, packet.timestamp + run.timestamp_shift
    write_header(view, bool(block), marked_type, sequence, timestamp, slot.ssrc)
    if not _leave(room, run.stream.track, slot, end, now):
        return False
    slot.sent(run, packet, len(payload), now)
    return True


def resend(room: "MediaRoom", slot: Slot, sequences: tuple[int, ...], now: float) -> None:
    """Answers a picture's NACK from what is kept, by RTX (RFC 4588). Without RTX there is no answer: the same number
    encrypted twice, with other extensions, would betray the key."""
    rtx_type = slot.rtx_type
    if rtx_type is None or slot.track is None or not passes(room, slot.track):
        return
    for sequence in sequences:
        if not slot.peer.may_ask():
            return
        run, index = slot.find(sequence) or (None, 0)
        packet = None if run is None else run.stream.kept(index)
        if run is not None and packet is not None and slot.peer.downlink.affords(len(packet.payload), now):
            _resend(room, slot, rtx_type, run, packet, now)


def _resend(room: "MediaRoom", slot: Slot, rtx_type: int, run: Run, packet: Packet, now: float) -> None:
    block = write_extensions(packet, slot.ids, send_time(time.time()))
    sequence = packet.index + run.sequence_shift
    head = block + (sequence & 0xFFFF).to_bytes(2, "big")
    at = HEADER_BYTES + len(head)
    end = at + len(packet.payload)
    view = OUTBOX.view
    view[HEADER_BYTES:at] = head
    view[at:end] = packet.payload
    ids = run.frame_ids(packet)
    if ids is not None:
        with_ids(view, at, ids)
    slot.rtx_sequence += 1
    timestamp = packet.timestamp + run.timestamp_shift
    write_header(view, bool(block), packet.marker | rtx_type, slot.rtx_sequence, timestamp, slot.rtx_ssrc)
    _leave(room, run.stream.track, slot, end, now)


def pad(room: "MediaRoom", slot: Slot, packets: int, size: int, now: float) -> None:
    """A train to measure the line: nothing but padding, `size` bytes of IP each, among the slot's retransmissions (as
    RFC 4588, section 4 has senders do it; a browser counts them and throws them away)."""
    block = write_extensions(NOTHING, slot.ids, send_time(time.time()))
    at = HEADER_BYTES + len(block)
    fill = max(1, min(size - IP_BYTES - at, 255))
    for _ in range(packets):
        view = OUTBOX.view
        view[HEADER_BYTES:at] = block
        view[at : at + fill] = bytes(fill - 1) + bytes((fill,))
        slot.rtx_sequence += 1
        write_header(view, True, slot.rtx_type or 0, slot.rtx_sequence, 0, slot.rtx_ssrc)
        view[0] |= PADDED
        if _encrypt(slot, at + fill, now):
            room.port.send(OUTBOX.view[: OUTBOX.length[0]], slot.peer.address)


def _leave(room: "MediaRoom", track: Track, slot: Slot, size: int, now: float) -> bool:
    """Whether what lies in OUTBOX has left, as the packet of `track` that it is. Whatever a slot carries by mistake is
    not sent: here each receiver is asked about."""
    return (
        reaches(room, track, slot)
        and _encrypt(slot, size, now)
        and depart(room, track, slot, OUTBOX.view[: OUTBOX.length[0]])
    )


def reaches(room: "MediaRoom", track: Track, slot: Slot) -> bool:
    """Whether this slot's receiver may have the track now."""
    return room.hears(slot.peer.member, track.member) if track.kind == "audio" else track.member in room.shown


def depart(room: "MediaRoom", track: Track, slot: Slot, datagram: memoryview | bytes) -> bool:
    """The one place where media leave. It looks for itself at who may be heard, and by whom, after the sending: if a
    gate before it were wrong, the count that must stay zero would say so."""
    if not room.port.send(datagram, slot.peer.address):
        return False
    track.tally.forwarded += 1
    if not reaches(room, track, slot):
        track.tally.forwarded_unheard += 1
    return True


def _encrypt(slot: Slot, size: int, now: float) -> bool:
    """Numbers and encrypts what lies in OUTBOX."""
    peer = slot.peer
    if peer.srtp is None:
        peer.faults += 1
        return False
    if slot.ids.transport:
        NUMBER.pack_into(OUTBOX.view, TRANSPORT_AT, peer.downlink.leaves(size, now))
    peer.pacer.spend(size, now)
    OUTBOX.length[0] = size
    if protect_rtp(peer.srtp.tx, OUTBOX.cdata, OUTBOX.length):
        peer.faults += 1
        return False
    return True


def forward_report(stream: Stream, report: SenderReport, now: float) -> None:
    """A publisher's sender report under each slot's numbers: its NTP time stays, for it is its clock that counts."""
    for slot in stream.track.slots:
        run = slot.run
        if run is not None and run.stream is stream:
            told = SenderReport(slot.ssrc, report.ntp, report.timestamp + run.timestamp_shift)
            slot.peer.downlink.reported(slot.ssrc, report.ntp, now)
            slot.peer.send_rtcp(write_sender_report(told, slot.packets, slot.octets, slot.name))

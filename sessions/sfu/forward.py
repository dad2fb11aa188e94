"""From one up track to the down slots of all others: who may pass, and the one place where media leave."""

import time
from typing import TYPE_CHECKING

from sessions.sfu.dtls import Box, protect_rtp
from sessions.sfu.feedback import SenderReport, write_sender_report
from sessions.sfu.rewrite import HEADER_BYTES, ExtensionIds, Packet, send_time, write_extensions, write_header
from sessions.sfu.slot import Slot
from sessions.sfu.track import Track
from sessions.sfu.vp8 import with_ids

if TYPE_CHECKING:
    from sessions.sfu.room import MediaRoom

OUTBOX = Box()


def passes(room: "MediaRoom", track: Track) -> bool:
    """The gate. Asked for every packet and every retransmission, so that a change holds from the next packet on."""
    return track.member in (room.heard if track.kind == "audio" else room.shown)


def forward(room: "MediaRoom", track: Track, packet: Packet, now: float) -> None:
    """`now` is monotonic seconds. A packet that does not pass is counted and forgotten."""
    track.tally.received += 1
    if not passes(room, track):
        track.tally.received_unheard += 1
        return
    track.keep(packet)
    _fan_out(room, track, packet, now)


def _fan_out(room: "MediaRoom", track: Track, packet: Packet, now: float) -> None:
    blocks: dict[ExtensionIds, bytes] = {}
    sent_at = send_time(time.time())
    for slot in track.slots:
        if not slot.peer.open:
            continue
        if not slot.flowing and not slot.begin(packet, now):
            room.ask_key_frame(track, now)
            continue
        if packet.index < slot.floor:
            continue
        block = blocks.get(slot.ids)
        if block is None:
            block = blocks[slot.ids] = write_extensions(packet, slot.ids, sent_at)
        _send(room, track, slot, packet, block, now)


def _send(room: "MediaRoom", track: Track, slot: Slot, packet: Packet, block: bytes, now: float) -> None:
    view, payload = OUTBOX.view, packet.payload
    at = HEADER_BYTES + len(block)
    end = at + len(payload)
    view[HEADER_BYTES:at] = block
    view[at:end] = payload
    ids = slot.frame_ids(packet)
    if ids is not None:
        with_ids(view, at, ids)
    write_header(
        view,
        bool(block),
        packet.marker | slot.payload_type,
        packet.index + slot.sequence_shift,
        packet.timestamp + slot.timestamp_shift,
        slot.ssrc,
    )
    if _leave(room, track, slot, end):
        slot.sent(packet, now)


def resend(room: "MediaRoom", slot: Slot, sequences: tuple[int, ...]) -> None:
    """Answers a NACK from what is kept (RFC 4588), or with the same packet where no RTX was negotiated."""
    track = slot.track
    if track is None or not passes(room, track):
        return
    for sequence in sequences:
        if slot.peer.resends_left <= 0:
            return
        index = slot.index_of(sequence)
        packet = None if index is None else track.kept(index)
        if packet is not None:
            slot.peer.resends_left -= 1
            _resend(room, track, slot, packet)


def _resend(room: "MediaRoom", track: Track, slot: Slot, packet: Packet) -> None:
    block = write_extensions(packet, slot.ids, send_time(time.time()))
    sequence = packet.index + slot.sequence_shift
    original = b"" if slot.rtx_type is None else (sequence & 0xFFFF).to_bytes(2, "big")
    head = block + original
    at = HEADER_BYTES + len(head)
    end = at + len(packet.payload)
    view = OUTBOX.view
    view[HEADER_BYTES:at] = head
    view[at:end] = packet.payload
    ids = slot.frame_ids(packet)
    if ids is not None:
        with_ids(view, at, ids)
    timestamp = packet.timestamp + slot.timestamp_shift
    if slot.rtx_type is None:
        write_header(view, bool(block), packet.marker | slot.payload_type, sequence, timestamp, slot.ssrc)
    else:
        slot.rtx_sequence += 1
        write_header(view, bool(block), packet.marker | slot.rtx_type, slot.rtx_sequence, timestamp, slot.rtx_ssrc)
    _leave(room, track, slot, end)


def _leave(room: "MediaRoom", track: Track, slot: Slot, size: int) -> bool:
    """The one place where media leave. It looks at who may be heard for itself, after the sending: if the gate above
    were wrong, the count that must stay zero would say so."""
    OUTBOX.length[0] = size
    peer = slot.peer
    if peer.srtp is None or protect_rtp(peer.srtp.tx, OUTBOX.cdata, OUTBOX.length):
        peer.faults += 1
        return False
    if not room.port.send(OUTBOX.view[: OUTBOX.length[0]], peer.address):
        return False
    track.tally.forwarded += 1
    if track.member not in (room.heard if track.kind == "audio" else room.shown):
        track.tally.forwarded_unheard += 1
    return True


def forward_report(track: Track, report: SenderReport) -> None:
    """A publisher's sender report under each slot's numbers: its NTP time stays, for it is its clock that counts."""
    for slot in track.slots:
        if slot.flowing:
            told = SenderReport(slot.ssrc, report.ntp, report.timestamp + slot.timestamp_shift)
            slot.peer.send_rtcp(write_sender_report(told, slot.packets, slot.octets, slot.stream))

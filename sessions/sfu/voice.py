"""Voices: from one up stream to the slots of those who hear it now."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sessions.sfu.forward import OUTBOX, admits, depart, reaches, send
from sessions.sfu.rewrite import ExtensionIds, Packet, send_time, write_extensions
from sessions.sfu.slot import Run, Slot
from sessions.sfu.stream import Stream

if TYPE_CHECKING:
    from sessions.sfu.room import MediaRoom

TALKSPURT = 0x80  # the marker bit: RFC 3551, section 4.1


def forward(room: "MediaRoom", stream: Stream, packet: Packet, now: float) -> None:
    """`now` is monotonic seconds."""
    if not admits(room, stream.track) or not stream.is_new(packet.index):
        return
    lost = _recovered(stream, packet) if packet.red and stream.misses else []
    for each in (*lost, packet):
        stream.keep(each)
    room.floors.hear(stream.track.member, now)
    for each in lost:
        _fan_out(room, stream, each, [slot for slot in stream.track.slots if slot.run and not _takes_red(slot)], now)
    _fan_out(room, stream, packet, stream.track.slots, now)


def _recovered(stream: Stream, packet: Packet) -> list[Packet]:
    """What was lost on the way up and comes once more in `packet`, oldest first."""
    former = packet.red.blocks[:-1] if packet.red else ()
    first = packet.index - len(former)
    return [
        Packet(index, packet.timestamp - block.offset & 0xFFFFFFFF, block.payload)
        for index, block in enumerate(former, first)
        if stream.is_new(index) and stream.found(index)
    ]


def _takes_red(slot: Slot) -> bool:
    return slot.red_type is not None and slot.peer.share.portion.red


def _fan_out(room: "MediaRoom", stream: Stream, packet: Packet, slots: Iterable[Slot], now: float) -> None:
    blocks: dict[ExtensionIds, bytes] = {}
    sent_at = send_time(time.time())
    for slot in slots:
        if not slot.peer.open:
            continue
        run = slot.run or _begin(room, slot, stream, packet, sent_at, now)
        if packet.index < run.floor:
            continue
        block = blocks.get(slot.ids)
        if block is None:
            block = blocks[slot.ids] = write_extensions(packet, slot.ids, sent_at)
        _send(room, slot, run, packet, block, now)


def _begin(room: "MediaRoom", slot: Slot, stream: Stream, packet: Packet, sent_at: int, now: float) -> Run:
    """A run begins with what was said directly before: no first syllable is clipped."""
    lead_in = [each for each in stream.lead_in(packet) if each.index > slot.sent_until(stream)]
    run = slot.begin(stream, lead_in[0] if lead_in else packet, now)
    for each in lead_in:
        _send(room, slot, run, each, write_extensions(each, slot.ids, sent_at), now)
    return run


def _send(room: "MediaRoom", slot: Slot, run: Run, packet: Packet, block: bytes, now: float) -> None:
    """With redundancy where the receiver knows it, but never that of a packet from before the run."""
    payload, payload_type = packet.payload, slot.payload_type
    if packet.red is not None and slot.red_type is not None and slot.peer.share.portion.red:
        payload, payload_type = packet.red.with_former(packet.index - run.floor, payload_type), slot.red_type
    marker = TALKSPURT if packet.index == run.floor else packet.marker
    if send(room, slot, run, packet, block, payload, marker | payload_type, now) and slot.store is not None:
        slot.store.put(packet.index + run.sequence_shift, bytes(OUTBOX.view[: OUTBOX.length[0]]), now)


def resend(room: "MediaRoom", slot: Slot, sequences: Iterable[int], now: float) -> None:
    """Answers a NACK with the same bytes."""
    track, store, peer = slot.track, slot.store, slot.peer
    if track is None or store is None or not peer.open or not reaches(room, track, slot):
        return
    for sequence in sequences:
        if not peer.may_ask():
            return
        datagram = store.find(sequence, now)
        if datagram is not None:
            depart(room, track, slot, datagram)

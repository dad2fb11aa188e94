"""Pictures: from one layer to the slots that show it or wait for its next key frame."""

import time
from typing import TYPE_CHECKING

from sessions.sfu.forward import admits, send
from sessions.sfu.rewrite import ExtensionIds, Packet, send_time, write_extensions
from sessions.sfu.stream import Stream

if TYPE_CHECKING:
    from sessions.sfu.room import MediaRoom


def forward(room: "MediaRoom", stream: Stream, packet: Packet, now: float) -> None:
    """`now` is monotonic seconds."""
    if admits(room, stream.track):
        stream.keep(packet)
        _fan_out(room, stream, packet, now)


def _fan_out(room: "MediaRoom", stream: Stream, packet: Packet, now: float) -> None:
    blocks: dict[ExtensionIds, bytes] = {}
    sent_at = send_time(time.time())
    for slot in stream.slots:
        if not slot.peer.open:
            continue
        run = slot.run
        if run is None or run.stream is not stream:
            if not packet.starts_key_frame:
                room.ask_key_frame(stream, now)
                continue
            run = slot.begin(stream, packet, now)
        if packet.index < run.floor:
            continue
        block = blocks.get(slot.ids)
        if block is None:
            block = blocks[slot.ids] = write_extensions(packet, slot.ids, sent_at)
        send(room, slot, run, packet, block, packet.payload, packet.marker | slot.payload_type, now)

"""Pictures: which layer goes into which slot, and from a layer to the slots that show it or wait for its key frame."""

import time
from typing import TYPE_CHECKING

from sessions.sfu.forward import admits, send
from sessions.sfu.ladder import Tile
from sessions.sfu.rewrite import ExtensionIds, Packet, send_time, write_extensions
from sessions.sfu.slot import Slot
from sessions.sfu.stream import Stream
from sessions.sfu.track import Track
from sessions.sfu.voices import WANTED_BPS

if TYPE_CHECKING:
    from sessions.sfu.peer import Peer
    from sessions.sfu.room import MediaRoom

LATE_S = 1.5  # a picture that stands still for longer needs a word


def allot(room: "MediaRoom", receiver: "Peer", now: float) -> None:
    """Gives each slot of a receiver the layer that its tile wants and its line carries."""
    heights = room.watched.get(receiver.member)
    wanted: list[tuple[Slot, Track]] = []
    for slot in receiver.slots:
        if slot.kind != "video" or slot.track is None:
            continue
        if slot.track.member in room.shown and (heights is None or slot.member in heights):
            wanted.append((slot, slot.track))
        else:
            slot.release()
            slot.wanted_at = None
            _pause(slot, "")
    wanted.sort(key=lambda each: room.rank_of(each[0].member))
    tiles = [
        Tile(slot.member, heights[slot.member] if heights else 0, track.live) for slot, track in wanted if track.live
    ]
    chosen = receiver.ladder.choose(tiles, room.spare_bps(receiver, now), now)
    receiver.downlink.wanted_bps = receiver.ladder.wanted_bps + WANTED_BPS
    for slot, track in wanted:
        _allot_slot(room, slot, track, chosen.get(slot.member), now)


def _allot_slot(room: "MediaRoom", slot: Slot, track: Track, rid: str | None, now: float) -> None:
    if slot.wanted_at is None or (rid is not None and slot.pause == "line"):
        slot.wanted_at = now
    if rid is None and (track.live or slot.peer.ladder.tight):
        slot.release()
    else:
        stream = track.layers[rid] if rid is not None else slot.follows or next(iter(track.streams))
        if slot.follow(stream) and slot.peer.open and slot.may_ask(now):
            room.ask_key_frame(stream, now)
    _pause(slot, _reason(room, slot, track, rid, now))


def _reason(room: "MediaRoom", slot: Slot, track: Track, rid: str | None, now: float) -> str:
    """Why a tile stands still, if it does. On a line that is new, a picture may take a moment to begin."""
    late = slot.idle_s(now) > LATE_S
    if rid is None and track.live:
        return "line" if late or slot.flowed() else ""
    expected_at = room.expected.get(track.member)
    return "theirs" if late and expected_at is not None and now - expected_at > LATE_S else ""


def _pause(slot: Slot, reason: str) -> None:
    if slot.pause != reason:
        slot.pause, slot.peer.news = reason, True


def forward(room: "MediaRoom", stream: Stream, packet: Packet, now: float) -> None:
    """`now` is monotonic seconds."""
    if admits(room, stream.track) and stream.is_new(packet.index):
        stream.keep(packet)
        _fan_out(room, stream, packet, now)


def _fan_out(room: "MediaRoom", stream: Stream, packet: Packet, now: float) -> None:
    blocks: dict[ExtensionIds, bytes] = {}
    sent_at = send_time(time.time())
    for slot in tuple(stream.slots):  # one whose line is full may leave them
        if not slot.peer.open:
            continue
        run = slot.run
        if run is None or run.stream is not stream:
            if not packet.starts_key_frame:
                if slot.may_ask(now):
                    room.ask_key_frame(stream, now)
                continue
            run = slot.begin(stream, packet, now)
        if packet.index < run.floor or slot.peer.pacer.holds(slot, run, packet, now):
            continue
        block = blocks.get(slot.ids)
        if block is None:
            block = blocks[slot.ids] = write_extensions(packet, slot.ids, sent_at)
        send(room, slot, run, packet, block, packet.payload, packet.marker | slot.payload_type, now)

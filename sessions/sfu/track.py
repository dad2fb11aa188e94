"""An up track: what one member publishes of one kind. A voice is one stream, a picture one for each layer."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sessions.sfu.ladder import Layer
from sessions.sfu.rewrite import ExtensionIds
from sessions.sfu.stream import Stream

if TYPE_CHECKING:
    from sessions.sfu.slot import Slot
    from sessions.sfu.tally import Tally


LIVE_S = 1.0
HIGH_LIVE_S = 0.5  # while the low layer comes, a high one that does not was given up by its sender


class Track:
    """`layers` by RID (RFC 8851), "" for what is sent in one layer only; `slots` are those that its member has."""

    def __init__(self, member: str, kind: str, ids: ExtensionIds, tally: "Tally", rids: Iterable[str] = ()) -> None:
        self.member, self.kind, self.ids, self.tally = member, kind, ids, tally
        self.layers = {rid: Stream(self, rid) for rid in tuple(rids) or ("",)}
        self.slots: list[Slot] = []
        self.live: tuple[Layer, ...] = ()  # at the last look, from low to high
        self.turn = 0  # degrees by which a receiver turns the picture clockwise

    @property
    def streams(self) -> Iterable[Stream]:
        return self.layers.values()

    def look(self, now: float) -> None:
        """Which layers come, and how much they take."""
        low, *high = self.streams
        live = [low] if low.live(now, LIVE_S) else []
        live += [stream for stream in high if stream.live(now, HIGH_LIVE_S if live else LIVE_S)]
        for stream in live:
            stream.rate(now)
        self.live = tuple(Layer(stream.rid, stream.bps) for stream in live)

    def orient(self, octet: int) -> None:
        """Takes over the orientation that a packet says."""
        turn = (octet & 3) * 90
        if turn != self.turn:
            self.turn = turn
            for slot in self.slots:
                slot.peer.news = True

    def start(self, stream: Stream, ssrc: int) -> None:
        """A (new) source sends `stream`: slots in which the former one was sent begin anew."""
        stream.start(ssrc)
        for slot in self.slots:
            if slot.run is not None and slot.run.stream is stream:
                slot.cut()

    def cut(self) -> None:
        """Forwarding stops: forget what is kept, and let every slot begin anew."""
        for stream in self.streams:
            stream.forget()
        for slot in self.slots:
            slot.cut()

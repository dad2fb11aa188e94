"""An up track: what one member publishes of one kind. A voice is one stream, a picture one for each layer."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sessions.sfu.rewrite import ExtensionIds
from sessions.sfu.stream import Stream

if TYPE_CHECKING:
    from sessions.sfu.slot import Slot
    from sessions.sfu.tally import Tally


class Track:
    """`layers` by RID (RFC 8851), "" for what is sent in one layer only; `slots` are those that its member has."""

    def __init__(self, member: str, kind: str, ids: ExtensionIds, tally: "Tally", rids: Iterable[str] = ()) -> None:
        self.member, self.kind, self.ids, self.tally = member, kind, ids, tally
        self.layers = {rid: Stream(self, rid) for rid in tuple(rids) or ("",)}
        self.slots: list[Slot] = []

    @property
    def streams(self) -> Iterable[Stream]:
        return self.layers.values()

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

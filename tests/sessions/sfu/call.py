"""A call over loopback: a node, one room, synthetic members by name."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from sessions.sfu import MediaNode, SlotMap
from sessions.sfu.member import DELTA_FRAME, KEY_FRAME, Member
from sessions.sfu.peer import Peer

DEADLINE_S = 8.0


async def until(holds: Callable[[], object]) -> None:
    """Polls until `holds()`; fails at the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.005)


Kind = TypeVar("Kind", bound=Member)


class Call:
    def __init__(self, node: MediaNode) -> None:
        self.node = node
        self.told: dict[str, tuple[SlotMap, ...]] = {}
        self.spoke: list[frozenset[str]] = []
        self.room = node.open("group", self.told.__setitem__, self.spoke.append)
        self.members: dict[str, Member] = {}
        self.all: list[Member] = []
        self._mids: dict[tuple[str, str, str], str] = {}

    async def join(
        self,
        *names: str,
        slots: int = 3,
        sends: Iterable[str] = ("audio", "video"),
        rids: tuple[str, ...] = (),
        kind: type[Kind] = Member,
    ) -> list[Kind]:
        """They come in together, may be heard and shown, and media can flow to each when this returns."""
        came = [await self.enter(name, kind(slots, sends=sends, rids=rids)) for name in names]
        everybody = frozenset(self.members)
        self.room.hear(everybody)
        self.room.show(everybody)
        await until(lambda: all(self.peer(name).open for name in names))
        return came

    async def enter(self, name: str, member: Kind) -> Kind:
        self.members[name] = member
        self.all.append(member)
        await member.connect(await self.room.join(name, member.offer()))
        return member

    def peer(self, name: str) -> Peer:
        return self.room.peers[name]

    def mid(self, receiver: str, publisher: str, kind: str) -> str:
        """The receiver's slot that carries the publisher, or did when last asked for."""
        found = [each.mid for each in self.told[receiver] if (each.kind, each.member) == (kind, publisher)]
        key = receiver, publisher, kind
        self._mids[key] = found[0] if found else self._mids[key]
        return self._mids[key]

    def got(self, receiver: str, publisher: str, kind: str) -> list[bytes]:
        return self.members[receiver].received[self.mid(receiver, publisher, kind)]

    async def settle(self, name: str) -> None:
        """Returns when the node has handled all that `name` has sent so far."""
        await self.members[name].settle()

    async def close(self) -> None:
        await asyncio.gather(*(member.close() for member in self.all if not member.closed))


class Mute(Member):
    """A browser that only receives and has nothing to report yet."""

    def send_control(self, packet: bytes) -> None:
        pass


def picture(text: str, *, key: bool = False) -> bytes:
    return (KEY_FRAME if key else DELTA_FRAME) + text.encode()

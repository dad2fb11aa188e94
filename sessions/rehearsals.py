"""The line tests of a node: what a person sends to it comes back to them alone. Nothing of it is kept."""

import time

from sessions import protocol, sfu
from sessions.live import Socket
from sessions.protocol import CLOSE
from sessions.turn import Relay


class Rehearsal:
    """One person's test. `receive` after its end does nothing."""

    def __init__(self, person: str, socket: Socket, room: sfu.EchoRoom) -> None:
        self.person, self.socket, self._room = person, socket, room
        self.over = False

    async def receive(self, message: protocol.RehearsalUp) -> None:
        if self.over:
            return
        if isinstance(message, protocol.SendBack):
            self._room.send_back(message.pictures)
            return
        try:
            self.socket.post(protocol.Answer(await self._room.join(self.person, message.sdp)))
        except sfu.Refused as refused:
            self.socket.post(protocol.Refused("", refused.code))


class Rehearsals:
    """One at a time for each person, the newest; a few at once on a node, so that no room's voices wait for them."""

    def __init__(self, media: sfu.MediaNode, relay: Relay) -> None:
        self._media, self._relay = media, relay
        self.running: dict[str, Rehearsal] = {}

    def begin(self, person: str, socket: Socket) -> Rehearsal | None:
        """None when the node has enough to do."""
        former = self.running.get(person)
        if former is not None:
            self.end(former)
            former.socket.close(CLOSE["newer_tab"])
        if len(self.running) >= protocol.MOST_REHEARSALS:
            return None
        rehearsal = Rehearsal(person, socket, self._media.open_echo(_name(person)))
        self.running[person] = rehearsal
        relays = self._relay.offered_to(person, time.time())
        socket.post(protocol.Welcome("", protocol.HEARTBEAT_MS, relays))
        return rehearsal

    def end(self, rehearsal: Rehearsal) -> None:
        """Its media end at once; nothing happens where they have ended already."""
        if not rehearsal.over:
            rehearsal.over = True
            del self.running[rehearsal.person]
            self._media.close_room(_name(rehearsal.person))

    def close(self, code: int) -> None:
        for rehearsal in list(self.running.values()):
            self.end(rehearsal)
            rehearsal.socket.close(code)


def _name(person: str) -> str:
    return f"rehearsal {person}"

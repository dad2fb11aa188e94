"""A room for one: what its member sends comes back to them, the picture as often as they ask. Nobody else is in it."""

import time

from sessions.sfu.allowance import Allowance
from sessions.sfu.peer import Peer
from sessions.sfu.room import MediaRoom
from sessions.sfu.track import Track

ECHO_PACKETS_PER_SECOND = 200  # a voice and a picture of 600 kb/s; each may be sent back many times


class EchoRoom(MediaRoom):
    """Made by `MediaNode.open_echo`. The slots name the copies of the picture "1", "2", and so on."""

    pictures = 0

    async def join(self, member: str, offer: str) -> str:
        """Raises Refused("bad_sdp"), and ValueError for a second member: they would receive the first one's voice."""
        if self.peers.keys() - {member}:
            raise ValueError("an echo is for one member")
        answer = await super().join(member, offer)
        self.peers[member].allowance = Allowance(ECHO_PACKETS_PER_SECOND, ECHO_PACKETS_PER_SECOND, time.monotonic())
        self.hear(frozenset({member}))
        self.show(frozenset({member}))
        return answer

    def send_back(self, pictures: int) -> None:
        """From now on the picture comes back so many times, as far as the slots go."""
        self.pictures = pictures
        self._assign()

    def hears(self, receiver: str, member: str) -> bool:
        return member in self.heard

    def _tracks_for(self, receiver: Peer, tracks: dict[str, Track]) -> dict[str, Track]:
        own = tracks.get(receiver.member)
        return {} if own is None else {str(copy): own for copy in range(1, self.pictures + 1)}

    def spare_bps(self, receiver: Peer, now: float) -> float | None:
        """What the line carries is to be found out here, so nothing is kept back."""
        return None

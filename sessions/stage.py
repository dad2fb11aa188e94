"""What follows from a room's state for its media: who is heard, seen, filmed, important, and who is out."""

from dataclasses import dataclass

from sessions import protocol, sfu
from sessions import room as rules
from sessions.state import Room


@dataclass
class GuardCount:
    """The presenter's audio packets since they were pushed back: differences of the media server's counters."""

    presenter: str
    received: int
    forwarded: int


class Stage:
    def __init__(self, media: sfu.MediaRoom) -> None:
        self._media = media
        self._guard: GuardCount | None = None
        self._inside: frozenset[str] = frozenset()

    def follow(self, room: Room) -> None:
        """Tell the media server; what it sends from here on is right."""
        alone = {seat: sfu.Apart(place, who) for seat, (place, who) in rules.listeners(room).items()}
        self._media.hear(rules.heard(room), alone)
        self._media.show(rules.shown(room))
        self._media.expect(rules.filmed(room))
        self._media.rank(rules.importance(room), rules.leading(room))
        inside = rules.inside(room)
        for seat in self._inside - inside:
            self._media.leave(seat)
        self._inside = inside
        self._guard_silenced(rules.silenced(room))

    def _guard_silenced(self, presenter: str) -> None:
        if presenter != (self._guard.presenter if self._guard else ""):
            counted = self._media.counters(presenter) if presenter else None
            self._guard = GuardCount(presenter, counted.audio_received, counted.audio_forwarded) if counted else None

    @property
    def guards(self) -> bool:
        """Is a chair pushed back?"""
        return self._guard is not None

    def counted(self) -> protocol.Guard:
        if self._guard is None:
            return protocol.Guard(0, 0)
        now = self._media.counters(self._guard.presenter)
        return protocol.Guard(now.audio_received - self._guard.received, now.audio_forwarded - self._guard.forwarded)

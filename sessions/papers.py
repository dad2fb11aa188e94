"""PURE: what is written in a room while it is open: the chat, the technical lines, the leaders' own.

It is nowhere else, and it is gone with the room.
"""

from collections import defaultdict
from collections.abc import Iterable

from sessions import apart
from sessions import room as rules
from sessions.apart import Paper
from sessions.protocol import Text, Texts
from sessions.state import Phase, Room, leaders_here

MOST_LINES = 100  # of each place; the oldest go first

Key = tuple[Paper, str]


class Papers:
    """A technical line belongs to the member's seat; the other places to nobody: ''."""

    def __init__(self) -> None:
        self._lines: dict[Key, list[Text]] = defaultdict(list)

    def write(self, place: Paper, seat: str, text: Text) -> Texts:
        """What to tell those who may read it."""
        lines = self._lines[place, seat]
        lines.append(text)
        del lines[:-MOST_LINES]
        return Texts(place, seat, (text,), whole=False)

    def clear(self, place: Paper) -> Texts:
        self._lines.pop((place, ""), None)
        return Texts(place, "", (), whole=True)

    def of(self, place: Paper, seats: Iterable[str] = ("",)) -> list[Texts]:
        """All that is written there, for somebody who has come."""
        return [
            Texts(place, seat, tuple(self._lines[place, seat]), whole=True) for seat in seats if self.has(place, seat)
        ]

    def for_comer(self, room: Room, seat: str) -> list[Texts]:
        """All that somebody may read who is inside."""
        leads = seat in leaders_here(room)
        lines = self.lines() if seat == keeper(room) else [seat]
        return [*self.of("chat"), *self.of("line", lines), *(self.of("leaders") if leads else ())]

    def follow(self, former: Room, room: Room) -> dict[str, list[Texts]]:
        """What the room's change means for what is written, by seat: a case's chat ends with it, and whoever keeps the
        technical line now reads all that is written there."""
        told: dict[str, list[Texts]] = defaultdict(list)
        if len(room.closed) > len(former.closed) or (room.phase is Phase.DEBRIEF and self.has("chat")):
            cleared = self.clear("chat")
            for seat in room.seats:
                told[seat.id].append(cleared)
        if keeper(room) != keeper(former):
            told[keeper(room)] += self.of("line", self.lines())
        return told

    def has(self, place: Paper, seat: str = "") -> bool:
        return bool(self._lines.get((place, seat)))

    def lines(self) -> list[str]:
        """Whose technical lines have something."""
        return [seat for place, seat in self._lines if place == "line"]


def keeper(room: Room) -> str:
    return apart.keeper(room, rules.silenced(room))

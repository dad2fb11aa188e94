"""PURE: what is written in a room while it is open: the chat, the technical lines, the leaders' own.

It is nowhere else, and it is gone with the room.
"""

from collections import defaultdict
from collections.abc import Iterable

from sessions.apart import Paper
from sessions.protocol import Text, Texts

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

    def has(self, place: Paper, seat: str = "") -> bool:
        return bool(self._lines.get((place, seat)))

    def lines(self) -> list[str]:
        """Whose technical lines have something."""
        return [seat for place, seat in self._lines if place == "line"]

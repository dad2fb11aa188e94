"""Which voices the audio slots of a room carry: between who may be heard, who speaks, and each member's m-lines."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from sessions.sfu.levels import Voice
from sessions.sfu.voices import SPEAKING, Floor

if TYPE_CHECKING:
    from sessions.sfu.peer import Peer
    from sessions.sfu.room import MediaRoom
    from sessions.sfu.slot import Slot
    from sessions.sfu.track import Track

Place = Literal["aside", "leaders"]
PLACES: tuple[Place, ...] = ("aside", "leaders")  # whose slots follow those of the circle, in this order


@dataclass(frozen=True, slots=True)
class Apart:
    """Who speaks apart is forwarded to `listeners` only, in their slot for `place`, and not to the circle."""

    place: Place
    listeners: frozenset[str]


class Key(NamedTuple):
    """One floor of the circle is shared by all with a good line; who has a slow one, and each listener of a place, has
    one for themselves, which their own voice cannot hold."""

    place: Place | None
    listener: str
    places: int


class Floors:
    """`arrange` after each change of who publishes, may be heard, is how important, or hears how many; `hear` for each
    packet. `speaking` is how many slots of each member the circle has; the places' slots follow."""

    def __init__(self, room: "MediaRoom") -> None:
        self._room = room
        self.speaking = SPEAKING
        self._voices: dict[str, Voice] = {}
        self._tracks: dict[str, Track] = {}
        self._floors: dict[Key, Floor] = {}
        self._lines: dict[Key, list[tuple[Peer, list[Slot]]]] = {}
        self._claims: dict[str, list[Key]] = {}

    def voice(self, member: str) -> Voice:
        voice = self._voices.get(member)
        if voice is None:
            voice = self._voices[member] = Voice()
        return voice

    def speak(self, now: float) -> frozenset[str]:
        """Who of those who may be heard speaks to the circle."""
        room = self._room
        return frozenset(m for m in room.heard - room.apart.keys() if m in self._voices and self._voices[m].speaks(now))

    def hear(self, member: str, now: float) -> None:
        """A packet of `member`, who may be heard, has arrived: who begins to speak gets a place."""
        if self.voice(member).loud:
            for key in self._claims.get(member, ()):
                if self._floors[key].claim(member, now):
                    self._fill(key)

    def arrange(self) -> None:
        self._tracks = self._room.published("audio")
        for member, track in self._tracks.items():
            self.voice(member)
            track.slots = []
        former, self._floors = self._floors, {}
        self._lines, self._claims = defaultdict(list), defaultdict(list)
        for peer in self._room.peers.values():
            for key, slots in self._shares(peer):
                self._floors[key] = former.get(key) or self._floors.get(key) or Floor(key.places, self._voices)
                self._lines[key].append((peer, slots))
        for key, floor in self._floors.items():
            candidates = self._candidates(key)
            floor.admit(candidates, self._room.leading)
            for member in candidates:
                self._claims[member].append(key)
            self._fill(key)

    def _shares(self, peer: "Peer") -> Iterator[tuple[Key, list["Slot"]]]:
        """What the audio slots of `peer` are for. A slow line has fewer voices than slots; the others stay empty."""
        slots = [slot for slot in peer.slots if slot.kind == "audio"]
        circle = slots[: self.speaking]
        voices = peer.share.portion.voices
        if voices == SPEAKING and len(circle) == self.speaking:
            yield Key(None, "", self.speaking), circle
        else:
            yield Key(None, peer.member, min(voices, len(circle))), circle
        for place, slot in zip(PLACES, slots[self.speaking :], strict=False):
            yield Key(place, peer.member, 1), [slot]

    def _candidates(self, key: Key) -> list[str]:
        """The most important first."""
        room = self._room
        order = {member: at for at, member in enumerate(room.ranking)}
        heard = [member for member in self._tracks if member in room.heard]
        if key.listener:
            heard = [member for member in heard if room.hears(key.listener, member)]
        ranked = sorted(heard, key=lambda member: order.get(member, len(order)))
        if key.place is None:
            return [member for member in ranked if member not in room.apart]
        apart = [(member, room.apart[member]) for member in ranked if member in room.apart]
        return [member for member, to in apart if to.place == key.place and key.listener in to.listeners]

    def _fill(self, key: Key) -> None:
        floor = self._floors[key]
        for peer, slots in self._lines[key]:
            self._fill_slots(key, peer, slots, floor.heard_by(partial(self._room.hears, peer.member)))

    def _fill_slots(self, key: Key, peer: "Peer", slots: list["Slot"], members: tuple[str, ...]) -> None:
        """Who has a slot keeps it. Who has no place any more stands in its map until another needs it: on a slow line
        the same few take turns, and telling of each turn would cost more than their voices."""
        given = {slot.member: slot for slot in slots if slot.member in members}
        free = [slot for slot in slots if slot.member not in members]
        waits = {slot: key in self._claims.get(slot.member, ()) for slot in free}
        free.sort(key=lambda slot: (waits[slot], slot.sent_at if waits[slot] else 0.0))
        for member in members:
            slot = given.get(member) or free.pop(0)
            self._bind(peer, slot, member, self._tracks[member])
        for slot in free:
            self._bind(peer, slot, slot.member if waits[slot] else "", None)

    def _bind(self, peer: "Peer", slot: "Slot", member: str, track: "Track | None") -> None:
        if slot.track is not None and slot.track is not track and slot in slot.track.slots:
            slot.track.slots.remove(slot)
        peer.news = peer.news or slot.member != member
        if slot.track is not track or slot.member != member:
            slot.bind(member, track)
        if track is not None and slot not in track.slots:
            track.slots.append(slot)

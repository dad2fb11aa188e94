"""What is kept of an open room besides its state: how long each was there and spoke, and each step that was taken."""

from collections.abc import Callable
from dataclasses import replace

from sessions import room as rules
from sessions.presence import Presence
from sessions.saver import Saver, Write
from sessions.spoken import Speech
from sessions.state import MOST_CASES, Room, Terms
from sessions.store import Look, Snapshot, StepTaken

# After a crash the snapshot may be some changes old: no sequence number that was ever sent is used again.
RESUME_GAP = 1_000


class Keeping:
    """`seq` counts the states of the room. Every method that takes a time is told what time it is now."""

    def __init__(self, write: Write, kept: Snapshot | None, clock: Callable[[], float], now_ms: int) -> None:
        self.seq = kept.seq + RESUME_GAP if kept else 1
        self.saver = Saver(write, clock)
        self.speech = Speech(kept.spoken if kept else {}, now_ms)
        self._presences = {seat: each.went(kept.at_ms) for seat, each in kept.presences.items()} if kept else {}

    def follow(self, former: Room, room: Room, now_ms: int) -> None:
        """The room has changed: until now it was as `former`."""
        self.seq += 1
        self.speech.pass_time(former.phase, now_ms)
        if room.case != former.case:
            self.speech.begin_case()
        for seat in room.seats:
            known = self._presences.get(seat.id)
            if seat.here:
                self._presences[seat.id] = known.came(now_ms) if known else Presence.begun(now_ms)
            elif known:
                self._presences[seat.id] = known.went(now_ms)

    def save(self, room: Room, now_ms: int, *, step: bool = False) -> None:
        """`step`: the room has taken one."""
        steps = (StepTaken(self.seq, room.phase, room.case, now_ms),) if step else ()
        spoken = dict(self.speech.total)
        self.saver.save(Snapshot(self.seq, room, dict(self._presences), now_ms, steps, spoken))


def agreed(look: Look) -> Terms:
    """What the group agreed on, as far as it rules the room."""
    return Terms(1 if look.terms.first_session else MOST_CASES, look.terms.presenter_shown)


def resumed(kept: Snapshot | None) -> Room:
    """The state to go on from: everybody is away until they come back, and the clock stands since the snapshot."""
    if kept is None:
        return Room()
    seats = tuple(replace(seat, here=False, gone_ms=kept.at_ms) if seat.here else seat for seat in kept.room.seats)
    return rules.in_order(replace(kept.room, seats=seats, door=()), kept.at_ms)

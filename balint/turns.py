"""PURE: how a synthetic group behaves in the room: one speaks at a time, hands go up now and then, and down after.

`between(a, b)` is chance: a number from a to b. `now` is in seconds of the room's clock. `ours` are the synthetic seats
that are here.
"""

from collections.abc import Callable, Iterable

from sessions.room import heard
from sessions.state import CASE, Phase, ReturnState, Room

Between = Callable[[float, float], float]
Ours = tuple[str, ...]

# How long one speaks, and the silence behind it.
TURN_S = {
    Phase.GATHERING: (3, 5),
    Phase.CALL: (3, 6),
    Phase.PRESENTATION: (14, 26),
    Phase.CLARIFYING: (4, 8),
    Phase.PUSH_BACK: (7, 16),
    Phase.RETURN: (8, 16),
    Phase.CLOSING: (2, 4),
}
SILENCE_S = {Phase.PRESENTATION: (1, 3), Phase.PUSH_BACK: (2, 8)}
SHORT_SILENCE_S = (1, 3)
MOST_HANDS = {Phase.CALL: 2, Phase.PRESENTATION: 1, Phase.CLARIFYING: 2, Phase.PUSH_BACK: 3, Phase.RETURN: 1}
HAND_AFTER_S = (3, 10)
PATIENCE_S = 25.0  # then one of us speaks, even into a noise that does not end
ACCEPT_AFTER_S, ASK_AFTER_S = 4.0, 100.0
SETTLE_AFTER_S = 12.0
STEP_S = {
    Phase.LOBBY: 6,
    Phase.GATHERING: 35,
    Phase.CALL: 20,
    Phase.PRESENTATION: 70,
    Phase.CLARIFYING: 45,
    Phase.PUSH_BACK: 120,
    Phase.RETURN: 60,
}
NEXT = {
    Phase.LOBBY: Phase.GATHERING,
    Phase.GATHERING: Phase.CALL,
    Phase.CALL: Phase.PRESENTATION,
    Phase.PRESENTATION: Phase.CLARIFYING,
    Phase.CLARIFYING: Phase.PUSH_BACK,
    Phase.PUSH_BACK: Phase.RETURN,
    Phase.RETURN: Phase.CALL,
}


class Floor:
    """Whose turn it is among ours; `speaker` is "" while nobody of us speaks."""

    def __init__(self, between: Between, now: float) -> None:
        self._between = between
        self._phase = Phase.LOBBY
        self._until = self._next_at = self._hand_at = now
        self._patient_until = now + PATIENCE_S
        self._turns: dict[str, int] = {}
        self._spoke = ""
        self.speaker = ""

    def look(self, room: Room, ours: Ours, others_speak: bool, now: float) -> None:
        """`others_speak`: somebody who is not ours; then we listen."""
        if room.phase is not self._phase:
            self._begin(room.phase, now)
        listens = others_speak and now < self._patient_until
        if self.speaker and (listens or now >= self._until or self.speaker not in _voices(room, ours)):
            self._end(now)
        if listens:
            self._next_at = now + self._between(*SHORT_SILENCE_S)
        if not self.speaker and now >= self._next_at:
            self._give(next(iter(self._waiting(room, ours)), ""), now)

    def _begin(self, phase: Phase, now: float) -> None:
        self._phase, self.speaker, self._spoke = phase, "", ""
        self._turns = {}
        self._next_at, self._hand_at = now + self._between(1, 3), now + self._between(*HAND_AFTER_S)

    def _end(self, now: float) -> None:
        self._spoke, self.speaker = self.speaker, ""
        self._patient_until = now + PATIENCE_S
        self._next_at = now + self._between(*SILENCE_S.get(self._phase, SHORT_SILENCE_S))

    def _give(self, seat: str, now: float) -> None:
        if seat:
            self.speaker = seat
            self._turns[seat] = self._turns.get(seat, 0) + 1
            self._until = now + self._between(*TURN_S[self._phase])

    def _waiting(self, room: Room, ours: Ours) -> Iterable[str]:
        """Who may speak next, in order."""
        voices = _voices(room, ours)
        presents = [seat for seat in voices if seat == room.presenter]
        hands = [seat for seat in room.hands if seat in voices and seat != self._spoke]
        match room.phase:
            case Phase.GATHERING | Phase.CLOSING:  # everyone once, without a hand
                return [seat for seat in voices if seat not in self._turns]
            case Phase.CALL:  # the hand is the offer; it stays
                return [seat for seat in hands if seat not in self._turns]
            case Phase.PRESENTATION:
                return presents
            case Phase.CLARIFYING | Phase.RETURN if self._spoke != room.presenter:
                return presents + hands
        return hands

    # -- hands

    def lowers(self, room: Room) -> str:
        """Whose hand goes down, because they have spoken."""
        return self._spoke if self._spoke in room.hands and room.phase is not Phase.CALL else ""

    def raises(self, room: Room, ours: Ours, now: float) -> str:
        """Whose hand goes up now; "" mostly. Leaders seldom want to speak."""
        up = [seat for seat in room.hands if seat in ours]
        if now < self._hand_at or len(up) >= MOST_HANDS.get(room.phase, 0):
            return ""
        self._hand_at = now + self._between(*HAND_AFTER_S)
        leaders = {seat.id for seat in room.seats if seat.leads}
        free = [seat for seat in ours if seat not in (*up, room.presenter, self.speaker, self._spoke)]
        wait = {seat: self._turns.get(seat, 0) + 3 * (seat in leaders) + self._between(0, 2) for seat in free}
        return min(wait, key=wait.__getitem__, default="")


def _voices(room: Room, ours: Ours) -> list[str]:
    """Who of us is heard, in the steps in which a group speaks."""
    return [seat for seat in ours if seat in heard(room)] if room.phase in TURN_S else []


# -- the presenter


def accepts(room: Room, ours: Ours, now: float) -> bool:
    """Whether our presenter comes in again, after a moment."""
    invited = room.at.return_state is ReturnState.INVITED and room.presenter in ours
    return invited and now - room.at.started_ms / 1000 >= ACCEPT_AFTER_S


def asks_to_return(room: Room, ours: Ours, now: float) -> bool:
    """Whether our presenter, pushed back for long, asks to come in again."""
    long = room.phase is Phase.PUSH_BACK and now - room.at.started_ms / 1000 >= ASK_AFTER_S
    may = room.at.return_state is ReturnState.NONE and not room.asks_return
    return long and may and room.presenter in ours


# -- a leader of ours


def chosen(room: Room, ours: Ours, now: float) -> str:
    """Who presents, once it is time to decide: the first hand of a visitor, else the first of ours; no leader."""
    if room.phase is not Phase.CALL or room.presenter or now - room.at.started_ms / 1000 < SETTLE_AFTER_S:
        return ""
    members = [hand for hand in room.hands if (seat := room.seat(hand)) and seat.here and not seat.leads]
    return next((seat for seat in members if seat not in ours), next(iter(members), ""))


def next_step(room: Room, now: float) -> Phase | None:
    """The phase to move to now, if it is time. Who does not answer the invitation gets three times as long."""
    following = NEXT.get(room.phase)
    presenter = room.seat(room.presenter)
    needs_presenter = room.phase in CASE or following is Phase.PRESENTATION
    if following is None or (needs_presenter and (presenter is None or not presenter.here)):
        return None
    patience = 3 if room.at.return_state is ReturnState.INVITED else 1
    return following if now - room.at.started_ms / 1000 >= patience * STEP_S[room.phase] else None


def leads(room: Room, seat_id: str) -> bool:
    seat = room.seat(seat_id)
    return seat is not None and seat.leads and seat.here

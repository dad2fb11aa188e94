"""The manners of a synthetic group: rules that could be broken, over minutes of a room that is only a value."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from balint import turns
from balint.turns import Floor
from sessions import room as rules
from sessions.state import Hand, Phase, Point, ReturnState, Role, Room, Seat

LEA, NORA, INES, TOM = "lea", "nora", "ines", "tom"
OURS = (NORA, INES, TOM)
STEP_S = 0.25


def middle(low: float, high: float) -> float:
    return (low + high) / 2


def room_in(phase: Phase, presenter: str = "", state: ReturnState = ReturnState.NONE) -> Room:
    seats = (Seat(LEA, Role.LEADER), *(Seat(seat, Role.MEMBER) for seat in OURS))
    return Room(at=Point(phase, presenter=presenter, return_state=state), seats=seats)


def hands(*seats: str) -> tuple[Hand, ...]:
    return tuple(Hand(seat, 0) for seat in seats)


class Group:
    """The room as the group's commands change it, and who spoke from when to when."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.now = 0.0
        self.floor = Floor(middle, self.now)
        self.turns: list[str] = []
        self.lowered: list[str] = []

    def live(self, seconds: float, others: Callable[[float], bool] = lambda now: False) -> list[str]:
        """Whose turns they were."""
        self.turns = []
        end = self.now + seconds
        while self.now < end:
            self.now += STEP_S
            before = self.floor.speaker
            self.floor.look(self.room, OURS, others(self.now), self.now)
            if self.floor.speaker not in ("", before):
                self.turns.append(self.floor.speaker)
            self._hands()
        return self.turns

    def _hands(self) -> None:
        if lowers := self.floor.lowers(self.room):
            self.lowered.append(lowers)
            self.room = rules.lower_hand(self.room, lowers, lowers)
        if raises := self.floor.raises(self.room, OURS, self.now):
            self.room = rules.raise_hand(self.room, raises, round(1000 * self.now))


@pytest.mark.parametrize("phase", [Phase.LOBBY, Phase.DEBRIEF, Phase.ENDED])
def test_nobody_speaks_where_no_group_is(phase: Phase) -> None:
    group = Group(room_in(phase))

    assert (group.live(60), group.room.hands) == ([], ())


def test_everybody_greets_once() -> None:
    assert sorted(Group(room_in(Phase.GATHERING)).live(90)) == sorted(OURS)


def test_only_the_presenter_tells_the_case() -> None:
    assert set(Group(room_in(Phase.PRESENTATION, INES)).live(120)) == {INES}


def test_a_visitor_presents_and_is_listened_to() -> None:
    assert Group(room_in(Phase.PRESENTATION, LEA)).live(120) == []


def test_the_group_works_while_the_presenter_is_silent() -> None:
    group = Group(room_in(Phase.PUSH_BACK, INES))

    spoke = group.live(240)

    assert len(spoke) > 6
    assert set(spoke) == {NORA, TOM}
    assert set(group.lowered) == {NORA, TOM}


def test_who_has_spoken_lowers_the_hand() -> None:
    group = Group(replace(room_in(Phase.PUSH_BACK, INES), raised=hands(TOM)))

    assert group.live(20)[0] == TOM
    assert group.lowered[0] == TOM


def test_questions_and_answers_alternate() -> None:
    spoke = Group(room_in(Phase.CLARIFYING, INES)).live(120)

    assert INES in spoke
    assert all((earlier == INES) != (later == INES) for earlier, later in zip(spoke[1:], spoke[2:], strict=False))


def test_an_offer_of_a_case_stays_up() -> None:
    group = Group(room_in(Phase.CALL))

    group.live(60)

    assert len(group.room.hands) == 2
    assert group.lowered == []


def test_they_fall_silent_when_somebody_else_speaks() -> None:
    group = Group(room_in(Phase.PRESENTATION, INES))
    group.live(6)
    assert group.floor.speaker == INES

    group.live(STEP_S, others=lambda now: True)
    assert group.floor.speaker == ""
    assert group.live(15, others=lambda now: True) == []


def test_a_noise_without_end_does_not_silence_them_for_ever() -> None:
    group = Group(room_in(Phase.PRESENTATION, INES))

    assert group.live(60, others=lambda now: True) != []


def test_a_turn_ends_with_its_step() -> None:
    group = Group(room_in(Phase.PRESENTATION, INES))
    group.live(6)

    group.room = room_in(Phase.PUSH_BACK, INES)
    group.live(STEP_S)

    assert group.floor.speaker == ""


def test_the_presenter_accepts_after_a_moment() -> None:
    invited = room_in(Phase.RETURN, INES, ReturnState.INVITED)

    assert [turns.accepts(invited, OURS, now) for now in (1, 5)] == [False, True]
    assert not turns.accepts(room_in(Phase.RETURN, LEA, ReturnState.INVITED), OURS, 60)
    assert not turns.accepts(room_in(Phase.RETURN, INES, ReturnState.ACCEPTED), OURS, 60)


def test_the_presenter_asks_once_after_long() -> None:
    room = room_in(Phase.PUSH_BACK, INES)

    assert [turns.asks_to_return(room, OURS, now) for now in (60, 120)] == [False, True]
    assert not turns.asks_to_return(replace(room, asks_return=True), OURS, 120)


def test_a_visitors_hand_comes_before_ours() -> None:
    room = replace(room_in(Phase.CALL), raised=hands(NORA, "max"))
    room = replace(room, seats=(*room.seats, Seat("max", Role.MEMBER)))

    assert turns.chosen(room, OURS, 1) == ""
    assert turns.chosen(room, OURS, 60) == "max"
    assert turns.chosen(replace(room, raised=hands(NORA, TOM)), OURS, 60) == NORA


def test_our_leader_goes_slowly_through_the_method() -> None:
    phases, room, now_s = [Phase.LOBBY], room_in(Phase.LOBBY), 0.0
    while len(phases) < 8:
        now_s += 1
        if chosen := turns.chosen(replace(room, raised=hands(NORA)), OURS, now_s):
            room = rules.settle_presenter(room, LEA, chosen)
        if phase := turns.next_step(room, now_s):
            room = rules.move_to(room, LEA, phase, round(1000 * now_s))
            phases.append(phase)

    assert phases[:7] == list(Phase)[:7]
    assert phases[7] is Phase.CALL
    assert now_s > 240


def test_a_step_waits_for_a_presenter_who_is_away() -> None:
    room = room_in(Phase.PUSH_BACK, INES)
    gone = replace(room, seats=tuple(replace(seat, here=seat.id != INES) for seat in room.seats))

    assert turns.next_step(gone, 10_000) is None
    assert turns.next_step(room, 10_000) is Phase.RETURN

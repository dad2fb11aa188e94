"""Every room that commands can reach, walked by hypothesis."""

import json
from collections.abc import Callable

from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sessions import door
from sessions import room as rules
from sessions.state import CASE, Phase, Refused, ReturnState, Role, Room, from_json, to_json
from sessions.view import view

ROLES = {"lea": Role.LEADER, "cole": Role.CO_LEADER, "max": Role.MEMBER, "pia": Role.MEMBER}
SEATS = strategies.sampled_from([*ROLES])
# Leaders act more often than chance, or few runs would come as far as a case.
ACTORS = strategies.one_of(strategies.sampled_from(["lea", "cole"]), SEATS, strategies.just("otto"))


class Session(RuleBasedStateMachine):
    """The room beside a second, simpler account of it: who was pushed back, and in which order hands went up."""

    def __init__(self) -> None:
        super().__init__()
        self.room = Room()
        self.pushed_back = ""
        self.stayed = ""
        self.raised: list[str] = []

    @initialize()
    def a_call_with_everybody_here(self) -> None:
        for seat, role in ROLES.items():
            self.attempt(door.arrive, seat, role, 0)
        self.attempt(door.admit, "lea", "")
        self.attempt(rules.move_to, "lea", Phase.GATHERING, 0)
        self.attempt(rules.move_to, "lea", Phase.CALL, 0)

    def attempt(self, command: Callable[..., Room], *args: object) -> bool:
        before, frozen = self.room, to_json(self.room)
        try:
            self.room = command(self.room, *args)
        except Refused:
            assert to_json(before) == frozen
            return False
        assert to_json(before) == frozen
        self.account(before)
        return True

    def account(self, before: Room) -> None:
        in_case = self.room.phase in CASE
        came = self.room.phase is not before.phase
        if self.room.phase is Phase.PUSH_BACK or (came and self.room.phase is Phase.RETURN):
            self.pushed_back = self.room.presenter
        elif self.room.phase is not Phase.RETURN:
            self.pushed_back = ""
        if before.phase in CASE and not in_case:
            self.raised, self.stayed = [], ""
        if in_case and came and self.room.presenter in self.raised:
            self.raised.remove(self.room.presenter)

    @rule(seat=SEATS)
    def arrive(self, seat: str) -> None:
        self.attempt(door.arrive, seat, ROLES[seat], 0)

    @rule(seat=ACTORS)
    def leave(self, seat: str) -> None:
        self.attempt(door.leave, seat, 0)

    @rule(actor=ACTORS, phase=strategies.sampled_from(Phase), now_ms=strategies.integers(0, 10**13))
    def move(self, actor: str, phase: Phase, now_ms: int) -> None:
        self.attempt(rules.move_to, actor, phase, now_ms)

    @rule(actor=ACTORS)
    def take_back(self, actor: str) -> None:
        stayed, closed = self.stayed, self.room.before
        if self.attempt(rules.take_back, actor) and closed and closed.return_state is ReturnState.STAYED:
            self.stayed = stayed or self.room.presenter

    @rule(actor=ACTORS)
    def close_case(self, actor: str) -> None:
        self.attempt(rules.close_case, actor, 0)

    @rule(actor=ACTORS, seat=SEATS)
    def settle_presenter(self, actor: str, seat: str) -> None:
        self.attempt(rules.settle_presenter, actor, seat)

    @rule(leader=strategies.sampled_from(["lea", "cole"]), presenter=SEATS)
    def begin_a_case(self, leader: str, presenter: str) -> None:
        self.attempt(rules.settle_presenter, leader, presenter)
        self.attempt(rules.move_to, leader, Phase.PRESENTATION, 0)
        self.attempt(rules.move_to, leader, Phase.PUSH_BACK, 0)

    @rule(seat=ACTORS)
    def raise_hand(self, seat: str) -> None:
        if self.attempt(rules.raise_hand, seat, 0):
            self.raised.append(seat)

    @rule(actor=ACTORS, seat=SEATS)
    def lower_hand(self, actor: str, seat: str) -> None:
        if self.attempt(rules.lower_hand, actor, seat):
            self.raised.remove(seat)

    @rule(actor=ACTORS)
    def ask_return(self, actor: str) -> None:
        self.attempt(rules.ask_return, actor)

    @rule(actor=SEATS)
    def accept_return(self, actor: str) -> None:
        if self.attempt(rules.accept_return, actor):
            assert actor == self.pushed_back
            self.pushed_back = ""

    @rule(actor=SEATS)
    def stay_back(self, actor: str) -> None:
        if self.attempt(rules.stay_back, actor):
            self.stayed = actor

    @rule(actor=ACTORS, microphone=strategies.booleans(), camera=strategies.booleans())
    def devices(self, actor: str, microphone: bool, camera: bool) -> None:
        self.attempt(rules.set_devices, actor, microphone, camera)

    @invariant()
    def a_pushed_back_presenter_is_never_heard(self) -> None:
        assert self.pushed_back not in rules.heard(self.room)
        assert self.stayed not in rules.heard(self.room)

    @invariant()
    def everyone_else_is_heard_while_a_case_is_on(self) -> None:
        if self.room.phase in CASE:
            assert rules.heard(self.room) >= {seat.id for seat in self.room.seats} - {self.room.presenter}

    @invariant()
    def hands_are_in_the_order_of_raising(self) -> None:
        assert self.room.hands == tuple(self.raised)

    @invariant()
    def a_case_has_a_presenter(self) -> None:
        assert self.room.presenter or self.room.phase not in CASE

    @invariant()
    def a_snapshot_is_the_room(self) -> None:
        assert from_json(json.loads(json.dumps(to_json(self.room)))) == self.room

    @invariant()
    def a_leader_who_is_here_can_go_on(self) -> None:
        leaders = [seat.id for seat in self.room.seats if seat.leads and seat.here]
        if leaders and self.room.phase is not Phase.ENDED:
            views = [view(self.room, leader) for leader in leaders]
            assert any(seen.moves or "close_case" in seen.can for seen in views)


TestSession = Session.TestCase
TestSession.settings = settings(max_examples=150, stateful_step_count=40, deadline=None, derandomize=True)

"""Every room that commands can reach, walked by hypothesis: who hears whom, and what no command may ever do."""

import json
from collections.abc import Callable
from dataclasses import fields, replace
from itertools import product
from random import Random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from sessions import door, protocol
from sessions import room as rules
from sessions.apart import Paper
from sessions.commands import applied, from_the_door
from sessions.state import (
    CASE,
    TOGETHER,
    Hold,
    Phase,
    Refused,
    ReturnState,
    Role,
    Room,
    Terms,
    Tick,
    from_json,
    leaders_here,
    to_json,
)
from sessions.view import view
from sessions.vocabulary import CaseKind

LEADERS, MEMBERS = ("lea", "cole"), ("max", "pia", "ines")
ROLES = {"lea": Role.LEADER, "cole": Role.CO_LEADER} | dict.fromkeys(MEMBERS, Role.MEMBER)
SEATS, LED_BY = some.sampled_from([*ROLES]), some.sampled_from(LEADERS)
# Leaders act more often than chance, or few runs would come as far as a case.
SEEDS = some.integers(0, 2**32)
ACTORS = some.one_of(LED_BY, SEATS, some.just("otto"))
FLAGS = some.booleans()
A_CASE = (Phase.CALL, Phase.PRESENTATION, Phase.PUSH_BACK, Phase.RETURN)
SESSION = (Phase.GATHERING, *A_CASE, *A_CASE, Phase.CALL, Phase.CLOSING, Phase.DEBRIEF)
VALUES: dict[str, tuple[Any, ...]] = {
    "id": ("a",),
    "seat": (*ROLES, "", "otto"),
    "phase": tuple(Phase),
    "ticks": ((), (Tick.DOOR, Tick.ALONE)),
    "kinds": ((), (CaseKind.DYING, CaseKind.HEARTSINK)),
    "minutes": (0, 20),
    "cases": (1, 2),
    "number": (0, 1, 2),
    "place": Paper.__args__,
    "text": ("Are we late?",),
} | dict.fromkeys(("microphone", "camera", "paused", "follow_up", "open", "on"), (False, True))


def all_of(kind: type) -> list[protocol.Command]:
    """Every command of this kind, in the words above."""
    return [kind(*values) for values in product(*(VALUES[field.name] for field in fields(kind)))]


KINDS = [all_of(kind) for kind in protocol.Command.__args__ if kind is not protocol.Leave]
COMMANDS = some.sampled_from(KINDS).flatmap(some.sampled_from)
# What leaders do less often than chance would.
RARE = {*all_of(protocol.Remove), *(protocol.Move("a", phase) for phase in (Phase.CLOSING, Phase.DEBRIEF, Phase.ENDED))}
# What may take a hand down, besides one's own will.
LOWERS = {protocol.LowerHand, protocol.Remove, protocol.Move, protocol.TakeBack, protocol.CloseCase}


def elapsed_ms(room: Room, now_ms: int) -> int:
    return (room.at.stopped_ms or now_ms) - room.at.started_ms


def hears(room: Room) -> dict[str, frozenset[str]]:
    """Who hears whoever is heard at all: their own, where they speak apart, else everyone inside."""
    lines, inside = rules.listeners(room), rules.inside(room)
    return {each: lines[each][1] if each in lines else inside - {each} for each in rules.heard(room)}


def here(room: Room, seat_id: str) -> bool:
    seat = room.seat(seat_id)
    return seat is not None and seat.here


def may(room: Room, actor: str, command: protocol.Command) -> bool:
    try:
        applied(room, actor, command, 0)
    except Refused:
        return False
    return True


def in_turn(before: tuple[object, ...], after: tuple[object, ...]) -> bool:
    """Whoever stays keeps the turn, and who is new comes last."""
    kept = tuple(each for each in before if each in after)
    return after[: len(kept)] == kept


class Session(RuleBasedStateMachine):
    """The room beside a second, simpler account of it: who was pushed back, who was removed, and the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.room = Room()
        self.now_ms = 1_000_000
        self.roles: dict[str, Role] = dict(ROLES)
        self.removed = set[str]()
        self.pushed_back = self.stayed = ""
        self.asked_aside: set[tuple[str, str]] = set()
        self.elapsed_ms = self.now_ms
        self.elapsed_before_ms, self.stood_before = 0, False

    @initialize(steps=some.integers(0, len(SESSION)), presenter=SEATS)
    def a_session_has_come_so_far(self, steps: int, presenter: str) -> None:
        for seat in ROLES:
            self.somebody_comes(seat, 0)
        self.act("lea", protocol.Admit("a", ""))
        for phase in SESSION[:steps]:
            if phase is Phase.PRESENTATION:
                self.act("lea", protocol.SettlePresenter("a", presenter))
            self.act("lea", protocol.Move("a", phase))

    def act(self, actor: str, command: protocol.Command) -> bool:
        if isinstance(command, protocol.TakeAside):
            self.asked_aside.add((actor, command.seat))
        return self.change(command, lambda room: applied(room, actor, command, self.now_ms))

    def change(self, command: protocol.Command | None, new: Callable[[Room], Room]) -> bool:
        """As the live room takes a change over; a refusal leaves all as it was."""
        before, mark = self.room, hash(self.room)
        try:
            after = new(before)
        except Refused:
            return False
        after = rules.in_order(after, self.now_ms)
        assert hash(before) == mark
        assert rules.in_order(after, self.now_ms) == after
        self.check_turns(command, before, after)
        self.room = after
        self.account(command, before)
        self.check()
        return True

    def check_turns(self, command: protocol.Command | None, before: Room, after: Room) -> None:
        kind = type(command)
        assert in_turn(before.raised, after.raised)
        assert in_turn(before.offers, after.offers)
        assert in_turn(tuple(each.seat for each in before.door), tuple(each.seat for each in after.door))
        assert kind is protocol.RaiseHand or len(after.hands) <= len(before.hands)
        assert kind in LOWERS or set(before.raised) <= set(after.raised)
        if kind is protocol.LowerHand:
            assert len(after.hands) == len(before.hands) - 1

    def account(self, command: protocol.Command | None, before: Room) -> None:
        room, came = self.room, self.room.phase is not before.phase
        if room.phase is Phase.PUSH_BACK or (came and room.phase is Phase.RETURN):
            self.pushed_back = room.presenter
        elif room.phase is not Phase.RETURN:
            self.pushed_back = ""
        if before.phase in CASE and room.phase not in CASE:
            self.stayed = ""
        match command:
            case protocol.AcceptReturn():
                self.pushed_back = ""
            case protocol.StayBack():
                self.stayed = self.room.presenter
            case protocol.TakeBack() if before.before and before.before.return_state is ReturnState.STAYED:
                self.stayed = self.room.presenter
            case protocol.Remove(seat=seat):
                self.removed.add(seat)
        if came:
            self.turn_clock(command)

    def turn_clock(self, command: protocol.Command | None) -> None:
        if type(command) is protocol.TakeBack:
            self.elapsed_ms = self.elapsed_before_ms + (0 if self.stood_before else self.elapsed_ms)
        else:
            self.elapsed_before_ms, self.elapsed_ms = self.elapsed_ms, 0
            self.stood_before = bool(self.room.before and self.room.before.stopped_ms)

    # What happens

    @rule(actor=ACTORS, command=COMMANDS)
    def anybody_tries_anything(self, actor: str, command: protocol.Command) -> None:
        self.act(actor, command)

    @rule(seed=SEEDS)
    def a_while_passes(self, seed: int) -> None:
        """They do what they can, and lines come and go."""
        chance = Random(seed)
        for _ in range(12):
            actor = chance.choice([*ROLES, *LEADERS, self.room.presenter or "max"])
            tried = ([each for each in commands if may(self.room, actor, each)] for commands in KINDS)
            if can := [commands for commands in tried if commands]:
                command = chance.choice(chance.choice(can))
                if command not in RARE or chance.random() < 0.2:
                    self.act(actor, command)
            elif self.room.knock(actor) is None:
                self.somebody_comes(actor, 0)
            if chance.random() < 0.2:
                self.a_line_is_lost(chance.choice([*ROLES]))
            self.time_passes(500)

    @rule(seed=SEEDS)
    def another_while_passes(self, seed: int) -> None:
        self.a_while_passes(~seed)

    @rule(seat=SEATS, command=COMMANDS)
    def who_knocks_tries_anything(self, seat: str, command: protocol.Command) -> None:
        before = self.room
        if self.room.knock(seat) and self.change(command, lambda room: from_the_door(room, seat, command)):
            assert isinstance(command, protocol.Attest | protocol.Write | protocol.Leave)
            assert self.room.seats == before.seats

    @rule(leader=LED_BY, ahead=some.integers(0, 2))
    def a_leader_goes_on(self, leader: str, ahead: int) -> None:
        moves = rules.MOVES[self.room.phase]
        if moves and (ahead or Phase.CLOSING not in moves[:1]):
            self.act(leader, protocol.Move("a", moves[min(ahead, len(moves) - 1)]))

    @rule(leader=LED_BY, presenter=SEATS)
    def a_case_begins(self, leader: str, presenter: str) -> None:
        self.act(leader, protocol.SettlePresenter("a", presenter))
        self.act(leader, protocol.Move("a", Phase.PRESENTATION))
        self.act(leader, protocol.Move("a", Phase.PUSH_BACK))

    @rule(leader=LED_BY, phase=some.sampled_from(Phase))
    def a_leader_thinks_better_of_it(self, leader: str, phase: Phase) -> None:
        if self.act(leader, protocol.Move("a", phase)):
            self.act(leader, protocol.TakeBack("a"))

    @rule(leader=LED_BY, comes_in=FLAGS)
    def the_presenter_is_invited(self, leader: str, comes_in: bool) -> None:
        self.act(leader, protocol.Move("a", Phase.RETURN))
        self.act(self.room.presenter, protocol.AcceptReturn("a") if comes_in else protocol.StayBack("a"))

    @rule(leader=LED_BY, member=SEATS)
    def a_leader_speaks_apart(self, leader: str, member: str) -> None:
        self.anybody_tries_anything(leader, protocol.TakeAside("a", member))
        self.act(LEADERS[leader == "lea"], protocol.ToLeaders("a", True))

    @rule(seat=SEATS, browser=some.integers(0, 2))
    def somebody_comes(self, seat: str, browser: int) -> None:
        role = self.roles[seat]
        self.change(None, lambda room: door.arrive(room, seat, role, self.now_ms, browser))

    @rule(seat=ACTORS)
    def a_line_is_lost(self, seat: str) -> None:
        self.change(None, lambda room: door.lose(room, seat, self.now_ms))

    @rule()
    def all_lines_come_back(self) -> None:
        for seat in [seat.id for seat in self.room.seats if not seat.here and not seat.left]:
            self.change(None, lambda room, seat=seat: door.come_back(room, seat, self.roles[seat]))  # type: ignore[misc]

    @rule(seat=SEATS, at_door=FLAGS)
    def somebody_goes(self, seat: str, at_door: bool) -> None:
        if at_door:
            self.change(None, lambda room: door.without_knock(room, seat))
        else:
            self.act(seat, protocol.Leave("a"))

    @rule(seat=SEATS, role=some.sampled_from(Role))
    def the_pages_give_another_role(self, seat: str, role: Role) -> None:
        if here(self.room, seat) and not self.room.knock(seat):
            former, self.roles[seat] = self.roles[seat], role
            if not self.change(None, lambda room: door.come_back(room, seat, role)):
                self.roles[seat] = former  # in the debrief, whose leaders lead to the end

    @rule(most_cases=some.integers(1, 2), shown=FLAGS, spoken=SEATS)
    def the_room_is_told(self, most_cases: int, shown: bool, spoken: str) -> None:
        self.change(None, lambda room: rules.agree(room, Terms(most_cases, shown)))
        self.change(None, lambda room: rules.note_spoken(room, frozenset({spoken})))

    @rule(ms=some.sampled_from([500, 60_000, 11 * 60_000]))
    def time_passes(self, ms: int) -> None:
        self.now_ms += ms
        self.elapsed_ms += 0 if self.stands() else ms
        self.check()

    def stands(self) -> bool:
        room = self.room
        if room.phase in TOGETHER and not any(seat.here and seat.leads for seat in room.seats):
            return True
        return room.phase in CASE and not here(room, room.presenter) and room.hold is not Hold.GONE_ON

    @rule()
    def the_node_starts_anew(self) -> None:
        """As the live room does: everybody is away since the snapshot, and nobody knocks."""
        restored = from_json(json.loads(json.dumps(to_json(self.room))))
        assert restored == self.room
        seats = tuple(replace(seat, here=False, gone_ms=self.now_ms) for seat in restored.seats)
        self.change(None, lambda room: replace(restored, seats=seats, door=()))

    # What holds

    def check(self) -> None:
        self.a_pushed_back_presenter_is_heard_by_nobody()
        self.who_speaks_apart_is_heard_by_those_alone()
        self.everyone_else_is_heard_by_all_while_the_group_is_together()
        self.nobody_at_the_door_or_removed_is_inside()
        self.nobody_is_promoted()
        self.the_clock_never_jumps_and_stands_when_it_should()
        self.a_leader_who_is_here_can_go_on()
        self.cases_are_counted_and_have_a_presenter()
        self.the_chat_is_read_by_nobody_while_a_chair_is_pushed_back()

    def a_pushed_back_presenter_is_heard_by_nobody(self) -> None:
        silent = {self.pushed_back, self.stayed}
        assert silent.isdisjoint(rules.heard(self.room))
        assert silent.isdisjoint(rules.listeners(self.room))

    def who_speaks_apart_is_heard_by_those_alone(self) -> None:
        room, heard_by = self.room, hears(self.room)
        leading = frozenset(leaders_here(room))
        for leader, member in ((aside.leader, aside.member) for aside in room.asides):
            assert (leader, member) in self.asked_aside
            assert heard_by.get(leader, {member}) == {member}
            assert heard_by.get(member, {leader}) == {leader}
        for leader in room.to_leaders:
            assert heard_by.get(leader, leading - {leader}) == leading - {leader}
        apart_now = {seat for aside in room.asides for seat in (aside.leader, aside.member)} | set(room.to_leaders)
        assert rules.listeners(room).keys() == apart_now

    def everyone_else_is_heard_by_all_while_the_group_is_together(self) -> None:
        room = self.room
        apart_now, inside = rules.listeners(room).keys(), rules.inside(room)
        speak = inside - {rules.silenced(room)} if room.phase not in (Phase.LOBBY, Phase.ENDED) else frozenset()
        assert {each: by for each, by in hears(room).items() if each not in apart_now} == {
            each: inside - {each} for each in speak - apart_now
        }

    def nobody_at_the_door_or_removed_is_inside(self) -> None:
        room = self.room
        waiting = {knock.seat for knock in room.door if not here(room, knock.seat) and not knock.new_device}
        outside = waiting | self.removed
        assert set(room.removed) == self.removed
        assert outside.isdisjoint(rules.inside(room) | rules.heard(room) | rules.shown(room) | rules.filmed(room))
        assert not any(here(room, seat) or room.knock(seat) for seat in self.removed)
        assert self.removed.isdisjoint({*room.hands, *(offer.seat for offer in room.offers)})
        assert len({knock.seat for knock in room.door}) == len(room.door)

    def nobody_is_promoted(self) -> None:
        assert all(seat.role is self.roles[seat.id] for seat in self.room.seats)

    def the_clock_never_jumps_and_stands_when_it_should(self) -> None:
        assert elapsed_ms(self.room, self.now_ms) == self.elapsed_ms
        assert bool(self.room.at.stopped_ms) == self.stands()

    def a_leader_who_is_here_can_go_on(self) -> None:
        room = self.room
        if room.phase is Phase.ENDED or not leaders_here(room):
            return
        steps = [protocol.CloseCase("a"), *(protocol.Move("a", phase) for phase in rules.MOVES[room.phase])]
        assert any(may(room, leader, step) for leader in leaders_here(room) for step in steps)

    def cases_are_counted_and_have_a_presenter(self) -> None:
        room = self.room
        begun = room.at.cases - (room.phase in CASE)
        assert [case.number for case in room.closed] == list(range(1, begun + 1))
        assert room.presenter or room.phase not in CASE
        assert room.phase in CASE or not (room.spoken or room.asks_return)

    def the_chat_is_read_by_nobody_while_a_chair_is_pushed_back(self) -> None:
        if self.room.phase is Phase.PUSH_BACK:
            assert not any(may(self.room, seat, protocol.Write("a", "chat", "", "psst")) for seat in ROLES)

    @precondition(lambda self: self.room.seats)
    @rule(seat=SEATS, waits=FLAGS)
    def a_page_shows_what_its_seat_may_know(self, seat: str, waits: bool) -> None:
        seen = view(self.room, seat, waits and self.room.knock(seat) is not None)
        mine = self.room.seat(seat)
        if mine is None or not mine.leads or seen.waits:
            assert {knock.seat for knock in seen.room.door} <= ({seat} if seen.waits else set())
            assert {offer.seat for offer in seen.room.offers} <= {seat}
            assert {aside.member for aside in seen.room.asides} <= {seat}
            assert not any((each.ticks or each.paused) and each.id != seat for each in seen.room.seats)
            assert (seen.room.to_leaders, seen.room.closed, seen.room.spoken) == ((), (), ())
        assert seen.waits or all(may(self.room, seat, protocol.Move("a", phase)) for phase in seen.moves)


TestSession = Session.TestCase
TestSession.settings = settings(max_examples=200, stateful_step_count=20, deadline=None, derandomize=True)

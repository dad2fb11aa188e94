"""Every message of every role in every phase: done, or refused with a code, and then nothing has changed.

Pia presents, Max has a hand up, Cole has offered a case; Nina knocks, and Rob was removed.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import product

import pytest_asyncio

from sessions import protocol, wire
from sessions.protocol import CLOSE
from sessions.room import MOVES
from sessions.sfu import MediaNode
from sessions.state import CASE, REFUSALS, Phase, Role, Room
from sessions.store import Person
from tests.sessions.circle import COLE, LEA, LOOK, MAX, PEOPLE, PIA, Circle
from tests.sessions.tab import message

NINA, ROB = "nina", "rob"
EVERYBODY = (LEA, COLE, MAX, PIA, NINA, ROB)
GUESTS = {key: Person(key, key.title(), key[0].upper(), Role.MEMBER, order) for order, key in enumerate((NINA, ROB), 4)}

PHASES = tuple(Phase)
LOBBY, GATHERING, CALL, PRESENTATION, CLARIFYING, PUSH_BACK, RETURN, CLOSING, DEBRIEF, ENDED = PHASES
TOGETHER = PHASES[: PHASES.index(DEBRIEF)]  # members are here too
STEPS = TOGETHER[1:]
IN_CASE = tuple(phase for phase in PHASES if phase in CASE)
HANDS_UP = STEPS[:-1]  # Max's; it goes down with the goodbye
TALK = tuple(phase for phase in STEPS if phase is not PUSH_BACK)  # when the chat does not rest

Allowed = dict[str, tuple[Phase, ...]]


def leaders(*phases: Phase) -> Allowed:
    return dict.fromkeys((LEA, COLE), phases)


INSIDE = leaders(*TOGETHER, DEBRIEF) | dict.fromkeys((MAX, PIA), TOGETHER)
TABLE: dict[str, Allowed] = {
    "move": leaders(*TOGETHER, DEBRIEF),
    "take_back": leaders(*STEPS),
    "settle_presenter": leaders(CALL),
    "close_case": leaders(*IN_CASE),
    "raise_hand": leaders(*STEPS) | {MAX: (CLOSING,), PIA: (GATHERING, CALL, PRESENTATION, CLARIFYING, CLOSING)},
    "lower_hand": leaders(*HANDS_UP) | {MAX: HANDS_UP},
    "ask_return": {PIA: (PUSH_BACK,)},
    "accept_return": {PIA: (RETURN,)},
    "stay_back": {PIA: (RETURN,)},
    "devices": INSIDE,
    "attest": INSIDE | {NINA: TOGETHER},
    "admit": leaders(*TOGETHER),
    "remove": leaders(*TOGETHER, DEBRIEF),
    "set_target": leaders(*TOGETHER, DEBRIEF),
    "set_cases": leaders(*TOGETHER, DEBRIEF),
    "offer_case": {LEA: (CALL,), MAX: (CALL,), PIA: (CALL,)},
    "withdraw_case": {COLE: STEPS[1:]},
    "note_case": leaders(CLOSING, DEBRIEF),
    "wait": {},
    "go_on": {},
    "set_chat": leaders(*STEPS),
    "write": leaders(*TALK) | {MAX: TALK, PIA: tuple(phase for phase in TALK if phase is not RETURN)},
    "take_aside": leaders(*STEPS),
    "end_aside": {},
    "to_leaders": leaders(*TOGETHER),
    "leave": INSIDE | {NINA: TOGETHER},
}
UNANSWERED = {"heartbeat", "tiles", "offer"}  # an offer is answered later: tests/test_access_socket.py


@pytest_asyncio.fixture
async def circle() -> AsyncIterator[Circle]:
    node = MediaNode(port=0)
    await node.start()
    circle = Circle(node, look=replace(LOOK, people=PEOPLE | GUESTS))
    yield circle
    await circle.close()
    await node.stop()


def through(circle: Circle) -> Iterator[Phase]:
    """Leads the circle from step to step."""
    circle.come(LEA, COLE, MAX, PIA, ROB)
    circle.do(LEA, protocol.Remove, ROB)
    circle.knock(NINA)
    yield LOBBY
    for phase in PHASES[1:]:
        circle.move(phase)
        for seat, kind, *args in PREPARED.get(phase, ()):
            circle.do(seat, kind, *args)
        yield phase


PREPARED = {
    GATHERING: ((MAX, protocol.RaiseHand), (LEA, protocol.SetChat, True)),
    CALL: ((COLE, protocol.OfferCase, False), (LEA, protocol.SettlePresenter, PIA)),
}


def sensible(name: str, phase: Phase, seat: str) -> protocol.Up:
    """A message that could be right now: about Max, or to the next phase; none comes twice."""
    made = message(name, "" if name in ("admit", "write") else MAX)
    if name == "move" and MOVES[phase]:
        made = replace(made, phase=MOVES[phase][0])
    return replace(made, id=f"{name}-{phase}-{seat}") if hasattr(made, "id") else made


class Attempts:
    """Says something to the room, and puts everything back."""

    def __init__(self, circle: Circle) -> None:
        self.circle = circle

    def say(self, seat: str, said: protocol.Up) -> str:
        """ "ack", the code of a refusal, "nothing", or "gone" for whose socket is closed."""
        circle, before = self.circle, self.circle.live.room
        here = [key for key, line in circle.lines.items() if line.code is None]
        if seat not in here:
            circle.live.receive(circle.seats[seat], said)
            assert circle.live.room == before
            return "gone"
        answer = self._answer(seat, said)
        if answer != "ack":
            assert circle.live.room == before
            assert [key for key in here if key != seat and circle.lines[key].came] == []
        self._put_back(here, before)
        return answer

    def _answer(self, seat: str, said: protocol.Up) -> str:
        for line in self.circle.lines.values():
            line.came.clear()
        self.circle.refused.clear()
        self.circle.live.receive(self.circle.seats[seat], said)
        answers = [each for each in self.circle.lines[seat].came if isinstance(each, protocol.Ack | protocol.Refused)]
        codes = [each.code for each in answers if isinstance(each, protocol.Refused)]
        assert self.circle.refused == codes
        assert set(codes) <= set(REFUSALS)
        return (codes or ["ack" if answers else "nothing"])[0]

    def _put_back(self, here: list[str], before: Room) -> None:
        self.circle.live.room, self.circle.live.over = before, False
        for seat in here:
            if self.circle.lines[seat].code is not None:
                self.circle.knock(seat)
        self.circle.live.room = before


async def test_every_command_is_done_where_the_rules_say_and_refused_elsewhere(circle: Circle) -> None:
    attempts = Attempts(circle)
    done: dict[str, dict[str, tuple[Phase, ...]]] = {name: {} for name in TABLE}

    for phase in through(circle):
        for name, seat in product(TABLE, EVERYBODY):
            if attempts.say(seat, sensible(name, phase, seat)) == "ack":
                done[name][seat] = (*done[name].get(seat, ()), phase)

    assert done == TABLE
    assert set(TABLE) | UNANSWERED == set(wire.UP)


async def test_what_is_no_command_changes_nothing(circle: Circle) -> None:
    attempts = Attempts(circle)

    answers = {
        attempts.say(seat, sensible(name, phase, seat))
        for phase in through(circle)
        for name, seat in product(("heartbeat", "tiles"), EVERYBODY)
    }

    assert answers == {"nothing", "gone"}


async def test_only_leaders_say_how_to_go_on_while_the_presenter_is_away(circle: Circle) -> None:
    attempts = Attempts(circle)
    done = []

    for phase in through(circle):
        if phase in CASE:
            circle.live.detach(circle.seats[PIA])
            circle.lines[PIA].close(CLOSE["lost"])
            for name, seat in product(("wait", "go_on"), EVERYBODY):
                if attempts.say(seat, sensible(name, phase, seat)) == "ack":
                    done.append((phase, name, seat))
            circle.knock(PIA)

    assert done == list(product(IN_CASE, ("wait", "go_on"), (LEA, COLE)))

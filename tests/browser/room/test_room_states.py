"""Every state of a room as each person sees it: for every reader, on every screen, by day and by night."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sessions import apart, door
from sessions import room as rules
from sessions.models import Session
from sessions.state import Phase, Role, Room, Terms
from tests.browser.accessibility import check_axe
from tests.browser.conftest import PHONE, WIDE, visiting
from tests.browser.room.pages import CAST, logged_in, session_of
from tests.browser.room.test_room_screen import LAPTOP, SIDEWAYS, TABLET, ZOOMED, crowded, scrolls
from tests.browser.room.told import CIRCLE, NOW_MS, OTHERS, Told
from tests.processes import App
from tests.sessions.rooms import COLE, LEA, MAX, PIA, in_call, in_case, invited, let_in, moved, pushed_back, room_of, with_hands, without

UPRIGHT = {"width": 768, "height": 1024}
LONG_AGO_MS = 60_000


def full(room: Room, later: Callable[[Room], Room] = lambda room: room) -> Room:
    """Twelve in the circle, some of them filmed; then what happens."""
    room = reduce(let_in, OTHERS, room)
    for seat in (LEA, MAX, "mei", "ravi"):
        room = rules.set_devices(room, seat, True, True)
    return rules.in_order(later(room), LONG_AGO_MS)


def with_asides(room: Room) -> Room:
    room = apart.take_aside(room, COLE, MAX, rules.silenced(room))
    return apart.speak_to_leaders(room, LEA, True, rules.silenced(room))


STATES: dict[str, Room] = {
    "lobby": full(room_of(LEA, COLE, MAX, PIA), lambda room: door.arrive(room, "late", Role.MEMBER, 0)),
    "gathering": full(moved(room_of(LEA, COLE, MAX, PIA), Phase.GATHERING)),
    "call": full(in_call(), lambda room: rules.offer_case(with_hands(room, PIA, MAX), MAX, True)),
    "settled": full(in_call(), lambda room: rules.settle_presenter(room, LEA, PIA)),
    "presentation": full(in_case(), lambda room: rules.set_devices(room, MAX, False, False, True)),
    "clarifying": full(in_case(Phase.CLARIFYING), lambda room: apart.set_chat(with_hands(room, MAX, "ravi"), LEA, True)),
    "push_back": full(pushed_back(), lambda room: with_hands(room, MAX, "ravi", "nora", "tom")),
    "asked": full(pushed_back(), lambda room: rules.ask_return(with_asides(room), PIA)),
    "unseen": full(pushed_back(), lambda room: replace(room, terms=Terms(presenter_shown=False))),
    "invited": full(invited()),
    "returned": full(invited(), lambda room: rules.accept_return(room, PIA)),
    "stayed": full(invited(), lambda room: rules.stay_back(room, PIA)),
    "held": full(pushed_back(), lambda room: without(room, PIA)),
    "left": full(pushed_back(), lambda room: door.leave(door.leave(room, PIA, 0), "tom", 0)),
    "waits": full(pushed_back(), lambda room: rules.wait(without(room, PIA), LEA)),
    "gone_on": full(pushed_back(), lambda room: rules.go_on(without(room, PIA), LEA)),
    "alone": full(in_case(), lambda room: without(room, COLE, "mei")),
    "nobody_leads": full(in_case(Phase.CLARIFYING), lambda room: without(room, LEA, COLE)),
    "another_case": full(rules.close_case(pushed_back(), LEA, 1_000)),
    "closing": full(moved(in_call(), Phase.CLOSING)),
    "debrief": rules.in_order(moved(full(in_call()), Phase.CLOSING, Phase.DEBRIEF), LONG_AGO_MS),
}
LEADERS, MEMBERS = (LEA, COLE), (PIA, MAX)


@pytest.fixture(scope="module")
def told(app: App, chromium: Any) -> Iterator[dict[str, Told]]:
    """A leader's page and a member's: each draws whatever it is told."""
    session = session_of(*CAST)
    with visiting(app, chromium) as (visit, _):
        yield {key: Told(logged_in(app, visit, key, reduced_motion="reduce"), session) for key in (LEA, MAX)}


def seen_by(told: dict[str, Told], name: str) -> Iterator[Told]:
    """The state as the leader, the second leader, the presenter and a member have it, one after the other."""
    room = STATES[name]
    for seat in (*LEADERS, *MEMBERS):
        present = room.seat(seat)
        if present and present.here:
            page = told[LEA if seat in LEADERS else MAX]
            page.draw(room, seat)
            yield page


@pytest.mark.parametrize("name", STATES)
def test_every_reader_finds_nothing_amiss(told, name) -> None:
    import time
    for number, page in enumerate(seen_by(told, name)):
        for n2, (size, scheme) in enumerate(((WIDE, "light"), (PHONE, "dark"), (WIDE, "dark"), (PHONE, "light"))):
            page.page.set_viewport_size(size)
            page.page.emulate_media(color_scheme=scheme)
            t = time.monotonic()
            check_axe(page.page)
            print(name, page.seat, size, scheme, round(time.monotonic() - t, 2))

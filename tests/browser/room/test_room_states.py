"""Every state of a room as each person sees it: for every reader, on every screen, by day and by night."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from playwright.sync_api import Page

from sessions import apart, door
from sessions import room as rules
from sessions.state import Phase, Role, Room, Terms
from tests.browser.accessibility import check_axe
from tests.browser.conftest import PHONE, WIDE, visiting
from tests.browser.room.pages import CAST, logged_in, session_of
from tests.browser.room.test_room_screen import LAPTOP, SIDEWAYS, TABLET, ZOOMED, crowded, scrolls
from tests.browser.room.told import CIRCLE, OTHERS, Told
from tests.processes import App
from tests.sessions.rooms import (
    COLE,
    LEA,
    MAX,
    PIA,
    in_call,
    in_case,
    invited,
    let_in,
    moved,
    pushed_back,
    room_of,
    with_hands,
    without,
)

UPRIGHT = {"width": 768, "height": 1024}
LONG_AGO_MS = 60_000


def full(room: Room, later: Callable[[Room], Room] = lambda room: room) -> Room:
    """Twelve in the circle, some of them filmed; then what happens."""
    room = reduce(let_in, OTHERS, room)
    for seat in (LEA, "mei", "ravi"):
        room = rules.set_devices(room, seat, True, True)
    return rules.in_order(later(room), LONG_AGO_MS)


def with_asides(room: Room) -> Room:
    room = apart.take_aside(room, COLE, MAX, rules.silenced(room))
    return apart.speak_to_leaders(room, LEA, True, rules.silenced(room))


STATES: dict[str, Room] = {
    "lobby": full(room_of(LEA, COLE, PIA), lambda room: door.arrive(room, MAX, Role.MEMBER, 0)),
    "gathering": full(moved(room_of(LEA, COLE, MAX, PIA), Phase.GATHERING)),
    "call": full(in_call(), lambda room: rules.offer_case(with_hands(room, PIA, MAX), MAX, True)),
    "settled": full(in_call(), lambda room: rules.settle_presenter(room, LEA, PIA)),
    "presentation": full(in_case(), lambda room: rules.set_devices(room, MAX, False, False, True)),
    "late": full(
        in_case(Phase.CLARIFYING), lambda room: door.arrive(door.lose(room, MAX, 0), MAX, Role.MEMBER, 11 * 60_000)
    ),
    "clarifying": full(
        in_case(Phase.CLARIFYING), lambda room: apart.set_chat(with_hands(room, MAX, "ravi"), LEA, True)
    ),
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
MEMBERS = tuple(seat for seat in CIRCLE if seat not in (LEA, COLE))


@pytest.fixture(scope="module")
def told(app: App, chromium: Any) -> Iterator[dict[str, Told]]:
    """A leader's page and a member's: each draws whatever it is told."""
    session = session_of(*CAST)
    with visiting(app, chromium) as (visit, _):
        yield {key: Told(logged_in(app, visit, key, reduced_motion="reduce"), session) for key in (LEA, MAX)}


SEATS = (LEA, COLE, PIA, MAX)
LOOKS = tuple((size, scheme) for size in (WIDE, PHONE) for scheme in ("light", "dark"))


def show(told: dict[str, Told], room: Room, seat: str) -> Page:
    """The room as the leader, the second leader, the presenter or a member has it."""
    page = told[LEA if seat in (LEA, COLE) else MAX]
    page.draw(room, seat, waits=room.knock(seat) is not None)
    return page.page


@pytest.mark.parametrize("turn", range(len(LOOKS)), ids=[f"{size['width']}-{scheme}" for size, scheme in LOOKS])
def test_no_reader_finds_anything_amiss_in_any_state(told, turn) -> None:
    """Each look in its turn has another of the four seats, so that every state is looked at in all of them."""
    size, scheme = LOOKS[turn]
    for page in told.values():
        page.page.set_viewport_size(size)
        page.page.emulate_media(color_scheme=scheme)

    for number, room in enumerate(STATES.values()):
        page = show(told, room, SEATS[(number + turn) % len(SEATS)])
        check_axe(page)
        assert not scrolls(page)


SCREENS = (LAPTOP, TABLET, UPRIGHT, PHONE, SIDEWAYS, ZOOMED)

# Whether the words of the chair that is pushed back lie upon its place or a face, in pixels that one would see.
LIES = """() => {
  const round = (element, part) => {
    const { x, y, width } = element.getBoundingClientRect();
    return { x: x + width / 2, y: y + width / 2, radius: (width / 2) * part };
  };
  const upon = ({ left, top, right, bottom }, { x, y, radius }) =>
    Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom)) < radius - 2;
  const back = document.querySelector('[data-place="back"]');
  const words = [...back.querySelectorAll(".seat__name, .seat__word")].filter((element) => element.offsetWidth);
  const faces = [...document.querySelectorAll(".seat__face")].map((element) => round(element, 1));
  const rounds = [...faces, round(document.querySelector("[data-kept]"), 0.92)];
  return words.some((element) => rounds.some((each) => upon(element.getBoundingClientRect(), each)));
}"""


@pytest.mark.parametrize("size", SCREENS, ids=[f"{size['width']}x{size['height']}" for size in SCREENS])
def test_whoever_pushes_back_leaves_a_place_that_nothing_lies_upon(told, size) -> None:
    page = told[MAX].page
    page.set_viewport_size(size)

    for seat in (LEA, *MEMBERS):
        show(told, pushed_back_by(seat), MAX)
        assert (seat, crowded(page), page.evaluate(LIES)) == (seat, False, False)


def pushed_back_by(seat: str) -> Room:
    room = rules.settle_presenter(full(in_call()), COLE if seat == LEA else LEA, seat)
    return moved(room, Phase.PRESENTATION, Phase.PUSH_BACK, actor=COLE if seat == LEA else LEA)

"""The faults of a session that a test can make each time (docs/faults.md), one after another in the same evening.

Lea leads, Pia presents, Max's line runs through a relay that can be cut. Each person is a tone, so that a page can tell
whom it hears. A bound is three times what a person should have to wait.
"""

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from sessions.models import RoomSnapshot, Session
from tests.browser.accessibility import check_axe
from tests.browser.conftest import FAILED, shoot, visiting
from tests.browser.devices import give_devices, heard_by, received_by, wait_until
from tests.browser.line import Line
from tests.browser.room.pages import CAST, go_in, lead_to_push_back, logged_in, notice, press, seat, session_of, title
from tests.processes import NODE, WEB, App


@dataclass
class Evening:
    app: App
    session: Session
    line: Line
    contexts: list[BrowserContext]
    lea: Page
    pia: Page
    max_: Page

    def totals(self) -> dict[str, int]:
        with urllib.request.urlopen(f"{self.app.node_url}/healthz", timeout=5) as answer:
            return dict(json.load(answer)["totals"])

    def wait_until_all_hear(self, seconds: float, but: str = "") -> None:
        """Everybody hears all others; nobody hears `but`."""
        everyone = {"Lea": self.lea, "Pia": self.pia, "Max": self.max_}
        for name, page in everyone.items():
            expected = frozenset(everyone) - {name, but}
            wait_until(
                page, f"{name} hears {set(expected)}", lambda page=page, of=expected: heard_by(page) == of, seconds
            )


@pytest.fixture(scope="module")
def evening(app: App, chromium: Browser) -> Iterator[Evening]:
    line, session = Line(app.media_port), session_of(*CAST)
    with visiting(app, chromium) as (visit, contexts):
        pages = {}
        for name, options in {"Lea": {}, "Pia": {}, "Max": {"proxy": line.proxy}}.items():
            page = logged_in(
                app, visit, name.lower(), before=lambda page, name=name: give_devices(page, name), **options
            )
            if name == "Max":
                line.lead(page.context)
            pages[name] = go_in(page, session)
        press(pages["Lea"], "Begin")
        evening = Evening(app, session, line, contexts, *pages.values())
        evening.wait_until_all_hear(15)
        press(evening.max_, "Raise my hand")
        yield evening
    line.close()


@pytest.fixture(autouse=True)
def pictures(evening: Evening, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if request.node.stash.get(FAILED, False):
        shoot(evening.contexts, request.node.name)


def connections(page: Page) -> int:
    """How many peer connections this page has made."""
    return int(page.evaluate("() => window.testPeers.length"))


def circle(page: Page) -> list[str]:
    return page.locator("[data-seats] .seat__name").all_inner_texts()


def test_l22_two_tabs_are_one_voice_and_one_hand(evening: Evening) -> None:
    older = evening.max_
    newer = evening.max_ = older.context.new_page()
    give_devices(newer, "Max")

    go_in(newer, evening.session)

    expect(older.get_by_role("heading", name="You are in the room in another tab")).to_be_focused()
    check_axe(older)
    evening.wait_until_all_hear(9)
    wait_until(newer, "the older tab's media are gone", lambda: evening.totals()["members"] == 3, 9)
    expect(newer.get_by_role("button", name="Lower my hand")).to_be_visible()
    expect(seat(evening.lea, "Max")).to_contain_text("hand raised, number 1")
    press(older, "Use it here")
    expect(newer.get_by_role("heading", name="You are in the room in another tab")).to_be_visible()
    newer.close()
    evening.max_ = older
    evening.wait_until_all_hear(9)


def test_l2_five_seconds_without_a_network_lose_nothing(evening: Evening) -> None:
    lea, max_ = evening.lea, evening.max_
    evening.line.cut()
    expect(seat(lea, "Max")).to_contain_text("reconnecting", timeout=10_000)
    max_.wait_for_timeout(500)
    assert heard_by(lea) == {"Pia"}

    evening.line.heal()

    evening.wait_until_all_hear(3)
    expect(seat(lea, "Max")).not_to_contain_text("reconnecting")
    expect(seat(lea, "Max")).to_contain_text("hand raised, number 1")
    assert connections(max_) == 1


# From now on: how often the page loses its room, and whether it opens another socket.
WATCH = """() => {
  const room = document.querySelector("[data-room]");
  const Line = window.WebSocket;
  window.testLost = window.testSockets = 0;
  window.WebSocket = class extends Line {
    constructor(...args) { super(...args); window.testSockets += 1; }
  };
  const look = () => (window.testLost += "connected" in room.dataset ? 0 : 1);
  new MutationObserver(look).observe(room, { attributes: true });
}"""
LOST, SOCKETS = "() => window.testLost", "() => window.testSockets"


def test_l23_another_address_is_followed_before_the_room_is_missed(evening: Evening) -> None:
    frames = sum(received_by(evening.max_)["frames"])
    evening.max_.evaluate(WATCH)

    evening.line.move()

    wait_until(evening.max_, "pictures come", lambda: sum(received_by(evening.max_)["frames"]) > frames + 30, 15)
    evening.wait_until_all_hear(3)
    assert connections(evening.max_) == 1
    expect(evening.max_.locator("[data-room][data-connected]")).to_be_visible()


def test_l15_a_node_that_stood_still_loses_nobody(evening: Evening) -> None:
    """A page that doubts its room comes by another socket, but leaves the former one only when it is in."""
    pages = (evening.lea, evening.pia, evening.max_)
    made = [connections(page) for page in pages]
    for page in pages:
        page.evaluate(WATCH)
    node = evening.app.part(NODE)

    os.kill(node, signal.SIGSTOP)
    try:
        wait_until(evening.max_, "the page doubts", lambda: evening.max_.evaluate(SOCKETS), 6)
    finally:
        os.kill(node, signal.SIGCONT)

    evening.wait_until_all_hear(6)
    assert [connections(page) for page in pages] == made
    assert [page.evaluate(LOST) for page in pages] == [0, 0, 0]
    for page in pages:
        for name in ("Lea", "Pia", "Max"):
            expect(seat(page, name)).not_to_contain_text("reconnecting")


def test_l1_a_browser_that_crashed_comes_back_to_its_seat(evening: Evening) -> None:
    lea = evening.lea
    before = circle(lea)
    with pytest.raises(Error):
        evening.max_.goto("chrome://crash")
    expect(seat(lea, "Max")).to_contain_text("reconnecting")

    evening.max_ = evening.max_.context.new_page()
    give_devices(evening.max_, "Max")
    go_in(evening.max_, evening.session)

    evening.wait_until_all_hear(9)
    wait_until(lea, "Lea sees both", lambda: len(received_by(lea)["frames"]) == 2, 9)
    expect(seat(lea, "Max")).to_contain_text("hand raised, number 1")
    assert circle(lea) == before
    expect(notice(lea)).to_be_hidden()


def test_l12_the_room_goes_on_without_the_pages(evening: Evening) -> None:
    app, lea, pia = evening.app, evening.lea, evening.pia
    pages = (lea, pia, evening.max_)
    made = [connections(page) for page in pages]
    frames = sum(received_by(lea)["frames"])

    killed = kill(app, WEB)
    press(pia, "Raise my hand")
    expect(seat(lea, "Pia")).to_contain_text("hand raised, number 2")
    wait_until(lea, "pictures go on", lambda: sum(received_by(lea)["frames"]) > frames + 10, 9)
    wait_until(lea, "the pages are back", lambda: app.part(WEB) not in (0, killed) and answers(lea), 9)

    assert [connections(page) for page in pages] == made
    assert len(kept(evening)["hands"]) == 2
    expect(seat(lea, "Max")).to_contain_text("hand raised, number 1")
    evening.wait_until_all_hear(3)


def test_l13_a_room_node_that_was_killed_goes_on_where_it_was(evening: Evening) -> None:
    lea, pia = evening.lea, evening.pia
    lead_to_push_back(lea, begun=True)
    evening.wait_until_all_hear(9, but="Pia")
    wait_until(lea, "the step is kept", lambda: kept(evening)["at"]["phase"] == "push_back")
    before = kept(evening)

    kill(evening.app, NODE)

    expect(notice(lea)).to_have_text("Reconnecting. Your seat, the step and your hand are kept.")
    evening.wait_until_all_hear(15, but="Pia")
    after = kept(evening)
    assert 0 <= after.pop("elapsed_ms") - before.pop("elapsed_ms") < 20_000  # it stood while nobody led
    assert after == before
    expect(title(pia)).to_have_text("Nobody hears you")
    expect(seat(lea, "Max")).to_contain_text("hand raised, number 1")
    wait_until(lea, "Pia's voice reaches the node", lambda: evening.totals()["audio_received_unheard"] > 50)
    assert evening.totals()["audio_forwarded_unheard"] == 0


def kill(app: App, part: str) -> int:
    """The number of the process that is no more."""
    number = app.part(part)
    os.kill(number, signal.SIGKILL)
    return number


def answers(page: Page) -> bool:
    try:
        return page.request.get("/guide/", timeout=1_000).ok
    except Error:
        return False


def kept(evening: Evening) -> dict[str, Any]:
    """Step, clock, presenter and hands as the node has written them."""
    state = RoomSnapshot.objects.get(pk=evening.session.pk).state
    at = state["room"]["at"]
    elapsed_ms = (at.pop("stopped_ms") or state["at_ms"]) - at.pop("started_ms")
    return {"at": at, "elapsed_ms": elapsed_ms, "hands": state["room"]["raised"]}

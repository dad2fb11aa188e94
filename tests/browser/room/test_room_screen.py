"""The room on every screen, for every reader: nothing scrolls, nothing overlaps, everything has a name."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_axe
from tests.browser.conftest import PHONE
from tests.browser.devices import wait_until
from tests.browser.room.pages import (
    CAST,
    go_in,
    notice,
    press,
    session_of,
    title,
)

LAPTOP = {"width": 1280, "height": 720}
TABLET = {"width": 1024, "height": 768}
SIDEWAYS = {"width": 844, "height": 390}
ZOOMED = {"width": 640, "height": 400}  # 1280 x 800 at 200 %


def scrolls(page: Page) -> bool:
    moves: bool = page.evaluate(
        "() => document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight"
    )
    return moves


def test_a_hand_stays_readable_under_the_finger(enter) -> None:
    lea, max_ = enter("lea"), enter("max", color_scheme="dark", viewport=PHONE)
    press(lea, "Begin")

    max_.get_by_role("button", name="Raise my hand").hover()

    check_axe(max_)


@pytest.mark.parametrize("opens", ["More", "Hands", "Keys", "Devices"])
def test_what_opens_is_accessible_and_closes_by_escape(enter, opens) -> None:
    lea = enter("lea")
    if opens in ("Keys", "Devices"):
        press(lea, "More")

    press(lea, opens)

    dialog = lea.get_by_role("dialog")
    expect(dialog).to_be_visible()
    check_axe(lea)
    lea.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def crowded(page: Page) -> bool:
    """Does a face lie upon another?"""
    faces: list[dict[str, Any]] = [face.bounding_box() or {} for face in page.locator(".seat__face").all()]
    return any(
        abs(one["x"] - other["x"]) < one["width"] - 1 and abs(one["y"] - other["y"]) < one["height"] - 1
        for number, one in enumerate(faces)
        for other in faces[:number]
    )


def covered(page: Page) -> bool:
    """Does the notice lie upon a face?"""
    note: dict[str, Any] = page.get_by_role("region", name="Notice").bounding_box() or {}
    faces: list[dict[str, Any]] = [face.bounding_box() or {} for face in page.locator(".seat__face").all()]
    return any(
        face["y"] + face["height"] > note["y"] + 1
        and note["x"] < face["x"] + face["width"]
        and face["x"] < note["x"] + note["width"]
        for face in faces
    )


def test_twelve_seats_fit_every_screen(person, app) -> None:
    session = session_of(*CAST, "nora", "ines", "tom", "mira", "jon", "ada", "rae", "otto")
    lea, _ = (go_in(person(key, reduced_motion="reduce"), session) for key in ("lea", "max"))
    press(lea, "Begin")
    press(lea, "Ask for a case")
    expect(lea.locator(".seat")).to_have_count(12)

    for size in (LAPTOP, TABLET, PHONE, SIDEWAYS, ZOOMED):
        lea.set_viewport_size(size)
        expect(lea.get_by_role("button", name="Choose who presents")).to_be_in_viewport(ratio=1)
        assert (size, scrolls(lea), crowded(lea)) == (size, False, False)
    lea.evaluate("document.querySelector('[data-option=saveData]').click()")
    for size in (SIDEWAYS, ZOOMED, PHONE):
        lea.set_viewport_size(size)
        expect(notice(lea)).to_be_visible()
        assert (size, scrolls(lea), crowded(lea), covered(lea)) == (size, False, False, False)


def test_focus_stays_where_one_put_it(enter) -> None:
    lea, max_ = enter("lea"), enter("max")
    leave = max_.get_by_role("button", name="Leave")
    leave.focus()

    press(lea, "Begin")
    press(lea, "Ask for a case")

    expect(title(max_)).to_have_text("Who has a case?")
    expect(leave).to_be_focused()


AWAKE = """() => {
  window.testAwake = [];
  const request = navigator.wakeLock.request.bind(navigator.wakeLock);
  navigator.wakeLock.request = async (kind) => {
    const lock = await request(kind);
    window.testAwake.push(lock);
    return lock;
  };
}"""


def test_the_screen_is_kept_awake_until_one_leaves(person, session) -> None:
    max_ = go_in(person("max", before=lambda page: page.add_init_script(f"({AWAKE})()")), session)

    held = "() => window.testAwake.filter(({ released }) => !released).map(({ type }) => type)"

    wait_until(max_, "a lock is held", lambda: max_.evaluate(held) == ["screen"])

    press(max_, "Leave")
    wait_until(max_, "none is held", lambda: max_.evaluate(held) == [])

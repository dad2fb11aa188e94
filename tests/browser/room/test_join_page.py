"""The page before the room in a real browser: camera, microphone, and whether one is alone."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import check_axe
from tests.browser.conftest import PHONE, WIDE
from tests.browser.room.pages import (
    go_in,
    join_page,
    notice,
    press,
    seat,
    title,
)

REFUSE = """name => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", name); }; }"""


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "dark"), (PHONE, "light")], ids=["wide", "phone"])
def test_one_sees_and_hears_oneself_before_going_in(person, session, scheme, size) -> None:
    page = join_page(person("max", color_scheme=scheme, viewport=size), session)

    expect(page.get_by_label("Your picture")).to_be_visible()
    expect(page.locator("[data-level-words]")).to_have_text("You can be heard well.")
    check_axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_nobody_goes_in_before_all_four_are_true(person, session) -> None:
    page = join_page(person("max"), session)
    page.get_by_label("The door is closed").check()

    press(page, "Go in")

    expect(page.get_by_role("alert")).to_contain_text("All four must be true")
    expect(page.get_by_label("I am alone, or wear headphones")).to_be_focused()
    check_axe(page)
    assert page.url.endswith("/join/")


UNPLUG = """() => {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await ask(wanted);
    for (const track of stream.getAudioTracks()) window.testUnplug = () => {
      track.stop();
      track.dispatchEvent(new Event("ended"));
    };
    return stream;
  };
}"""


def test_a_microphone_that_is_gone_and_one_that_is_back_are_both_said(person, session) -> None:
    page = join_page(person("max", before=lambda page: page.add_init_script(f"({UNPLUG})()")), session)
    status = page.get_by_role("status").filter(has_text="Your microphone works again.")
    expect(page.locator("[data-level-words]")).to_have_text("You can be heard well.")
    expect(page.get_by_text("Your microphone works again.")).to_be_hidden()

    page.evaluate("testUnplug()")
    expect(status).to_contain_text("Your microphone is gone. Plug it in and press Microphone.", use_inner_text=True)
    page.get_by_role("button", name="Microphone").click()

    expect(page.locator("[data-mended=microphone]:not([hidden])")).to_have_count(1)
    expect(status).not_to_contain_text("Your microphone is gone.", use_inner_text=True)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NotAllowedError", "The browser keeps your microphone closed."),
        ("NotFoundError", "No microphone was found."),
        ("NotReadableError", "Another program holds your microphone."),
        ("SecurityError", "Browsers open camera and microphone only at an address"),
    ],
)
def test_whoever_has_no_devices_reads_why_and_listens(person, session, name, words) -> None:
    page = person("max", before=lambda page: page.add_init_script(f"({REFUSE})('{name}')"))

    join_page(page, session)
    expect(page.get_by_text(words)).to_be_visible()
    check_axe(page)
    go_in(page, session, "Only listen")

    expect(seat(page, "Max")).to_contain_text("microphone off")
    expect(page.get_by_role("button", name="Mic off")).to_be_visible()


# A browser that takes longer to open devices than one likes to wait on this page.
SLOW = """() => {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const late = location.pathname.endsWith("/join/") ? 60_000 : 0;
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    await new Promise((resolve) => setTimeout(resolve, late));
    return ask(wanted);
  };
}"""


def test_whoever_goes_in_before_the_devices_are_open_has_them_inside(person, session) -> None:
    max_ = go_in(person("max", before=lambda page: page.add_init_script(f"({SLOW})()")), session)

    expect(max_.get_by_role("button", name="Mic on")).to_be_visible()
    expect(max_.get_by_role("button", name="Camera on")).to_be_visible()


def test_whoever_goes_in_without_devices_is_not_asked_again(person, session) -> None:
    max_ = go_in(person("max", before=lambda page: page.add_init_script(f"({REFUSE})('NotFoundError')")), session)

    expect(max_.get_by_role("button", name="Mic off")).to_be_visible()
    expect(notice(max_)).to_be_hidden()


def test_whoever_only_listened_can_be_seen_later(person, session, enter) -> None:
    lea = enter("lea")
    max_ = go_in(person("max"), session, "Only listen")
    press(lea, "Begin")
    expect(title(max_)).to_have_text("Welcome")

    press(max_, "Camera off")

    expect(seat(lea, "Max").locator("video")).to_be_visible()
    expect(seat(lea, "Max")).to_contain_text("microphone off")


def test_the_room_asks_for_the_page_before_it(person, session) -> None:
    page = person("max")

    page.goto(f"/sessions/{session.pk}/room/")

    page.wait_for_url("**/join/")

"""What a person reads when a device or the way into the room fails, and the one touch that mends it."""

import pytest
from playwright.sync_api import Locator, Page, expect

from sessions.models import RoomSnapshot
from tests.browser.accessibility import check_axe
from tests.browser.conftest import PHONE, WIDE
from tests.browser.devices import wait_until
from tests.browser.line import LED_AROUND
from tests.browser.room.pages import go_in, join_page, notice, press, seat, tick, title

NOWHERE = 9  # a port where nobody answers

# The page's own tracks, so that a test can do to them what a telephone or a cable does.
OWN_TRACKS = """() => {
  window.testTracks = {};
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await ask(wanted);
    for (const track of stream.getTracks()) window.testTracks[track.kind] = track;
    return stream;
  };
}"""
UNPLUG = """(kind) => {
  const track = window.testTracks[kind];
  track.stop();
  track.dispatchEvent(new Event("ended"));
}"""
HOLD = """([kind, held]) => {
  const track = window.testTracks[kind];
  Object.defineProperty(track, "muted", { value: held, configurable: true });
  track.dispatchEvent(new Event(held ? "mute" : "unmute"));
}"""


@pytest.fixture
def own(enter):
    """`own("max")` is Max's page in the room, whose tracks a test can reach."""
    return lambda key: enter(key, before=lambda page: page.add_init_script(f"({OWN_TRACKS})()"))


def muted(page: Page, name: str) -> Locator:
    """The sign at a seat that its microphone is off."""
    return seat(page, name).locator("[data-muted]:not([hidden])")


def test_an_unplugged_microphone_is_said_and_one_touch_away(enter, own) -> None:
    lea, max_ = enter("lea"), own("max")
    press(lea, "Begin")
    expect(muted(lea, "Max")).to_have_count(0)

    max_.evaluate(UNPLUG, "audio")
    expect(notice(max_)).to_have_text("Your microphone is gone. Plug it in, or take another one. Your seat is kept.")
    expect(muted(lea, "Max")).to_have_count(1)
    check_axe(max_)
    press(max_, "Devices")
    expect(max_.get_by_role("dialog", name="Devices")).to_be_visible()
    max_.keyboard.press("Escape")
    press(max_, "Use the microphone again")

    expect(notice(max_)).to_be_hidden()
    expect(max_.get_by_role("button", name="Mic on")).to_be_visible()
    expect(muted(lea, "Max")).to_have_count(0)


def test_an_unplugged_camera_too(own) -> None:
    max_ = own("max")
    expect(max_.get_by_role("button", name="Camera on")).to_be_visible()

    max_.evaluate(UNPLUG, "video")
    expect(notice(max_)).to_have_text("Your camera is gone. Plug it in, or take another one. You are still heard.")
    press(max_, "Use the camera again")

    expect(notice(max_)).to_be_hidden()
    expect(max_.get_by_role("button", name="Camera on")).to_be_visible()


def test_a_call_on_the_phone_holds_the_microphone_and_gives_it_back(own) -> None:
    max_ = own("max")
    expect(max_.get_by_role("button", name="Mic on")).to_be_visible()

    max_.evaluate(HOLD, ["audio", True])
    expect(notice(max_)).to_contain_text("Something else holds your microphone, perhaps a call.")
    expect(max_.get_by_role("button", name="Use the microphone again")).to_be_visible()
    expect(max_.get_by_role("button", name="Mic off")).to_be_visible()
    max_.evaluate(HOLD, ["audio", False])

    expect(notice(max_)).to_be_hidden()
    expect(max_.get_by_role("button", name="Mic on")).to_be_visible()


def test_a_microphone_that_was_forbidden_meanwhile_is_said(own) -> None:
    max_ = own("max")
    devtools = max_.context.new_cdp_session(max_)
    expect(max_.get_by_role("button", name="Mic on")).to_be_visible()

    profile = devtools.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    forbidden = {"permission": {"name": "microphone"}, "setting": "denied", "browserContextId": profile}
    devtools.send("Browser.setPermission", forbidden)

    expect(notice(max_)).to_have_text("The browser keeps your microphone closed. You can allow it, or only listen.")
    expect(max_.get_by_role("button", name="Use the microphone again")).to_be_visible()
    expect(max_.locator("[data-room][data-connected]")).to_be_visible()


def panel(page: Page, heading: str) -> None:
    """The panel with this heading comes, after ten seconds and not before."""
    shown = page.get_by_role("region", name="Getting in")
    page.wait_for_timeout(500)
    expect(shown).to_be_hidden()
    page.clock.fast_forward(10_000)
    expect(shown.get_by_role("heading")).to_have_text(heading)


@pytest.fixture
def telephone(session) -> str:
    session.group.telephone = "+49 30 1234567"
    session.group.save()
    return session.group.telephone


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_who_gets_no_voices_reads_why_and_whom_to_call(person, session, telephone, size) -> None:
    def before(page: Page) -> None:
        page.clock.install()
        page.add_init_script(f"({LED_AROUND})({NOWHERE})")

    max_ = go_in(person("max", before=before, viewport=size), session)

    panel(max_, "No voices come through")
    expect(max_.get_by_role("link", name=telephone)).to_have_attribute("href", "tel:+49301234567")
    expect(max_.get_by_role("button", name="Load it again")).to_be_visible()
    check_axe(max_)
    press(max_, "Close")
    expect(max_.get_by_role("region", name="Getting in")).to_be_hidden()


def test_who_waits_at_the_door_misses_no_voices(person, session) -> None:
    RoomSnapshot.objects.filter(session=session).delete()  # nobody was in before
    max_ = go_in(person("max", before=lambda page: page.clock.install()), session)

    for _ in range(3):
        max_.clock.run_for(5_000)

    expect(title(max_)).to_have_text("Lea or Cole will let you in")
    expect(max_.get_by_role("region", name="Getting in")).to_be_hidden()


def test_who_never_gets_in_reads_what_to_do(person, session) -> None:
    def before(page: Page) -> None:
        page.clock.install()
        page.route_web_socket("**/room/**", lambda line: None)  # it opens, and nobody is there

    max_ = join_page(person("max", before=before), session)
    tick(max_)
    press(max_, "Go in")

    panel(max_, "The room does not answer just now")
    load_again = max_.get_by_role("button", name="Load it again")
    expect(load_again).to_be_visible()
    max_.route("**/node/", lambda route: route.abort())
    expect(max_.get_by_role("heading", name="Your line is gone")).to_be_visible()
    expect(load_again).to_be_hidden()
    help_ = max_.get_by_role("region", name="Getting in")
    expect(help_).not_to_contain_text("oad this page again", use_inner_text=True)
    expect(help_.get_by_role("link")).to_have_count(0)


# A browser that takes `testLateMs` to open a device, and what it has opened.
SLOW = """() => {
  window.testOpened = [];
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    await new Promise((resolve) => setTimeout(resolve, window.testLateMs ?? 0));
    const stream = await ask(wanted);
    window.testOpened.push(...stream.getTracks());
    return stream;
  };
}"""
LIVE = "(kind) => window.testOpened.filter((track) => track.kind === kind && track.readyState === 'live').length"
TOUCH = "(act) => document.querySelector(`[data-act=${act}]`).click()"


def test_a_device_that_opens_late_is_never_left_open(enter) -> None:
    """A light that stays on beside a camera that is said to be off would be hard to explain."""
    max_ = enter("max", before=lambda page: page.add_init_script(f"({SLOW})()"))
    wait_until(max_, "the camera is open", lambda: max_.evaluate(LIVE, "video") == 1)
    max_.evaluate("testLateMs = 300, testOpened.forEach((track) => track.stop())")
    opened = max_.evaluate("testOpened.length")

    for _ in range(2):
        max_.evaluate(TOUCH, "camera")
    wait_until(max_, "both came", lambda: max_.evaluate("testOpened.length") == opened + 2)
    assert max_.evaluate(LIVE, "video") == 1

    max_.evaluate(TOUCH, "microphone")
    max_.evaluate(TOUCH, "leave")
    wait_until(max_, "it came", lambda: max_.evaluate("testOpened.length") == opened + 3)
    assert [max_.evaluate(LIVE, kind) for kind in ("audio", "video")] == [0, 0]


KEEPS_NOTHING = """() => {
  const set = Storage.prototype.setItem;
  Storage.prototype.setItem = function (...item) {
    if (this === localStorage) throw new DOMException("no room", "QuotaExceededError");
    return set.apply(this, item);
  };
}"""


def test_a_wish_holds_in_a_browser_that_keeps_nothing(enter) -> None:
    max_ = enter("max", before=lambda page: page.add_init_script(f"({KEEPS_NOTHING})()"))

    max_.evaluate("document.querySelector('[data-option=voicesOnly]').click()")

    expect(notice(max_)).to_contain_text("voices", ignore_case=True)

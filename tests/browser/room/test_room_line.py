"""What comes to a page and what it sends: pictures in sight, voices only, saved data, chosen devices."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.accessibility import check_axe
from tests.browser.conftest import PHONE
from tests.browser.devices import give_devices, heard_by, wait_until
from tests.browser.room.pages import Said, go_in, keep_peers, notice, press, seat


def give(name: str) -> Callable[[Page], None]:
    return lambda page: give_devices(page, name)


# -- tiles -------------------------------------------------------------------------------------------------------------


def faces(page: Page) -> dict[str, int]:
    """The heights of everybody's face but mine, by seat, as the page lays them out."""
    measure = """() => Object.fromEntries([...document.querySelectorAll("[data-seats] > :not([data-self])")].map(
      (seat) => [seat.dataset.seat, seat.querySelector(".seat__face").offsetHeight * devicePixelRatio]))"""
    return page.evaluate(measure)


def test_a_page_states_the_pictures_in_sight_and_how_high_they_are(enter, person, session) -> None:
    said = Said()
    max_ = go_in(person("max", before=said.listen), session)
    wait_until(max_, "every face is stated", lambda: said.tiles() == faces(max_))

    max_.set_viewport_size({"width": 1920, "height": 1080})

    wait_until(max_, "the larger faces are stated", lambda: said.tiles() == faces(max_))
    assert len(faces(max_)) == 3


def test_who_speaks_large_in_the_middle_of_a_phone_is_stated_with_that_height(enter, person, session) -> None:
    said = Said()
    lea = enter("lea")
    max_ = go_in(person("max", before=said.listen, viewport=PHONE, device_scale_factor=2), session)
    press(lea, "Begin")
    expect(max_.get_by_text("Lea speaks")).to_be_visible()

    large = max_.locator(".heart__face[data-face]").evaluate("face => face.offsetHeight * devicePixelRatio")

    small = faces(max_)
    leas = seat(max_, "Lea").get_attribute("data-seat")
    wait_until(max_, "the large picture is stated", lambda: said.tiles() == small | {leas: large})
    assert large > small[leas]


def test_voices_only_is_one_touch_away_from_pictures_and_outlasts_a_reload(enter, person, session) -> None:
    lea, max_ = enter("lea"), enter("max")
    press(lea, "Begin")
    expect(seat(max_, "Lea").locator("video")).to_be_visible()
    press(max_, "More")

    max_.get_by_label("Voices only").check()
    max_.reload()

    expect(notice(max_)).to_have_text("Voices only: no pictures come to you.")
    expect(seat(max_, "Max").locator("video")).to_be_visible()
    expect(seat(max_, "Lea").locator("video")).to_be_hidden()
    press(max_, "Show pictures")
    expect(seat(max_, "Lea").locator("video")).to_be_visible()
    expect(notice(max_)).to_be_hidden()


def rows(page: Page, type_: str, kind: str) -> list[dict]:
    """What the page's connection counts."""
    found = page.evaluate("async () => [...((await window.testPeers.at(-1)?.getStats()) ?? new Map()).values()]")
    return [row for row in found if (row["type"], row.get("kind")) == (type_, kind)]


def is_idle(page: Page) -> bool:
    """Whether a second passes without a byte of a picture."""
    before = sum(row["bytesReceived"] for row in rows(page, "inbound-rtp", "video"))
    page.wait_for_timeout(1_000)
    return sum(row["bytesReceived"] for row in rows(page, "inbound-rtp", "video")) == before


def test_with_voices_only_no_picture_comes_and_ones_own_still_goes(person, session) -> None:
    lea, max_ = (go_in(person(key.lower(), before=give(key)), session) for key in ("Lea", "Max"))
    press(lea, "Begin")
    expect(seat(max_, "Lea").locator("video")).to_be_visible()
    press(max_, "More")

    max_.get_by_label("Voices only").check()

    wait_until(max_, "no picture comes", lambda: is_idle(max_))
    wait_until(max_, "voices do", lambda: "Lea" in heard_by(max_))
    assert not is_idle(lea)
    expect(seat(lea, "Max").locator("video")).to_be_visible()


def test_saving_data_brings_small_pictures_only(person, session) -> None:
    lea = go_in(person("lea", before=give("Lea")), session)
    max_ = go_in(person("max", before=give("Max"), device_scale_factor=3), session)
    press(lea, "Begin")

    def heights() -> list[int]:
        return [row["frameHeight"] for row in rows(max_, "inbound-rtp", "video") if row.get("framesDecoded")]

    wait_until(max_, "a large picture comes", lambda: heights() == [360])
    press(max_, "More")

    max_.get_by_label("Save data").check()
    max_.keyboard.press("Escape")

    expect(notice(max_)).to_have_text("Saving data: pictures come small.")
    wait_until(max_, "a small one comes", lambda: heights() == [180])
    max_.reload()
    expect(notice(max_)).to_have_text("Saving data: pictures come small.")
    press(max_, "Full pictures")
    wait_until(max_, "the large one is back", lambda: heights() == [360])


def test_more_says_how_much_the_line_carries_in_an_hour(enter) -> None:
    max_ = enter("max")
    press(max_, "More")

    words = re.compile(r"^Your line carries about \d+ MB an hour now, both ways\.$")
    expect(max_.locator("[data-usage]")).to_have_text(words)


PER_HOUR = """async (looks) => {
  const { Usage } = await import("/static/js/room/usage.js");
  const usage = new Usage();
  for (const [second, peer, carriedBytes] of looks) usage.add({ peer, carriedBytes }, 1000 * second);
  return usage.perHour;
}"""


def test_an_hour_is_reckoned_from_the_last_minute_across_connections(visitor) -> None:
    page = visitor()
    page.goto("/")

    def per_hour(*looks: tuple[int, str, int]) -> float | None:
        return page.evaluate(PER_HOUR, looks)

    assert per_hour((0, "a", 0), (4, "a", 400_000)) is None
    assert per_hour((0, "a", 5_000_000), (10, "a", 6_000_000)) == 360
    assert per_hour((0, "a", 0), (4, "a", 400_000), (5, "b", 0), (10, "b", 600_000)) == 360
    assert per_hour((0, "a", 0), (10, "a", 9_000_000), (70, "a", 9_600_000)) == 36


# -- pictures that pause -----------------------------------------------------------------------------------------------


class Saying:
    """On the way to a page: what the node says of every picture is changed, to see what the page makes of it."""

    def __init__(self, **of_a_picture: object) -> None:
        self.of_a_picture = of_a_picture
        self.said = False

    def listen(self, page: Page) -> None:
        page.route_web_socket(re.compile("/room/"), self._tell)

    def _tell(self, line: WebSocketRoute) -> None:
        def to_page(text: str) -> None:
            message = json.loads(text)
            for slot in message.get("slots", []):
                if slot["kind"] == "video" and slot["seat"]:
                    slot |= self.of_a_picture
                    self.said = True
            line.send(json.dumps(message))

        line.connect_to_server().on_message(to_page)


@pytest.mark.parametrize(
    ("pause", "words"),
    [("line", "picture paused: slow line"), ("theirs", "picture paused: their line is slow")],
)
def test_a_picture_that_is_kept_back_says_whose_line_is_slow(enter, person, session, pause, words) -> None:
    lea, max_ = enter("lea"), go_in(person("max", before=Saying(pause=pause).listen), session)

    press(lea, "Begin")

    expect(seat(max_, "Lea")).to_contain_text(words)
    expect(seat(max_, "Lea").locator("video")).to_be_hidden()
    expect(seat(max_, "Max").locator("video")).to_be_visible()
    check_axe(max_)


def test_before_the_beginning_nobody_is_seen_and_nothing_is_amiss(enter, person, session) -> None:
    node = Saying(pause="theirs")
    enter("lea")
    max_ = go_in(person("max", before=node.listen), session)

    wait_until(max_, "the node says that a picture pauses", lambda: node.said)

    expect(max_.locator("[data-seat][data-camera]")).to_have_count(2)
    expect(seat(max_, "Lea")).to_contain_text("leads")


def test_a_picture_that_comes_lying_is_stood_up(enter, person, session) -> None:
    lea, max_ = enter("lea"), go_in(person("max", before=Saying(turn=90).listen), session)

    press(lea, "Begin")

    expect(seat(max_, "Lea").locator("video")).to_have_css("rotate", "90deg")
    expect(seat(max_, "Max").locator("video")).to_have_css("rotate", "none")


CARRY = """active => {
  const { sender } = window.testPeers.at(-1).getTransceivers().find(({ sender }) => sender.track?.kind === "video");
  const parameters = sender.getParameters();
  for (const encoding of parameters.encodings) encoding.active = active;
  return sender.setParameters(parameters);
}"""


def test_no_face_stands_frozen_when_its_frames_stop(person, session, enter) -> None:
    lea, max_ = go_in(person("lea", before=keep_peers), session), enter("max")
    press(lea, "Begin")
    leas = seat(max_, "Lea")
    expect(leas.locator("video")).to_be_visible()

    lea.evaluate(CARRY, False)

    expect(leas).to_contain_text("picture paused")
    expect(leas.locator("video")).to_be_hidden()
    lea.evaluate(CARRY, True)
    expect(leas.locator("video")).to_be_visible()
    expect(leas).not_to_contain_text("picture paused")


# -- devices -----------------------------------------------------------------------------------------------------------

SENT = "device => window.testPeers.at(-1)?.getSenders().find(({ track }) => track?.kind === device)?.track"


def sent_label(page: Page, kind: str) -> str:
    return page.evaluate(f"kind => ({SENT})(kind)?.label ?? ''", kind)


def test_a_voice_is_sent_without_echo_and_noise_and_at_an_even_level(person, session) -> None:
    max_ = go_in(person("max", before=keep_peers), session)
    wait_until(max_, "a microphone is sent", lambda: sent_label(max_, "audio"))

    settings = max_.evaluate(f"() => ({SENT})('audio').getSettings()")

    wanted = ("echoCancellation", "noiseSuppression", "autoGainControl")
    assert [settings[name] for name in wanted] == [True, True, True]


def pick(page: Page, device: str, label: str) -> None:
    press(page, "More")
    press(page, "Devices")
    page.get_by_role("dialog").get_by_label(device).select_option(label=label)
    page.keyboard.press("Escape")


def test_another_microphone_is_chosen_inside_the_room_and_outlasts_a_reload(person, session) -> None:
    max_ = go_in(person("max", before=keep_peers), session)

    pick(max_, "Microphone", "Fake Audio Input 2")

    wait_until(max_, "the other one is sent", lambda: sent_label(max_, "audio") == "Fake Audio Input 2")
    max_.reload()
    expect(max_.get_by_role("button", name="Mic on")).to_be_visible()
    wait_until(max_, "it is sent again", lambda: sent_label(max_, "audio") == "Fake Audio Input 2")


def test_choosing_a_device_that_is_off_does_not_turn_it_on(person, session) -> None:
    max_ = go_in(person("max", before=keep_peers), session)
    press(max_, "Mic on")

    pick(max_, "Microphone", "Fake Audio Input 2")

    assert max_.evaluate(f"() => ({SENT})('audio').readyState") == "ended"
    press(max_, "Mic off")
    wait_until(max_, "the chosen one is sent", lambda: sent_label(max_, "audio") == "Fake Audio Input 2")


def test_voices_come_from_the_chosen_loudspeaker_also_after_a_reload(person, session) -> None:
    max_ = go_in(person("max"), session)
    sinks = "() => [...new Set([...document.querySelectorAll('[data-sound] audio')].map(({ sinkId }) => sinkId))]"

    pick(max_, "Loudspeaker", "Fake Audio Output 1")

    chosen = max_.locator("#pick-speaker").input_value()
    wait_until(max_, "all voices moved", lambda: max_.evaluate(sinks) == [chosen])
    max_.reload()
    wait_until(max_, "all voices are there again", lambda: max_.evaluate(sinks) == [chosen])


PLAYED = """() => {
  window.testPlayed = [];
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    if (!this.isConnected) window.testPlayed.push(this.sinkId);
    return play.call(this);
  };
}"""


def test_a_soft_sound_tries_the_chosen_loudspeaker(person, session) -> None:
    max_ = go_in(person("max", before=lambda page: page.add_init_script(f"({PLAYED})()")), session)
    pick(max_, "Loudspeaker", "Fake Audio Output 2")
    chosen = max_.locator("#pick-speaker").input_value()
    press(max_, "More")
    press(max_, "Devices")

    press(max_, "Play a sound")

    wait_until(max_, "it sounds there", lambda: max_.evaluate("() => window.testPlayed") == [chosen])


SLOW = """() => {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await ask(wanted);
    await new Promise((done) => { window.testOpen = done; });
    window.testTracks = stream.getTracks();
    return stream;
  };
}"""


def test_a_device_that_opens_after_someone_came_in_is_closed_again(person, session) -> None:
    max_ = go_in(person("max"), session, "Only listen")
    max_.evaluate(SLOW)
    press(max_, "Mic off")
    wait_until(max_, "the microphone is opening", lambda: max_.evaluate("() => 'testOpen' in window"))

    press(max_, "Someone came in")
    max_.evaluate("() => window.testOpen()")

    wait_until(max_, "it has opened", lambda: max_.evaluate("() => 'testTracks' in window"))
    wait_until(max_, "it is closed", lambda: max_.evaluate("() => testTracks[0].readyState === 'ended'"))
    expect(max_.get_by_role("button", name="Mic off")).to_be_visible()


# A platform that can blur: Chromium's fake camera cannot.
CAN_BLUR = """() => {
  const track = MediaStreamTrack.prototype;
  const { getCapabilities, applyConstraints } = track;
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const asked = (window.testAsked = []);
  track.getCapabilities = function () { return { ...getCapabilities.call(this), backgroundBlur: [true, false] }; };
  track.applyConstraints = function (wanted) {
    asked.push(wanted.backgroundBlur);
    return applyConstraints.call(this, wanted);
  };
  navigator.mediaDevices.getUserMedia = (wanted) => {
    asked.push(wanted.video?.backgroundBlur);
    return ask(wanted);
  };
}"""


def test_blur_is_offered_where_the_camera_can_and_remembered(person, session) -> None:
    max_ = go_in(person("max", before=lambda page: page.add_init_script(f"({CAN_BLUR})()")), session)
    press(max_, "More")
    press(max_, "Devices")

    max_.get_by_label("Blur what is behind me").check()

    assert max_.evaluate("() => testAsked.at(-1)") is True
    max_.reload()
    expect(max_.get_by_role("button", name="Camera on")).to_be_visible()
    assert max_.evaluate("() => testAsked") == [True]


def test_a_camera_that_cannot_blur_offers_none(enter) -> None:
    max_ = enter("max")
    press(max_, "More")
    press(max_, "Devices")

    expect(max_.get_by_label("Camera")).to_be_visible()
    expect(max_.get_by_label("Blur what is behind me")).to_be_hidden()


def test_a_chosen_device_that_is_gone_gives_way_to_another(person, session) -> None:
    def chose_before(page: Page) -> None:
        keep_peers(page)
        page.add_init_script("""localStorage.setItem("balint.preferences", '{"microphone": "pulled out"}')""")

    max_ = go_in(person("max", before=chose_before), session)

    expect(max_.get_by_role("button", name="Mic on")).to_be_visible()
    wait_until(max_, "another is sent", lambda: sent_label(max_, "audio") == "Fake Default Audio Input")

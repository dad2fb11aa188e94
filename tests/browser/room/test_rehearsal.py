"""Trying voice and line in a real browser: the echo, the test through the room node, and who learns of it."""

import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Request, WebSocketRoute, expect

from groups.models import Doctor, Group
from sessions.line import Measured
from sessions.models import LineCheck
from sessions.protocol import CLOSE
from tests.browser.accessibility import check_axe
from tests.browser.conftest import PHONE, WIDE
from tests.browser.devices import wait_until
from tests.browser.line import Line
from tests.browser.room.pages import join_page, press
from tests.browser.room.test_join_page import REFUSE

VERDICT_MS = 40_000

# What the page keeps, sends and plays: the loudest sample that any playing element carried, and every way out.
WATCH = """() => {
  window.testPlayed = 0;
  window.testKept = [];
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    if (this.srcObject) {
      const context = new AudioContext();
      const analyser = new AnalyserNode(context, { fftSize: 2048 });
      new MediaStreamAudioSourceNode(context, { mediaStream: this.srcObject }).connect(analyser);
      const samples = new Float32Array(2048);
      setInterval(() => {
        analyser.getFloatTimeDomainData(samples);
        window.testPlayed = Math.max(window.testPlayed, ...samples.map(Math.abs));
      }, 30);
    }
    return play.call(this);
  };
  const ways = [
    [URL, "createObjectURL"], [Storage.prototype, "setItem"], [IDBFactory.prototype, "open"],
    [window, "fetch"], [navigator, "sendBeacon"], [WebSocket.prototype, "send"],
    [RTCPeerConnection.prototype, "addTransceiver"],
  ];
  for (const [owner, name] of ways) {
    const act = owner[name];
    owner[name] = function (...args) { window.testKept.push(name); return act.apply(this, args); };
  }
}"""


def watched(page: Page) -> None:
    page.add_init_script(f"({WATCH})()")


def without_devices(page: Page) -> None:
    page.add_init_script(f"({REFUSE})('NotFoundError')")


def verdict(page: Page) -> Any:
    return page.locator("[data-line-result]")


def try_line(page: Page, words: str) -> None:
    press(page, "Test my line")
    expect(verdict(page)).to_contain_text(words, timeout=VERDICT_MS)


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "dark"), (PHONE, "light")], ids=["wide", "phone"])
def test_one_hears_oneself_and_nothing_of_it_stays(person, scheme, size) -> None:
    page = person("max", before=watched, color_scheme=scheme, viewport=size)
    page.goto("/rehearsal/", wait_until="networkidle")
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))

    press(page, "Say a sentence")
    expect(page.locator("[data-echo-words]")).to_have_text("We listen. Say a sentence.")
    page.wait_for_timeout(1_500)
    press(page, "That was it")

    expect(page.locator("[data-echo-words]")).to_contain_text("Forgotten.")
    assert page.evaluate("window.testPlayed") > 0.01
    assert page.evaluate("window.testKept") == []
    assert sent == []
    check_axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


# A browser that opens devices late, counts who listens, and can play nothing.
UNWILLING = """() => {
  window.testListening = 0;
  window.testContexts = [];
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    return ask(wanted);
  };
  const start = MediaRecorder.prototype.start;
  MediaRecorder.prototype.start = function () { window.testListening++; return start.call(this); };
  const Context = window.AudioContext;
  window.AudioContext = class extends Context {
    constructor(...args) { super(...args); window.testContexts.push(this); }
  };
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    return this.isConnected ? play.call(this) : Promise.reject(new DOMException("", "NotSupportedError"));
  };
}"""


@pytest.fixture
def unwilling(person) -> Page:
    page = person("max", before=lambda page: page.add_init_script(f"({UNWILLING})()"))
    page.goto("/rehearsal/", wait_until="networkidle")
    return page


def test_two_touches_listen_once(unwilling) -> None:
    for _ in range(2):
        unwilling.evaluate("document.querySelector('[data-echo]').click()")

    expect(unwilling.locator("[data-echo-words]")).to_have_text("We listen. Say a sentence.")
    unwilling.wait_for_timeout(1_000)

    assert unwilling.evaluate("testListening") == 1


def test_a_sound_that_cannot_be_played_leaves_nothing_open(unwilling) -> None:
    unwilling.evaluate("document.querySelector('[data-chime]').click()")

    last = "testContexts.at(-1).state"
    wait_until(unwilling, "it is closed", lambda: unwilling.evaluate(last) == "closed")


def test_a_line_is_tried_without_devices_and_the_leader_reads_that_it_is_ready(person, session) -> None:
    LineCheck.objects.all().delete()
    lea = person("lea")
    max_ = person("max", before=without_devices, viewport=PHONE, color_scheme="dark")
    lea.goto(f"/groups/{session.group_id}/")
    line = lea.locator(".waits__item").filter(has_text="Max Sommer")
    expect(line).to_contain_text("Line not tried yet")

    max_.goto("/rehearsal/")
    press(max_, "Say a sentence")
    expect(max_.locator("[data-echo-words]")).to_contain_text("Your microphone is closed.")
    try_line(max_, "All voices")

    check_axe(max_)
    assert max_.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    lea.reload()
    expect(line).to_contain_text("Line ready")
    max_.goto(f"/groups/{session.group_id}/")
    expect(max_.get_by_text("Line ready")).to_have_count(1)
    expect(max_.get_by_text("Line not tried yet")).to_have_count(0)


def test_a_network_that_lets_no_media_through_may_have_trouble(app, person, session) -> None:
    line = Line(app.media_port)
    pia = join_page(person("pia", before=lambda page: line.lead(page.context)), session)
    line.cut()
    pia.get_by_text("Try your camera, microphone and line").click()

    try_line(pia, "Your line may not carry the voices: try another network or telephone.")

    expect(verdict(pia)).to_contain_text("Line may have trouble")
    line.close()


def test_a_node_that_has_enough_to_do_says_so_and_keeps_nothing(person) -> None:
    LineCheck.objects.all().delete()
    max_ = person("max", before=lambda page: page.route_web_socket(re.compile("/rehearsal/"), refuse))
    max_.goto("/rehearsal/")

    press(max_, "Test my line")

    expect(max_.locator("[data-line-words]")).to_have_text("Others are testing now. Try again in a minute.")
    expect(max_.get_by_role("button", name="Test my line")).to_be_enabled()
    assert LineCheck.objects.count() == 0


def test_where_the_room_cannot_be_reached_the_former_result_stays(person, session) -> None:
    Group.objects.filter(pk=session.group_id).update(telephone="+49 30 1234567")
    doctor = Doctor.objects.get(user__email="max@example.org")
    LineCheck.keep(doctor, Measured(480_000, 940_000, 40, 3, 0.1), timezone.now())
    max_ = person(
        "max", before=lambda page: page.route_web_socket(re.compile("/rehearsal/"), lambda line: line.close())
    )
    max_.goto("/rehearsal/")

    press(max_, "Test my line")

    expect(max_.locator("[data-line-words]")).to_contain_text("The room could not be reached.")
    expect(max_.get_by_role("link", name="+49 30 1234567").first).to_be_visible()
    expect(verdict(max_)).to_contain_text("All voices")
    expect(verdict(max_)).to_be_visible()
    check_axe(max_)


def refuse(line: WebSocketRoute) -> None:
    line.close(code=CLOSE["busy"])

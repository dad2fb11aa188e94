"""Trying voice and line in a real browser: the echo, the test through the room node, and who learns of it."""

from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from sessions.models import LineCheck
from tests.browser.accessibility import check_axe
from tests.browser.conftest import PHONE, WIDE
from tests.browser.room.pages import press

VERDICT_MS = 25_000

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


def test_a_line_is_tried_and_the_leader_reads_that_it_is_ready(person, session) -> None:
    LineCheck.objects.all().delete()
    lea, max_ = person("lea"), person("max", viewport=PHONE, color_scheme="dark")
    lea.goto(f"/groups/{session.group_id}/")
    line = lea.locator(".waits__item").filter(has_text="Max Sommer")
    expect(line).to_contain_text("Line not tried yet")

    max_.goto("/rehearsal/")
    try_line(max_, "All voices, pictures of about eleven people.")

    check_axe(max_)
    lea.reload()
    expect(line).to_contain_text("Line ready")
    max_.goto(f"/groups/{session.group_id}/")
    expect(max_.get_by_text("Line ready")).to_have_count(1)
    expect(max_.get_by_text("Line not tried yet")).to_have_count(0)

"""Care for the voice on a slow line up: the picture is given up first, in two steps, and tried again with patience."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS
from tests.browser.devices import give_devices, heard_by, wait_until
from tests.browser.narrow import NarrowLine
from tests.browser.room.pages import go_in, notice, press, seat

# -- the rule ----------------------------------------------------------------------------------------------------------

# One reading a second of a line, which may depend on the layers that go up: how many go up, and for how many seconds.
A_WORD = 10  # packets; a busy machine itself may lose one or two
RUN = """async (seconds) => {
  const { carefree, next } = await import("/static/js/room/uplink.js");
  const line = (layers, second) => ({ roomBps: 2_000_000, lost: 0, tripMs: 40, ...(%s) });
  const runs = [];
  let care = carefree(0);
  for (let second = 1; second <= seconds; second++) {
    care = next(care, line(care.layers, second), second * 1000);
    if (runs.at(-1)?.[0] === care.layers) runs.at(-1)[1]++;
    else runs.push([care.layers, 1]);
  }
  return runs;
}"""


NEVER = [[2, 60]]
STEPS = {
    "a good line carries both layers": ("{}", NEVER),
    "what is not counted is not held against a line": ("{ roomBps: null, lost: null, tripMs: null }", NEVER),
    "a line that loses a tenth carries both": ("{ lost: 0.1 }", NEVER),
    "one bad second is none": ("{ lost: second === 10 ? 0.5 : 0 }", NEVER),
    "room for one layer": (
        "{ roomBps: layers > 1 ? 200_000 : 300_000 }",
        [[2, 7], [1, 10], [2, 8], [1, 20], [2, 8], [1, 7]],
    ),
    "room for a voice": (
        "{ roomBps: 90_000, lost: layers ? 0.3 : 0 }",
        [[2, 4], [0, 10], [1, 3], [0, 20], [1, 3], [0, 20]],
    ),
    "no room for a picture, though nothing is lost": (
        "{ roomBps: 90_000 }",
        [[2, 7], [0, 10], [1, 3], [0, 20], [1, 3], [0, 17]],
    ),
    "an estimate that dips on a line that loses nothing": ("{ roomBps: layers > 1 ? 2_000_000 : 90_000 }", NEVER),
    "a full queue": (
        "{ tripMs: layers > 1 && second > 20 ? 900 : 40 }",
        [[2, 22], [1, 10], [2, 5], [1, 20], [2, 3]],
    ),
    "no trial while the voice itself suffers": ("{ lost: 0.22 }", [[2, 4], [1, 5], [0, 51]]),
}


@pytest.mark.parametrize(("line", "runs"), STEPS.values(), ids=STEPS.keys())
def test_the_picture_gives_way_to_the_voice(visitor, line, runs) -> None:
    page = visitor()
    page.goto("/")

    assert page.evaluate(RUN % line, 60) == runs


def test_each_failed_trial_doubles_the_patience_up_to_a_bound(visitor) -> None:
    page = visitor()
    page.goto("/")

    runs = page.evaluate(RUN % "{ lost: layers ? 0.3 : 0 }", 700)

    assert [seconds for layers, seconds in runs[:-1] if layers == 0] == [10, 20, 40, 80, 160, 160, 160]


# -- the line ----------------------------------------------------------------------------------------------------------

COUNTED = "async () => [...(await window.testPeers.at(-1).getStats()).values()]"


def counted(page: Page, kind: str, type_: str = "outbound-rtp") -> list[dict]:
    return [row for row in page.evaluate(COUNTED) if (row["type"], row.get("kind")) == (type_, kind)]


def asked_for(page: Page) -> list[dict]:
    """The layers of the page's picture, as it wants them sent."""
    sender = "testPeers.at(-1).getSenders().find(({ track }) => track?.kind === 'video')"
    return page.evaluate(f"() => {sender}.getParameters().encodings")


def test_the_picture_goes_up_in_two_layers(person, session) -> None:
    lea = go_in(person("lea", before=lambda page: give_devices(page, "Lea")), session)
    press(lea, "Begin")

    def sent() -> dict[str, tuple[int, int]]:
        rows = [row for row in counted(lea, "video") if row["framesSent"] > 10]
        return {row["rid"]: (row["frameWidth"], row["frameHeight"]) for row in rows}

    wait_until(lea, "both layers run", lambda: sent() == {"l": (320, 180), "h": (640, 360)})
    most = {layer["rid"]: (layer["maxBitrate"], layer["maxFramerate"]) for layer in asked_for(lea)}
    assert most == {"l": (60_000, 12), "h": (220_000, 15)}


# Once, the browser does not take other encodings.
CARRY = """async () => {
  const { Sending } = await import("/static/js/room/sending.js");
  const take = RTCRtpSender.prototype.setParameters;
  let unwilling = true;
  RTCRtpSender.prototype.setParameters = function (parameters) {
    if (!unwilling) return take.call(this, parameters);
    unwilling = false;
    return Promise.reject(new DOMException("", "OperationError"));
  };
  const sending = new Sending(Object.assign(new EventTarget(), { tracks: {} }));
  const peer = new RTCPeerConnection();
  sending.begin(peer);
  const carried = [];
  for (let reading = 0; reading < 3; reading++) {
    sending.carry(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    carried.push(sending.senders.camera.getParameters().encodings.map(({ active }) => active));
  }
  peer.close();
  return carried;
}"""


def test_what_the_browser_did_not_take_is_tried_again(visitor) -> None:
    page = visitor()
    page.goto("/")

    assert page.evaluate(CARRY) == [[True, True], [True, False], [True, False]]


@pytest.fixture
def narrow() -> Iterator[NarrowLine]:
    line = NarrowLine()
    line.start()
    yield line
    line.end()


def lost_by(page: Page) -> int:
    return sum(row["packetsLost"] for row in counted(page, "audio", "inbound-rtp"))


def is_whole(page: Page) -> bool:
    """Whether a second passes without a lost packet of a voice."""
    lost = lost_by(page)
    page.wait_for_timeout(1_000)
    return lost_by(page) == lost


def test_on_a_slow_line_my_picture_rests_my_voice_stays_and_later_both_are_back(person, session, narrow) -> None:
    def before(page: Page) -> None:
        narrow.stand_before(page)
        give_devices(page, "Max")

    lea = go_in(person("lea", before=lambda page: give_devices(page, "Lea")), session)
    max_ = go_in(person("max", before=before), session)
    narrow.lead_on(max_)
    press(lea, "Begin")
    expect(seat(lea, "Max").locator("video")).to_be_visible()

    narrow.up_bps = 100_000

    expect(notice(max_)).to_have_text(
        "Your line or computer cannot carry your picture now: it rests, so that your voice stays whole."
    )
    wait_until(max_, "no picture is sent", lambda: not any(layer["active"] for layer in asked_for(max_)))
    expect(seat(max_, "Max")).to_contain_text("your picture rests")
    expect(seat(lea, "Max")).to_contain_text("picture paused")
    expect(seat(lea, "Max").locator("video")).to_be_hidden()
    wait_until(lea, "the voice is whole", lambda: is_whole(lea))
    lost = lost_by(lea)
    wait_until(lea, "the voice is heard", lambda: "Max" in heard_by(lea))
    narrow.up_bps = None
    expect(seat(lea, "Max").locator("video")).to_be_visible(timeout=2 * PATIENCE_MS)
    expect(notice(max_)).to_be_hidden()
    assert lost_by(lea) - lost < A_WORD

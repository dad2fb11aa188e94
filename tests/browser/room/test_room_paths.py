"""When another way to the room node is looked for, by what the browser tells the page of the one there is."""

import re
import time

import pytest
from playwright.sync_api import Page

from tests.browser.devices import wait_until
from tests.browser.room.pages import Said, go_in, keep_peers

# What the browser says of the page's connection from now on.
STATE = """(state) => {
  const peer = window.testPeers.at(-1);
  Object.defineProperty(peer, "connectionState", { value: state, configurable: true });
  peer.dispatchEvent(new Event("connectionstatechange"));
}"""
CONNECTED = "() => window.testPeers.at(-1)?.connectionState === 'connected'"


class Offers(Said):
    def ways(self) -> list[str]:
        """Each offer's name for the way it looks for (RFC 8839, section 5.4)."""
        offers = [message["sdp"] for message in self.messages if message["type"] == "offer"]
        return [re.findall(r"a=ice-ufrag:(\S+)", sdp)[0] for sdp in offers]


@pytest.fixture
def said() -> Offers:
    return Offers()


@pytest.fixture
def max_(person, session, said: Offers) -> Page:
    def before(page: Page) -> None:
        keep_peers(page)
        said.listen(page)

    page = go_in(person("max", before=before), session)
    wait_until(page, "the media run", lambda: page.evaluate(CONNECTED))
    return page


def connections(page: Page) -> int:
    return int(page.evaluate("() => window.testPeers.length"))


def test_a_way_that_is_quiet_for_three_seconds_is_given_up_for_another(max_: Page, said: Offers) -> None:
    began = time.monotonic()
    max_.evaluate(STATE, "disconnected")

    wait_until(max_, "another way is looked for", lambda: len(set(said.ways())) == 2, 9)

    assert time.monotonic() - began > 2.5
    assert connections(max_) == 1


def test_in_another_network_another_way_is_looked_for_at_once(max_: Page, said: Offers) -> None:
    max_.evaluate("() => { window.dispatchEvent(new Event('online')); }")

    wait_until(max_, "another way is looked for", lambda: len(set(said.ways())) == 2, 3)
    assert connections(max_) == 1


# Something came a moment ago, and nothing comes any more.
SILENT = """() => {
  const until = performance.now() + 300;
  RTCRtpReceiver.prototype.getSynchronizationSources = () => [{ timestamp: Math.min(performance.now(), until) }];
  setTimeout(() => window.dispatchEvent(new Event("online")), 1_500);
}"""


def test_a_way_is_looked_for_again_until_something_comes(max_: Page, said: Offers) -> None:
    """A browser is told of a new network later than its page."""
    max_.evaluate(SILENT)

    wait_until(max_, "it was looked for four times", lambda: len(set(said.ways())) == 5, 9)
    assert connections(max_) == 1


def test_a_connection_that_failed_is_made_anew(max_: Page, said: Offers) -> None:
    max_.evaluate(STATE, "failed")

    wait_until(max_, "there is another", lambda: connections(max_) == 2, 3)
    wait_until(max_, "its media run", lambda: max_.evaluate(CONNECTED))


# The first answer does not fit; and what a closed connection is asked is refused, as some browsers do.
UNFIT = """() => {
  const peer = RTCPeerConnection.prototype;
  const { setRemoteDescription, close } = peer;
  let unfit = true;
  peer.setRemoteDescription = function (answer) {
    if (!unfit) return setRemoteDescription.call(this, answer);
    unfit = false;
    return Promise.reject(new DOMException("", "OperationError"));
  };
  const refuse = () => Promise.reject(new DOMException("", "InvalidStateError"));
  peer.close = function () {
    for (const sender of this.getSenders()) sender.replaceTrack = refuse;
    this.getStats = refuse;
    return close.call(this);
  };
}"""


def test_an_answer_that_does_not_fit_is_followed_by_a_new_connection(person, session) -> None:
    def before(page: Page) -> None:
        keep_peers(page)
        page.add_init_script(f"({UNFIT})()")

    max_ = go_in(person("max", before=before), session)

    states = "() => testPeers.map(({ connectionState }) => connectionState)"
    wait_until(max_, "it is there", lambda: max_.evaluate(states) == ["closed", "connected"])

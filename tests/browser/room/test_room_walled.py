"""Doctors behind a firewall, in the real app with the relay that deploy/ ships: media find the way that is left."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, Page
from pytest_django import DjangoDbBlocker

from launcher.services import chromium as find_chromium
from tests.browser.conftest import FLAGS, visiting
from tests.browser.devices import give_devices, heard_by, received_by, wait_until
from tests.browser.room.pages import go_in, logged_in, press, session_of
from tests.processes import App, running_app
from tests.relay import SECRET, missing, running_relay

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

NO_UDP = [
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--ignore-certificate-errors",  # the relay's certificate is its own
]

# As a firewall that lets TLS out to the relay and nothing to the room node.
NO_TCP = """(() => {
  const set = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
    return set.call(this, { type, sdp: sdp.replace(/^a=candidate:.* tcp .*\\r\\n/gm, "") });
  };
})()"""

# As where the operator has no relay. With one, Chromium takes what answers first.
NO_RELAY = """(() => {
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(options) { super({ ...options, iceServers: [] }); }
  };
})()"""

PATH = """async () => {
  const peer = window.testPeers.findLast(({ connectionState }) => connectionState === "connected");
  const rows = new Map([...(await peer.getStats())]);
  const transport = [...rows.values()].find(({ type }) => type === "transport");
  const ours = rows.get(rows.get(transport.selectedCandidatePairId).localCandidateId);
  return [ours.candidateType === "relay" ? "relay" : "own", ours.relayProtocol ?? ours.protocol];
}"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Iterator[App]:
    """An app of its own, which offers the relay. Its room node is at loopback, where coturn lets nobody unless told."""
    folder = tmp_path_factory.mktemp("walled")
    before = connection.settings_dict["NAME"]
    with running_relay(folder / "relay", "127.0.0.1", "--allow-loopback-peers") as relay:
        variables = {"SECRET_KEY": settings.SECRET_KEY, "TURN_URL": relay.url, "TURN_SECRET": SECRET}
        with running_app(folder / "data", settings=variables) as running, django_db_blocker.unblock():
            connection.close()
            connection.settings_dict["NAME"] = folder / "data" / "balint.sqlite3"
            yield running
            connection.close()
            connection.settings_dict["NAME"] = before


@pytest.fixture(scope="module")
def walled(chromium: Browser) -> Iterator[Browser]:
    """A browser that no UDP leaves."""
    browser = chromium.browser_type.launch(executable_path=find_chromium(), args=[*FLAGS, *NO_UDP])
    yield browser
    browser.close()


@pytest.fixture
def insider(app: App, walled: Browser) -> Iterator[Callable[..., Page]]:
    with visiting(app, walled) as (visit, _):
        yield visit


def enter(app: App, visitor: Callable[..., Page], name: str, session: object, script: str = "") -> Page:
    def prepare(page: Page) -> None:
        give_devices(page, name)
        page.add_init_script(script)

    return go_in(logged_in(app, visitor, name.lower(), prepare), session)


@pytest.mark.parametrize(
    ("script", "way"), [(NO_RELAY, ["own", "tcp"]), (NO_TCP, ["relay", "tls"])], ids=["no UDP", "TLS only"]
)
def test_who_sits_behind_a_firewall_is_there_like_everyone(
    app: App, visitor: Callable[..., Page], insider: Callable[..., Page], script: str, way: list[str]
) -> None:
    session = session_of("lea", "max")

    max_ = enter(app, insider, "Max", session, script)
    lea = enter(app, visitor, "Lea", session)
    press(lea, "Begin")

    for page, other in ((lea, "Max"), (max_, "Lea")):
        wait_until(page, f"{other} is heard", lambda page=page, other=other: heard_by(page) == {other})
        wait_until(page, f"{other} is seen", lambda page=page: any(n > 30 for n in received_by(page)["frames"]))
    wait_until(max_, f"media go by {way}", lambda: max_.evaluate(PATH) == way)
    wait_until(lea, "media go by UDP where it is open", lambda: lea.evaluate(PATH) == ["own", "udp"])

"""One person alone meets a living group: the demo's synthetic members, in the app's own room."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from balint import demo
from sessions.models import Session
from tests.browser.devices import give_devices, received_by, wait_until
from tests.browser.room.pages import go_in, press, seat
from tests.processes import ROOT, App

PATIENCE_S = 60  # three people are drawn and encoded first


@pytest.fixture(scope="module")
def living_group(app: App) -> Iterator[Session]:
    """The demo's session, to which three synthetic members come; another one follows it."""
    demo.load(timezone.now())
    command = [sys.executable, "manage.py", "members", "--count", "3"]
    members = subprocess.Popen(command, cwd=ROOT, env=app.environment)
    session = demo.open_session(timezone.now())
    assert session is not None
    yield session
    members.terminate()
    members.wait()
    Session.objects.filter(pk=session.pk).update(ended_at=timezone.now())
    demo.load(timezone.now())


def test_lea_alone_leads_a_living_group(app: App, person: Callable[..., Page], living_group: Session) -> None:
    lea = go_in(person("lea", before=lambda page: give_devices(page, "Lea")), living_group)
    press(lea, "Mic on")
    wait_until(lea, "three knock", lambda: lea.locator("[data-door] li").count() == 3, PATIENCE_S)
    press(lea, "Let everyone in")
    wait_until(lea, "three come", lambda: "4 here" in lea.locator("[data-count]").inner_text(), PATIENCE_S)

    press(lea, "Begin")
    wait_until(lea, "three faces move", lambda: sum(count > 30 for count in received_by(lea)["frames"]) == 3)

    press(lea, "Ask for a case")
    wait_until(lea, "a hand goes up", lambda: lea.locator("[data-queue] li").count() > 0, PATIENCE_S)
    presenter = lea.locator("[data-queue] li").first.inner_text().split()[1]
    press(lea, "Choose who presents")
    lea.locator("[data-choose]").get_by_role("button", name=presenter).click()
    press(lea, f"{presenter} tells the case")

    wait_until(lea, "the presenter speaks", lambda: seat(lea, presenter).get_attribute("data-speaking") is not None)
    before = loudest(lea)
    wait_until(lea, "the presenter is heard", lambda: loudest(lea) > 1.2 * before)


def loudest(page: Page) -> float:
    """The energy of the voice that was heard most so far."""
    return max(received_by(page)["energy"], default=0.0)


def test_who_logs_in_as_one_of_them_gets_the_seat(app: App, person: Callable[..., Page], living_group: Session) -> None:
    wait_until(person("lea"), "three come", lambda: health(app)["sockets"] == 3, PATIENCE_S)
    nora = go_in(person("nora"), living_group)
    nora.wait_for_timeout(2_000)

    expect(nora.locator("[data-room][data-connected]")).to_be_visible()
    assert health(app)["sockets"] == 3


def health(app: App) -> dict:
    with urllib.request.urlopen(f"{app.node_url}/healthz", timeout=5) as answer:
        return dict(json.load(answer))

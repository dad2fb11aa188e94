"""Firefox and Chromium in one room, through the real app."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page

from launcher.services import firefox
from sessions.models import Session
from tests.browser.devices import give_devices, heard_by, received_by, wait_until
from tests.browser.firefox import FirefoxPage, running_firefox
from tests.browser.room.pages import cookie_of, go_in, lead_to_presentation, press, session_of
from tests.processes import App

pytestmark = pytest.mark.skipif(firefox() is None, reason="firefox-esr is not installed")

IN_THE_ROOM = "[data-room][data-connected][data-phase]"


@pytest.fixture
def session(app: App) -> Session:
    return session_of("lea", "pia")


@pytest.fixture
def pia(app: App, session: Session, tmp_path: Path) -> Iterator[FirefoxPage]:
    """Pia, in the room with Firefox."""
    with running_firefox(tmp_path / "firefox", app.url) as page:
        page.add_cookie(settings.SESSION_COOKIE_NAME, cookie_of("pia"))
        give_devices(page, "Pia")
        page.goto(f"/sessions/{session.pk}/join/")
        page.click("[data-tick]")
        page.click(".ready__go .button--lamp")
        wait_until(page, "Pia is in the room", lambda: page.shows(IN_THE_ROOM))
        yield page


def frames(page: Page | FirefoxPage) -> float:
    return sum(received_by(page)["frames"])


def test_they_hear_and_see_each_other_until_one_pushes_back(
    person: Callable[..., Page], session: Session, pia: FirefoxPage
) -> None:
    lea = go_in(person("lea", before=lambda page: give_devices(page, "Lea")), session)
    pages = {"Lea": lea, "Pia": pia}

    lead_to_presentation(lea)

    for name, page in pages.items():
        others = pages.keys() - {name}
        wait_until(page, f"{name} hears the other", lambda page=page, others=others: heard_by(page) == others)
        wait_until(page, f"{name} sees the other", lambda page=page: frames(page) > 30)

    press(lea, "Short questions")
    press(lea, "Pia pushes back")

    wait_until(pia, "Pia reads it", lambda: pia.shows(f'{IN_THE_ROOM}[data-phase="push_back"]'))
    wait_until(lea, "Lea hears nobody", lambda: heard_by(lea) == frozenset())
    wait_until(pia, "Pia hears Lea", lambda: heard_by(pia) == {"Lea"})
    received = "() => Number(document.querySelector('[data-room]').dataset.guardReceived)"
    wait_until(lea, "the node receives Pia", lambda: lea.evaluate(received) > 50)
    assert lea.locator("[data-room]").get_attribute("data-guard-forwarded") == "0"
    assert heard_by(lea) == frozenset()
    seen = frames(lea)
    wait_until(lea, "Pia is still seen", lambda: frames(lea) > seen + 30)

"""Real processes, a real Chromium. The app runs as people start it: SQLite, files as the queue, the demo loaded."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django import DjangoDbBlocker

from balint.demo import PASSWORD
from launcher.services import chromium as find_chromium
from tests.processes import App, running_app

FLAGS = [
    "--no-sandbox",  # Chromium refuses to run as root with it
    "--use-fake-ui-for-media-stream",  # camera and microphone are allowed without a question
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",  # media on a machine without a network
]
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 15_000


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Iterator[App]:
    """The app with its demo. Tests look into its database, and make its tokens, by the ordinary models."""
    data = tmp_path_factory.mktemp("app") / "data"
    connection.settings_dict["NAME"] = data / "balint.sqlite3"
    with running_app(data, settings={"SECRET_KEY": settings.SECRET_KEY}) as running, django_db_blocker.unblock():
        yield running
        connection.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


@contextlib.contextmanager
def visiting(app: App, chromium: Browser) -> Iterator[tuple[Callable[..., Page], list[BrowserContext]]]:
    """How to make a browser profile of its own with one page, not logged in; and the profiles that were made.

    In the end no script may have broken, and nothing have breached the CSP.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def visit(**options: object) -> Page:
        context = chromium.new_context(**{"base_url": app.url, "viewport": WIDE} | options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        context.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        return context.new_page()

    yield visit, contexts

    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def visitor(app: App, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """`visitor()` is the page of somebody who is not logged in."""
    with visiting(app, chromium) as (visit, contexts):
        yield visit
        if request.node.stash.get(FAILED, False):
            shoot(contexts, request.node.name)


@pytest.fixture
def person(visitor: Callable[..., Page]) -> Callable[..., Page]:
    """Someone of the demo's cast, logged in: `person("lea")`; more words are options of the browser profile."""

    def log_in(key: str, before: Callable[[Page], None] | None = None, **options: object) -> Page:
        page = visitor(**options)
        if before:
            before(page)
        page.goto("/accounts/login/")
        page.get_by_label("E-mail").fill(f"{key}@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/")
        return page

    return log_in


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


def shoot(contexts: list[BrowserContext], name: str) -> None:
    """Pictures of every page of a failed test, in a folder that stays."""
    folder = Path(tempfile.mkdtemp(prefix="balint-failed-"))
    for number, page in enumerate(page for context in contexts for page in context.pages):
        page.screenshot(path=folder / f"{name}-{number}.png", full_page=True)
    print(f"pictures of the failure: {folder}")  # noqa: T201  pytest shows it with the failure

"""A session of one's own with the demo's cast, and the way into its room."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from sessions.models import Session
from tests.browser.room.pages import CAST, go_in, logged_in, session_of
from tests.processes import App


@pytest.fixture
def session(app: App) -> Session:
    """A session of its own, so that no test walks into another's room."""
    return session_of(*CAST)


@pytest.fixture
def person(app: App, visitor: Callable[..., Page]) -> Callable[..., Page]:
    """Someone of the demo's cast, already logged in: the log-in page has its own tests."""
    return lambda key, **options: logged_in(app, visitor, key, **options)


@pytest.fixture
def enter(person: Callable[..., Page], session: Session) -> Callable[..., Page]:
    """`enter("lea")` is Lea's page in the room."""
    return lambda key, **options: go_in(person(key, **options), session)

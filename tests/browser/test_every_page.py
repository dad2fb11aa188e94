"""Every kind of page, wide by day and on a phone by night: axe finds nothing, and nothing scrolls sideways."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from balint.demo import GROUP
from groups.models import Doctor, Group
from sessions.models import Session, SessionLink
from surveys.models import Trial
from tests.browser.accessibility import check_axe
from tests.browser.conftest import PHONE, WIDE
from tests.browser.room.pages import logged_in
from tests.processes import App

LOOKS = [
    pytest.param({"viewport": WIDE, "color_scheme": "light"}, id="wide-light"),
    pytest.param({"viewport": PHONE, "color_scheme": "dark"}, id="phone-dark"),
]


def check(page: Page, paths: list[str]) -> None:
    for path in paths:
        page.goto(path)
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        check_axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"


@pytest.mark.parametrize("look", LOOKS)
def test_a_strangers_pages(app: App, visitor: Callable[..., Page], look: dict[str, object]) -> None:
    links = SessionLink.objects.filter(session__group__name=GROUP, membership__doctor__name="Nora Haas")
    link = links.earliest("session__starts_at")
    guides = [f"/guide/{name}" for name in ("", "doctor/", "leader/", "researcher/", "operator/")]
    accounts = [f"/accounts/{name}/" for name in ("login", "signup", "password/reset")]

    check(visitor(**look), [*guides, *accounts, f"/s/{link.token}/", "/s/nothing/", "/nowhere/"])


@pytest.mark.parametrize("look", LOOKS)
def test_a_leaders_pages(app: App, visitor: Callable[..., Page], look: dict[str, object]) -> None:
    group = Group.objects.get(name=GROUP)
    over, *_, session = Session.objects.filter(group=group, starts_at__lte=timezone.now())
    of_group = [f"/groups/{group.pk}/{name}" for name in ("", "edit/", "invite/", "sessions/new/")]
    of_session = [f"/sessions/{session.pk}/{name}" for name in ("", "join/", "debrief/")]
    of_session += [f"/sessions/{over.pk}/{name}" for name in ("", "debrief/")]

    early = Session.objects.create(group=group, starts_at=timezone.now() + timedelta(days=1))
    of_session.append(f"/sessions/{early.pk}/join/")
    own = ["/", "/rehearsal/", "/profile/", "/groups/new/"]

    check(logged_in(app, visitor, "lea", **look), [*own, *of_group, *of_session])
    early.delete()


@pytest.mark.parametrize("look", LOOKS)
def test_a_members_and_an_outsiders_pages(app: App, visitor: Callable[..., Page], look: dict[str, object]) -> None:
    over = Session.objects.filter(group__name=GROUP).earliest("starts_at")

    check(logged_in(app, visitor, "otto", **look), ["/"])
    check(logged_in(app, visitor, "pia", **look), ["/", f"/sessions/{over.pk}/"])


@pytest.mark.parametrize("look", LOOKS)
def test_a_researchers_pages(app: App, visitor: Callable[..., Page], look: dict[str, object]) -> None:
    trials = [f"/trials/{trial.pk}/{name}" for trial in Trial.objects.all() for name in ("", "report/")]

    check(logged_in(app, visitor, "rae", **look), ["/", "/trials/", *trials])


@pytest.mark.parametrize("look", LOOKS)
def test_an_operators_pages(app: App, visitor: Callable[..., Page], look: dict[str, object]) -> None:
    Doctor.objects.filter(user__email="ada@example.org").update(is_operator=True)
    people = [f"/trials/{trial.pk}/people/" for trial in Trial.objects.all()]

    check(logged_in(app, visitor, "ada", **look), ["/", "/people/", "/trials/", "/trials/new/", *people])

"""Synthetic members come to the demo's session, by personal links, and to nobody else's."""

import pytest
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from balint import demo
from balint.management.commands.members import places
from groups.models import Membership
from launcher import run
from launcher.supervisor import Part
from sessions.models import Session

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> Session:
    now = timezone.now()
    demo.load(now)
    tonight = demo.open_session(now)
    assert tonight is not None
    return tonight


def emails(session: Session, count: int) -> list[str]:
    seats = [place.seat for place in places(session, count)]
    return [Membership.objects.get(pk=seat).doctor.user.email.partition("@")[0] for seat in seats]


def test_the_last_of_them_can_lead(session: Session) -> None:
    assert emails(session, 8) == ["nora", "ines", "tom", "mira", "jon", "ada", "pia", "cole"]
    assert emails(session, 2) == ["nora", "ines"]


def test_each_comes_as_from_a_browser_of_their_own(session: Session) -> None:
    one, other = places(session, 2)
    browser = Client()
    browser.cookies[configured.SESSION_COOKIE_NAME] = one.cookie

    page = browser.get(f"/sessions/{session.pk}/join/")

    assert one.cookie != other.cookie
    assert page.context["seat"].doctor.name == "Nora Haas"


def test_a_session_that_is_over_is_not_entered(session: Session) -> None:
    assert demo.open_session(timezone.now()) == session
    Session.objects.update(ended_at=timezone.now())

    assert demo.open_session(timezone.now()) is None


@pytest.mark.parametrize("name", ["SITE_URL", "PUBLIC_ADDRESS", "DATABASE_URL"])
def test_they_stay_away_from_where_others_come(settings: Settings, name: str) -> None:
    settings.SITE_URL = settings.PUBLIC_ADDRESS = settings.DATABASE_URL = ""
    setattr(settings, name, "something")

    with pytest.raises(CommandError, match="the demo only"):
        call_command("members")


def test_run_starts_them_when_asked() -> None:
    def parts(*words: str) -> list[Part]:
        options = run.arguments([*words, "--data", "/tmp/nowhere"])
        return run._parts(options, "127.0.0.1", {"BALINT_DATA": "/tmp/nowhere"})

    *usual, members = parts("--with-members", "6")

    assert [part.name for part in usual] == [part.name for part in parts()] == ["web server", "room node", "worker"]
    assert members.name == "synthetic members"
    assert list(members._command[-3:]) == ["members", "--count", "6"]
    assert len(demo.COMPANY) == run.MOST_MEMBERS


@pytest.mark.parametrize("words", [["--with-members", "9"], ["--with-members", "2", "--no-demo"]])
def test_run_refuses_members_that_it_has_not(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run.arguments(words)

    assert "--with-members" in capsys.readouterr().err

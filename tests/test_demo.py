"""The demonstration survives what people do with it: every start loads what is missing, and nothing twice."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from balint import demo
from groups.models import Doctor, Group, Membership
from sessions.models import Session, SpeakingTime
from surveys.models import Participant, Trial
from surveys.waiting import waiting

pytestmark = pytest.mark.django_db


def lea() -> Doctor:
    return Doctor.objects.get(user__email="lea@example.org")


def test_a_group_of_eight_members_and_two_leaders_is_in_session_now() -> None:
    now = timezone.now()

    demo.load(now)

    roles = list(Membership.objects.values_list("role", flat=True))
    assert {role: roles.count(role) for role in set(roles)} == {"leader": 1, "co_leader": 1, "member": 8}
    session = demo.open_session(now)
    assert session is not None
    assert session.starts_at <= now


@pytest.mark.parametrize("day", range(20, 27))
def test_tonight_stands_between_three_evenings_and_the_next_one(day: int) -> None:
    now = datetime(2026, 3, day, 17, 59, tzinfo=UTC)

    demo.load(now)

    tonight = demo.open_session(now)
    assert tonight is not None
    held, ahead = Session.objects.exclude(ended_at=None), Session.objects.filter(starts_at__gt=now)
    berlin = [each.starts_at.astimezone(each.group.zone) for each in [*held, *ahead]]
    assert [f"{at:%a %H:%M}" for at in berlin] == ["Thu 19:00"] * 4
    assert [second - first for first, second in pairwise(at.date() for at in berlin)] == [timedelta(days=14)] * 3
    assert (tonight.is_first, tonight.next, len(held)) == (False, ahead.get(), 3)
    assert max(each.ended_at for each in held) < now


def test_an_evening_has_cases_attendance_and_a_debrief_that_opens() -> None:
    demo.load(timezone.now())

    for session in Session.objects.exclude(ended_at=None):
        assert session.case_set.count() in (1, 2)
        assert session.step_set.last().at == session.ended_at
        assert session.attendance_set.exclude(counts=None).count() == 10
        assert session.attendance_confirmed_at < session.ended_at
        assert len(session.debrief.plan) > 40
        assert len(set(SpeakingTime.bands(session).values())) > 1


def test_twenty_one_completed_the_finished_trial_and_nobody_knows_who() -> None:
    demo.load(timezone.now())

    finished = Trial.objects.order_by("created_at").first()
    assert finished is not None
    answered = {
        name: Participant.objects.filter(
            trial=finished, response__wave__name=name, response__sent_at__isnull=False
        ).count()
        for name in ("pre", "post")
    }
    assert answered == {"pre": 26, "post": 21}
    assert [wave.is_open for wave in finished.wave_set.all()] == [False, False]
    assert not Doctor.objects.filter(participantlink__participant__trial=finished).exists()


def test_the_second_questionnaire_waits_for_max_and_for_no_leader() -> None:
    demo.load(timezone.now())

    (mine,) = waiting(Doctor.objects.get(user__email="max@example.org"))

    assert (mine.title, mine.trial, mine.begun) == ("Second questionnaire", "A year of Balint groups", False)
    assert [waiting(Doctor.objects.get(user__email=f"{key}@example.org")) for key in ("lea", "cole", "rae")] == [[]] * 3


def test_who_sits_in_the_circle_is_in_the_arm_of_the_circle() -> None:
    demo.load(timezone.now())

    controls = Doctor.objects.filter(participantlink__participant__arm__order=0)

    assert not Membership.objects.filter(doctor__in=controls).exists()


def test_everybody_logs_in_with_the_password_that_is_printed(settings: Settings) -> None:
    settings.SITE_URL = settings.PUBLIC_ADDRESS = settings.DATABASE_URL = ""
    demo.load(timezone.now())
    said = StringIO()

    call_command("demo", print_logins=True, stdout=said)

    *people, password = [line.split() for line in said.getvalue().splitlines()]
    assert [email for email, *_ in people] == [
        f"{key}@example.org" for key in ("lea", "cole", "max", "pia", "rae", "otto")
    ]
    for email, *_ in people:
        form = {"login": email, "password": " ".join(password[3:])}
        assert Client().post("/accounts/login/", form).url == "/", email


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE_URL", "https://balint.example.org"),
        ("PUBLIC_ADDRESS", "192.168.1.5"),
        ("DATABASE_URL", "postgres://balint:secret@db/balint"),
    ],
)
@pytest.mark.parametrize("print_logins", [True, False])
def test_where_others_come_there_is_no_demo(settings: Settings, name: str, value: str, print_logins: bool) -> None:
    settings.SITE_URL = settings.PUBLIC_ADDRESS = settings.DATABASE_URL = ""
    setattr(settings, name, value)

    with pytest.raises(CommandError, match="only on this laptop"):
        call_command("demo", print_logins=print_logins)

    assert not User.objects.exists()


@pytest.mark.parametrize(("name", "value"), [("PRODUCTION", True), ("PUBLIC_ADDRESS", "192.168.1.5")])
def test_data_with_the_demo_are_never_opened_to_others(settings: Settings, name: str, value: object) -> None:
    demo.load(timezone.now())
    setattr(settings, name, value)

    with pytest.raises(CommandError, match="whose password everyone knows"):
        call_command("prepare")


def test_it_is_loaded_once() -> None:
    now = timezone.now()

    assert (demo.load(now), demo.load(now)) == (True, False)
    assert (Group.objects.count(), Session.objects.count()) == (1, 5)


def test_loading_is_said_once(settings: Settings) -> None:
    settings.SITE_URL = settings.PUBLIC_ADDRESS = settings.DATABASE_URL = ""
    said = StringIO()

    for _ in range(2):
        call_command("prepare", demo=True, stdout=said)

    assert said.getvalue().splitlines() == [
        "The demo is loaded: a live session, a finished trial, a waiting questionnaire."
    ]


def test_its_group_may_be_renamed() -> None:
    now = timezone.now()
    demo.load(now)
    Group.objects.update(name="Our own words")

    assert not demo.load(now)
    assert Group.objects.count() == 1


def test_another_group_may_have_its_name() -> None:
    now = timezone.now()
    demo.load(now)
    Group.found(lea(), name=demo.GROUP, time_zone="UTC")

    assert not demo.load(now)
    assert Session.objects.count() == 5


def test_a_session_that_was_ended_a_moment_ago_is_followed_by_another() -> None:
    now = timezone.now()
    demo.load(now)
    tonight = demo.open_session(now)
    Session.objects.filter(pk=tonight.pk).update(ended_at=now)

    demo.load(now + timedelta(seconds=20))

    assert demo.open_session(now) not in (None, tonight)


def test_a_name_that_somebody_took_before_is_no_obstacle() -> None:
    """Names of log-ins are made from addresses: that of lea@practice.example is "lea" too."""
    User.objects.create(username="lea", email="lea@practice.example")

    assert demo.load(timezone.now())

"""The demonstration survives what people do with it: every start loads what is missing, and nothing twice."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from balint import demo
from groups.models import Doctor, Group
from sessions.models import Session

pytestmark = pytest.mark.django_db


def lea() -> Doctor:
    return Doctor.objects.get(user__email="lea@example.org")


def test_it_is_loaded_once() -> None:
    now = timezone.now()

    assert (demo.load(now), demo.load(now)) == (True, False)
    assert (Group.objects.count(), Session.objects.count()) == (1, 1)


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
    assert Session.objects.count() == 1


def test_a_session_that_was_ended_a_moment_ago_is_followed_by_another() -> None:
    now = timezone.now()
    demo.load(now)
    Session.objects.update(ended_at=now)

    demo.load(now + timedelta(seconds=20))

    assert [session.is_open(now) for session in Session.objects.order_by("created_at")] == [False, True]


def test_a_name_that_somebody_took_before_is_no_obstacle() -> None:
    """Names of log-ins are made from addresses: that of lea@practice.example is "lea" too."""
    User.objects.create(username="lea", email="lea@practice.example")

    assert demo.load(timezone.now())

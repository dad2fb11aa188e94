from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from sessions.models import Session, SessionLink
from tests.cast import aware, link_of, place_of

EVENING = aware("2027-01-14T19:30+01:00")


@pytest.fixture
def session(group) -> Session:
    return Session.plan(group, EVENING, 90)


@pytest.mark.parametrize(
    ("minutes_after_the_start", "is_open"),
    [(-16, False), (-15, True), (0, True), (90, True), (90 + 12 * 60, True), (91 + 12 * 60, False)],
)
def test_the_doors_open_a_quarter_before_and_close_half_a_day_after(session, minutes_after_the_start, is_open):
    assert session.is_open(EVENING + timedelta(minutes=minutes_after_the_start)) is is_open


def test_neither_a_cancelled_nor_an_ended_session_is_open(session):
    session.ended_at = EVENING
    ended = session.is_open(EVENING)
    session.ended_at, session.cancelled_at = None, EVENING

    assert (ended, session.is_open(EVENING)) == (False, False)


@pytest.mark.parametrize(("minutes_after_the_start", "ahead"), [(-9000, True), (239, True), (240, False)])
def test_what_nobody_ended_is_ahead_for_four_hours(session, minutes_after_the_start, ahead):
    now = EVENING + timedelta(minutes=minutes_after_the_start)

    assert Session.objects.filter(Session.ahead(now)).exists() is ahead


def test_sessions_belong_to_the_people_of_their_group(session, lea, max_, otto):
    belonging = {doctor.name: list(Session.of(doctor)) for doctor in (lea, max_, otto)}
    led = {doctor.name: list(Session.led_by(doctor)) for doctor in (lea, max_, otto)}

    assert belonging == {"Lea Example": [session], "Max Example": [session], "Otto Example": []}
    assert led == {"Lea Example": [session], "Max Example": [], "Otto Example": []}


def test_sessions_of_a_group_one_left_are_gone(session, group, max_):
    place_of(max_, group).end()

    assert list(Session.of(max_)) == []


def test_a_session_long_before_may_still_overlap(group):
    long_one = Session.plan(group, EVENING - timedelta(minutes=239), 240)

    assert Session.overlapping(group, EVENING, 30) == [long_one]
    assert Session.overlapping(group, EVENING + timedelta(minutes=1), 30) == []


def test_a_session_that_ended_early_leaves_its_time_free(group):
    over = Session.plan(group, EVENING, 90)
    over.ended_at = EVENING + timedelta(minutes=20)
    over.save()

    assert Session.overlapping(group, EVENING + timedelta(minutes=30), 60) == []
    assert Session.overlapping(group, EVENING, 60) == [over]


def test_the_database_keeps_one_session_a_moment_and_one_link_a_seat(session, group, max_):
    with pytest.raises(IntegrityError), transaction.atomic():
        Session.objects.create(group=group, starts_at=EVENING)
    with pytest.raises(IntegrityError), transaction.atomic():
        SessionLink.objects.create(
            session=session, membership=place_of(max_, group), expires_at=session.links_expire_at
        )


def test_a_renewed_link_has_another_token_and_leaves_the_old_one_dead(session, group, max_):
    old = link_of(max_, session)

    new = SessionLink.renew(session, place_of(max_, group), EVENING)

    assert new.token != old.token
    assert set(SessionLink.valid(EVENING).filter(membership__doctor=max_)) == {new}


def test_no_table_has_a_place_for_what_was_said():
    words = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.FileField)
    tables = apps.get_app_config("balint_sessions").get_models()
    places = {
        table.__name__: [field.name for field in table._meta.fields if isinstance(field, words)] for table in tables
    }

    assert places == {
        "Session": [],
        "SessionLink": [],
        "Attendance": [],
        "Step": ["phase"],
        "Case": ["kinds"],  # codes of sessions/vocabulary.py
        "SpeakingTime": ["phase"],
        "Debrief": ["difficulties", "sealed_plan"],  # codes, and the leaders' own plan, encrypted
        "RoomSnapshot": ["state"],  # deleted at the end; tests/sessions/test_live_store.py says what is in it
        "RoomLease": ["node", "url"],
        "LineCheck": [],
    }

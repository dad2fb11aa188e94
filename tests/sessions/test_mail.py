"""What members get by mail about a session."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from balint.foundation import mail as ledger
from balint.foundation.models import Mail
from sessions.models import Session, SessionLink
from tests.cast import aware, link_of, place_of, plan
from tests.conftest import person


@pytest.fixture
def session(group, max_) -> Session:
    max_.time_zone = "Australia/Brisbane"
    max_.save()
    return Session.plan(group, aware("2027-01-14T19:30+01:00"), 90)


def deliver() -> dict[str, mail.EmailMessage]:
    """What the worker sends, by recipient."""
    mail.outbox.clear()
    for row in Mail.due():
        ledger.send(row.pk)
    return {letter.to[0]: letter for letter in mail.outbox}


def test_everybody_gets_one_letter_with_their_own_link(session, group):
    letters = deliver()

    links = {to: re.search(r"http://localhost:\d+(/s/\S+/)\n", letter.body).group(1) for to, letter in letters.items()}
    assert links == {member.doctor.email: f"/s/{link_of(member.doctor, session).token}/" for member in group.members}
    assert len(set(links.values())) == 4


def test_times_stand_in_the_persons_zone_and_the_groups(session):
    letters = deliver()

    abroad, at_home = letters["max@example.org"], letters["lea@example.org"]
    assert abroad.subject == "Your Balint session on Friday 15 January"
    assert "Friday 15 January\n04:30 to 06:00 in Brisbane, your time\n" in abroad.body
    assert "Thursday 14 January, 19:30 to 21:00 in Berlin, the group’s time" in abroad.body
    assert "Thursday 14 January\n19:30 to 21:00 in Berlin, your time\n" in at_home.body
    assert "the group’s time" not in at_home.body


def test_a_letter_names_neither_the_group_nor_anybody_else(session):
    letter = deliver()["max@example.org"]

    said = letter.subject + letter.body
    assert "Dear Max Example," in said
    assert [name in said for name in ("Thursday group", "Lea", "Cole", "Pia")] == [False] * 4


def test_names_are_not_escaped(session, max_):
    max_.name = "Max O'Hara & Sons"
    max_.save()

    assert "Dear Max O'Hara & Sons," in deliver()["max@example.org"].body


def test_nothing_is_sent_twice(session, group):
    deliver()
    for member in group.members:
        SessionLink.give(session, member)

    assert deliver() == {}


def test_a_move_keeps_the_links_and_says_the_new_time_each_time(session):
    first = deliver()["lea@example.org"].body
    link = re.search(r"/s/\S+/", first).group()

    session.move(aware("2027-01-21T19:30+01:00"), 120)
    moved = deliver()
    expiries = {link.expires_at for link in SessionLink.objects.all()}
    session.move(aware("2027-01-14T19:30+01:00"), 90)
    back = deliver()

    assert [len(moved), len(back)] == [4, 4]
    assert moved["lea@example.org"].subject == "Your Balint session has moved to Thursday 21 January"
    assert "19:30 to 21:30 in Berlin" in moved["lea@example.org"].body
    assert "Thursday 14 January" in back["lea@example.org"].body
    assert {link in letter.body for letter in (moved["lea@example.org"], back["lea@example.org"])} == {True}
    assert expiries == {aware("2027-01-22T09:30+01:00")}


def test_a_cancellation_is_told_and_carries_no_link(session):
    deliver()

    session.cancel(timezone.now())

    letters = deliver()
    assert len(letters) == 4
    assert letters["max@example.org"].subject == "Your Balint session on Friday 15 January is cancelled"
    assert "/s/" not in letters["max@example.org"].body


def test_a_letter_that_was_overtaken_is_not_sent(session, group, max_, pia):
    SessionLink.renew(session, place_of(max_, group), timezone.now())
    place_of(pia, group).end()

    letters = deliver()

    assert sorted(letters) == ["cole@example.org", "lea@example.org", "max@example.org"]
    assert link_of(max_, session).token in letters["max@example.org"].body
    assert Mail.objects.filter(sent_at=None).count() == 0


def test_a_session_cancelled_before_its_letters_went_out_is_only_cancelled(session):
    session.cancel(timezone.now())

    assert {letter.subject for letter in deliver().values()} == {
        "Your Balint session on Thursday 14 January is cancelled",
        "Your Balint session on Friday 15 January is cancelled",
    }


def test_a_newcomer_gets_links_to_what_is_ahead_only(group):
    ahead, cancelled, ended = (plan(group, timedelta(days=days)) for days in (1, 2, 3))
    cancelled.cancel(timezone.now())
    Session.objects.filter(pk=ended.pk).update(ended_at=timezone.now())
    ines = person("ines")
    place = group.invite("ines@example.org", "member").accept(ines)

    SessionLink.welcome(place, timezone.now())

    assert [link.session for link in SessionLink.objects.filter(membership=place)] == [ahead]

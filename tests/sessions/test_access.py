"""Who may sit down in a session."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from sessions.access import PASSES, Pass, grant, pass_to, person_of, seat_for
from sessions.consumers import Comer, admitted
from sessions.models import Session, SessionLink
from tests.cast import link_of, place_of, plan

NOBODY = AnonymousUser()


@pytest.fixture
def session(group) -> Session:
    return plan(group, timedelta(hours=1))


@pytest.fixture
def browser(db) -> SessionStore:
    return SessionStore()


@pytest.fixture
def max_pass(browser, session, max_) -> SessionStore:
    grant(browser, link_of(max_, session))
    return browser


def test_members_who_are_logged_in_have_their_seat(browser, session, group, lea, max_):
    assert seat_for(browser, lea.user, session.pk) == place_of(lea, group)
    assert seat_for(browser, max_.user, session.pk) == place_of(max_, group)


def test_outsiders_and_strangers_have_none(browser, session, otto):
    assert seat_for(browser, otto.user, session.pk) is None
    assert seat_for(browser, NOBODY, session.pk) is None


def test_a_pass_is_the_seat_of_its_person(max_pass, session, group, max_):
    assert seat_for(max_pass, NOBODY, session.pk) == place_of(max_, group)


def test_a_pass_opens_no_other_session(max_pass, group):
    other = plan(group, timedelta(days=7))

    assert seat_for(max_pass, NOBODY, other.pk) is None


def test_passes_to_two_sessions_stand_side_by_side(max_pass, session, group, max_, pia):
    other = plan(group, timedelta(days=7))

    grant(max_pass, link_of(pia, other))

    assert seat_for(max_pass, NOBODY, session.pk) == place_of(max_, group)
    assert seat_for(max_pass, NOBODY, other.pk) == place_of(pia, group)


def test_a_pass_gets_a_fresh_cookie(browser, session, max_):
    browser.create()
    before = browser.session_key

    grant(browser, link_of(max_, session))

    assert browser.session_key != before


def test_a_log_in_wins_over_a_pass(max_pass, session, group, pia, otto):
    assert seat_for(max_pass, pia.user, session.pk) == place_of(pia, group)
    assert seat_for(max_pass, otto.user, session.pk) is None


def test_whoever_left_has_no_seat_by_log_in_or_by_pass(max_pass, session, group, max_):
    place_of(max_, group).end()

    assert seat_for(max_pass, NOBODY, session.pk) is None
    assert seat_for(max_pass, max_.user, session.pk) is None


def test_a_cancelled_session_has_no_seats(max_pass, session, lea):
    session.cancel(timezone.now())

    assert seat_for(max_pass, NOBODY, session.pk) is None
    assert seat_for(max_pass, lea.user, session.pk) is None


@pytest.mark.parametrize("end", [{"revoked_at": timezone.now()}, {"expires_at": timezone.now()}])
def test_a_revoked_or_expired_link_ends_its_pass(max_pass, session, end):
    SessionLink.objects.update(**end)

    assert seat_for(max_pass, NOBODY, session.pk) is None


def test_a_pass_to_a_link_of_another_session_is_worth_nothing(browser, session, group, max_):
    other = plan(group, timedelta(days=7))
    browser[PASSES] = {str(session.pk): str(link_of(max_, other).pk)}

    assert seat_for(browser, NOBODY, session.pk) is None


def test_each_browser_that_comes_by_a_link_counts_once(session, max_):
    link, phone, laptop = link_of(max_, session), SessionStore(), SessionStore()

    for browser in (phone, laptop, phone, laptop):
        grant(browser, SessionLink.objects.get(pk=link.pk))

    assert [pass_to(browser, session.pk) for browser in (phone, laptop)] == [
        Pass(str(link.pk), 1),
        Pass(str(link.pk), 2),
    ]
    assert SessionLink.objects.get(pk=link.pk).browsers == 2


def test_a_renewed_link_takes_no_browser_for_one_that_had_the_link_before(max_pass, session, group, max_):
    former = pass_to(max_pass, session.pk)
    new = SessionLink.renew(session, place_of(max_, group), timezone.now())

    grant(max_pass, new)

    assert (former.browser, pass_to(max_pass, session.pk)) == (1, Pass(str(new.pk), 2))


def test_a_pass_of_an_older_version_is_that_of_a_first_browser(browser, session, group, max_):
    link = link_of(max_, session)
    browser[PASSES] = {str(session.pk): str(link.pk)}

    grant(browser, link)

    assert seat_for(browser, NOBODY, session.pk) == place_of(max_, group)
    assert person_of(browser, NOBODY) == max_
    assert pass_to(browser, session.pk) == Pass(str(link.pk), 1)
    assert SessionLink.objects.get(pk=link.pk).browsers == 0


def test_the_room_learns_by_which_link_and_browser_somebody_comes(max_pass, session, group, max_, lea):
    SessionLink.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    Session.objects.update(starts_at=timezone.now())
    link = link_of(max_, session)
    second = SessionStore()
    grant(second, link)

    comers = [admitted(browser, NOBODY, session.pk) for browser in (max_pass, second)]

    seat = str(place_of(max_, group).pk)
    assert comers == [Comer(seat, str(link.pk), 1), Comer(seat, str(link.pk), 2)]
    assert admitted(second, lea.user, session.pk) == Comer(str(place_of(lea, group).pk), None, 0)


def test_an_unknown_session_has_no_seats(max_pass, lea):
    unknown = lea.pk

    assert seat_for(max_pass, NOBODY, unknown) is None
    assert seat_for(max_pass, lea.user, unknown) is None

"""Home: the next session, what waits, and the doors that are one's own."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from groups.models import Doctor, Group, Invitation
from sessions.models import Session
from surveys.models import Trial, Wave
from tests.cast import aware, plan, prove_email
from tests.conftest import person
from tests.page import Page, read


def home(browser: Client) -> Page:
    response = browser.get("/")
    assert response.status_code == 200
    return read(response)


@pytest.fixture
def trial(db) -> Trial:
    trial = Trial.found("Rural pilot", Trial.Allocation.RANDOMISED, "Control", "Balint")
    Wave.objects.filter(trial=trial, name="pre").update(opened_at=timezone.now())
    return trial


def test_strangers_see_what_a_balint_group_is(client, db):
    assert "Waiting for you" not in home(client).words


def test_a_newcomer_fills_in_the_profile_first(client, db):
    user = User.objects.create(username="new", email="new@example.org")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/").url == "/profile/?next=%2F"


def test_somebody_without_a_group_is_told_how_one_comes_in(otto, client_of):
    words = home(client_of(otto)).words

    assert "You belong to no group yet. When a leader invites you at otto@example.org, it waits for you here." in words


def test_a_named_leader_without_a_group_founds_one(lea, client_of):
    assert "/groups/new/" in home(client_of(lea)).values("a", "href")


def test_members_found_nothing(max_, group, client_of):
    assert "/groups/new/" not in home(client_of(max_)).values("a", "href")


def test_the_next_session_comes_first_in_the_own_zone(group, max_, client_of):
    max_.time_zone = "Australia/Brisbane"
    max_.save()
    next_year = timezone.now().year + 1
    starts_at = aware(f"{next_year}-01-14T19:30+01:00")
    Session.plan(group, starts_at + timedelta(days=7), 90)
    Session.plan(group, starts_at, 90)

    words = home(client_of(max_)).words

    assert "15 January, 04:30 to 06:00 your time (Brisbane)" in words
    assert "14 January, 19:30 to 21:00 in Berlin" in words
    assert "With Lea Example and Cole Example." in words
    assert "22 Jan" in words


@pytest.mark.parametrize(("starts_in", "joinable"), [(14, True), (16, False), (-60, True)])
def test_join_is_lit_from_fifteen_minutes_before(group, max_, client_of, starts_in, joinable):
    session = plan(group, timedelta(minutes=starts_in))

    page = home(client_of(max_))

    assert (f"/sessions/{session.pk}/join/" in page.values("a", "href")) is joinable


def test_neither_over_nor_cancelled_sessions_nor_those_of_others_are_next(group, max_, otto, client_of):
    plan(group, timedelta(hours=1)).cancel(timezone.now())
    Session.objects.filter(pk=plan(group, timedelta(hours=-1)).pk).update(ended_at=timezone.now())
    plan(Group.found(otto, name="Other", language="English", time_zone="UTC"), timedelta(hours=2))

    assert "No session is planned." in home(client_of(max_)).words


def test_an_invitation_waits_for_its_proven_address_only(group, otto, rae, client_of):
    invitation = group.invite("otto@example.org", "member")
    there = f"/invitations/{invitation.token}/"

    unproven = home(client_of(otto))
    prove_email(otto)
    prove_email(rae)

    assert there not in unproven.values("a", "href")
    assert there in home(client_of(otto)).values("a", "href")
    assert there not in home(client_of(rae)).values("a", "href")


TOO_OLD = timezone.now() - Invitation.TERM


@pytest.mark.parametrize("ended", [{"withdrawn_at": TOO_OLD}, {"accepted_at": TOO_OLD}, {"invited_at": TOO_OLD}])
def test_what_is_settled_or_too_old_no_longer_waits(group, otto, client_of, ended):
    prove_email(otto)
    group.invite("otto@example.org", "member")
    Invitation.objects.update(**ended)

    assert "An invitation into" not in home(client_of(otto)).words


def test_an_open_questionnaire_waits_for_its_participant(trial, max_, pia, client_of):
    trial.enrol(max_, trial.arm_set.first())
    wave = Wave.objects.get(trial=trial, name="pre")

    assert f"/answer/{wave.pk}/" in home(client_of(max_)).values("a", "href")
    assert "Rural pilot" not in home(client_of(pia)).words


def test_leaders_plan_from_home(group, cole, max_, client_of):
    address = f"/groups/{group.pk}/sessions/new/"

    assert address in home(client_of(cole)).values("a", "href")
    assert address not in home(client_of(max_)).values("a", "href")


def test_a_researcher_finds_the_own_trial(trial, rae, otto, client_of):
    trial.name_researcher(rae)

    assert f"/trials/{trial.pk}/" in home(client_of(rae)).values("a", "href")
    assert "Rural pilot" not in home(client_of(otto)).words


def test_an_operator_finds_people_and_trials(otto, client_of):
    operator = person("olga", is_operator=True)

    assert {"/people/", "/trials/"} <= set(home(client_of(operator)).values("a", "href"))
    assert {"/people/", "/trials/"}.isdisjoint(home(client_of(otto)).values("a", "href"))


def test_home_takes_as_many_queries_for_much_as_for_little(group, lea, client_of, django_assert_max_num_queries):
    prove_email(lea)
    for number in range(8):
        other = Group.found(person(f"founder{number}"), name=f"Group {number}", language="English", time_zone="UTC")
        other.membership_set.create(doctor=lea)
        plan(other, timedelta(days=number, hours=1))
        Group.found(person(f"host{number}"), name=f"Host {number}", language="English", time_zone="UTC").invite(
            lea.email, "member"
        )
    browser = client_of(lea)

    with django_assert_max_num_queries(14):
        page = home(browser)

    assert page.words.count("An invitation into") == 8


def test_times_follow_the_profile_and_not_the_group(group, cole, client_of):
    Doctor.objects.filter(pk=cole.pk).update(time_zone="Europe/Lisbon")
    plan(group, timedelta(days=40))

    assert "your time (Lisbon)" in home(client_of(cole)).words

"""From the mail to the circle: the letter, the page behind its link, and accepting."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from balint.foundation import mail as ledger
from balint.foundation import tokens
from balint.foundation.models import Mail
from groups.guesses import MOST_MISSES
from groups.models import Doctor, Group, Invitation
from tests.cast import place_of, plan, prove_email
from tests.page import read

PASSWORD = "a-quiet-evening"


@pytest.fixture(autouse=True)
def no_misses_yet():
    cache.clear()


@pytest.fixture
def invitation(group: Group) -> Invitation:
    return group.invite("otto@example.org", "member")


def address(invitation: Invitation) -> str:
    return f"/invitations/{invitation.token}/"


def test_the_letter_tells_who_invites_and_where_to_go(invitation):
    ledger.send(Mail.objects.get().pk)

    (letter,) = mail.outbox
    assert letter.to == ["otto@example.org"]
    assert "Lea Example, Cole Example" in letter.body
    assert re.search(r"http://localhost:\d+(/\S+)\n", letter.body).group(1) == address(invitation)


def test_names_in_a_letter_are_not_escaped(group, invitation):
    Group.objects.update(name="Pia & Max's circle")

    ledger.send(Mail.objects.get().pk)

    assert "Pia & Max's circle" in mail.outbox[0].body


def test_no_letter_goes_out_for_a_withdrawn_invitation(invitation):
    invitation.withdraw()

    ledger.send(Mail.objects.get().pk)

    assert mail.outbox == []


def test_the_page_tells_group_and_leaders_but_no_members(client, invitation):
    words = read(client.get(address(invitation))).words

    assert "Thursday group" in words
    assert "Lea Example and Cole Example invite you" in words
    assert [name in words for name in ("Max", "Pia", "otto@example.org")] == [False, False, False]


def test_a_stranger_is_sent_to_the_log_in_and_comes_back(client, invitation):
    page = read(client.get(address(invitation)))

    there = address(invitation).replace("=", "%3D")
    assert f"/accounts/signup/?next={there}" in page.values("a", "href")
    assert f"/accounts/login/?next={there}" in page.values("a", "href")
    assert client.post(f"{address(invitation)}accept/").url.startswith("/accounts/login/?next=")


def test_accepting_gives_a_place_and_a_link_to_what_is_planned(group, invitation, otto, client_of):
    prove_email(otto)
    session = plan(group, timedelta(days=3))
    browser = client_of(otto)

    page = browser.get(address(invitation))
    response = browser.post(f"{address(invitation)}accept/")

    assert "Join the group" in page.content.decode()
    assert response.url == f"/groups/{group.pk}/"
    assert place_of(otto, group).role == "member"
    assert Mail.objects.filter(kind="session_link", to="otto@example.org").count() == 1
    assert session.sessionlink_set.filter(membership__doctor=otto).count() == 1


def test_it_is_accepted_once(group, invitation, otto, client_of):
    prove_email(otto)
    browser = client_of(otto)
    browser.post(f"{address(invitation)}accept/")
    place_of(otto, group).end()

    browser.post(f"{address(invitation)}accept/")

    assert place_of(otto, group).left_at is not None
    assert browser.get(address(invitation)).status_code == 404


@pytest.mark.parametrize("proven", ["nobody", "other address", "not verified"])
def test_only_whoever_owns_the_address_may_accept(group, invitation, rae, otto, client_of, proven):
    doctor = otto if proven == "not verified" else rae
    if proven == "other address":
        prove_email(rae)
    if proven == "not verified":
        EmailAddress.objects.create(user=otto.user, email=otto.email, verified=False)
    browser = client_of(doctor)

    page = browser.get(address(invitation)).content.decode()
    browser.post(f"{address(invitation)}accept/")

    assert "This invitation went to another address" in page
    assert "Join the group" not in page
    assert group.members.filter(doctor=doctor).count() == 0


def test_without_a_profile_one_fills_it_in_first(db, invitation):
    user = User.objects.create(username="new", email="otto@example.org")
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    assert browser.get(address(invitation)).url == reverse("profile", query={"next": address(invitation)})


def test_a_place_that_is_gone_is_explained(group, otto, client_of):
    second = group.invite("otto@example.org", "co_leader")
    prove_email(otto)

    response = client_of(otto).post(f"{address(second)}accept/", follow=True)

    assert "The group has a second leader by now. Ask its leader." in read(response).words
    assert group.members.filter(doctor=otto).count() == 0


def test_old_withdrawn_foreign_and_invented_links_get_one_page(client, group, invitation):
    old, withdrawn = (group.invite(f"{name}@example.org", "member") for name in ("old", "withdrawn"))
    Invitation.objects.filter(pk=old.pk).update(invited_at=old.invited_at - Invitation.TERM)
    withdrawn.withdraw()
    foreign = tokens.make("seat", invitation.pk)

    links = [old.token, withdrawn.token, foreign, "invented", f"{invitation.token}x", "%00", "é" * 300]
    answers = [client.get(f"/invitations/{link}/") for link in links]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert "ask the leader who wrote to you for a new one" in answers[0].content.decode()


def test_many_wrong_links_are_too_many(client, invitation):
    tried = [client.get(f"/invitations/guess{number}/").status_code for number in range(MOST_MISSES + 1)]

    assert tried == [404] * MOST_MISSES + [429]
    assert client.get(address(invitation)).status_code == 429
    assert client.get(address(invitation), REMOTE_ADDR="198.51.100.7").status_code == 200


def test_the_whole_way_of_a_new_doctor(client, group):
    """Sign up with the invited address, confirm it, fill in the profile, join."""
    invitation = group.invite("nora@example.org", "member")
    there = address(invitation)

    client.post("/accounts/signup/", {"email": "nora@example.org", "password1": PASSWORD, "next": there})
    confirm = re.search(r"http://testserver(/accounts/confirm-email/\S+/)", mail.outbox[-1].body).group(1)
    confirmed = client.post(confirm)
    on_the_way = client.get(confirmed.url)
    profile = {"name": "Nora Lykke", "level": "gp", "time_zone": "Europe/Oslo", "next": there}
    back = client.post(on_the_way.url.partition("?")[0], profile)
    client.post(f"{there}accept/")

    assert confirmed.url == there
    assert back.url == there
    assert place_of(Doctor.objects.get(name="Nora Lykke"), group).left_at is None

"""The personal link: one person, one session, and no other page."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from balint.foundation import tokens
from groups.guesses import MOST_MISSES
from sessions.models import Session, SessionLink
from tests.cast import link_of, place_of, plan
from tests.page import read


@pytest.fixture(autouse=True)
def no_misses_yet():
    cache.clear()


@pytest.fixture
def session(group) -> Session:
    return plan(group, timedelta(minutes=10))


@pytest.fixture
def address(session, max_) -> str:
    return f"/s/{link_of(max_, session).token}/"


def test_a_token_cannot_be_guessed(address):
    number, _, signature = address.removeprefix("/s/").rstrip("/").partition(".")

    assert (len(number), len(signature)) == (22, 43)  # 128 and 256 bits in base 64


def test_the_page_says_for_whom_and_when_and_names_nobody_else(client, address, session, max_):
    max_.time_zone = "Australia/Brisbane"
    max_.save()
    session.group.telephone = "+49 30 1234567"
    session.group.save()

    words = read(client.get(address)).words

    assert "Are you Max Example?" in words
    assert "your time (Brisbane)" in words
    assert [name in words for name in ("Lea", "Cole", "Pia", "Thursday group", "1234567")] == [False] * 5


def test_looking_changes_nothing(client, address, session):
    client.get(address)
    client.head(address)

    assert client.session.get("seat_pass") is None
    assert set(SessionLink.objects.values_list("browsers", flat=True)) == {0}
    assert client.get(f"/sessions/{session.pk}/join/").url.startswith("/accounts/login/")


def test_the_post_exchanges_it_for_a_clean_address(client, address, session, max_):
    response = client.post(address)

    assert response.url == f"/sessions/{session.pk}/join/"
    assert client.session["seat_pass"] == {str(session.pk): [str(link_of(max_, session).pk), 1]}
    assert client.get(response.url).status_code == 200


def test_the_page_before_the_room_speaks_the_holders_zone(client, address, max_):
    max_.time_zone = "Australia/Brisbane"
    max_.save()

    assert "your time (Brisbane)" in read(client.post(address, follow=True)).words


def test_a_foreign_page_cannot_exchange_it(address):
    assert Client(enforce_csrf_checks=True).post(address).status_code == 403


def test_it_opens_no_other_page(client, address, session, group, max_):
    client.post(address)
    other = plan(group, timedelta(days=7))
    invited = group.invite("nora@example.org", "member")
    place = place_of(max_, group)
    pages = [
        "/profile/",
        "/people/",
        "/trials/",
        "/groups/new/",
        f"/groups/{group.pk}/",
        f"/groups/{group.pk}/edit/",
        f"/groups/{group.pk}/invite/",
        f"/groups/{group.pk}/sessions/new/",
        f"/groups/{group.pk}/members/{place.pk}/end/",
        f"/sessions/{session.pk}/",
        f"/sessions/{session.pk}/move/",
        f"/sessions/{session.pk}/cancel/",
        f"/sessions/{other.pk}/",
        f"/sessions/{other.pk}/join/",
        f"/sessions/{other.pk}/room/",
    ]
    deeds = [f"/sessions/{session.pk}/links/{place.pk}/new/", f"/groups/{group.pk}/invitations/{invited.pk}/withdraw/"]

    answers = [client.get(page) for page in pages] + [client.post(deed) for deed in deeds]

    assert {answer.status_code for answer in answers} == {302}
    assert {answer.url.partition("?")[0] for answer in answers} == {"/accounts/login/"}
    assert "Waiting for you" not in client.get("/").content.decode()


def test_it_works_again_on_the_next_device(address, session):
    assert [Client().post(address).url for _ in range(2)] == [f"/sessions/{session.pk}/join/"] * 2


def test_somebody_else_who_is_logged_in_is_told_so(address, session, pia, client_of):
    browser = client_of(pia)

    answers = [browser.get(address), browser.post(address)]

    assert [answer.status_code for answer in answers] == [403, 403]
    words = read(answers[0]).words
    assert "This link is for someone else" in words
    assert "You are logged in as Pia Example. If the link is yours, log out first" in words
    assert "Max" not in words
    assert "seat_pass" not in browser.session


def test_its_own_person_needs_no_pass_when_logged_in(address, session, max_, client_of):
    browser = client_of(max_)

    assert browser.post(address).url == f"/sessions/{session.pk}/join/"
    assert "seat_pass" not in browser.session


def test_every_dead_link_gets_one_page(client, group, session, max_, pia, lea):
    cancelled, past = plan(group, timedelta(days=1)), plan(group, timedelta(days=2))
    dead = [link_of(max_, cancelled), link_of(max_, past), link_of(lea, session), link_of(pia, session)]
    cancelled.cancel(timezone.now())
    SessionLink.objects.filter(session=past).update(expires_at=timezone.now())
    SessionLink.renew(session, place_of(lea, group), timezone.now())
    place_of(pia, group).end()
    alive = link_of(max_, session)
    links = [link.token for link in dead]
    links += [tokens.make("invitation", alive.pk), tokens.make("seat", session.pk), f"{alive.token}x", "guess", "%00"]

    answers = [client.get(f"/s/{link}/") for link in links] + [client.post(f"/s/{link}/") for link in links]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert "Ask your leader for a new one" in answers[0].content.decode()


def test_a_miss_asks_the_database_as_often_as_an_old_link(client, session, max_, django_assert_num_queries):
    SessionLink.objects.update(expires_at=timezone.now())
    old = link_of(max_, session).token

    for token in ("guess", old):
        with django_assert_num_queries(1):
            client.get(f"/s/{token}/")


def test_it_expires_twelve_hours_after_the_end(session, max_):
    assert link_of(max_, session).expires_at == session.ends_at + timedelta(hours=12)


def test_many_guesses_are_too_many(client, address):
    tried = [client.post(f"/s/guess{number}/").status_code for number in range(MOST_MISSES + 1)]

    assert tried == [404] * MOST_MISSES + [429]
    assert client.get(address).status_code == 429
    assert client.get(address, REMOTE_ADDR="198.51.100.7").status_code == 200


def test_a_leader_replaces_a_link_and_its_pass(client, address, session, group, lea, max_, client_of):
    client.post(address)
    join = f"/sessions/{session.pk}/join/"
    before = client.get(join).status_code

    client_of(lea).post(f"/sessions/{session.pk}/links/{place_of(max_, group).pk}/new/")

    assert (before, client.get(join).status_code) == (200, 404)
    assert client.get(address).status_code == 404
    assert Client().post(f"/s/{link_of(max_, session).token}/").url == join


@pytest.mark.parametrize("who", ["max_", "pia", "otto"])
def test_only_leaders_replace_links(who, request, session, group, max_, client_of):
    before = link_of(max_, session)
    browser = client_of(request.getfixturevalue(who))

    assert browser.post(f"/sessions/{session.pk}/links/{place_of(max_, group).pk}/new/").status_code == 404
    assert link_of(max_, session) == before

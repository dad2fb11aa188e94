"""The pages that belong to no app: front, log-in and its kin, and what to do when something went wrong."""

import io
import logging
import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core import mail
from django.core.exceptions import SuspiciousOperation
from django.test import Client, RequestFactory
from django.views.defaults import server_error

from balint import views
from groups.models import Doctor
from tests.page import Page, read

PASSWORD = "a-quiet-evening"
OPEN_PAGES = [
    "/",
    "/guide/",
    "/guide/doctor/",
    "/guide/leader/",
    "/guide/researcher/",
    "/guide/operator/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/inactive/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/used/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-used-up/",
    "/accounts/password/reset/key/done/",
    "/nothing/here/",
]
LOGGED_IN_PAGES = ["/guide/", "/accounts/logout/", "/accounts/password/change/", "/accounts/reauthenticate/"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def max_user() -> User:
    user = User.objects.create_user("max", "max@example.org", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    Doctor.objects.create(user=user, name="Max Ferber", time_zone="Europe/Berlin")
    return user


@pytest.fixture
def max_client(max_user: User) -> Client:
    client = Client()
    client.force_login(max_user)
    return client


def link_of_the_last_letter() -> str:
    return re.search(r"http://testserver(/\S+/)\n", mail.outbox[-1].body).group(1)


def assert_well_built(page: Page) -> None:
    assert page.title.endswith(" · Balint")
    assert len(page.title) > len(" · Balint")
    assert page.language == "en"
    assert [bool(heading.strip()) for heading in page.headings] == [True]
    assert (page.count("header"), page.count("main"), page.count("footer")) == (1, 1, 1)
    assert ("a", "#main") in [(tag, attributes.get("href")) for tag, attributes in page.tags]
    assert page.values("main", "id") == ["main"]
    assert page.unlabelled == []
    assert page.inline == []
    assert not any("//" in address for address in page.values("link", "href") + page.values("script", "src"))


@pytest.mark.parametrize("address", OPEN_PAGES)
def test_every_open_page_is_well_built(client, address):
    page = read(client.get(address))

    assert_well_built(page)


@pytest.mark.parametrize("address", LOGGED_IN_PAGES)
def test_every_page_behind_the_log_in_is_well_built(max_client, address):
    page = read(max_client.get(address, follow=True))

    assert_well_built(page)


def test_strangers_read_what_a_group_is(client):
    page = read(client.get("/"))

    assert page.headings == ["Some patients stay with you after the door has closed."]
    assert "/accounts/login/" in page.values("a", "href")


def test_navigation_names_who_is_here_and_logs_out_by_post(max_client):
    page = read(max_client.get("/guide/"))

    assert "MF Max Ferber" in page.words.replace("MFMax", "MF Max")
    assert ("form", {"method": "post", "action": "/accounts/logout/"}) in page.tags


def test_logging_in_leads_home(client, max_user):
    response = client.post("/accounts/login/", {"login": "max@example.org", "password": PASSWORD})

    assert (response.status_code, response.url) == (302, "/")
    assert client.session["_auth_user_id"] == str(max_user.pk)


@pytest.mark.parametrize("email", ["max@example.org", "otto@example.org"])
def test_a_wrong_password_and_an_unknown_address_are_refused_alike(client, max_user, email):
    page = read(client.post("/accounts/login/", {"login": email, "password": "wrong"}))

    password = next(attributes for tag, attributes in page.tags if attributes.get("name") == "password")
    assert "That password and e-mail do not belong together. Try again, or set a new one." in page.words
    assert (password["aria-invalid"], password["aria-describedby"]) == ("true", "id_password_error")
    assert email in page.values("input", "value")


def test_logging_out_says_so(max_client):
    page = read(max_client.post("/accounts/logout/", follow=True))

    assert "You are logged out." in page.words
    assert "_auth_user_id" not in max_client.session


def test_a_log_in_is_ready_once_its_address_is_confirmed(client):
    client.post("/accounts/signup/", {"email": "pia@example.org", "password1": PASSWORD})
    link = link_of_the_last_letter()

    asked = read(client.get(link))
    client.post(link)

    assert mail.outbox[-1].subject == "Your e-mail for Balint"
    assert asked.headings == ["Is this your address?"]
    assert EmailAddress.objects.get(email="pia@example.org").verified


def test_signing_up_twice_tells_the_owner_and_not_the_stranger(client, max_user):
    response = client.post("/accounts/signup/", {"email": "max@example.org", "password1": PASSWORD})

    assert response.url == "/accounts/confirm-email/"
    assert [letter.subject for letter in mail.outbox] == ["You have a log-in at Balint already"]


def test_a_forgotten_password_is_replaced_by_mail(client, max_user):
    client.post("/accounts/password/reset/", {"email": "max@example.org"})
    form = client.get(link_of_the_last_letter(), follow=True)
    done = client.post(form.request["PATH_INFO"], {"password1": "another-evening"}, follow=True)

    max_user.refresh_from_db()
    assert read(form).headings == ["Choose a new password"]
    assert read(done).headings == ["Your new password is set"]
    assert max_user.check_password("another-evening")


def test_a_reset_link_works_once(client, max_user):
    client.post("/accounts/password/reset/", {"email": "max@example.org"})
    link = link_of_the_last_letter()
    form = client.get(link, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": "another-evening"})

    page = read(Client().get(link, follow=True))

    assert page.headings == ["This link no longer works"]


def test_a_weak_password_is_refused_beside_its_field(max_client):
    form = {"oldpassword": PASSWORD, "password1": "password"}

    page = read(max_client.post("/accounts/password/change/", form))

    assert page.values("input", "aria-describedby") == ["id_password1_helptext id_password1_error"]


def test_asking_too_often_is_answered_with_patience(client):
    answers = [client.post("/accounts/password/reset/", {"email": "otto@example.org"}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert read(answers[-1]).headings == ["That was tried a little too often"]


def test_an_unknown_address_says_what_to_do_and_nothing_about_the_request(client):
    response = client.get("/groups/secret-word/")

    page = read(response)
    assert response.status_code == 404
    assert page.headings == ["There is nothing here for you"]
    assert "secret-word" not in response.content.decode()


def test_a_form_without_its_token_changes_nothing_and_says_so():
    client = Client(enforce_csrf_checks=True)

    response = client.post("/accounts/login/", {"login": "max@example.org", "password": PASSWORD})

    assert response.status_code == 403
    assert read(response).headings == ["This form is out of date"]


def test_a_request_without_sense_is_told_so():
    request = RequestFactory().get("/")

    response = views.bad_request(request, SuspiciousOperation("header of the stranger"))

    assert response.status_code == 400
    assert "stranger" not in response.content.decode()


def test_a_refused_request_is_one_line_in_the_log_that_repeats_nothing(client, monkeypatch):
    handler = logging.getLogger("django.security").handlers[0]
    monkeypatch.setattr(handler, "stream", stream := io.StringIO())

    client.get("/", headers={"host": "evil.example"})

    assert stream.getvalue() == "ERROR django.security.DisallowedHost: a request was refused\n"


def test_a_fault_of_ours_needs_no_context_to_be_told(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = server_error(RequestFactory().get("/"))

    page = read(response)
    assert response.status_code == 500
    assert page.headings == ["Something broke on our side"]
    assert "/" in page.values("a", "href")

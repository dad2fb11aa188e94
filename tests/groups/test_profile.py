import pytest
from django.contrib.auth.models import User
from django.test import Client

from groups.models import Doctor
from tests.page import read
from tests.together import together

FILLED = {"name": "Nora Lykke", "level": "registrar", "time_zone": "Australia/Brisbane"}


@pytest.fixture
def newcomer(db) -> Client:
    """Signed up, without a profile."""
    client = Client()
    user = User.objects.create(username="nora", email="nora@example.org")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_strangers_log_in_first(client, db):
    assert client.get("/profile/").url == "/accounts/login/?next=/profile/"


def test_a_newcomer_is_led_to_the_profile_first_and_back_afterwards(newcomer):
    there = newcomer.get("/groups/new/")

    assert there.url == "/profile/?next=%2Fgroups%2Fnew%2F"
    assert read(newcomer.get(there.url)).values("input", "value").count("/groups/new/") == 1
    assert newcomer.post("/profile/", FILLED | {"next": "/groups/new/"}).url == "/groups/new/"


def test_the_profile_is_stored(newcomer):
    newcomer.post("/profile/", FILLED)

    doctor = Doctor.objects.get()
    assert {name: getattr(doctor, name) for name in FILLED} == FILLED
    assert (doctor.is_leader, doctor.is_operator) == (False, False)


def test_nobody_names_themself_through_the_profile(newcomer):
    newcomer.post("/profile/", FILLED | {"is_leader": "on", "is_operator": "on"})

    assert Doctor.objects.filter(is_leader=False, is_operator=False).count() == 1


def test_the_way_back_never_leads_to_another_site(newcomer):
    assert newcomer.post("/profile/", FILLED | {"next": "https://evil.example/"}).url == "/"


def test_the_browser_may_guess_the_zone_only_while_there_is_none(newcomer, lea, client_of):
    fresh, filled = newcomer.get("/profile/"), client_of(lea).get("/profile/")

    assert "data-guess-zone" in fresh.content.decode()
    assert "data-guess-zone" not in filled.content.decode()


@pytest.mark.parametrize(("field", "value"), [("name", "   "), ("time_zone", "Mars/Base"), ("level", "king")])
def test_bad_input_keeps_what_was_typed_and_says_where(newcomer, field, value):
    response = newcomer.post("/profile/", FILLED | {"name": "Nora Typed", field: value})

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert "Nora Typed" in response.content.decode() or field == "name"
    assert Doctor.objects.count() == 0


def test_times_are_shown_in_the_new_zone(lea, client_of):
    browser = client_of(lea)

    browser.post("/profile/", FILLED)

    assert Doctor.objects.get(pk=lea.pk).zone.key == "Australia/Brisbane"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_turn", range(3))
def test_a_first_profile_saved_twice_at_once_is_one(newcomer, _turn):
    again = Client()
    again.cookies = newcomer.cookies

    answers = together(
        *(lambda client=client: client.post("/profile/", FILLED).status_code for client in (newcomer, again))
    )

    assert answers == [302, 302]
    assert Doctor.objects.count() == 1

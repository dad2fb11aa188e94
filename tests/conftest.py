"""The cast, known to every test: Lea leads, Cole co-leads, Max and Pia are members, Rae researches, Otto is outside."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from groups.models import Doctor, Group, Level, Membership


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file, as the app has it: in memory its connections share a cache and lock each other out."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """In the end PostgreSQL drops the test database only when no thread or process of a test is still connected."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            others = "datname = current_database() AND pid <> pg_backend_pid()"
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


def person(key: str, **fields: object) -> Doctor:
    """A doctor with a log-in (KEY@example.org), who needs no password: tests sign in with `client_of`."""
    user = User.objects.create(username=key, email=f"{key}@example.org")
    return Doctor.objects.create(user=user, name=f"{key.title()} Example", **fields)


@pytest.fixture
def lea(db: None) -> Doctor:
    return person("lea", is_leader=True, time_zone="Europe/Berlin")


@pytest.fixture
def cole(db: None) -> Doctor:
    return person("cole")


@pytest.fixture
def max_(db: None) -> Doctor:
    return person("max")


@pytest.fixture
def pia(db: None) -> Doctor:
    return person("pia", level=Level.REGISTRAR)


@pytest.fixture
def rae(db: None) -> Doctor:
    return person("rae", level=Level.OTHER)


@pytest.fixture
def otto(db: None) -> Doctor:
    return person("otto")


@pytest.fixture
def group(lea: Doctor, cole: Doctor, max_: Doctor, pia: Doctor) -> Group:
    """Lea's group, with everyone in their place."""
    group = Group.objects.create(name="Thursday group", time_zone="Europe/Berlin")
    places = {lea: "leader", cole: "co_leader", max_: "member", pia: "member"}
    for doctor, role in places.items():
        Membership.objects.create(group=group, doctor=doctor, role=role)
    return group


@pytest.fixture
def client_of() -> Callable[[Doctor], Client]:
    """A browser in which this doctor is logged in."""

    def sign_in(doctor: Doctor) -> Client:
        client = Client()
        client.force_login(doctor.user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from groups.models import Doctor

pytestmark = pytest.mark.django_db


def make_operator(email: str) -> str:
    said = StringIO()
    call_command("operator", email, stdout=said)
    return said.getvalue()


def test_a_person_becomes_an_operator_and_keeps_their_profile(otto):
    said = make_operator("OTTO@example.org")

    doctor = Doctor.objects.get()
    assert said == "otto@example.org is an operator now.\n"
    assert (doctor.is_operator, doctor.name, doctor.is_leader) == (True, "Otto Example", False)


def test_the_profile_is_made_when_there_is_none():
    User.objects.create(username="olga", email="olga@example.org")

    make_operator("olga@example.org")

    assert list(Doctor.objects.values_list("name", "is_operator")) == [("olga", True)]


def test_an_unknown_address_is_answered_with_what_to_do(otto):
    with pytest.raises(CommandError, match=r"Nobody has a log-in with nora@.*/accounts/signup/"):
        make_operator("nora@example.org")

    assert Doctor.objects.get().is_operator is False

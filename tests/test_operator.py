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


def test_whoever_has_no_profile_yet_fills_it_in_first():
    User.objects.create(username="olga", email="olga@example.org")

    with pytest.raises(CommandError, match=r"olga@example.org has no profile yet.*/profile/"):
        make_operator("olga@example.org")

    assert not Doctor.objects.exists()


def test_an_unknown_address_is_answered_with_what_to_do(otto):
    with pytest.raises(CommandError, match=r"Nobody has a log-in with nora@.*/accounts/signup/"):
        make_operator("nora@example.org")

    assert Doctor.objects.get().is_operator is False

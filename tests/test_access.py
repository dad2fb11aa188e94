"""Every address x method x role x own or foreign. An address that is not in the table fails, as does one too open.

`Rule(MEMBERS, get=200)`: members of the group get the page; strangers are sent to the log-in, everybody else gets a 404
and so does everybody for another group's. A method without a number does nothing for anybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from balint.foundation.models import Part
from tests.world import PEOPLE, ROLES, STRANGERS, Place, World, make_world, routes

pytestmark = pytest.mark.django_db

EVERYONE = ROLES
MEMBERS = ("max", "pia", "lea", "cole")
SEATED = ("holder", *MEMBERS)
LEADERS = ("lea", "cole")
OPERATOR = ("opal",)
RESEARCHER = ("rae",)
PARTICIPANT = ("max",)
LOG_IN = 0  # sent to the log-in
SHUT = {LOG_IN, 404, 405}  # what a method may answer that an address does not have


@dataclass(frozen=True)
class Rule:
    may: tuple[str, ...]
    get: int | None = None
    post: int | None = None
    stranger: int = LOG_IN
    other: int = 404
    foreign: tuple[str, ...] = ()  # who may also reach what is not theirs


RULES = {
    # for everyone
    "home": Rule(EVERYONE, get=200),
    "healthz": Rule(EVERYONE, get=200),
    "guides": Rule(EVERYONE, get=200),
    "guide": Rule(EVERYONE, get=200, foreign=EVERYONE),
    "account_inactive": Rule(EVERYONE, get=200),
    "account_email_verification_sent": Rule(EVERYONE, get=200),
    "account_confirm_email": Rule(EVERYONE, get=200, post=404, foreign=EVERYONE),
    "account_reset_password": Rule(EVERYONE, get=200, post=200),
    "account_reset_password_done": Rule(EVERYONE, get=200),
    "account_reset_password_from_key": Rule(EVERYONE, get=200, post=200, foreign=EVERYONE),
    "account_reset_password_from_key_done": Rule(EVERYONE, get=200),
    "invitation": Rule(EVERYONE, get=200, foreign=EVERYONE),  # whoever holds the link may read it
    # for strangers, and for whoever is logged in
    "account_login": Rule(STRANGERS, get=200, post=200, other=302),
    "account_signup": Rule(STRANGERS, get=200, post=200, other=302),
    "account_logout": Rule(PEOPLE, get=200, post=302, stranger=302),
    "account_reauthenticate": Rule(PEOPLE, get=200, post=200),
    "account_change_password": Rule(PEOPLE, get=200, post=200),
    "profile": Rule(PEOPLE, get=200, post=200),
    "accept_invitation": Rule(PEOPLE, post=302, foreign=PEOPLE),  # back to the invitation: its address is not theirs
    # people and groups
    "people": Rule(OPERATOR, get=200),
    "name_leader": Rule(OPERATOR, post=302, foreign=OPERATOR),
    "unname_leader": Rule(OPERATOR, post=302, foreign=OPERATOR),
    "found_group": Rule(("lea",), get=200, post=200),
    "group": Rule(MEMBERS, get=200),
    "edit_group": Rule(LEADERS, get=200, post=200),
    "invite": Rule(LEADERS, get=200, post=200),
    "send_invitation_again": Rule(LEADERS, post=302),
    "withdraw_invitation": Rule(LEADERS, post=302),
    "end_membership": Rule(LEADERS, get=200, post=302),
    # sessions
    "plan_session": Rule(LEADERS, get=200, post=200),
    "session": Rule(MEMBERS, get=200),
    "move_session": Rule(LEADERS, get=200, post=200),
    "cancel_session": Rule(LEADERS, get=200, post=302),
    "new_link": Rule(LEADERS, post=302),
    "debrief": Rule(LEADERS, get=200, post=200),
    "join": Rule(SEATED, get=200),
    "room": Rule(SEATED, get=200),
    "room_node": Rule(SEATED, get=200, stranger=404),
    "seat_line": Rule(SEATED, post=400, stranger=404),
    "rehearsal": Rule(PEOPLE, get=200),
    "line": Rule(PEOPLE, post=400),
    "seat_link": Rule((*STRANGERS, "max"), get=200, post=302, other=403, foreign=STRANGERS),
    # trials
    "trials": Rule((*RESEARCHER, *OPERATOR), get=200),
    "trial_new": Rule(OPERATOR, get=200, post=200),
    "trial_people": Rule(OPERATOR, get=200, foreign=OPERATOR),
    "trial_enrol": Rule(OPERATOR, post=200, foreign=OPERATOR),
    "trial_researcher": Rule(OPERATOR, post=200, foreign=OPERATOR),
    "trial": Rule(RESEARCHER, get=200),
    "wave_open": Rule(RESEARCHER, post=302),
    "wave_close": Rule(RESEARCHER, post=302),
    "report": Rule(RESEARCHER, get=200),
    "report_compute": Rule(RESEARCHER, post=302),
    "report_progress": Rule(RESEARCHER, get=200),
    "report_figure": Rule(RESEARCHER, get=200),
    "report_pdf": Rule(RESEARCHER, get=200),
    "report_data": Rule(RESEARCHER, get=200),
    "report_results": Rule(RESEARCHER, get=200),
    # answers
    "answer": Rule(PARTICIPANT, get=200, post=400),
    "answer_save": Rule(PARTICIPANT, post=400, stranger=401),
    "answer_review": Rule(PARTICIPANT, get=200),
    "answer_send": Rule(PARTICIPANT, post=409),  # nothing is answered yet
    "answer_receipt": Rule(PARTICIPANT, get=200),
}

ROUTES = routes()


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Made once; every request is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = make_world()
        for kind in ("worker", "room_node"):
            Part.seen(kind, "here")
        yield made
        transaction.set_rollback(True)


def address(name: str, place: Place) -> str:
    """The route's address for this group, session or trial."""
    session = place.session if name in ("join", "room", "room_node", "seat_line", "debrief") else place.later
    wave = place.sent if name == "answer_receipt" else place.wave
    values = {
        "group_id": place.group.pk,
        "session_id": session.pk,
        "doctor_id": place.member.doctor_id,
        "membership_id": place.member.pk,
        "invitation_id": place.invitation.pk,
        "token": place.link.token if name == "seat_link" else place.invitation.token,
        "pk": wave.pk if name.startswith(("wave_", "answer")) else place.trial.pk,
        "name": "leader",
        "key": "abc",
        "uidb36": "1",
    }
    return reverse(name, kwargs={parameter: values[parameter] for parameter in ROUTES[name]})


def status(response: HttpResponse) -> int:
    to_log_in = response.status_code == 302 and response["Location"].startswith(reverse("account_login"))
    return LOG_IN if to_log_in else response.status_code


def ask(world: World, method: str, url: str) -> dict[str, int]:
    """What each role gets. Nothing that the request does stays."""
    answers = {}
    for role in ROLES:
        undo = transaction.savepoint()
        answers[role] = status(getattr(world.browser(role), method)(url))
        transaction.savepoint_rollback(undo)
    return answers


def expected(rule: Rule, good: int, foreign: bool) -> dict[str, int]:
    """What each role should get by the rule."""
    may = rule.foreign if foreign else rule.may
    return {role: good if role in may else rule.stranger if role in STRANGERS else rule.other for role in ROLES}


def test_every_address_is_in_the_table() -> None:
    assert set(ROUTES) == set(RULES)


@pytest.mark.parametrize("name", sorted(ROUTES))
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_gets_what(world: World, name: str, method: str) -> None:
    rule = RULES[name]
    good = getattr(rule, method)
    places = {"own": world.own, "foreign": world.foreign} if ROUTES[name] else {"own": world.own}

    for whose, place in places.items():
        answers = ask(world, method, address(name, place))
        if good is None:
            assert set(answers.values()) <= SHUT, f"{whose}: {answers}"
        else:
            assert answers == expected(rule, good, whose == "foreign"), whose


def test_no_form_is_taken_from_another_site(world: World) -> None:
    answers = {}
    for name in ROUTES:
        browser = world.browser("lea", enforce_csrf_checks=True)
        answers[name] = browser.post(address(name, world.own)).status_code

    assert answers == dict.fromkeys(ROUTES, 403)


def test_every_answer_carries_the_policy(world: World) -> None:
    """Also the 404s and the redirects: nothing inline, nothing from elsewhere, no frame, no screen, in no cache."""
    for name in ROUTES:
        headers = world.browser("lea").get(address(name, world.own)).headers
        policy = headers["Content-Security-Policy"]

        assert "default-src 'none'" in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert "unsafe" not in policy, name
        assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff"), name
        assert "camera=(self)" in headers["Permissions-Policy"], name
        assert "display-capture=()" in headers["Permissions-Policy"], name
        assert "no-store" in headers["Cache-Control"], name

"""At the same moment: two leaders who save, two browsers that come. Real transactions on a real database."""

from datetime import timedelta

import pytest
from django.utils import timezone

from groups.models import Doctor, Group
from sessions.models import Debrief, Session
from tests.cast import link_of, plan
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("_turn", range(3))
def test_of_two_leaders_who_save_at_once_one_is_told(group: Group, lea: Doctor, cole: Doctor, client_of, _turn: int):
    session = Session.objects.create(group=group, starts_at=timezone.now() - timedelta(hours=2))
    address, browsers = f"/sessions/{session.pk}/debrief/", {"Lea's": client_of(lea), "Cole's": client_of(cole)}

    answers = together(
        *(
            lambda browser=browser, plan=plan: browser.post(address, {"revision": 0, "plan": plan}).status_code
            for plan, browser in browsers.items()
        )
    )

    won = dict(zip(answers, browsers, strict=True))[302]
    assert sorted(answers) == [302, 409]
    assert (Debrief.objects.get().plan, Debrief.objects.get().revision) == (won, 1)


@pytest.mark.parametrize("_turn", range(3))
def test_browsers_that_come_at_once_are_counted_apart(group: Group, max_: Doctor, _turn: int):
    link = link_of(max_, plan(group, timedelta(minutes=5)))

    counted = together(*[lambda: type(link).objects.get(pk=link.pk).count_browser()] * 4)

    assert sorted(counted) == [1, 2, 3, 4]

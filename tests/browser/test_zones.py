"""Time zones as browsers know them: guessed for a newcomer, and beside the group's clock for whoever plans."""

import re
from collections.abc import Callable

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from groups.models import Doctor, Group
from tests.browser.room.pages import logged_in
from tests.processes import App


def test_a_newcomers_zone_is_the_browsers_until_they_choose_another(app: App, visitor: Callable[..., Page]) -> None:
    User.objects.create(username="nils@example.org", email="nils@example.org")
    nils = logged_in(app, visitor, "nils", timezone_id="Australia/Brisbane")
    nils.goto("/profile/")
    expect(nils.get_by_label("Time zone")).to_have_value("Australia/Brisbane")

    nils.get_by_label("Your name").fill("Nils Berg")
    nils.get_by_label("Time zone").select_option("Europe/Lisbon")
    nils.get_by_role("button", name="Go on").click()
    nils.wait_for_url("**/")
    nils.goto("/profile/")

    expect(nils.get_by_label("Time zone")).to_have_value("Europe/Lisbon")


def test_whoever_plans_reads_their_own_time_beside_the_groups(app: App, visitor: Callable[..., Page]) -> None:
    leader = Doctor.objects.get(user__email="lea@example.org")
    group = Group.found(leader, name="Far circle", language="English", time_zone="Australia/Brisbane")
    lea = logged_in(app, visitor, "lea", timezone_id="America/New_York")  # her profile says Berlin, and that counts
    lea.goto(f"/groups/{group.pk}/sessions/new/")

    lea.get_by_label("Day").fill("2027-01-14")
    lea.get_by_label("Begins at").fill("19:30")

    expect(lea.locator("[data-own]")).to_have_text(re.compile(r"^Your own time \(Berlin\): .*14 January.*10:30$"))

"""Answering in a real browser: keys and fingers, a broken line, a second tab, no script at all."""

import re
from collections.abc import Callable
from itertools import count

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Locator, Page, expect

from groups.models import Doctor
from surveys.models import Answer, Participant, Response, Trial, Wave
from surveys.questionnaire import questions
from tests.browser.accessibility import check_axe
from tests.browser.conftest import PHONE, WIDE
from tests.processes import App

number = count()


@pytest.fixture
def wave(app: App) -> Wave:
    """An open wave with one participant, in the app's database."""
    name = f"taker{next(number)}"
    user = User.objects.create(username=name, email=f"{name}@example.org")
    trial = Trial.found("Browser pilot", Trial.Allocation.RANDOMISED, "Control", "Balint group")
    trial.enrol(Doctor.objects.create(user=user, name=name), trial.arm_set.first())
    wave = trial.wave_set.get(name="pre")
    wave.open(Doctor.objects.create(user=User.objects.create(username=f"{name}-r"), name="R"), waives=True)
    return wave


@pytest.fixture
def taker(app: App, visitor: Callable[..., Page], wave: Wave) -> Callable[..., Page]:
    """The participant's browser at the questionnaire; words are options of the browser profile."""
    user = User.objects.get(doctor__participantlink__participant__trial=wave.trial)

    def begin(**options: object) -> Page:
        session = SessionStore()
        session.update(
            {
                "_auth_user_id": str(user.pk),
                "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
                "_auth_user_hash": user.get_session_auth_hash(),
            }
        )
        session.save()
        page = visitor(**options)
        page.context.add_cookies([{"name": "sessionid", "value": session.session_key, "url": app.url}])
        page.goto(f"/answer/{wave.pk}/")
        return page

    return begin


def question(page: Page) -> Locator:
    return page.locator("form[data-question]:visible")


def at(page: Page, item: str) -> None:
    expect(question(page)).to_have_attribute("data-question", item)


def saved(page: Page) -> None:
    words = page.locator("[data-saved-words]")
    expect(words).to_be_visible()
    expect(words).to_have_text(re.compile(r"^Saved \d\d:\d\d$"))


def values(wave: Wave) -> dict[str, int]:
    return dict(Answer.objects.filter(response__wave=wave).values_list("item", "value"))


def test_a_key_chooses_saves_and_goes_on(taker: Callable[..., Page], wave: Wave) -> None:
    page = taker()
    at(page, "pmi_01")

    page.keyboard.press("7")

    at(page, "pmi_02")
    saved(page)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_text("2 of 46, about 6 minutes left")).to_be_visible()
    expect(page).to_have_title("Question 2 of 46 · Balint")
    assert values(wave) == {"pmi_01": 7}


def test_a_reload_goes_on_where_one_was(taker: Callable[..., Page]) -> None:
    page = taker()
    page.keyboard.press("7")
    page.keyboard.press("2")
    at(page, "pmi_03")
    saved(page)

    page.reload()
    at(page, "pmi_03")

    page.goto(page.url.partition("?")[0])
    at(page, "pmi_03")


def test_a_finger_chooses_and_next_goes_on(taker: Callable[..., Page], wave: Wave) -> None:
    page = taker(viewport=PHONE, has_touch=True)

    question(page).locator("label", has_text="about half the time").tap()
    saved(page)
    page.get_by_role("button", name="Next").tap()
    at(page, "pmi_02")
    page.get_by_role("link", name="Back").tap()

    at(page, "pmi_01")
    expect(question(page).get_by_role("radio", checked=True)).to_have_value("5")
    assert values(wave) == {"pmi_01": 5}


def test_a_point_is_read_out_with_its_words(taker: Callable[..., Page]) -> None:
    points = question(taker()).get_by_role("radio")

    expect(points.first).to_have_accessible_name("1 hardly ever")
    expect(points.last).to_have_accessible_name("9 nearly always")
    expect(question(points.page).get_by_role("group")).to_have_accessible_description(
        "Part 1 of 3. How often is each sentence true of you? In my consultations over the last month"
    )


def test_the_browsers_own_back_leads_to_the_question_before(taker: Callable[..., Page]) -> None:
    page = taker()
    page.keyboard.press("7")
    at(page, "pmi_02")

    page.go_back()

    at(page, "pmi_01")


def test_prefer_not_to_answer_takes_the_answer_away(taker: Callable[..., Page], wave: Wave) -> None:
    page = taker()
    page.keyboard.press("7")
    at(page, "pmi_02")
    page.get_by_role("link", name="Back").click()
    saved(page)

    page.get_by_role("button", name="Prefer not to answer").click()

    at(page, "pmi_02")
    expect(page.get_by_text("Not saved yet", exact=True)).to_be_hidden()
    saved(page)
    assert values(wave) == {}


def test_a_key_that_the_question_does_not_offer_changes_nothing(taker: Callable[..., Page], wave: Wave) -> None:
    page = taker()
    page.goto(f"/answer/{wave.pk}/?item=pis_03")

    page.keyboard.press("9")
    page.keyboard.press("5")

    at(page, "pis_04")
    saved(page)
    assert values(wave) == {"pis_03": 5}


def test_what_the_line_loses_is_said_and_sent_again(taker: Callable[..., Page], wave: Wave) -> None:
    page = taker()
    page.context.set_offline(True)

    page.keyboard.press("4")
    page.keyboard.press("6")

    at(page, "pmi_03")
    expect(page.get_by_text("Not saved yet", exact=True)).to_be_visible()
    expect(page.get_by_text("Your last answer is not saved yet. We keep trying;").first).to_be_visible()
    assert values(wave) == {}

    page.context.set_offline(False)

    saved(page)
    expect(page.get_by_text("Not saved yet", exact=True)).to_be_hidden()
    assert values(wave) == {"pmi_01": 4, "pmi_02": 6}


def test_a_tab_left_open_is_told_that_all_was_sent(taker: Callable[..., Page], wave: Wave) -> None:
    page = taker()
    page.keyboard.press("4")
    saved(page)
    Response.objects.get(wave=wave).send()

    page.keyboard.press("5")

    expect(page.get_by_text("Your answers were sent already.").first).to_be_visible()
    assert values(wave) == {"pmi_01": 4}


def test_logged_out_in_the_middle_is_told_and_nothing_saved_is_lost(taker: Callable[..., Page], wave: Wave) -> None:
    page = taker()
    page.keyboard.press("4")
    saved(page)
    page.context.clear_cookies(name="sessionid")

    page.keyboard.press("5")

    expect(page.get_by_text("Not saved: you are logged out.").first).to_be_visible()
    assert values(wave) == {"pmi_01": 4}


def test_forty_six_keys_a_look_back_and_a_receipt(taker: Callable[..., Page], wave: Wave) -> None:
    page = taker()
    for each in questions():
        at(page, each.item.id)
        page.keyboard.press(str(each.item.max))
    page.wait_for_url("**/review/")
    expect(page.get_by_text("46 of 46 answered")).to_be_visible()

    page.get_by_role("button", name="Send").click()

    response = Response.objects.get(wave=wave)
    expect(page.get_by_text(response.receipt)).to_be_visible()
    assert response.values() == {each.item.id: each.item.max for each in questions()}


def test_without_a_script_every_step_works(taker: Callable[..., Page], wave: Wave) -> None:
    page = taker(java_script_enabled=False)

    question(page).get_by_role("radio", name="8").click()
    page.get_by_role("button", name="Next").click()
    at(page, "pmi_02")
    saved(page)
    page.get_by_role("button", name="Prefer not to answer").click()
    at(page, "pmi_03")
    page.goto(f"/answer/{wave.pk}/review/")
    expect(page.get_by_text("45 questions are still open.")).to_be_visible()
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_text("1 of 46 questions")).to_be_visible()
    assert values(wave) == {"pmi_01": 8}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_pages_can_be_used_by_all(
    taker: Callable[..., Page], wave: Wave, scheme: str, size: dict[str, int]
) -> None:
    page = taker(color_scheme=scheme, viewport=size)
    Response.record(wave, Participant.objects.get(trial=wave.trial), questions()[0], 3)

    for path in ("?item=pmi_01", "?item=wwas_14", "review/"):
        page.goto(f"/answer/{wave.pk}/{path}")
        check_axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        targets = page.locator(".scale__point:visible, .button:visible").all()
        assert min(target.bounding_box()["height"] for target in targets) >= 44
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/receipt/")
    check_axe(page)

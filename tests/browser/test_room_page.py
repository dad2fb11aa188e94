"""The room's pages in a real browser against the real room node: what each person reads and can do, step by step."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from groups.models import Doctor, Group, Membership
from sessions.models import Session
from tests.browser.accessibility import check_axe
from tests.browser.conftest import PHONE, WIDE
from tests.processes import App

LAPTOP = {"width": 1280, "height": 720}
TABLET = {"width": 1024, "height": 768}
SIDEWAYS = {"width": 844, "height": 390}
ZOOMED = {"width": 640, "height": 400}  # 1280 x 800 at 200 %
CAST = ("lea", "cole", "pia", "max")
ROLES = {"lea": "leader", "cole": "co_leader"}

REFUSE = """name => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", name); }; }"""


@pytest.fixture
def session(app: App) -> Session:
    """A session of its own, so that no test walks into another's room."""
    return session_of(*CAST)


def session_of(*people: str) -> Session:
    group = Group.objects.create(name="Monday circle", time_zone="Europe/Berlin")
    for key in people:
        doctor = Doctor.objects.get(user__email=f"{key}@example.org")
        Membership.objects.create(group=group, doctor=doctor, role=ROLES.get(key, "member"))
    return Session.objects.create(group=group, starts_at=timezone.now() - timedelta(minutes=2))


@pytest.fixture
def person(app: App, visitor: Callable[..., Page]) -> Callable[..., Page]:
    """Someone of the demo's cast, already logged in: the log-in page has its own tests."""

    def arrive(key: str, before: Callable[[Page], None] | None = None, **options: object) -> Page:
        page = visitor(**options)
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie_of(key), "url": app.url}])
        if before:
            before(page)
        return page

    return arrive


def cookie_of(key: str) -> str:
    user = User.objects.get(email=f"{key}@example.org")
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return str(store.session_key)


def join_page(page: Page, session: Session) -> Page:
    page.goto(f"/sessions/{session.pk}/join/")
    return page


def tick(page: Page) -> None:
    for box in page.locator("[data-tick]").all():
        box.check()


def go_in(page: Page, session: Session, button: str = "Go in") -> Page:
    tick(join_page(page, session))
    page.get_by_role("button", name=button).click()
    expect(page.locator("[data-room][data-connected][data-phase]")).to_be_visible()
    return page


@pytest.fixture
def enter(person: Callable[..., Page], session: Session) -> Callable[..., Page]:
    """`enter("lea")` is Lea's page in the room."""
    return lambda key, **options: go_in(person(key, **options), session)


def title(page: Page) -> Locator:
    return page.locator(".room__phase, .heart").get_by_role("heading", level=1)


def seat(page: Page, name: str) -> Locator:
    return page.get_by_role("list", name="The circle").get_by_role("listitem").filter(has_text=name)


def notice(page: Page) -> Locator:
    return page.locator("[data-notice-words]")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def lead_to_presentation(lea: Page, presenter: str = "Pia") -> None:
    press(lea, "Begin")
    press(lea, "Ask for a case")
    press(lea, "Choose who presents")
    lea.get_by_role("dialog").get_by_role("button", name=presenter).click()
    press(lea, f"{presenter} tells the case")


def lead_to_push_back(lea: Page) -> None:
    lead_to_presentation(lea)
    press(lea, "Short questions")
    press(lea, "Pia pushes back")


def scrolls(page: Page) -> bool:
    moves: bool = page.evaluate(
        "() => document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight"
    )
    return moves


# -- before the room ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "dark"), (PHONE, "light")], ids=["wide", "phone"])
def test_one_sees_and_hears_oneself_before_going_in(person, session, scheme, size) -> None:
    page = join_page(person("max", color_scheme=scheme, viewport=size), session)

    expect(page.get_by_label("Your picture")).to_be_visible()
    expect(page.locator("[data-level-words]")).to_have_text("You can be heard well.")
    check_axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_nobody_goes_in_before_all_four_are_true(person, session) -> None:
    page = join_page(person("max"), session)
    page.get_by_label("The door is closed").check()

    press(page, "Go in")

    expect(page.get_by_role("alert")).to_contain_text("All four must be true")
    expect(page.get_by_label("I am alone, or wear headphones")).to_be_focused()
    check_axe(page)
    assert page.url.endswith("/join/")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NotAllowedError", "The browser keeps your microphone closed."),
        ("NotFoundError", "No microphone was found."),
        ("NotReadableError", "Another program holds your microphone."),
        ("SecurityError", "Browsers open camera and microphone only at an address"),
    ],
)
def test_whoever_has_no_devices_reads_why_and_listens(person, session, name, words) -> None:
    page = person("max", before=lambda page: page.add_init_script(f"({REFUSE})('{name}')"))

    join_page(page, session)
    expect(page.get_by_text(words)).to_be_visible()
    check_axe(page)
    go_in(page, session, "Only listen")

    expect(seat(page, "Max")).to_contain_text("microphone off")
    expect(page.get_by_role("button", name="Mic off")).to_be_visible()


def test_whoever_only_listened_can_be_seen_later(person, session, enter) -> None:
    lea = enter("lea")
    max_ = go_in(person("max"), session, "Only listen")
    press(lea, "Begin")
    expect(title(max_)).to_have_text("Welcome")

    press(max_, "Camera off")

    expect(seat(lea, "Max").locator("video")).to_be_visible()
    expect(seat(lea, "Max")).to_contain_text("microphone off")


def test_the_room_asks_for_the_page_before_it(person, session) -> None:
    page = person("max")

    page.goto(f"/sessions/{session.pk}/room/")

    page.wait_for_url("**/join/")


# -- the steps ---------------------------------------------------------------------------------------------------------


def test_every_step_says_what_is_so_and_what_one_can_do(enter) -> None:
    lea, pia, max_ = enter("lea"), enter("pia"), enter("max")

    expect(title(max_)).to_have_text("We gather")
    press(lea, "Begin")
    expect(title(max_)).to_have_text("Welcome")
    press(lea, "Ask for a case")
    expect(title(max_)).to_have_text("Who has a case?")
    press(pia, "Raise my hand")
    press(lea, "Choose who presents")
    lea.get_by_role("dialog").get_by_role("button", name="Pia").click()
    expect(title(pia)).to_have_text("Your case is next")
    press(lea, "Pia tells the case")
    expect(title(max_)).to_have_text("Pia tells the case")
    press(lea, "Short questions")
    expect(title(pia)).to_have_text("Short questions, only facts")
    press(lea, "Pia pushes back")
    expect(title(max_)).to_have_text("Pia has pushed back the chair")
    expect(title(pia)).to_have_text("Nobody hears you")
    press(lea, "Invite Pia back")
    expect(title(pia)).to_have_text("You are invited back")
    press(pia, "Come in")
    expect(title(max_)).to_have_text("Pia is back")
    press(lea, "Close the case")
    expect(title(max_)).to_have_text("Who has a case?")


def test_the_presenter_has_one_signal_and_leaders_see_it(enter) -> None:
    lea, pia, max_ = enter("lea"), enter("pia"), enter("max")
    lead_to_push_back(lea)

    press(pia, "May I return?")

    expect(pia.locator(".heart")).to_contain_text("Lea and Cole know that you wish to return.")
    expect(lea.locator("[data-hint]")).to_have_text("Pia wishes to return")
    expect(max_.locator("[data-hint]")).to_be_hidden()
    expect(pia.get_by_role("button", name="Raise my hand")).to_be_hidden()


def test_staying_back_is_an_answer(enter) -> None:
    lea, pia = enter("lea"), enter("pia")
    lead_to_push_back(lea)
    press(lea, "Invite Pia back")

    press(pia, "Stay back")

    expect(title(pia)).to_have_text("You stay back")
    expect(title(lea)).to_have_text("Pia stays back")
    expect(pia.get_by_role("button", name="Not heard")).to_be_visible()


def test_a_reload_in_push_back_keeps_the_shelter_without_a_click(enter) -> None:
    lea, pia = enter("lea"), enter("pia")
    lead_to_push_back(lea)

    pia.reload()

    expect(title(pia)).to_have_text("Nobody hears you")
    expect(pia.get_by_text("You are protected")).to_be_visible()
    expect(pia.locator('[data-seat][data-self][data-place="back"]')).to_be_visible()
    expect(lea.locator("[data-room]")).to_have_attribute("data-guard-forwarded", "0")


def test_a_phone_never_says_that_a_silenced_presenter_speaks(enter) -> None:
    lea, _, max_ = enter("lea"), enter("pia"), enter("max", viewport=PHONE)
    press(lea, "Mic on")
    lead_to_presentation(lea)
    expect(max_.get_by_text("Pia speaks")).to_be_visible()

    press(lea, "More")
    press(lea, "Pia pushes back")

    expect(title(max_)).to_have_text("Pia has pushed back")
    expect(max_.get_by_text("Pia speaks")).to_be_hidden()


def test_the_case_waits_for_a_presenter_whose_line_is_gone(enter) -> None:
    lea, pia, max_ = enter("lea"), enter("pia"), enter("max")
    lead_to_push_back(lea)

    pia.close()

    expect(title(max_)).to_have_text("We wait for Pia")
    expect(title(lea)).to_have_text("Pia’s line is gone")
    expect(seat(max_, "Pia")).to_contain_text("reconnecting")
    expect(lea.get_by_role("button", name="Close the case")).to_be_visible()


def test_the_last_step_can_be_taken_back(enter) -> None:
    lea, max_ = enter("lea"), enter("max")
    lead_to_presentation(lea, presenter="Max")

    press(lea, "Undo: Presentation")

    expect(title(max_)).to_have_text("Your case is next")


def test_the_second_leader_can_take_over(enter) -> None:
    lea, cole = enter("lea"), enter("cole")
    press(lea, "Begin")
    expect(cole.get_by_text("You can take over any time")).to_be_visible()
    expect(cole.get_by_role("button", name="Ask for a case")).to_contain_text("Lea leads")

    lea.close()

    expect(cole.get_by_role("button", name="Ask for a case")).to_contain_text("Next step")
    press(cole, "Ask for a case")
    expect(title(cole)).to_have_text("Who has a case?")


def test_the_debrief_is_the_leaders_and_the_end_is_asked_twice(enter) -> None:
    lea, max_ = enter("lea"), enter("max")
    press(lea, "More")
    press(lea, "Close the session")
    press(lea, "Only the leaders stay")

    expect(max_.get_by_role("heading", name="We leave it here")).to_be_visible()
    check_axe(max_)
    expect(title(lea)).to_have_text("Only you")
    press(lea, "End the session")
    press(lea, "Not yet")
    expect(title(lea)).to_have_text("Only you")
    press(lea, "End the session")
    lea.get_by_role("dialog").get_by_role("button", name="End the session").click()
    expect(lea.get_by_role("heading", name="We leave it here")).to_be_visible()
    expect(lea.get_by_role("link", name="Home")).to_be_visible()


# -- hands and devices -------------------------------------------------------------------------------------------------


def test_hands_stand_in_the_same_order_everywhere_and_leaders_lower_them(enter) -> None:
    lea, pia, max_ = enter("lea"), enter("pia"), enter("max")
    press(lea, "Begin")

    press(max_, "Raise my hand")
    expect(seat(pia, "Max")).to_contain_text("hand raised, number 1")
    press(pia, "Raise my hand")
    expect(seat(max_, "Pia")).to_contain_text("hand raised, number 2")
    press(lea, "Hands")
    press(lea, "Lower Max’s hand")

    expect(seat(max_, "Pia")).to_contain_text("hand raised, number 1")
    expect(max_.get_by_role("button", name="Raise my hand")).to_be_visible()


def test_keys_do_what_a_hand_does_most_and_can_be_switched_off(enter) -> None:
    lea, max_ = enter("lea"), enter("max")
    press(lea, "Begin")
    expect(title(max_)).to_have_text("Welcome")

    max_.keyboard.press("h")
    expect(max_.get_by_role("button", name="Lower my hand")).to_be_visible()
    max_.keyboard.press("m")
    expect(seat(lea, "Max")).to_contain_text("microphone off")
    max_.keyboard.press("?")
    max_.get_by_label("Use these keys").uncheck()
    max_.keyboard.press("Escape")
    max_.keyboard.press("m")

    expect(max_.get_by_role("button", name="Mic off")).to_be_visible()


def test_someone_came_in_stops_both_at_one_touch_and_brings_both_back(enter) -> None:
    lea, max_ = enter("lea"), enter("max")
    press(lea, "Begin")

    press(max_, "Someone came in")
    expect(notice(max_)).to_contain_text("Your camera and microphone are off.")
    expect(seat(lea, "Max")).to_contain_text("microphone off")
    expect(seat(lea, "Max").locator("video")).to_be_hidden()
    press(max_, "Someone came in")

    expect(max_.get_by_role("button", name="Mic on")).to_be_visible()
    expect(seat(lea, "Max").locator("video")).to_be_visible()


def test_pictures_stand_in_the_seat_of_the_one_they_show(enter) -> None:
    lea, max_ = enter("lea"), enter("max")
    expect(seat(lea, "Lea").locator("video")).to_be_visible()
    expect(seat(lea, "Max").locator("video")).to_be_hidden()

    press(lea, "Begin")

    expect(seat(lea, "Max").locator("video")).to_be_visible()
    expect(seat(max_, "Lea").locator("video")).to_be_visible()


# -- coming, going, and the line ---------------------------------------------------------------------------------------


def test_the_newest_tab_has_the_seat_and_the_older_one_can_take_it_back(enter, session) -> None:
    older = enter("max")
    newer = go_in(older.context.new_page(), session)

    expect(older.get_by_role("heading", name="You are in the room in another tab")).to_be_focused()
    check_axe(older)
    press(older, "Use it here")

    expect(title(older)).to_have_text("We gather")
    expect(newer.get_by_role("heading", name="You are in the room in another tab")).to_be_visible()


def test_whoever_leaves_reads_that_the_seat_is_kept_and_can_come_back(enter) -> None:
    lea, max_ = enter("lea"), enter("max")

    press(max_, "Leave")

    expect(max_.get_by_role("heading", name="You have left the room")).to_be_visible()
    expect(seat(lea, "Max")).to_contain_text("reconnecting")
    max_.get_by_role("link", name="Go back in").click()
    tick(max_)
    press(max_, "Go in")
    expect(seat(lea, "Max")).not_to_contain_text("reconnecting")


def test_a_line_that_drops_comes_back_into_the_same_state(person, session, enter) -> None:
    lines: list[WebSocketRoute] = []

    def through(line: WebSocketRoute) -> None:
        lines.append(line)
        line.connect_to_server()

    lea = enter("lea")
    max_ = go_in(person("max", before=lambda page: page.route_web_socket(re.compile("/room/"), through)), session)
    press(lea, "Begin")
    press(max_, "Raise my hand")
    expect(seat(lea, "Max")).to_contain_text("hand raised, number 1")

    lines[0].close(code=4503)

    expect(max_.locator("[data-room][data-connected]")).to_be_visible()
    expect(max_.get_by_role("button", name="Lower my hand")).to_be_visible()
    expect(seat(lea, "Max")).to_contain_text("hand raised, number 1")
    assert len(lines) == 2


def test_a_refused_command_is_said_in_words_beside_the_bar(enter) -> None:
    lea, pia = enter("lea"), enter("pia")
    lead_to_push_back(lea)
    expect(title(pia)).to_have_text("Nobody hears you")

    pia.keyboard.press("h")

    expect(notice(pia)).to_have_text("While your chair is pushed back, hands rest.")


# As browsers do on a page where nothing was pressed yet.
HOLD_SOUND_BACK = """() => {
  const play = HTMLAudioElement.prototype.play;
  const refuse = async () => { throw new DOMException("", "NotAllowedError"); };
  let pressed = false;
  addEventListener("click", () => { pressed = true; }, true);
  HTMLAudioElement.prototype.play = function () { return pressed ? play.call(this) : refuse(); };
}"""


def test_sound_that_the_browser_holds_back_is_one_press_away(person, session) -> None:
    max_ = go_in(person("max", before=lambda page: page.add_init_script(f"({HOLD_SOUND_BACK})()")), session)
    expect(notice(max_)).to_have_text("Your browser keeps the sound back until you say so.")

    press(max_, "Let me hear")

    expect(notice(max_)).to_be_hidden()


def test_what_changes_is_told_to_a_screen_reader(enter) -> None:
    lea, max_ = enter("lea"), enter("max")
    live = max_.locator("[data-live]")

    press(lea, "Begin")
    expect(live).to_have_text("Welcome. Everyone can be heard.")
    press(lea, "More")
    press(lea, "Raise my hand")
    expect(live).to_have_text("Lea raises a hand.")


# -- the screen --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "dark"), (PHONE, "light")], ids=["wide", "phone"])
def test_the_room_is_accessible_to_all_three(enter, scheme, size) -> None:
    pages = [enter(key, color_scheme=scheme, viewport=size) for key in ("lea", "pia", "max")]
    for page in pages:
        check_axe(page)

    lead_to_push_back(pages[0])

    for page in pages:
        expect(page.locator('[data-room][data-phase="push_back"]')).to_be_visible()
        check_axe(page)


@pytest.mark.parametrize("opens", ["More", "Hands", "Keys"])
def test_what_opens_is_accessible_and_closes_by_escape(enter, opens) -> None:
    lea = enter("lea")
    if opens == "Keys":
        press(lea, "More")

    press(lea, opens)

    dialog = lea.get_by_role("dialog")
    expect(dialog).to_be_visible()
    check_axe(lea)
    lea.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def crowded(page: Page) -> bool:
    """Does a face lie upon another?"""
    faces: list[dict[str, Any]] = [face.bounding_box() or {} for face in page.locator(".seat__face").all()]
    return any(
        abs(one["x"] - other["x"]) < one["width"] - 1 and abs(one["y"] - other["y"]) < one["height"] - 1
        for number, one in enumerate(faces)
        for other in faces[:number]
    )


def test_twelve_seats_fit_every_screen(person, app) -> None:
    session = session_of(*CAST, "nora", "ines", "tom", "mira", "jon", "ada", "rae", "otto")
    lea, _ = (go_in(person(key, reduced_motion="reduce"), session) for key in ("lea", "max"))
    press(lea, "Begin")
    press(lea, "Ask for a case")
    expect(lea.locator(".seat")).to_have_count(12)

    for size in (LAPTOP, TABLET, PHONE, SIDEWAYS, ZOOMED):
        lea.set_viewport_size(size)
        expect(lea.get_by_role("button", name="Choose who presents")).to_be_in_viewport(ratio=1)
        assert (size, scrolls(lea), crowded(lea)) == (size, False, False)


def test_focus_stays_where_one_put_it(enter) -> None:
    lea, max_ = enter("lea"), enter("max")
    leave = max_.get_by_role("button", name="Leave")
    leave.focus()

    press(lea, "Begin")
    press(lea, "Ask for a case")

    expect(title(max_)).to_have_text("Who has a case?")
    expect(leave).to_be_focused()

"""The room's page in a real browser against the real room node: what each reads and can do, step by step."""

import re
import time
from itertools import pairwise

from playwright.sync_api import WebSocketRoute, expect

from sessions.protocol import AWAY_AFTER_MS
from tests.browser.accessibility import check_axe
from tests.browser.conftest import PHONE
from tests.browser.devices import wait_until
from tests.browser.room.pages import (
    go_in,
    lead_to_presentation,
    lead_to_push_back,
    notice,
    press,
    seat,
    tick,
    title,
)

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
    expect(title(max_)).to_have_text("The case is closed")
    press(lea, "Say goodbye for today")
    expect(title(max_)).to_have_text("We close for today")


def test_who_is_back_with_a_microphone_that_is_off_is_not_told_to_be_heard(enter) -> None:
    lea, pia = enter("lea"), enter("pia")
    lead_to_push_back(lea)
    press(lea, "Invite Pia back")
    press(pia, "Come in")
    expect(pia.locator(".heart__words")).to_have_text("Everyone hears you. Speak if you wish.")

    press(pia, "Mic on")

    expect(pia.locator(".heart__words")).to_have_text("Your microphone is off. Turn it on when you wish to speak.")
    expect(pia.locator(".room__phase [data-short]")).to_have_text("Your microphone is off")
    press(pia, "Mic off")
    expect(pia.locator(".heart__words")).to_have_text("Everyone hears you. Speak if you wish.")


def test_the_presenter_has_one_signal_and_leaders_see_it(enter) -> None:
    lea, pia, max_ = enter("lea"), enter("pia"), enter("max")
    lead_to_push_back(lea)

    press(pia, "May I return?")

    expect(pia.locator(".heart")).to_contain_text("Lea and Cole can see that you wish to return.")
    expect(lea.locator("[data-hint]")).to_have_text("Pia wishes to return")
    expect(max_.locator("[data-hint]")).to_be_hidden()
    expect(pia.get_by_role("button", name="Raise my hand")).to_be_hidden()


def test_a_leader_who_presents_is_spoken_to_as_a_presenter(enter) -> None:
    lea, cole = enter("lea"), enter("cole")
    lead_to_presentation(lea, presenter="Cole")

    press(lea, "Short questions")
    press(lea, "Cole pushes back")

    expect(cole.locator(".heart")).to_contain_text("Lea will invite you in again.")
    expect(cole.get_by_role("button", name="Invite Cole back")).to_be_hidden()
    expect(cole.get_by_role("button", name="May I return?")).to_contain_text("only Lea can see this")
    lea.close()
    expect(cole.get_by_role("button", name="Invite Cole back")).to_be_visible()


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


def test_the_drawer_closes_when_a_step_is_taken_back_from_it(enter) -> None:
    lea = enter("lea")
    press(lea, "Begin")
    press(lea, "More")

    lea.get_by_role("dialog").get_by_role("button", name="Undo: Gathering").click()

    expect(title(lea)).to_have_text("People are arriving")
    expect(lea.get_by_role("dialog")).to_be_hidden()


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
    press(lea, "Say goodbye for today")
    press(lea, "Close the circle")
    expect(lea.get_by_role("dialog", name="Close the circle?")).to_contain_text("cannot come back tonight")
    lea.get_by_role("dialog").get_by_role("button", name="Close the circle").click()

    expect(max_.get_by_role("heading", name="We leave it here")).to_be_visible()
    check_axe(max_)
    expect(title(lea)).to_have_text("Only you")
    expect(lea.locator("[data-live]")).not_to_contain_text("line is gone")
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


def test_whoever_leaves_reads_that_the_seat_is_kept_and_can_come_back(enter) -> None:
    lea, max_ = enter("lea"), enter("max")

    press(max_, "Leave")

    expect(max_.get_by_role("heading", name="You have left the room")).to_be_visible()
    expect(seat(lea, "Max")).to_contain_text("left")
    max_.get_by_role("link", name="Go back in").click()
    tick(max_)
    press(max_, "Go in")
    expect(seat(lea, "Max")).not_to_contain_text("left")


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


def test_a_room_that_is_gone_is_asked_for_again_and_again(person, session) -> None:
    lines: list[tuple[WebSocketRoute, float]] = []

    def first_only(line: WebSocketRoute) -> None:
        lines.append((line, time.monotonic()))
        if len(lines) == 1:
            line.connect_to_server()
        else:
            line.close(code=4503)

    max_ = go_in(person("max", before=lambda page: page.route_web_socket(re.compile("/room/"), first_only)), session)

    lines[0][0].close(code=4503)

    wait_until(max_, "eight attempts", lambda: len(lines) == 9)
    pauses = [later - earlier for (_, earlier), (_, later) in pairwise(lines[1:])]
    assert max(pauses) < 3  # three times what the page means


def test_a_browser_that_knows_it_is_offline_says_so_before_the_heartbeat_does(enter) -> None:
    max_ = enter("max")
    at_once = AWAY_AFTER_MS / 2

    max_.context.set_offline(True)
    expect(notice(max_)).to_have_text("Reconnecting. Your seat, the step and your hand are kept.", timeout=at_once)

    max_.context.set_offline(False)
    expect(max_.locator("[data-room][data-connected]")).to_be_visible()


def test_a_refused_command_is_said_in_words_beside_the_bar(enter) -> None:
    lea, pia = enter("lea"), enter("pia")
    lead_to_push_back(lea)
    expect(title(pia)).to_have_text("Nobody hears you")

    pia.keyboard.press("h")

    expect(notice(pia)).to_have_text("While your chair is pushed back, you can rest.")


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
    expect(live).to_have_text("Welcome. Everyone can be heard. Lea and Cole will ask for a case.")
    press(lea, "More")
    press(lea, "Raise my hand")
    expect(live).to_have_text("Lea raises a hand.")

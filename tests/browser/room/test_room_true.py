"""What the room's page says to whoever presents is true in every step."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from sessions import apart
from sessions import room as rules
from sessions.models import Session
from sessions.state import Phase
from tests.browser.room.pages import notice, title
from tests.browser.room.told import Told
from tests.sessions.rooms import LEA, MAX, PIA, in_case, invited, moved


@pytest.fixture
def pia(person: Callable[..., Page], session: Session) -> Told:
    return Told(person("pia"), session)


def test_who_stayed_back_is_told_that_they_are_heard_again(pia: Told) -> None:
    stayed = rules.stay_back(invited(), PIA)
    pia.draw(stayed, PIA)
    expect(notice(pia.page)).to_be_hidden()

    pia.draw(rules.close_case(stayed, LEA, 2_000), PIA)

    expect(notice(pia.page)).to_have_text("Everyone hears you again when your microphone is on.")


def test_who_came_back_by_a_press_is_not_told_twice(pia: Told) -> None:
    pia.draw(invited(), PIA)

    pia.draw(rules.accept_return(invited(), PIA), PIA)

    expect(title(pia.page)).to_have_text("You are back")
    expect(notice(pia.page)).to_be_hidden()


def test_who_stays_back_reads_the_chat_and_why_they_cannot_write(pia: Told) -> None:
    room = apart.set_chat(in_case(Phase.CLARIFYING), LEA, True)
    pia.draw(room, PIA)
    stayed = rules.stay_back(moved(room, Phase.PUSH_BACK, Phase.RETURN), PIA)

    pia.draw(stayed, PIA)

    expect(pia.page.locator("[data-chat-state]")).to_have_text("You stay back: you can read along, and do not write.")


def test_a_presenter_whose_microphone_is_off_reads_it(pia: Told) -> None:
    pia.draw(in_case(), PIA)

    expect(pia.page.locator(".heart [data-words]").first).to_have_text(
        "Your microphone is off. Turn it on when you are ready."
    )


def test_the_next_date_is_in_the_zone_of_whoever_sits_here(person: Callable[..., Page], session: Session) -> None:
    max_ = Told(person("max", timezone_id="America/New_York"), session)

    max_.draw(moved(in_case(), Phase.CLOSING), MAX)

    expect(max_.page.locator(".heart")).to_contain_text("We meet again on Thursday, December 3 at 20:00.")


def test_a_slow_line_does_not_hide_who_leads(pia: Told) -> None:
    pia.slow = {LEA}
    pia.draw(in_case(), PIA)

    expect(pia.page.locator('[data-seats] [data-seat="lea"]')).to_contain_text("leads, slow line")

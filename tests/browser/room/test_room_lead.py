"""What leaders do around the steps: the door, the people, a held case, the call, kinds, time, chat, hands, debrief."""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from sessions import apart, door, protocol
from sessions import room as rules
from sessions.models import Debrief, RoomSnapshot, Session
from sessions.state import Phase, Role, Room, Terms, Tick
from tests.browser.accessibility import check_axe
from tests.browser.conftest import PHONE, WIDE, visiting
from tests.browser.devices import wait_until
from tests.browser.room.pages import CAST, go_in, logged_in, press, seat, session_of, title
from tests.browser.room.told import Told
from tests.processes import App
from tests.sessions.rooms import COLE, LEA, MAX, PIA, in_call, in_case, moved, room_of, with_hands, without


@pytest.fixture(scope="module")
def circle(app: App) -> Session:
    return session_of(*CAST)


@pytest.fixture(scope="module")
def pages(app: App, chromium, circle: Session) -> Iterator[dict[str, Told]]:
    """A leader's page and a member's, told what to draw."""
    with visiting(app, chromium) as (visit, _):
        yield {key: Told(logged_in(app, visit, key), circle) for key in (LEA, MAX)}


@pytest.fixture
def lea(pages: dict[str, Told]) -> Told:
    return fresh(pages[LEA])


@pytest.fixture
def max_(pages: dict[str, Told]) -> Told:
    return fresh(pages[MAX])


def fresh(told: Told) -> Told:
    """As it is opened, in a lobby."""
    told.page.set_viewport_size(WIDE)
    told.page.reload()
    told.page.locator("[data-trouble]").evaluate("element => element.remove()")
    told.seat = ""
    told.said.clear()
    return told


def button(told: Told, name: str):
    return told.page.get_by_role("button", name=name)


def next_step(told: Told):
    return told.page.locator("[data-next]")


def tool(told: Told, name: str):
    return told.page.locator(f'[data-toggles="{name}"]')


def sheet(told: Told, name: str):
    return told.page.locator(f'[data-sheet="{name}"]')


def focused(told: Told) -> str:
    return told.page.evaluate("document.activeElement.id || document.activeElement.tagName")


# -- the door, the people ----------------------------------------------------------------------------------------------


def at_the_door(*phases: Phase) -> Room:
    """Pia, who ticked two of four, and Max on a device that is not his usual one."""
    room = moved(room_of(LEA, COLE), *phases)
    room = rules.attest(door.arrive(room, PIA, Role.MEMBER, 0), PIA, (Tick.ALONE, Tick.DOOR))
    return rules.attest(door.arrive(room, MAX, Role.MEMBER, 0, browser=2), MAX, tuple(Tick))


def test_before_the_beginning_the_next_thing_is_to_let_people_in(lea) -> None:
    """All but a device that was never seen: that one is let in by name."""
    room = door.arrive(at_the_door(), "nora", Role.MEMBER, 0)
    lea.draw(room, LEA)

    expect(next_step(lea)).to_have_text("2 at the doorLet everyone in")
    expect(lea.page.locator("[data-beside]")).to_have_text("Begin")
    next_step(lea).click()

    assert lea.asked("admit") == [{"type": "admit", "seat": ""}]
    lea.draw(room_of(LEA, COLE, PIA, MAX), LEA)
    expect(next_step(lea)).to_contain_text("Begin")


def test_who_comes_later_is_listed_and_let_in_one_by_one(lea) -> None:
    room = at_the_door(Phase.GATHERING)
    lea.draw(room, LEA)
    expect(next_step(lea)).to_contain_text("Ask for a case")
    expect(tool(lea, "people")).to_have_text("2People")
    assert focused(lea) == "BODY"

    lea.page.keyboard.press("p")

    rows = sheet(lea, "people").locator("[data-door] li")
    expect(rows.nth(0)).to_contain_text("not said: not driving, nothing records")
    expect(rows.nth(0).get_by_text("on a new device")).to_be_hidden()
    expect(rows.nth(1)).to_contain_text("private: all four")
    expect(rows.nth(1).get_by_text("on a new device")).to_be_visible()
    assert focused(lea) == "people-title"
    button(lea, "Let Pia in").click()
    assert lea.asked("admit") == [{"type": "admit", "seat": PIA}]

    lea.draw(door.admit(room, LEA, PIA), LEA)

    expect(rows).to_have_count(1)
    assert focused(lea) == "people-title"
    lea.page.keyboard.press("Escape")
    expect(sheet(lea, "people")).to_be_hidden()
    expect(tool(lea, "people")).to_be_focused()


def test_removing_asks_first_and_says_what_it_means(lea) -> None:
    lea.draw(in_call(), LEA)
    tool(lea, "people").click()
    expect(button(lea, "More about Lea")).to_be_hidden()

    button(lea, "More about Max").click()
    button(lea, "Remove Max").click()

    asks = lea.page.get_by_role("dialog", name="Remove Max?")
    expect(asks).to_contain_text("Max leaves at once and cannot come back tonight.")
    expect(asks.get_by_role("button", name="Stay")).to_be_focused()
    assert lea.asked("remove") == []
    asks.get_by_role("button", name="Remove Max").click()
    assert lea.asked("remove") == [{"type": "remove", "seat": MAX}]


def test_leaders_read_of_whom_somebody_came_in(lea) -> None:
    lea.draw(rules.set_devices(in_call(), MAX, False, False, True), LEA)

    tool(lea, "people").click()

    row = sheet(lea, "people").get_by_role("listitem").filter(has_text="Max")
    expect(row).to_contain_text("someone came in: camera and microphone are off")


# -- a held case -------------------------------------------------------------------------------------------------------


def test_a_held_case_gives_three_choices_and_each_says_what_it_means(lea) -> None:
    lea.draw(without(in_case(Phase.CLARIFYING), PIA), LEA)

    expect(next_step(lea)).to_have_text("The clock standsWait for Pia")
    expect(lea.page.locator("[data-beside] button")).to_have_text(
        ["Go on without PiaThe clock runs again", "Close the caseBack to the call"]
    )
    for choice in ("Wait for Pia", "Go on without Pia", "Close the case"):
        button(lea, choice).click()
    assert [lea.asked(kind) for kind in ("wait", "go_on", "close_case")] == [
        [{"type": "wait"}],
        [{"type": "go_on"}],
        [{"type": "close_case"}],
    ]


def test_a_decision_rests_until_leaders_take_another(lea) -> None:
    held = without(in_case(Phase.CLARIFYING), PIA)

    lea.draw(rules.wait(held, LEA), LEA)
    expect(next_step(lea)).to_be_hidden()
    expect(lea.page.locator("[data-hint]")).to_be_hidden()
    lea.draw(rules.go_on(held, LEA), LEA)

    expect(next_step(lea)).to_have_text("without PiaThe group imagines")
    quiet = lea.page.locator("[data-beside] button.button--quiet")
    expect(quiet).to_have_text(["Wait for PiaThe clock stands", "Close the caseBack to the call"])
    lea.draw(rules.go_on(without(in_case(Phase.PUSH_BACK), PIA), LEA), LEA)
    expect(next_step(lea)).to_be_hidden()
    expect(quiet).to_have_count(2)


# -- the call ----------------------------------------------------------------------------------------------------------


def test_a_case_is_offered_and_withdrawn(max_) -> None:
    max_.draw(in_call(), MAX)

    button(max_, "I have a case").click()
    button(max_, "More of an earlier one").click()

    assert max_.asked("offer_case") == [{"type": "offer_case", "follow_up": True}]
    max_.draw(rules.offer_case(in_call(), MAX, True), MAX)
    button(max_, "Withdraw my case").click()
    assert max_.asked("withdraw_case") == [{"type": "withdraw_case"}]
    expect(button(max_, "Raise my hand")).to_be_visible()


def test_leaders_choose_from_offers_then_hands_then_the_others(lea) -> None:
    room = with_hands(rules.offer_case(in_call(LEA, PIA, MAX), PIA, True), MAX)
    lea.draw(rules.offer_case(room, MAX, False), LEA)
    expect(next_step(lea)).to_contain_text("2 with a case")

    next_step(lea).click()

    names = lea.page.locator("[data-choose] [data-name]")
    expect(names).to_have_text(["Pia", "Max", "Lea"])
    expect(lea.page.locator("[data-choose] .tag:visible")).to_have_text(["follow-up", "new case"])
    alone = lea.page.locator("[data-choose] button").nth(2)
    expect(alone).to_contain_text("A leader presents only while another leader is here.")
    alone.click(force=True)
    assert lea.asked("settle_presenter") == []
    lea.page.locator("[data-choose] button").nth(0).click()
    assert lea.asked("settle_presenter") == [{"type": "settle_presenter", "seat": PIA}]


def test_after_the_last_case_one_says_goodbye_or_plans_one_more(lea, max_) -> None:
    over = moved(rules.set_cases(in_case(), LEA, 1), Phase.PUSH_BACK, Phase.RETURN, Phase.CALL)
    lea.draw(over, LEA)
    max_.draw(over, MAX)

    expect(next_step(lea)).to_have_text("Say goodbye for today")
    expect(button(max_, "I have a case")).to_be_hidden()
    button(lea, "One more case").click()

    assert lea.asked("set_cases") == [{"type": "set_cases", "cases": 2}]


def test_leaders_set_the_minutes_of_a_step_and_the_cases_of_tonight(lea) -> None:
    lea.draw(in_call(), LEA)
    button(lea, "Change how long this step lasts").click()

    button(lea, "Five minutes more").click()
    lea.page.get_by_label("Minutes for this step").fill("0")
    lea.page.get_by_label("Minutes for this step").press("Tab")
    lea.page.get_by_role("radio", name="One").check()

    call = {"type": "set_target", "phase": "call"}
    assert lea.asked("set_target") == [{**call, "minutes": 10}, {**call, "minutes": 0}]
    assert lea.asked("set_cases") == [{"type": "set_cases", "cases": 1}]
    lea.draw(rules.agree(in_call(), Terms(most_cases=1)), LEA)
    expect(lea.page.get_by_role("radio", name="Two")).to_be_disabled()
    expect(lea.page.get_by_text("In a group’s first session there is one")).to_be_visible()


# -- a case is closed --------------------------------------------------------------------------------------------------


def test_kinds_of_a_closed_case_are_ticked_or_left_for_later(lea) -> None:
    closed = rules.close_case(in_case(), LEA, 0)
    lea.draw(in_case(), LEA)
    lea.draw(closed, LEA)
    expect(sheet(lea, "case")).to_contain_text("Nothing else of a case is kept.")
    expect(sheet(lea, "case").get_by_role("checkbox")).to_have_count(15)
    assert focused(lea) == "BODY"

    sheet(lea, "case").get_by_role("button", name="Later").first.click()
    expect(sheet(lea, "case")).to_be_hidden()
    tool(lea, "case").click()
    lea.page.get_by_label("Heartsink").check()
    lea.page.get_by_label("More of an earlier case").check()
    button(lea, "Note it").click()

    noted = {"type": "note_case", "number": 1, "kinds": ["heartsink"], "follow_up": True}
    assert lea.asked("note_case") == [noted]
    lea.draw(rules.note_case(closed, LEA, 1, (), True), LEA)
    expect(sheet(lea, "case")).to_be_hidden()
    expect(tool(lea, "case")).to_be_hidden()


def test_a_phone_is_only_reminded_of_the_kinds(lea) -> None:
    lea.page.set_viewport_size(PHONE)
    lea.draw(in_case(), LEA)

    lea.draw(rules.close_case(in_case(), LEA, 0), LEA)

    expect(tool(lea, "case")).to_be_visible()
    expect(sheet(lea, "case")).to_be_hidden()


# -- chat --------------------------------------------------------------------------------------------------------------


def chatting(*phases: Phase) -> Room:
    return apart.set_chat(in_case(*phases), LEA, True)


def line(seat: str, text: str) -> protocol.Down:
    return protocol.Texts("chat", "", (protocol.Text(seat, text, 0),), whole=False)


def test_the_chat_opens_by_a_leader_and_warns_above_the_field(lea) -> None:
    lea.draw(in_case(), LEA)
    expect(tool(lea, "chat")).to_be_hidden()
    button(lea, "More").click()
    button(lea, "Open the chat").click()
    assert lea.asked("set_chat") == [{"type": "set_chat", "open": True}]

    lea.draw(chatting(), LEA)
    lea.page.get_by_label("Write to everyone").fill("We begin with Pia.")
    lea.page.keyboard.press("Enter")

    expect(sheet(lea, "chat")).to_contain_text("Nothing that could tell who the patient is.")
    assert lea.asked("write") == [{"type": "write", "place": "chat", "seat": "", "text": "We begin with Pia."}]
    expect(lea.page.get_by_label("Write to everyone")).to_have_value("")


def test_a_line_that_comes_while_the_chat_is_closed_is_counted_and_steals_no_focus(max_) -> None:
    max_.page.set_viewport_size(PHONE)
    max_.draw(chatting(), MAX)

    max_.say(line(LEA, "<b>Slowly</b>"))

    expect(tool(max_, "chat")).to_have_text("1Chat")
    expect(max_.page.locator("[data-live]")).to_have_text("Lea wrote in the chat.")
    assert focused(max_) == "BODY"
    tool(max_, "chat").click()
    expect(sheet(max_, "chat").get_by_role("log")).to_contain_text("<b>Slowly</b>")
    expect(max_.page.locator("[data-chat-count]")).to_be_hidden()


def test_the_chat_rests_while_a_chair_is_pushed_back_and_refused_words_come_back(max_) -> None:
    max_.page.set_viewport_size(PHONE)
    max_.draw(chatting(), MAX)
    tool(max_, "chat").click()
    field = max_.page.get_by_label("Write to everyone")
    ids: list[str] = []
    max_.lines[-1].on_message(lambda text: ids.append(protocol_id(text)))
    field.fill("One more question")
    field.press("Enter")
    wait_until(max_.page, "it is sent", lambda: any(ids))

    max_.say(protocol.Refused(next(filter(None, ids)), "chat_closed"))
    max_.draw(chatting(Phase.PUSH_BACK), MAX)

    expect(field).to_have_value("One more question")
    expect(field).to_have_attribute("aria-disabled", "true")
    expect(sheet(max_, "chat")).to_contain_text("While a chair is pushed back, the chat rests.")


def protocol_id(text: str | bytes) -> str:
    message = json.loads(text)
    return message["id"] if message["type"] == "write" else ""


# -- hands -------------------------------------------------------------------------------------------------------------


def test_leaders_see_how_long_hands_wait_and_who_has_not_spoken(lea) -> None:
    room = rules.note_spoken(with_hands(in_case(), MAX, COLE), frozenset({COLE}))
    lea.draw(room, LEA)

    button(lea, "Hands").click()

    rows = lea.page.locator("[data-lower] li")
    expect(rows.nth(0).get_by_text("not yet spoken in this case")).to_be_visible()
    expect(rows.nth(1).get_by_text("not yet spoken in this case")).to_be_hidden()
    expect(rows.nth(0)).to_contain_text("waits 13:0")
    button(lea, "Lower Max’s hand").click()
    assert lea.asked("lower_hand") == [{"type": "lower_hand", "seat": MAX}]


# -- the end -----------------------------------------------------------------------------------------------------------


def test_closing_the_circle_is_asked_once(lea) -> None:
    lea.draw(moved(in_call(), Phase.CLOSING), LEA)

    next_step(lea).click()

    asks = lea.page.get_by_role("dialog", name="Close the circle?")
    expect(asks).to_contain_text("Members leave now, and cannot come back tonight.")
    assert lea.asked("move") == []
    asks.get_by_role("button", name="Close the circle").click()
    assert lea.asked("move") == [{"type": "move", "phase": "debrief"}]


def test_the_debrief_stands_beside_the_circle_and_is_saved_there(lea, circle) -> None:
    lea.draw(moved(in_call(), Phase.CLOSING, Phase.DEBRIEF), LEA)
    lea.page.get_by_label("Rivalry").check()
    next_step(lea).click()
    expect(lea.page.get_by_role("dialog")).to_contain_text("Who was there can still be corrected in the debrief.")
    expect(lea.page.get_by_text("is not saved yet")).to_be_visible()
    button(lea, "Not yet").click()

    sheet(lea, "debrief").get_by_role("button", name="Save").click()

    expect(sheet(lea, "debrief").get_by_role("status")).to_contain_text("Saved")
    assert Debrief.objects.get(pk=circle.pk).difficulties == ["group_rivalry"]
    next_step(lea).click()
    expect(lea.page.get_by_text("is not saved yet")).to_be_hidden()


# -- for every reader --------------------------------------------------------------------------------------------------

SHEETS: dict[str, Room] = {
    "people": at_the_door(Phase.GATHERING),
    "case": rules.close_case(in_case(), LEA, 0),
    "chat": chatting(),
    "debrief": moved(in_call(), Phase.CLOSING, Phase.DEBRIEF),
}
DIALOGS: dict[str, Room] = {
    "hands": with_hands(in_case(), MAX),
    "choose": rules.offer_case(in_call(LEA, MAX), MAX, True),
    "pace": in_call(),
}


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_no_reader_finds_anything_amiss_in_a_sheet_or_a_dialog(lea, size) -> None:
    lea.page.set_viewport_size(size)
    lea.page.emulate_media(color_scheme="dark" if size is PHONE else "light")
    for name, room in SHEETS.items():
        lea.draw(room, LEA)
        if not sheet(lea, name).is_visible():
            tool(lea, name).click()
        expect(sheet(lea, name)).to_be_visible()
        if name == "debrief":
            sheet(lea, name).locator("textarea").wait_for()
        check_axe(lea.page)
    lea.page.keyboard.press("Escape")
    for name, room in DIALOGS.items():
        lea.draw(room, LEA)
        lea.page.locator(f"#{name}").evaluate("dialog => dialog.showModal()")
        check_axe(lea.page)
        lea.page.keyboard.press("Escape")


# -- with the real room ------------------------------------------------------------------------------------------------


def test_somebody_at_the_door_is_let_in_and_removed_for_tonight(person: Callable[..., Page]) -> None:
    session = session_of(*CAST)
    RoomSnapshot.objects.filter(session=session).delete()  # nobody was in before
    lea, max_ = go_in(person("lea"), session), go_in(person("max"), session)
    expect(title(max_)).to_have_text("Lea or Cole will let you in")

    press(lea, "Let Max in")
    expect(title(max_)).to_have_text("We gather")
    lea.keyboard.press("p")
    press(lea, "More about Max")
    press(lea, "Remove Max")
    lea.get_by_role("dialog").get_by_role("button", name="Remove Max").click()

    expect(max_.locator('[data-reason="removed"]')).to_be_visible()
    expect(seat(lea, "Max")).to_contain_text("not here")

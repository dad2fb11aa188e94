"""Looking after the lines: a member's line to the second leader, the leaders' own, and asides by voice."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from sessions import apart, door, protocol
from sessions import room as rules
from sessions.models import RoomSnapshot, Session
from sessions.state import Phase, Role, Room
from tests.browser.accessibility import check_axe
from tests.browser.conftest import PHONE, WIDE, visiting
from tests.browser.devices import give_devices, heard_by, wait_until
from tests.browser.room.pages import CAST, go_in, join_page, logged_in, press, session_of, tick
from tests.browser.room.test_room_screen import LAPTOP, TABLET, ZOOMED, crowded, scrolls
from tests.browser.room.test_room_states import full
from tests.browser.room.told import NOW_MS, Told
from tests.processes import App
from tests.sessions.rooms import COLE, LEA, MAX, PIA, in_call, in_case, invited, moved, pushed_back, with_hands, without

SMALL = {"width": 640, "height": 360}


def people(page: Page) -> Locator:
    return page.locator("[data-people] > li")


def row(page: Page, name: str) -> Locator:
    return page.locator(".person").filter(has_text=name)


# -- what members write ------------------------------------------------------------------------------------------------


def test_a_member_writes_to_the_second_leader_alone_and_reads_the_answer(enter) -> None:
    cole, lea, max_ = enter("cole"), enter("lea"), enter("max")
    press(max_, "Help")
    expect(max_.get_by_text("Only Cole reads this.")).to_be_visible()

    max_.get_by_label("What does not work?").fill("I hear Lea in pieces.")
    max_.keyboard.press("Enter")

    expect(people(cole).first).to_contain_text("I hear Lea in pieces.")
    expect(cole.locator("[data-live]")).to_have_text("Max has written to you.")
    max_.keyboard.press("Escape")
    press(cole, "Answer")
    cole.keyboard.type("Try a cable.")
    cole.keyboard.press("Enter")
    expect(max_.locator("[data-live]")).to_have_text("Cole has written to you.")
    expect(max_.locator("[data-line-count]")).to_have_text("1")
    press(max_, "Help")
    expect(max_.get_by_role("log", name="Something does not work?")).to_contain_text("Try a cable.")
    press(lea, "People")
    expect(lea.get_by_text("Cole reads what members write about trouble, and answers.")).to_be_visible()
    assert "I hear Lea in pieces." not in lea.content()

    cole.close()

    expect(lea.get_by_text("Who has trouble writes to you.")).to_be_visible()
    press(lea, "More about Max")
    expect(row(lea, "Max")).to_contain_text("Try a cable.")
    expect(max_.get_by_text("Only Lea reads this.")).to_be_visible()


def test_whoever_waits_at_the_door_can_write_and_be_answered(enter, person, session: Session) -> None:
    RoomSnapshot.objects.filter(session=session).delete()  # nobody was in before
    cole, max_ = enter("cole"), person("max")
    tick(join_page(max_, session))
    press(max_, "Go in")

    press(max_, "Help")
    max_.get_by_label("What does not work?").fill("No microphone here.")
    press(max_, "Send")

    expect(cole.locator("[data-live]")).to_have_text("Max has written to you.")
    press(cole, "People")
    expect(row(cole, "No microphone here.")).to_contain_text("Let in")
    press(cole, "Answer")
    cole.keyboard.type("You can listen.")
    cole.keyboard.press("Enter")
    expect(max_.get_by_text("You can listen.")).to_be_visible()
    expect(max_.locator("[data-room][data-waits]")).to_be_visible()


# -- voices ------------------------------------------------------------------------------------------------------------


def with_tone(person: Callable[..., Page], session: Session, name: str) -> Page:
    page = person(name.lower(), before=lambda page: give_devices(page, name), viewport=SMALL)
    return go_in(page, session)


def volumes(page: Page) -> list[float]:
    loud: list[float] = page.evaluate("() => [...document.querySelectorAll('audio')].map((audio) => audio.volume)")
    return loud


def test_two_who_are_aside_hear_each_other_and_the_circle_hears_neither(person, session: Session) -> None:
    lea, pia, max_ = (with_tone(person, session, name) for name in ("Lea", "Pia", "Max"))
    press(lea, "Begin")
    wait_until(max_, "everyone is heard", lambda: heard_by(max_) >= {"Lea", "Pia"}, 60)

    press(lea, "People")
    press(lea, "More about Pia")
    press(lea, "Aside by voice")

    for page, other in ((lea, "Pia"), (pia, "Lea")):
        expect(page.locator("[data-pill]")).to_have_text(f"Only {other} and you hear this. The group goes on.")
        expect(page.get_by_role("button", name=f"Only {other}")).to_be_visible()
    wait_until(max_, "the circle hears neither", lambda: heard_by(max_) <= {"Max"}, 30)
    wait_until(lea, "Lea hears Pia", lambda: "Pia" in heard_by(lea), 30)
    wait_until(pia, "Pia hears Lea, and the circle", lambda: heard_by(pia) >= {"Lea", "Max"}, 30)
    assert volumes(pia) == volumes(lea) == [0.35, 0.35, 0.35, 1, 1]
    assert set(volumes(max_)) == {1}

    press(pia, "End the aside")

    wait_until(max_, "everyone is heard again", lambda: heard_by(max_) >= {"Lea", "Pia"}, 30)
    assert set(volumes(pia)) == set(volumes(lea)) == {1}


def test_one_key_speaks_to_the_other_leader_alone_and_back_to_the_circle(person, session: Session) -> None:
    lea, cole, max_ = (with_tone(person, session, name) for name in ("Lea", "Cole", "Max"))
    press(lea, "Begin")
    wait_until(max_, "everyone is heard", lambda: heard_by(max_) >= {"Lea", "Cole"}, 60)

    lea.keyboard.press("l")

    expect(lea.locator("[data-pill]")).to_have_text("Only Cole hears you")
    expect(cole.locator("[data-pill]")).to_have_text("Lea speaks to you alone")
    expect(max_.locator("[data-pill]")).to_be_hidden()
    wait_until(max_, "the circle hears Lea no more", lambda: "Lea" not in heard_by(max_), 30)
    wait_until(cole, "Cole hears Lea", lambda: "Lea" in heard_by(cole), 30)
    assert volumes(cole) == [0.35, 0.35, 0.35, 1, 1]

    press(lea, "Back to the circle")

    wait_until(max_, "Lea is heard again", lambda: "Lea" in heard_by(max_), 30)


# -- the panel itself, told what to draw -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told(app: App, chromium) -> Iterator[dict[str, Told]]:
    session = session_of(*CAST)
    with visiting(app, chromium) as (visit, _):
        yield {key: Told(logged_in(app, visit, key, reduced_motion="reduce"), session) for key in (LEA, MAX)}


@pytest.fixture
def cole(told: dict[str, Told]) -> Told:
    """The second leader's page, as it is opened."""
    page = told[LEA]
    page.page.set_viewport_size(WIDE)
    page.page.reload()
    page.page.locator("[data-trouble]").evaluate("element => element.remove()")
    page.seat = ""
    page.said.clear()
    return page


def writes(seat: str, text: str, at_ms: int = NOW_MS) -> protocol.Texts:
    return protocol.Texts("line", seat, (protocol.Text(seat, text, at_ms),), whole=False)


def test_the_second_leader_has_the_people_at_hand_and_the_first_when_asked(cole: Told) -> None:
    cole.draw(in_case(), COLE)
    expect(cole.page.get_by_role("heading", name="People")).to_be_visible()
    cole.page.keyboard.press("Escape")
    cole.draw(pushed_back(), COLE)
    expect(cole.page.get_by_role("heading", name="People")).to_be_hidden()
    cole.page.reload()
    cole.seat = ""

    cole.draw(in_case(), LEA)

    expect(cole.page.get_by_role("heading", name="People")).to_be_hidden()


def test_each_row_says_the_line_the_devices_and_what_was_ticked(cole: Told) -> None:
    room = rules.set_devices(in_case(), MAX, False, True)
    room = rules.set_devices(room, PIA, False, False, True)

    cole.draw(without(full(room), "mei"), COLE)

    expect(people(cole.page)).to_have_count(12)
    expect(row(cole.page, "Max")).to_contain_text("here, microphone off, not said: alone, door closed")
    expect(row(cole.page, "Pia")).to_contain_text("someone came in: camera and microphone are off")
    expect(people(cole.page).filter(has_text="Nora")).to_contain_text("slow line")
    expect(people(cole.page).nth(0)).to_contain_text("Mei")
    expect(people(cole.page).nth(0)).to_contain_text("reconnecting")
    expect(people(cole.page).nth(1)).to_contain_text("Aside by voice")


def test_nothing_moves_under_a_hand_that_writes(cole: Told) -> None:
    cole.draw(in_case(), COLE)
    cole.say(writes(MAX, "I hear nobody."))
    press(cole.page, "Answer")
    cole.page.keyboard.type("One moment")

    cole.say(writes(PIA, "Nor do I."))
    cole.draw(in_case(Phase.CLARIFYING), COLE)

    expect(row(cole.page, "Nor do I.")).to_be_visible()
    expect(people(cole.page).first).to_contain_text("I hear nobody.")
    field = cole.page.get_by_label("Write to Max")
    expect(field).to_be_focused()
    expect(field).to_have_value("One moment")
    cole.page.keyboard.press("Enter")
    assert cole.asked("write") == [{"type": "write", "place": "line", "seat": MAX, "text": "One moment"}]
    cole.page.keyboard.press("Escape")
    cole.draw(in_case(Phase.CLARIFYING), COLE)
    cole.page.keyboard.press("p")
    expect(people(cole.page).first).to_contain_text("Nor do I.")


def test_a_row_that_opens_by_itself_shows_only_what_helps(cole: Told) -> None:
    cole.draw(full(in_case()), COLE)
    nora = row(cole.page, "Nora")
    expect(nora.get_by_role("button", name="Aside by voice")).to_be_visible()
    cole.say(writes("nora", "I hear nobody."))
    expect(nora.get_by_role("button", name="Answer")).to_be_visible()
    expect(nora.get_by_role("button", name="Remove")).to_be_hidden()

    for _ in ("closes it", "asks for more"):
        press(cole.page, "More about Nora")

    expect(nora.get_by_role("button", name="Remove Nora")).to_be_visible()
    press(cole.page, "More about Nora")
    cole.say(writes("nora", "Still nobody."))
    expect(nora.get_by_role("button", name="Answer")).to_be_visible()
    expect(nora.get_by_role("button", name="Remove")).to_be_hidden()


@pytest.mark.parametrize(
    "gone",
    [
        lambda room: door.remove(room, LEA, MAX),
        lambda room: door.leave(room, MAX, NOW_MS),
        lambda room: moved(room, Phase.CLOSING, Phase.DEBRIEF),
    ],
    ids=["removed", "left", "debrief"],
)
def test_who_is_gone_waits_for_no_answer(cole: Told, gone: Callable[[Room], Room]) -> None:
    count = cole.page.locator('[data-toggles="people"] [data-door-count]')
    cole.draw(in_call(), COLE)
    cole.say(writes(MAX, "I hear nobody."))
    expect(count).to_have_text("1")

    cole.draw(gone(in_call()), COLE)

    expect(count).to_be_hidden()


def test_of_whoever_is_removed_no_line_is_said_to_be_gone(cole: Told) -> None:
    live = cole.page.locator("[data-live]")
    cole.draw(in_call(), PIA)
    before = live.text_content() or ""
    cole.draw(door.remove(in_call(), LEA, MAX), PIA)
    expect(live).to_have_text(before)
    cole.draw(in_call(), COLE)

    cole.draw(door.remove(in_call(), LEA, MAX), COLE)

    expect(live).to_have_text("Max was removed.")


def test_the_field_of_an_answer_is_whole_on_a_small_laptop(cole: Told) -> None:
    cole.page.set_viewport_size(LAPTOP)
    cole.draw(full(in_case()), COLE)
    for seat_id in ("tom", "ravi", "mei"):
        cole.say(writes(seat_id, "I see nobody. " * 9))
    row(cole.page, "Ravi").get_by_role("button", name="Answer").click()
    field = cole.page.get_by_label("Write to Ravi")
    expect(field).to_be_in_viewport(ratio=1)

    for _ in range(3):
        cole.say(writes("ravi", "And I hear only half of it. " * 6))

    expect(row(cole.page, "Ravi").locator("[data-lines] > li")).to_have_count(4)
    expect(field).to_be_in_viewport(ratio=1)


MIDDLE = """() => {
  const boxes = (selector) =>
    [...document.querySelectorAll(selector)]
      .filter((each) => each.checkVisibility())
      .map((each) => [each.className, each.getBoundingClientRect()]);
  const meet = (one, other) =>
    one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
  const words = boxes(".heart > :not(.heart__phone)");
  return boxes(".seat__face, .seat__name, .hand").flatMap(([, face]) =>
    words.filter(([, box]) => meet(box, face)).map(([name]) => name));
}"""


@pytest.mark.parametrize(
    ("size", "room"),
    [
        (LAPTOP, without(with_hands(full(pushed_back()), MAX, "tom"), PIA)),
        (LAPTOP, apart.take_aside(with_hands(full(pushed_back()), MAX, "tom"), COLE, "nora", PIA)),
        (LAPTOP, with_hands(full(invited()), MAX, "tom")),
        (WIDE, moved(full(in_call()), Phase.CLOSING, Phase.DEBRIEF)),
    ],
    ids=["held", "aside", "return", "debrief"],
)
def test_beside_a_sheet_the_middle_touches_no_face(cole: Told, size, room: Room) -> None:
    cole.page.set_viewport_size(size)
    cole.draw(full(in_call()), COLE)

    cole.draw(room, COLE)

    expect(cole.page.locator("[data-room][data-side]")).to_be_visible()
    wait_until(cole.page, "nothing meets", lambda: cole.page.evaluate(MIDDLE) == [])


def test_whoever_has_pushed_back_is_left_in_peace(cole: Told) -> None:
    cole.draw(pushed_back(), COLE)

    press(cole.page, "More about Pia")

    expect(row(cole.page, "Pia")).to_contain_text("Whoever has pushed back is left in peace until they return.")
    cole.page.get_by_role("button", name="Aside by voice").dispatch_event("click")
    cole.draw(pushed_back(), COLE)
    assert cole.asked("take_aside") == []


def test_leaders_write_to_each_other_and_are_told_who_is_away(cole: Told) -> None:
    cole.draw(in_case(), COLE)
    cole.say(protocol.Texts("leaders", "", (protocol.Text(LEA, "Pia is tired.", NOW_MS),), whole=False))
    expect(cole.page.locator("[data-leaders-count]")).to_have_text("1")

    press(cole.page, "Lea only")

    expect(cole.page.get_by_role("log", name="Lea and you")).to_contain_text("Pia is tired.")
    expect(cole.page.get_by_label("Write to Lea only")).to_be_focused()
    check_axe(cole.page)
    cole.draw(without(in_case(), LEA), COLE)
    expect(cole.page.locator("[data-leaders-state]")).to_have_text("Lea is not here now.")
    expect(cole.page.get_by_label("Write to Lea only")).not_to_be_editable()


def busy() -> Room:
    """Twelve; one waits at the door, two are aside, one is gone."""
    room = door.arrive(without(full(in_call()), MAX), MAX, Role.MEMBER, 11 * 60_000)
    return apart.take_aside(without(room, "mei"), COLE, PIA, "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_reader_finds_anything_amiss_in_the_panel(cole: Told, scheme: str) -> None:
    cole.page.emulate_media(color_scheme=scheme)
    cole.draw(busy(), COLE)
    for seat_id in ("tom", "ravi"):
        cole.say(writes(seat_id, "I see nobody."))
    row(cole.page, "Tom").get_by_role("button", name="Answer").click()

    check_axe(cole.page)
    for size in (LAPTOP, TABLET):
        cole.page.set_viewport_size(size)
        assert (size, crowded(cole.page), scrolls(cole.page)) == (size, False, False)
    for size in (PHONE, ZOOMED):
        cole.page.set_viewport_size(size)
        assert (size, scrolls(cole.page)) == (size, False)
    cole.page.set_viewport_size(PHONE)
    check_axe(cole.page)


def test_a_members_help_is_there_also_for_who_has_pushed_back_and_rests_without_a_leader(told) -> None:
    pia = told[MAX]
    pia.page.set_viewport_size(PHONE)
    pia.draw(pushed_back(), PIA)
    press(pia.page, "More")
    press(pia.page, "Something does not work?")

    field = pia.page.get_by_label("What does not work?")
    expect(field).to_be_focused()
    expect(pia.page.get_by_text("Nothing of the case, please.")).to_be_visible()
    check_axe(pia.page)
    pia.draw(without(pushed_back(), LEA, COLE), PIA)
    expect(pia.page.get_by_text("No leader is here to read it now.")).to_be_visible()
    expect(field).not_to_be_editable()
    expect(field).to_be_focused()
    pia.page.keyboard.press("Escape")
    expect(pia.page.get_by_role("button", name="More")).to_be_focused()

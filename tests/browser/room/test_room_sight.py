"""Nothing comes down that nobody looks at: pictures beyond the edge of the screen, all of a page in the background."""

from tests.browser.devices import wait_until
from tests.browser.room.pages import Said, go_in, seat
from tests.browser.room.test_room_line import faces

# As the browser does for a page behind another one.
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_page_in_the_background_wants_no_pictures(person, session) -> None:
    said = Said()
    max_ = go_in(person("max", before=said.listen), session)
    wait_until(max_, "every face is stated", lambda: said.tiles() == faces(max_))

    max_.evaluate(HIDE, True)
    wait_until(max_, "none is", lambda: said.tiles() == {})

    max_.evaluate(HIDE, False)
    wait_until(max_, "all are again", lambda: said.tiles() == faces(max_))


def test_pictures_beyond_the_edge_are_not_wanted_until_one_scrolls_there(person, session) -> None:
    said = Said()
    max_ = go_in(person("max", before=said.listen), session)
    wait_until(max_, "every face is stated", lambda: said.tiles() == faces(max_))

    max_.evaluate("() => { document.querySelector('[data-seats]').style.marginTop = '3000px'; }")
    wait_until(max_, "none is", lambda: said.tiles() == {})

    seat(max_, "Lea").scroll_into_view_if_needed()
    wait_until(max_, "all are again", lambda: said.tiles() == faces(max_))

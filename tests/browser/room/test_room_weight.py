"""What the room's page weighs, and that a doctor far away does not wait for it file by file."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from sessions.models import Session
from tests.browser.room.pages import go_in

MOST_BYTES = 150_000
FILES = "() => performance.getEntriesByType('resource').map(({ name, transferSize }) => [name, transferSize])"


def weighed(page: Page) -> dict[str, int]:
    """The page loaded once more by a browser that keeps nothing: what came over the line, in bytes, by address."""
    line = page.context.new_cdp_session(page)
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    line.on("Network.responseReceived", lambda told: names.update({told["requestId"]: told["response"]["url"]}))
    line.on("Network.loadingFinished", lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}))
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.reload(wait_until="networkidle")
    expect(page.locator("[data-room][data-connected][data-phase]")).to_be_visible()
    return {names[request]: size for request, size in sizes.items() if request in names}


def test_the_page_is_light_and_names_all_its_modules_at_once(enter: Callable[..., Page]) -> None:
    page = enter("lea")

    weights = weighed(page)

    named = page.locator("link[rel=modulepreload]").evaluate_all("links => links.map(({ href }) => href)")
    assert page.url in weights
    assert sorted(named) == sorted(address for address in weights if address.endswith(".js"))
    assert sum(weights.values()) <= MOST_BYTES


def test_what_runs_in_the_room_has_come_before_one_goes_in(person: Callable[..., Page], session: Session) -> None:
    page = go_in(person("lea"), session)

    scripts = {name: size for name, size in page.evaluate(FILES) if name.endswith(".js")}

    assert len(scripts) > 20
    assert {name: size for name, size in scripts.items() if size > 0} == {}

"""Rooms that come faster than a page can draw: it shows the newest, and does not fall behind."""

from collections.abc import Callable

from playwright.sync_api import Page

DRAWN = """async () => {
  const { Newest } = await import("/static/js/room/newest.js");
  const drawn = [];
  const newest = new Newest((room) => drawn.push(room.seq));
  for (let seq = 1; seq <= 200; seq += 1) newest.take({ seq });
  await new Promise((resolve) => setTimeout(resolve, 200));
  return drawn;
}"""


def test_of_many_rooms_at_once_the_first_and_the_newest_are_drawn(visitor: Callable[..., Page]) -> None:
    page = visitor()
    page.goto("/")

    drawn = page.evaluate(DRAWN)

    assert (drawn[0], drawn[-1]) == (1, 200)
    assert len(drawn) < 10

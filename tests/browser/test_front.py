"""The front door: what a stranger sees, and the way in."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_axe
from tests.browser.conftest import PHONE, WIDE


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_stranger_reads_the_front_page(visitor: Callable[..., Page], scheme: str, size: dict[str, int]) -> None:
    page = visitor(color_scheme=scheme, viewport=size)

    page.goto("/")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    check_axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_lea_logs_in_and_out(person: Callable[..., Page]) -> None:
    page = person("lea")
    expect(page.get_by_role("banner")).to_contain_text("Lea Brandt")
    check_axe(page)

    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button").click()

    page.goto("/accounts/login/")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()

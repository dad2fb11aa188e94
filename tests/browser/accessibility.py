"""axe-core against the page as it stands."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}
AXE = Axe()


def check_axe(page: Page) -> None:
    """No violation of WCAG 2.2 AA; a failure names each rule and where it is broken."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    found = page.evaluate("options => axe.run(options)", OPTIONS)
    broken = [f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]]
    assert broken == [], "\n".join(broken)

"""A browser behind the poor line, as the benchmarks have it."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from benchmarks.wire import missing, wire
from launcher.services import chromium as find_chromium
from tests.browser.conftest import FLAGS
from tests.processes import App


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_a_page_inside_reaches_the_app_on_localhost(app: App, chromium: Browser) -> None:
    with wire() as line:
        line.relay(urlsplit(app.url).port or 80)
        inside = chromium.browser_type.launch(executable_path=line.executable(find_chromium() or ""), args=FLAGS)
        page = inside.new_page()
        page.goto(f"{app.url}/accounts/login/")

        assert page.evaluate("[isSecureContext, navigator.onLine, location.origin]") == [True, True, app.url]
        assert line.up.counted.carried > 10
        inside.close()

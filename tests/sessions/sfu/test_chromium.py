"""Real Chromium pages as members: pictures decode and voices have energy, both ways."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Page, Route, async_playwright

from launcher.services import chromium as find_chromium
from tests.sessions.sfu.call import Call, until

PAGE = Path(__file__).with_name("page.html").read_text()
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
]
DEADLINE_S = 20.0


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        await browser.close()


async def enter(call: Call, browser: Browser, name: str, *, sends: bool = True) -> Page:
    call.told.pop(name, None)
    page = await (await browser.new_context()).new_page()

    async def show(route: Route) -> None:
        await route.fulfill(body=PAGE, content_type="text/html")

    async def join(offer: str) -> str:
        return await call.room.join(name, offer)

    await page.route("http://localhost/", show)
    await page.expose_function("join", join)
    await page.goto("http://localhost/")
    await page.evaluate("([sends, slots]) => enter(sends, slots)", [sends, 15])
    await until(lambda: name in call.told)
    return page


async def rises(page: Page, mid: str) -> None:
    """Returns when what `page` gets in this slot has grown: decoded frames, or audio energy."""

    async def figure() -> float:
        return (await page.evaluate("received()")).get(mid, 0)

    before = await figure()
    await soon(lambda: figure(), lambda now: now > before)


async def soon(look: Callable[[], Awaitable[float]], enough: Callable[[float], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not enough(await look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.1)


async def test_three_pages_in_a_room(call: Call, browser: Browser) -> None:
    """Lea and Pia send, Rae only listens; Pia is silenced, heard again, restarts ICE, reloads."""
    both = frozenset({"lea", "pia"})
    call.room.hear(both)
    call.room.show(both)
    lea, pia = [await enter(call, browser, name) for name in ("lea", "pia")]
    rae = await enter(call, browser, "rae", sends=False)
    pages = {"lea": lea, "pia": pia, "rae": rae}

    for receiver, publisher in (("lea", "pia"), ("pia", "lea"), ("rae", "lea"), ("rae", "pia")):
        for kind in ("audio", "video"):
            await rises(pages[receiver], call.mid(receiver, publisher, kind))
    assert call.spoke

    call.room.hear(frozenset({"lea"}))
    before = call.room.counters("pia")
    await until(lambda: call.room.counters("pia").audio_received > before.audio_received + 50)
    assert call.room.counters("pia").audio_forwarded == before.audio_forwarded

    call.room.hear(both)
    await rises(lea, call.mid("lea", "pia", "audio"))

    await pia.evaluate("negotiate({ iceRestart: true })")
    await rises(lea, call.mid("lea", "pia", "video"))
    await rises(pia, call.mid("pia", "lea", "video"))

    former = call.peer("pia")
    await pia.context.close()
    pia = await enter(call, browser, "pia")
    assert call.peer("pia") is not former
    for kind in ("audio", "video"):
        await rises(lea, call.mid("lea", "pia", kind))
        await rises(pia, call.mid("pia", "lea", kind))

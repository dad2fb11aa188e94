"""Real Chromium pages as members: pictures decode and voices have energy, both ways."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import Random

import pytest_asyncio
from playwright.async_api import Browser, Page, Route, async_playwright

from launcher.services import chromium as find_chromium
from sessions.sfu.ice import Address
from sessions.sfu.port import Port
from tests.sessions.sfu.call import Call, until

PAGE = Path(__file__).with_name("page.html").read_text()
CODECS = Path(__file__).parents[3] / "static/js/room/codecs.js"
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
REDUNDANT, PLAIN = 63, 111  # Chromium's payload types for a voice


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        await browser.close()


async def enter(call: Call, browser: Browser, name: str, *, sends: bool = True, how: str = "") -> Page:
    call.told.pop(name, None)
    page = await (await browser.new_context()).new_page()

    async def show(route: Route) -> None:
        await route.fulfill(body=PAGE, content_type="text/html")

    async def join(offer: str) -> str:
        return await call.room.join(name, offer)

    await page.route("http://localhost/", show)
    await page.route("http://localhost/codecs.js", lambda route: route.fulfill(path=CODECS))
    await page.expose_function("join", join)
    await page.goto("http://localhost/")
    await page.evaluate("([sends, slots, how]) => enter(sends, slots, how)", [sends, 15, how])
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

    former = call.peer("pia")
    await pia.evaluate("negotiate({ iceRestart: true })")
    await rises(lea, call.mid("lea", "pia", "video"))
    await rises(pia, call.mid("pia", "lea", "video"))
    assert call.peer("pia") is former

    await pia.context.close()
    pia = await enter(call, browser, "pia")
    assert call.peer("pia") is not former
    for kind in ("audio", "video"):
        await rises(lea, call.mid("lea", "pia", kind))
        await rises(pia, call.mid("pia", "lea", kind))


class LossyPort:
    """The node's port over a line that loses each packet of a voice with this chance, whomever it goes to."""

    def __init__(self, port: Port, chance: float) -> None:
        self._port, self.chance = port, chance
        self._random = Random(7)
        self.lost = {REDUNDANT: 0, PLAIN: 0}

    def send(self, data: bytes | memoryview, address: Address) -> bool:
        kind = data[1] & 0x7F
        if kind in self.lost and self._random.random() < self.chance:
            self.lost[kind] += 1
            return True
        return self._port.send(data, address)


async def test_a_voice_over_a_line_that_loses_a_tenth(call: Call, browser: Browser) -> None:
    """Lea asks for redundancy and for what is lost, Max for neither; Pia hums, then is silent."""
    call.room.hear(frozenset({"pia"}))
    pia = await enter(call, browser, "pia", how="redundant")
    pages = {
        "lea": await enter(call, browser, "lea", sends=False, how="redundant"),
        "max": await enter(call, browser, "max", sends=False),
    }
    await pia.evaluate("hum(0.3)")
    await until(lambda: all(call.peer(name).share.portion.red for name in pages))
    for name, page in pages.items():
        await rises(page, call.mid(name, "pia", "audio"))

    call.room.port = port = LossyPort(call.node.port, 0.1)  # type: ignore[assignment]
    await shares(call, pages, lambda share: share["max"] > 0.04 and share["lea"] < share["max"] / 3)
    assert min(port.lost.values()) > 5

    port.chance = 0.0
    await pia.evaluate("hum(0)")
    await shares(call, pages, lambda share: max(share.values()) < 0.005)


async def shares(call: Call, pages: dict[str, Page], enough: Callable[[dict[str, float]], bool]) -> None:
    """Returns when the pages' shares of concealment over some seconds are so; a busy machine may need several tries."""
    deadline = time.monotonic() + 2 * DEADLINE_S
    while not enough(share := await made_up(call, pages, 3.0)):
        assert time.monotonic() < deadline, share


async def made_up(call: Call, pages: dict[str, Page], seconds: float) -> dict[str, float]:
    """The share of Pia's voice that each page has to make up in the coming seconds (concealed samples)."""

    async def look() -> dict[str, dict[str, int]]:
        mids = {name: call.mid(name, "pia", "audio") for name in pages}
        return {name: await page.evaluate("(mid) => heard(mid)", mids[name]) for name, page in pages.items()}

    before = await look()
    await asyncio.sleep(seconds)
    after = await look()
    grown = {name: [after[name][key] - before[name][key] for key in ("concealed", "played")] for name in pages}
    return {name: concealed / played for name, (concealed, played) in grown.items()}


async def test_ten_switches_between_layers_freeze_nothing(call: Call, browser: Browser) -> None:
    """Rae's tile of Pia grows and shrinks, on a line that is never too slow. A busy machine may need several tries."""
    call.room.spare_bps = lambda peer, now: None  # type: ignore[method-assign]
    call.room.show(frozenset({"pia"}))
    await enter(call, browser, "pia", how="layered")
    rae = await enter(call, browser, "rae", sends=False)
    await until(lambda: len(call.peer("pia").tracks["video"].live) == 2)

    deadline = time.monotonic() + 3 * DEADLINE_S
    while (went := await switched(call, rae, times=10)) and not (went["fps"] >= 10 and went["freezes"] == 0):
        assert time.monotonic() < deadline, went


async def switched(call: Call, rae: Page, times: int) -> dict[str, float]:
    """Frames a second and freezes of Pia's picture while its layer changes so many times."""
    mid = call.mid("rae", "pia", "video")

    async def look() -> dict[str, float]:
        return await rae.evaluate("(mid) => watched(mid)", mid) or {}

    async def height() -> float:
        return (await look()).get("height") or 0

    await soon(height, bool)
    began = await look()
    for switch in range(times):
        tile, layer = ((500, 360), (100, 180))[switch % 2]
        call.room.watch("rae", {"pia": tile})
        await soon(height, lambda now, layer=layer: now == layer)
        await asyncio.sleep(0.5)
    ended = await look()
    grown = {key: ended[key] - began[key] for key in ("frames", "freezes", "at")}
    return {"fps": grown["frames"] * 1000 / grown["at"], "freezes": grown["freezes"]}

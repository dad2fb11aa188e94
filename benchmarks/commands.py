"""How soon a raised hand is on everybody's screen, also while somebody floods the room, and whether all see one order.

    ./balint.sh bench commands --json figures.json
    ./balint.sh bench commands --raises 100 --races 500

The real app with twelve members: eleven synthetic ones with real sockets and voices (hands.py), and one Chromium with
the room's real page. A hand counts as shown when a synthetic member has parsed the room's message, and in Chromium when
it is in the page. The same clock measures all: that of this machine. Ends with 1 when a target is missed.
"""

import argparse
import json
import math
import os
import platform
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.line import FLAGS, App, Circle, page_in_the_room, running_app
from launcher.services import chromium, free_port

MEMBERS = 12
CALM_P99_MS, FLOODED_P95_MS = 50.0, 250.0
PART = 500  # races at a time: their orders come in one answer


@dataclass(frozen=True)
class Found:
    """One figure: at most `bound` of `unit`; infinite where it is only told."""

    what: str
    measured: float
    bound: float
    unit: str = "ms"

    @property
    def held(self) -> bool:
        return self.measured <= self.bound


def measure(raises: int, races: int) -> Iterator[Found]:
    ports = [free_port() for _ in range(3)]
    with running_app("127.0.0.1", ports) as app, sync_playwright() as playwright:
        circle = Circle(app, MEMBERS, "benchmarks.hands")
        browser = playwright.chromium.launch(executable_path=chromium() or "chromium", args=FLAGS)
        try:
            with page_in_the_room(browser, app, circle, "commands.js") as page:
                page.get_by_role("button", name="Raise my hand").wait_for()
                yield from hands(circle, page, raises, "", 99, CALM_P99_MS)
                stopped = stops(app)
                circle.ask("flood")
                yield from hands(circle, page, raises, ", while two members flood", 95, FLOODED_P95_MS)
                circle.ask("calm")
                yield Found("floods past the limit that nothing stopped", float(stops(app) == stopped), 0, "")
                yield from orders(circle, page, races)
        finally:
            browser.close()
            circle.end()


def stops(app: App) -> int:
    """How many sockets the node has closed for sending too much."""
    with urllib.request.urlopen(f"http://localhost:{app.environment['ROOM_PORT']}/healthz") as answer:
        return int(json.load(answer)["closed"].get("too_fast", 0))


def hands(circle: Circle, page: Page, count: int, when: str, percent: int, bound_ms: float) -> Iterator[Found]:
    """Of each hand, how long it took to the last of the synthetic members, and to the page."""
    page.evaluate("shown()")
    raised = circle.ask("raise", count)
    last_ms = [1000 * max(each["took_s"]) for each in raised]
    page_ms = list(shown_after(raised, page.evaluate("shown()")))
    for who, found in (("eleven members'", last_ms), ("a browser's", page_ms)):
        yield Found(f"until a hand is on {who} screen (p50){when}", percentile(found, 50), math.inf)
        yield Found(f"until a hand is on {who} screen (p{percent}){when}", percentile(found, percent), bound_ms)


def shown_after(raised: Sequence[dict[str, Any]], shown: Sequence[tuple[str, float]]) -> Iterator[float]:
    """How many ms each hand took to the page; without end where it never came."""
    ends = [each["began_s"] for each in raised[1:]] + [math.inf]
    for each, end_s in zip(raised, ends, strict=True):
        times = (at_s for seat, at_s in shown if seat == each["seat"] and each["began_s"] <= at_s < end_s)
        yield 1000 * (next(times, math.inf) - each["began_s"])


def percentile(found: Sequence[float], percent: int) -> float:
    """The smallest that so many per cent do not exceed."""
    return round(sorted(found)[math.ceil(len(found) * percent / 100) - 1], 1)


def orders(circle: Circle, page: Page, races: int) -> Iterator[Found]:
    compared = different = 0
    for begin in range(0, races, PART):
        page.evaluate("orders()")
        members = circle.ask("race", min(PART, races - begin))
        page.wait_for_timeout(200)
        for seen in by_number([*members, page.evaluate("orders()")]):
            compared += len(seen) - 1
            different += sum(each != seen[0] for each in seen)
    yield Found(f"orders of hands that differ between screens, of {compared} after {races} races", different, 0, "")


def by_number(screens: Sequence[dict[str, list[str]]]) -> Iterator[list[list[str]]]:
    """What the screens had at each of the room's numbers."""
    for number in {number for screen in screens for number in screen}:
        yield [screen[number] for screen in screens if number in screen]


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.commands", description="Hands on everybody's screen")
    parser.add_argument("--raises", type=int, default=300, help="hands, calm and again in a flood (300)")
    parser.add_argument("--races", type=int, default=10_000, help="of two or three hands at once (10000)")
    parser.add_argument("--json", metavar="FILE", help="also write the figures there")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """1 when a target is missed."""
    options = _arguments(argv)
    rows = []
    for found in measure(options.raises, options.races):
        bound = "" if found.bound == math.inf else f"(<= {found.bound:g})  {'held' if found.held else 'NOT HELD'}"
        print(f"{found.what:<78} {found.measured:>8g} {found.unit:<2} {bound}", flush=True)
        rows.append(asdict(found) | {"held": found.held})
    if options.json:
        about = {"command": " ".join(sys.argv[1:]), "machine": platform.platform(), "cores": os.cpu_count()}
        about["date"] = datetime.now(UTC).date().isoformat()
        Path(options.json).write_text(json.dumps({"about": about, "figures": rows}, indent=2))
    return 0 if all(row["held"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

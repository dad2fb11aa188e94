"""How long the room's page takes until it can be used: near, and far away behind the wire.

    ./balint.sh bench page --json figures.json

The real app, and one Chromium that has never been there: it comes by the join page as people do, and what counts is
from "Go in" until the page is connected, has drawn the room and has a button to press. The far line needs root, Linux
(wire.py). Ends with 1 when the near one takes longer than NEAR_MS.
"""

import argparse
import json
import os
import platform
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.line import FLAGS, App, Circle, Terms, page_in_the_room, running_app, string
from benchmarks.wire import wire
from launcher.services import chromium, free_port

NEAR_MS = 1_000
LINES = (Terms("near", 0, 0), Terms("40 ms", 2e6, 0.04), Terms("300 ms", 2e6, 0.3))
SCRIPT = Path(__file__).parent / "page.js"


@dataclass(frozen=True)
class Figures:
    """Of several visits over one line: medians, and the slowest; `requests` to our server, `kbytes` that came over it."""

    line: str
    usable_ms: float
    slowest_ms: float
    requests: int
    kbytes: float


VISIT = """() => {
  const files = performance.getEntriesByType("resource"), [page] = performance.getEntriesByType("navigation");
  const come = [page, ...files].map(({ transferSize }) => transferSize).filter((size) => size > 0);
  return [window.usableMs, come.length, come.reduce((all, size) => all + size, 0)];
}"""


def visits(browser: Browser, app: App, circle: Circle, terms: Terms, runs: int, wired) -> Figures:
    found = []
    for _ in range(runs):
        with page_in_the_room(browser, app, circle, "page.js") as page:
            found.append(page.evaluate(VISIT))
    took = [ms for ms, *_ in found]
    return Figures(
        terms.name,
        round(statistics.median(took)),
        round(max(took)),
        statistics.median_low([requests for _, requests, _ in found]),
        round(statistics.median(octets for *_, octets in found) / 1000, 1),
    )


def measure(runs, members):
    ports = [free_port() for _ in range(3)]
    with wire() as line, running_app(line.host, ports) as app, sync_playwright() as playwright:
        line.relay(*ports[:2])
        circle = Circle(app, members)
        browser = playwright.chromium.launch(executable_path=line.executable(chromium() or "chromium"), args=FLAGS)
        try:
            for terms in LINES:
                string(line, terms)
                yield visits(browser, app, circle, terms, runs, True)
        finally:
            browser.close()
            circle.end()

if __name__ == "__main__":
    for m in map(int, sys.argv[1:]):
        for f in measure(5, m): print(m, f, flush=True)

"""How long the room's page takes until it can be used: near, and far away behind the wire.

    ./balint.sh bench page --json figures.json

The real app, and one Chromium that has never been there: it comes by the join page as people do, and what counts is
from "Go in" until the page is connected, has drawn the room and has a button to press. The lines need root, Linux
(wire.py). Ends with 1 when the near one takes longer than NEAR_MS.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.line import FLAGS, App, Circle, Terms, page_in_the_room, running_app, string
from benchmarks.wire import wire
from launcher.services import chromium, free_port

NEAR_MS = 1_000
LINES = (Terms("near", 0, 0), Terms("2 Mb/s, 40 ms", 2e6, 0.04), Terms("2 Mb/s, 300 ms", 2e6, 0.3))
VISIT = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const sizes = [page, ...performance.getEntriesByType("resource")].map(({ transferSize }) => transferSize);
  return [window.usableMs, sizes.filter((size) => size > 0).length, sizes.reduce((all, size) => all + size, 0)];
}"""


@dataclass(frozen=True)
class Figures:
    """Of several visits over one line: medians, and the slowest. `requests` and `kbytes` came after "Go in"."""

    line: str
    usable_ms: float
    slowest_ms: float
    requests: int
    kbytes: float


def visits(browser: Browser, app: App, circle: Circle, line: str, runs: int) -> Figures:
    took, requests, octets = zip(*(visit(browser, app, circle) for _ in range(runs)), strict=True)
    return Figures(
        line,
        round(statistics.median(took)),
        round(max(took)),
        statistics.median_low(requests),
        round(statistics.median(octets) / 1000, 1),
    )


def visit(browser: Browser, app: App, circle: Circle) -> tuple[float, int, int]:
    with page_in_the_room(browser, app, circle, "page.js") as page:
        usable_ms, requests, octets = page.evaluate(VISIT)
        return usable_ms, requests, octets


def measure(runs: int, members: int) -> Iterator[Figures]:
    ports = [free_port() for _ in range(3)]
    with wire() as line, running_app(line.host, ports) as app, sync_playwright() as playwright:
        line.relay(*ports[:2])
        circle = Circle(app, members)
        browser = playwright.chromium.launch(executable_path=line.executable(chromium() or "chromium"), args=FLAGS)
        try:
            visit(browser, app, circle)  # so that the server has made its first page
            for terms in LINES:
                string(line, terms)
                yield visits(browser, app, circle, terms.name, runs)
        finally:
            browser.close()
            circle.end()


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.page", description="Until the room's page can be used")
    parser.add_argument("--runs", type=int, default=7, help="for the medians (7)")
    parser.add_argument("--members", type=int, default=1, help="with the visitor; the others are synthetic (1)")
    parser.add_argument("--json", metavar="FILE", help="also write the figures there")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """1 when the near page takes too long."""
    options = _arguments(argv)
    found = []
    for figures in measure(options.runs, options.members):
        found.append(figures)
        print(
            f"{figures.line:>16}  usable after {figures.usable_ms:g} ms (slowest {figures.slowest_ms:g} ms),"
            f" {figures.requests} requests, {figures.kbytes:g} kB",
            flush=True,
        )
    if options.json:
        Path(options.json).write_text(json.dumps([asdict(figures) for figures in found], indent=2))
    return int(found[0].usable_ms > NEAR_MS)


if __name__ == "__main__":
    sys.exit(main())

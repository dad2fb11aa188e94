"""Faults of a session that take long, or a poor line: what a person behind the wire then has, and whether it holds.

    ./balint.sh bench faults --json faults.json
    ./balint.sh bench faults --only L10 --quick

The real app, seven synthetic members, and one Chromium with the room's real page behind the wire (wire.py: root,
Linux). Names and bounds are those of docs/faults.md. Ends with 1 when a bound is not held.
"""

import argparse
import contextlib
import json
import os
import platform
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.line import (
    FLAGS,
    PATIENCE_MS,
    STILL_S,
    App,
    Circle,
    Terms,
    heard,
    page_in_the_room,
    pictures,
    running_app,
    string,
)
from benchmarks.wire import ROOT, Line, wire
from launcher.services import chromium, free_port

MEMBERS = 8
GOOD = Terms("", 0, 0.02)
SETTLE_S, STEADY_S = 12.0, 5.0
NODE = "runroom"
HANDS = "[data-seats] [data-hand]:not([hidden])"


@dataclass(frozen=True)
class Found:
    """One figure of a fault: at most `bound` of `unit`."""

    fault: str
    what: str
    measured: float
    bound: float
    unit: str = "s"

    @property
    def held(self) -> bool:
        return self.measured <= self.bound


@dataclass
class Stage:
    line: Line
    app: App
    circle: Circle
    browser: Browser
    quick: bool
    spare: int  # a port for one more node

    def seconds(self, whole: float, quick: float) -> float:
        return quick if self.quick else whole

    @contextlib.contextmanager
    def page(self) -> Iterator[Page]:
        """The page in the room over a good line, hearing one voice at a time."""
        string(self.line, GOOD)
        self.circle.ask("speak", 1)
        with page_in_the_room(self.browser, self.app, self.circle) as page:
            wait(page, STEADY_S)
            yield page
        string(self.line, GOOD)

    def black(self, blackout: bool) -> None:
        self.line.up.blackout = self.line.down.blackout = blackout

    def part(self, word: str) -> int:
        """The process of this part of the app."""
        mark = f"BALINT_DATA={self.app.environment['BALINT_DATA']}".encode()
        for folder in sorted(Path("/proc").glob("[0-9]*"), key=lambda folder: int(folder.name)):
            with contextlib.suppress(OSError):
                ours = mark in (folder / "environ").read_bytes().split(b"\0")
                if ours and word.encode() in (folder / "cmdline").read_bytes():
                    return int(folder.name)
        raise RuntimeError(f"no process of the app runs {word}")


def wait(page: Page, seconds: float) -> None:
    page.wait_for_timeout(1000 * seconds)


def looks(page: Page) -> list[dict[str, Any]]:
    """What the page has received since this was asked last, ten looks a second."""
    return list(page.evaluate("measured()"))


def packets(look: dict[str, Any]) -> int:
    return sum(voice[3] for voice in look["audio"].values())


def heard_again(page: Page, since: float, patience_s: float = 60.0) -> float:
    """Seconds from `since` until voices come again; the patience when they do not."""
    former = None
    while time.time() < since + patience_s:
        for look in looks(page):
            if look["at"] > since and former is not None and packets(look) > former:
                return round(look["at"] - since, 2)
            former = packets(look) if look["at"] > since else former
        wait(page, 0.2)
    return patience_s


# -- the line is gone


def without_network(stage: Stage, fault: str, seconds: float) -> list[Found]:
    """Own hand first, another's while away: the rank is kept, what was missed arrives, voices are back."""
    with stage.page() as page:
        page.get_by_role("button", name="Raise my hand").click()
        page.get_by_role("button", name="Lower my hand").wait_for()
        rank, hands = own_rank(page), page.locator(HANDS).count()
        stage.black(True)
        stage.circle.ask("hand")
        wait(page, seconds)
        looks(page)
        stage.black(False)
        since = time.time()
        voices = heard_again(page, since)
        expect(page.locator(HANDS)).not_to_have_count(hands)
        whole = round(time.time() - since, 2)
        kept = own_rank(page) == rank
        page.get_by_role("button", name="Lower my hand").click()
    return [
        Found(fault, f"voices back after {seconds:g} s without a network", voices, 3.0),
        Found(fault, "the missed state is there", whole, max(3.0, voices + 1)),
        Found(fault, "hands that lost their rank", float(not kept), 0.0, ""),
    ]


def own_rank(page: Page) -> str:
    return page.locator("[data-self] [data-rank]").inner_text()


def l3(stage: Stage) -> list[Found]:
    return without_network(stage, "L3", 30)


def l4(stage: Stage) -> list[Found]:
    return without_network(stage, "L4", stage.seconds(120, 45))


def l5(stage: Stage) -> list[Found]:
    """The presenter's line is gone, with the chair pushed back."""
    return [found for seconds in (30.0, stage.seconds(120, 45)) for found in without_presenter(stage, seconds)]


def without_presenter(stage: Stage, seconds: float) -> list[Found]:
    with stage.page() as page:
        stage.circle.ask("push_back")
        page.get_by_role("heading", name="Nobody hears you").first.wait_for()
        stage.black(True)
        since = time.time()
        wait(page, seconds)
        held = stage.circle.ask("hold")
        looks(page)
        stage.black(False)
        voices = heard_again(page, time.time())
        page.get_by_role("heading", name="Nobody hears you").first.wait_for()
        wait(page, SETTLE_S)
        after = stage.circle.ask("hold")
        stage.circle.ask("close_case")
    expected_s = held["elapsed_s"] + after["at"] - after["back_at"]
    kept = held["stands"] and not after["stands"] and held["phase"] == after["phase"] == "push_back"
    return [
        Found("L5", f"leaders told of a presenter away for {seconds:g} s", round(held["gone_at"] - since, 2), 5.0),
        Found("L5", "voices back to the presenter, without a click", voices, 3.0),
        Found("L5", "the clock's rest is wrong by", round(abs(after["elapsed_s"] - expected_s), 2), 1.0),
        Found("L5", "steps that did not stand, or did not go on", float(not kept), 0.0, ""),
    ]


def l23(stage: Stage) -> list[Found]:
    """Another network: the guest's address goes and a new one comes, after a while as between two networks, which the
    browser notices after two seconds, or at once."""
    former, other = f"{stage.line.guest}/24", f"{stage.line.guest.rpartition('.')[0]}.3/24"
    with stage.page() as page:
        looks(page)
        voices = heard_again(page, move(stage.line, page, former, other, 4))
        wait(page, STEADY_S)
        looks(page)
        unnoticed = heard_again(page, move(stage.line, page, other, former, 0))
    return [
        Found("L23", "voices back in another network", voices, 3.0),
        Found("L23", "the same, when the browser notices nothing", unnoticed, 3.0),
    ]


def move(line: Line, page: Page, former: str, other: str, gap_s: float) -> float:
    """When the new address was there."""
    line.inside(["ip", "addr", "del", former, "dev", "eth0"]).wait(5)
    wait(page, gap_s)
    line.inside(["ip", "addr", "add", other, "dev", "eth0"]).wait(5)
    return time.time()


# -- the line is poor


def watched(stage: Stage, page: Page, terms: Terms, seconds: float) -> dict[str, float]:
    """What is heard and seen over such a line, once it has settled. Chromium's own fake microphone beeps, and whoever
    speaks is one of the three heard: so it is off."""
    page.locator('[data-act="microphone"]').click()
    stage.circle.ask("speak", terms.voices)
    string(stage.line, terms)
    wait(page, SETTLE_S)
    looks(page)
    stage.circle.ask("voices")
    wait(page, seconds)
    return heard(looks_now := looks(page), stage.circle.ask("voices")) | pictures(looks_now)


def l8(stage: Stage) -> list[Found]:
    found = []
    for loss in (1, 5, 10, 20):
        with stage.page() as page:
            seen = watched(stage, page, Terms("", 2e6, 0.04, loss=loss / 100), stage.seconds(600, 20))
            again = page.evaluate("dialled()") - 1
        at = f"at {loss} % loss"
        found += [
            Found("L8", f"time without the voice that speaks, {at}", seen["gaps_pct"], 1.0 if loss <= 10 else 5.0, "%"),
            Found("L8", f"connections lost, {at}", again, 0, ""),
        ]
    return found


def l9(stage: Stage) -> list[Found]:
    with stage.page() as page:
        string(stage.line, Terms("", 2e6, 0.3))
        page.evaluate("acknowledged()")
        lost = 0
        for _ in range(int(stage.seconds(100, 20)) // 2):
            for name in ("Raise my hand", "Lower my hand"):
                page.get_by_role("button", name=name).click()
                page.get_by_role("button", name=name).wait_for(state="hidden")
                lost += page.locator("[data-room][data-lost]").count()
        took = sorted(page.evaluate("acknowledged()"))
    late = took[min(len(took) - 1, int(0.95 * len(took)))]
    return [
        Found("L9", f"{len(took)} commands acknowledged (p95) at 300 ms", late, 800, "ms"),
        Found("L9", "times it said reconnecting", lost, 0, ""),
    ]


def l10(stage: Stage) -> list[Found]:
    with stage.page() as page:
        seen = watched(stage, page, Terms("", 2e5, 0.04, voices=3), stage.seconds(60, 20))
        string(stage.line, GOOD)
        since = time.time()
        looks(page)
        while time.time() < since + 30:
            wait(page, 1)
            if pictures(looks(page))["faces"] >= MEMBERS - 1:
                break
        back = round(time.time() - since, 1)
    return [
        Found("L10", "time without a voice that speaks", seen["gaps_pct"], 1.0, "%"),
        Found("L10", "pictures that run", seen["faces"], 1, ""),
        Found("L10", "longest still without words", seen["unsaid_s"], STILL_S),
        Found("L10", "all pictures back", back, 10.0),
    ]


def l11(stage: Stage) -> list[Found]:
    with stage.page() as page:
        string(stage.line, Terms("", 2e6, 0.04, up_bps=100_000))
        since = time.time()
        page.locator('[data-notice="uplink"]').wait_for()
        told = round(time.time() - since, 1)
        wait(page, STEADY_S)
        before = page.evaluate("sent()")
        wait(page, seconds := stage.seconds(60, 20))
        after = page.evaluate("sent()")
    said, lost, frames = (after[name] - before[name] for name in ("voice", "lost", "frames"))
    return [
        Found("L11", "told that the own picture rests", told, 15.0),
        Found("L11", "frames of the own picture, with trials, a second", round(frames / seconds, 1), 5.0, ""),
        Found("L11", "own voice lost before repair", round(100 * lost / max(1, said), 2), 5.0, "%"),
    ]


# -- the node


def l14(stage: Stage) -> list[Found]:
    """Told to stop, as for a new version, while another node is there."""
    with second_node(stage), stage.page() as page:
        looks(page)
        since = time.time()
        os.kill(stage.part(NODE), signal.SIGTERM)
        voices = heard_again(page, since)
        page.locator("[data-room][data-connected]").wait_for()
        wait(page, SETTLE_S)
        here = page.locator("[data-seats] .seat:not([data-line])").count()
    return [
        Found("L14", "voices back on the other node", voices, 2.0),
        Found("L14", "seats that are still away", MEMBERS - here, 0, ""),
    ]


@contextlib.contextmanager
def second_node(stage: Stage) -> Iterator[None]:
    command = [sys.executable, "manage.py", "runroom", "--name", "second", "--port", str(stage.spare)]
    process = subprocess.Popen(
        [*command, "--media-port", str(free_port())],
        cwd=ROOT,
        env=stage.app.environment | {"ROOM_URL": f"ws://localhost:{stage.spare}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        if not process.stdout.readline():
            raise SystemExit("The second node could not start; what it said is above.")
        time.sleep(2)  # until pages know of it
        yield
    finally:
        process.terminate()
        process.communicate()


def l15(stage: Stage) -> list[Found]:
    with stage.page() as page:
        looks(page)
        node = stage.part(NODE)
        os.kill(node, signal.SIGSTOP)
        wait(page, 3)
        os.kill(node, signal.SIGCONT)
        voices = heard_again(page, time.time())
        wait(page, 1)
        away = [page.locator("[data-seats] [data-line]").count() for _ in range(10) if not wait(page, 0.5)]
        again = page.evaluate("dialled()") - 1
    return [
        Found("L15", "caught up after the node stood still for 3 s", voices, 2.0),
        Found("L15", "seats said to be away", max(away), 0, ""),
        Found("L15", "connections made anew", again, 0, ""),
    ]


def l26(stage: Stage) -> list[Found]:
    """The node's memory after a while of warming up, and what it holds open."""
    with stage.page() as page:
        node = stage.part(NODE)
        wait(page, stage.seconds(300, 20))
        before, seconds = held_by(node), stage.seconds(1800, 60)
        wait(page, seconds)
        after = held_by(node)
        again = page.evaluate("dialled()") - 1
    growth = round(100 * (after[0] / before[0] - 1) * 3600 / seconds, 1)
    found = [
        Found("L26", "descriptors more than before", after[1] - before[1], 2, ""),
        Found("L26", "connections lost", again, 0, ""),
    ]
    return found if stage.quick else [Found("L26", "memory grown in an hour", growth, 5.0, "%"), *found]


def held_by(process: int) -> tuple[int, int]:
    """Resident bytes and open descriptors."""
    status = Path(f"/proc/{process}/status").read_text()
    resident = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert resident is not None
    return int(resident[1]) * 1024, len(list(Path(f"/proc/{process}/fd").iterdir()))


# -- all of them

FAULTS: dict[str, Callable[[Stage], list[Found]]] = {
    "L3": l3,
    "L4": l4,
    "L5": l5,
    "L8": l8,
    "L9": l9,
    "L10": l10,
    "L11": l11,
    "L14": l14,
    "L15": l15,
    "L23": l23,
    "L26": l26,
}


def measure(names: Sequence[str], quick: bool) -> Iterator[Found]:
    ports = [free_port() for _ in range(4)]
    expect.set_options(timeout=PATIENCE_MS)
    with wire() as line, running_app(line.host, ports[:3]) as app, sync_playwright() as playwright:
        line.relay(ports[0], ports[1], ports[3])
        circle = Circle(app, MEMBERS)
        browser = playwright.chromium.launch(executable_path=line.executable(chromium() or "chromium"), args=FLAGS)
        stage = Stage(line, app, circle, browser, quick, ports[3])
        try:
            for name in names:
                yield from FAULTS[name](stage)
        finally:
            browser.close()
            circle.end()


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.faults", description="Long faults and poor lines")
    parser.add_argument("--only", action="append", choices=FAULTS, help="this fault; may be given again")
    parser.add_argument("--quick", action="store_true", help="short waits: minutes instead of an hour and a half")
    parser.add_argument("--json", metavar="FILE", help="also write the figures there")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """1 when a bound is not held."""
    options = _arguments(argv)
    rows = []
    for found in measure(options.only or list(FAULTS), options.quick):
        held = "held" if found.held else "NOT HELD"
        print(f"{found.fault:>4}  {found.what:<58} {found.measured:>8g} {found.unit:<2} (<= {found.bound:g})  {held}")
        sys.stdout.flush()
        rows.append(asdict(found) | {"held": found.held})
    if options.json:
        about = {"command": " ".join(sys.argv[1:]), "machine": platform.platform(), "cores": os.cpu_count()}
        about["date"] = datetime.now(UTC).date().isoformat()
        Path(options.json).write_text(json.dumps({"about": about, "figures": rows}, indent=2))
    return 0 if all(row["held"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

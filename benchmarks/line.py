"""What one doctor behind a poor line hears and sees of a room of twelve.

    ./balint.sh bench line --json figures.json
    ./balint.sh bench line --only "300 kb/s" --seconds 15 --runs 1

The real app, eleven synthetic members, and one Chromium with the room's real page behind the wire (wire.py: root,
Linux). For each line a new page comes in, has SETTLE_S to find out what the line carries, and is then looked at.
"""

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.wire import ROOT, Counted, Line, wire
from launcher import variables
from launcher.services import chromium, free_port

FLAGS = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
SETTLE_S = 12.0
QUEUE_S = 0.3  # of the line, both ways
FRESH_S = 0.6  # how long a voice may take to the ear; what is said earlier or later is not looked at
GAP_S = 0.2
STILL_S = 2.0
RUNS_FPS = 3.0  # a picture that shows less is a still
START_S, PATIENCE_MS = 90.0, 30_000
MEMBERS = 12


@dataclass(frozen=True)
class Terms:
    """One line; `voices` speak at a time."""

    name: str
    down_bps: float
    rtt_s: float
    up_bps: float = 2_000_000
    loss: float = 0.0
    voices: int = 1


@dataclass(frozen=True)
class Figures:
    """Of one run, or the medians of several. `concealed_pct` is of what the voices said, `gaps_pct` of the time they
    spoke; `faces` ran, at `fps`; `unsaid_s` is the longest that a tile stood still without a word."""

    concealed_pct: float
    gaps_pct: float
    faces: float
    fps: float
    fps_least: float
    unsaid_s: float
    settle_s: float
    estimate_share: float  # of the line's rate that was sent
    wait_ms: float  # mean in the line's queue
    wait_most_ms: float
    dropped_pct: float
    up_kbps: float


RTTS_S = {"40 ms": 0.04, "300 ms": 0.3}
RATES_BPS = {"2 Mb/s": 2e6, "1 Mb/s": 1e6, "300 kb/s": 3e5, "64 kb/s": 64e3}


def lines() -> list[Terms]:
    found = []
    for far, rtt_s in RTTS_S.items():
        found += [
            Terms(f"{name}, {far}", bps, rtt_s, up_bps=350_000 if bps == 1e6 else 2e6)
            for name, bps in RATES_BPS.items()
        ]
        found += [Terms(f"{loss} % loss, {far}", 2e6, rtt_s, loss=loss / 100) for loss in (5, 10, 20)]
        found.append(Terms(f"200 kb/s, three voices, {far}", 2e5, rtt_s, voices=3))
    return found


def missed(terms: Terms, figures: Figures) -> list[str]:
    """The targets of docs/benchmarks.md that these figures miss, in words."""
    far = terms.rtt_s > 0.1
    limits = [(figures.unsaid_s > STILL_S, f"a tile was still for {figures.unsaid_s} s without words")]
    if terms.down_bps >= 1e6 and terms.loss == 0:
        limits.append((figures.faces < MEMBERS - 1, f"only {figures.faces:g} of the other faces ran"))
    if terms.down_bps <= 2e5:
        limits.append((figures.gaps_pct > 1, f"voices had gaps in {figures.gaps_pct} % of their time"))
        limits.append((figures.concealed_pct > 2, f"{figures.concealed_pct} % of the voices was concealed"))
    if 0 < terms.loss <= 0.1:
        most = 2.0 if far else 1.0
        limits.append((figures.concealed_pct > most, f"{figures.concealed_pct} % of the voices was concealed"))
        limits.append((figures.gaps_pct > 1, f"voices had gaps in {figures.gaps_pct} % of their time"))
    return [words for is_missed, words in limits if is_missed]


# -- the app, its circle and a browser behind the wire


@dataclass(frozen=True)
class App:
    page: str
    environment: dict[str, str]


@contextlib.contextmanager
def running_app(media_address: str, ports: Sequence[int]) -> Iterator[App]:
    """The app as people start it, without the demo, on data of its own. `ports`: pages, room node, media."""
    ours = {spelling for name in variables.known() for spelling in (name, f"{name}_FILE")}
    with tempfile.TemporaryDirectory(prefix="balint-line-") as folder:
        environment = {name: value for name, value in os.environ.items() if name not in ours} | {
            "BALINT_DATA": folder,
            "MEDIA_ADDRESS": media_address,
            "PORT": str(ports[0]),
            "ROOM_PORT": str(ports[1]),
            "MEDIA_PORT": str(ports[2]),
        }
        with (Path(folder) / "app.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-u", "-m", "launcher.run", "--no-demo"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            try:
                _wait_until_ready(Path(log.name), process)
                yield App(f"http://localhost:{ports[0]}", environment)
            finally:
                process.terminate()
                process.wait(30)


def _wait_until_ready(log: Path, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_S
    while "Balint is ready at " not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"The app did not start:\n{log.read_text()}")
        time.sleep(0.1)


class Circle:
    """All but one of `members` (circle.py)."""

    def __init__(self, app: App, members: int = MEMBERS, module: str = "benchmarks.circle") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, app.page, str(members)],
            cwd=ROOT,
            env=app.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.place: dict[str, str] = self._hear()

    def _hear(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("The circle broke up; what it said is above.")
        return json.loads(line)

    def ask(self, *words: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        return self._hear()

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


@contextlib.contextmanager
def page_in_the_room(browser: Browser, app: App, circle: Circle, script: str = "line.js") -> Iterator[Page]:
    """Somebody who has never been there comes by the join page; `script`, beside this file, looks on from within."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": "sessionid", "value": circle.place["cookie"], "url": app.page}])
    context.add_init_script((Path(__file__).parent / script).read_text())
    page = context.new_page()
    try:
        page.goto(f"{app.page}/sessions/{circle.place['session']}/join/")
        for box in page.locator("[data-tick]").all():
            box.check()
        page.get_by_role("button", name="Go in").click()
        page.locator("[data-room][data-connected] [data-seats] [data-self]").wait_for()
        yield page
    finally:
        context.close()


# -- one run


def run(line: Line, browser: Browser, app: App, circle: Circle, terms: Terms, seconds: float) -> Figures:
    string(line, Terms("", 0, 0.02))  # the page's files come by a good line: they are not what is measured
    circle.ask("speak", terms.voices)
    with page_in_the_room(browser, app, circle) as page:
        string(line, terms)
        page.evaluate("measured()")
        page.wait_for_timeout(SETTLE_S * 1000)
        settling = page.evaluate("measured()")
        circle.ask("voices")
        before, down, waits = line.up.counted, line.down.counted, []
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            page.wait_for_timeout(1000)
            waits.append(line.down.counted.longest_s)
        seen, after, carried = page.evaluate("measured()"), line.up.counted, line.down.counted
        spans = circle.ask("voices")
    return Figures(
        **heard(seen, spans),
        **pictures(seen),
        settle_s=_settled(settling, seen),
        **_line(terms, down, carried, waits, seconds),
        up_kbps=round((after.bytes - before.bytes) * 8 / seconds / 1000, 1),
    )


def string(line: Line, terms: Terms) -> None:
    both = {"delay_s": terms.rtt_s / 2, "loss": terms.loss, "queue_s": QUEUE_S}
    line.down.set(rate_bps=terms.down_bps, **both)
    line.up.set(rate_bps=terms.up_bps if terms.down_bps else 0, **both)


def _line(terms: Terms, before: Counted, after: Counted, waits: Sequence[float], seconds: float) -> dict[str, float]:
    carried, packets = after.carried - before.carried, after.packets - before.packets
    return {
        "estimate_share": round((after.bytes - before.bytes) * 8 / seconds / terms.down_bps, 2),
        "wait_ms": round(1000 * (after.waited_s - before.waited_s) / max(1, carried), 1),
        "wait_most_ms": round(1000 * max(waits), 1),
        "dropped_pct": round(100 * (after.dropped - before.dropped) / max(1, packets), 2),
    }


def heard(seen: list[dict[str, Any]], spans: dict[str, list[list[float]]]) -> dict[str, float]:
    """Of the time in which somebody spoke: what was concealed, and what was not there for GAP_S or longer."""
    samples = concealed = 0
    spoke_s = gaps_s = 0.0
    for seat, stretches in spans.items():
        for begin, end in stretches:
            inside = [each for each in seen if begin + FRESH_S <= each["at"] <= end]
            run_s = 0.0
            for former, each in zip(inside, inside[1:], strict=False):
                passed_s = each["at"] - former["at"]
                spoke_s += passed_s
                part = _part(former["audio"].get(seat), each["audio"].get(seat))
                samples, concealed = samples + part[0], concealed + part[1]
                run_s = run_s + passed_s if part[2] else 0.0
                gaps_s += 0.0 if run_s < GAP_S else passed_s if run_s - passed_s >= GAP_S else run_s
    return {
        "concealed_pct": round(100 * concealed / samples, 2) if samples else 100.0,
        "gaps_pct": round(100 * gaps_s / spoke_s, 2) if spoke_s else 100.0,
    }


def _part(former: list[int] | None, now: list[int] | None) -> tuple[int, int, bool]:
    """Samples, those concealed audibly, and whether nothing of the voice was there."""
    if former is None or now is None:
        return 0, 0, True
    samples, concealed, silent, _ = (new - old for new, old in zip(now, former, strict=True))
    return samples, concealed - silent, samples > 0 and concealed >= 0.9 * samples


def pictures(seen: list[dict[str, Any]]) -> dict[str, float]:
    """Faces that ran, their frames a second, and the longest that one stood still while its tile said nothing."""
    seconds = seen[-1]["at"] - seen[0]["at"]
    rates, unsaid_s = [], 0.0
    for seat in seen[-1]["words"]:
        looks = [
            (each["at"], each["video"][seat][0], each["words"].get(seat, "")) for each in seen if seat in each["video"]
        ]
        if len(looks) < 2:
            continue
        rate = sum(max(0, b[1] - a[1]) for a, b in zip(looks, looks[1:], strict=False)) / seconds
        if rate >= RUNS_FPS:
            rates.append(rate)
        unsaid_s = max(unsaid_s, _unsaid(looks))
    return {
        "faces": len(rates),
        "fps": round(statistics.mean(rates), 1) if rates else 0.0,
        "fps_least": round(min(rates), 1) if rates else 0.0,
        "unsaid_s": round(unsaid_s, 1),
    }


def _unsaid(looks: list[tuple[float, int, str]]) -> float:
    since, longest, frames = looks[0][0], 0.0, looks[0][1]
    for at, now, words in looks:
        if now != frames or words.startswith("picture paused"):
            since, frames = at, now
        longest = max(longest, at - since)
    return longest


def _settled(settling: list[dict[str, Any]], seen: list[dict[str, Any]]) -> float:
    """After how long as many faces ran as at the end, within one."""
    everything = settling + seen
    goal = _running(everything, len(everything) - 1) - 1
    at = next((at for at in range(10, len(everything), 5) if _running(everything, at) >= goal), len(everything) - 1)
    return round(everything[at]["at"] - everything[0]["at"], 1)


def _running(seen: list[dict[str, Any]], at: int) -> int:
    """How many pictures had a new frame in the second before this look."""
    former, now = seen[max(0, at - 10)]["video"], seen[at]["video"]
    return sum(seat in former and frames[0] > former[seat][0] for seat, frames in now.items())


# -- all of them


def median(runs: Sequence[Figures]) -> Figures:
    return Figures(
        **{each.name: statistics.median(getattr(one, each.name) for one in runs) for each in fields(Figures)}
    )


@contextlib.contextmanager
def listening() -> Iterator[str]:
    """The flag for who says nothing: Chromium's own fake microphone beeps, and who speaks is one of the three heard."""
    with tempfile.NamedTemporaryFile(prefix="balint-line-", suffix=".wav") as file:
        with wave.open(file, "wb") as silence:
            silence.setparams((1, 2, 48_000, 0, "NONE", ""))
            silence.writeframes(bytes(2 * 48_000))
        yield f"--use-file-for-fake-audio-capture={file.name}"


def measure(chosen: Sequence[Terms], seconds: float, runs: int) -> Iterator[tuple[Terms, Figures]]:
    ports = [free_port() for _ in range(3)]
    with wire() as line, running_app(line.host, ports) as app, sync_playwright() as playwright, listening() as flag:
        line.relay(*ports[:2])
        circle = Circle(app)
        program = line.executable(chromium() or "chromium")
        browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS, flag])
        try:
            for terms in chosen:
                yield terms, median([run(line, browser, app, circle, terms, seconds) for _ in range(runs)])
        finally:
            browser.close()
            circle.end()


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.line", description="Voices and faces behind a poor line")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each run, once it has settled (30)")
    parser.add_argument("--runs", type=int, default=3, help="for the medians (3)")
    parser.add_argument("--only", default="", metavar="WORDS", help="lines whose name has these words")
    parser.add_argument("--json", metavar="FILE", help="also write the figures there")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """1 when a target is missed."""
    options = _arguments(argv)
    chosen = [each for each in lines() if options.only in each.name]
    names = [each.name for each in fields(Figures)]
    print(f"{'':>30}", *(f"{name:>14}" for name in names))
    report, misses = [], 0
    for terms, figures in measure(chosen, options.seconds, options.runs):
        words = missed(terms, figures)
        misses += len(words)
        print(f"{terms.name:>30}", *(f"{value:>14g}" for value in asdict(figures).values()), *words, flush=True)
        report.append(asdict(terms) | asdict(figures) | {"missed": words})
    if options.json:
        about = {"seconds": options.seconds, "runs": options.runs, "python": platform.python_version()}
        Path(options.json).write_text(json.dumps([each | about for each in report], indent=2))
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())

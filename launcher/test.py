"""`./balint.sh test`: every check and test against real services, and one closing line over all.

Two pytest processes side by side: asynchronous tests do not mix with the browser's event loop. Arguments are passed on
to both.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from launcher import services, typescript, variables
from launcher.setup import ROOT
from launcher.supervisor import say

BROWSER = "tests/browser"
WITH_VALUE = ("-k", "-m", "-n", "-o", "-p", "-r", "-W", "-c")  # pytest's options whose next word is no path
NOTHING_SELECTED = 5
CHECKS = {
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "ruff check": ["-m", "ruff", "check", "."],
    "mypy --strict": ["-m", "mypy"],
    "makemigrations --check": ["manage.py", "makemigrations", "--check", "--dry-run"],
}


@dataclass(frozen=True)
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


def main(words: list[str]) -> int:
    services.require()
    typescript.require()
    with contextlib.ExitStack() as until_the_end:
        folder = Path(until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="balint-test-")))
        tally = _check(_environment(folder / "checks", {})) if not words else Tally()
        unit, browser = split(words)
        halves = []
        if unit is not None:
            found = until_the_end.enter_context(services.running(folder))
            halves.append(Half("unit", unit, folder, _environment(folder / "unit", found)))
        if browser is not None:
            environment = _environment(folder / "browser", {"DJANGO_ALLOW_ASYNC_UNSAFE": "1"})
            halves.append(Half("browser", browser, folder, environment))
        for number, half in enumerate(halves):
            until_the_end.enter_context(half.begun(aside=number > 0))
        for half in halves:
            tally += half.ended()
    if tally == Tally():
        say("No test was selected.")
    say(f"\n{tally}")
    return 0 if tally.passed and not tally.failed else 1


def split(words: list[str]) -> tuple[list[str] | None, list[str] | None]:
    """The words for the unit half and for the browser half; None where the paths leave nothing to a half."""
    paths = [word for before, word in zip(["", *words], words, strict=False) if _is_path(word, before)]
    options = [word for word in words if word not in paths]
    if not paths:
        return [f"--ignore={BROWSER}", *options], [BROWSER, *options]
    browser = [path for path in paths if _within_browser(path)]
    unit = [path for path in paths if path not in browser]
    above = any((ROOT / BROWSER).is_relative_to((ROOT / path).resolve()) for path in unit)
    return (
        [f"--ignore={BROWSER}", *unit, *options] if unit else None,
        [*([BROWSER] if above else browser), *options] if above or browser else None,
    )


def _is_path(word: str, before: str) -> bool:
    return before not in WITH_VALUE and not word.startswith("-") and (ROOT / word.partition("::")[0]).exists()


def _within_browser(path: str) -> bool:
    return (ROOT / path.partition("::")[0]).resolve().is_relative_to(ROOT / BROWSER)


def _environment(data: Path, found: dict[str, str]) -> dict[str, str]:
    """This process's environment without any variable of the app, but for those given."""
    ours = {spelling for name in variables.known() for spelling in (name, f"{name}_FILE")}
    rest = {name: value for name, value in os.environ.items() if name not in ours}
    return {**rest, "BALINT_DATA": str(data), **found}


def _check(environment: dict[str, str]) -> Tally:
    tally = Tally()
    for name, words in CHECKS.items():
        done = subprocess.run([sys.executable, *words], cwd=ROOT, env=environment)
        say(f"{name}: {'FAILED' if done.returncode else 'passed'}")
        tally += Tally(failed=1) if done.returncode else Tally(passed=1)
    return tally


class Half:
    """One process of pytest."""

    def __init__(self, name: str, words: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.environment = environment
        self._result, self._said = folder / f"{name}.xml", folder / f"{name}.txt"
        self._command = [sys.executable, "-m", "pytest", "--durations=12", f"--junitxml={self._result}", *words]

    @contextlib.contextmanager
    def begun(self, *, aside: bool) -> Iterator[None]:
        """It runs until this is left, and nothing that it began outlives it. `aside`: its words wait for `ended`."""
        with contextlib.ExitStack() as open_files:
            output = open_files.enter_context(self._said.open("wb")) if aside else None
            with subprocess.Popen(
                self._command, cwd=ROOT, env=self.environment, start_new_session=True, stdout=output
            ) as self._process:
                try:
                    yield
                finally:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(self._process.pid, signal.SIGTERM)

    def ended(self) -> Tally:
        code = self._process.wait()
        if self._said.exists():
            say(self._said.read_text(errors="replace"))
        tally = read(self._result) if self._result.exists() else Tally()
        broke = code not in (0, NOTHING_SELECTED) and not tally.failed
        return tally + Tally(failed=1) if broke else tally


def read(result: Path) -> Tally:
    """Count a JUnit file of pytest; an error counts as a failure."""
    suite = ET.parse(result).getroot()[0]  # noqa: S314  written by our own pytest a moment ago
    count = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
    failed = count["failures"] + count["errors"]
    return Tally(max(0, count["tests"] - failed - count["skipped"]), failed, count["skipped"])


def _stop(number: int, frame: object) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _stop)  # or the services would outlive us
    raise SystemExit(main(sys.argv[1:]))

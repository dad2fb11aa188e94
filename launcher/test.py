"""`./balint.sh test`: every check and test against real services, and one closing line over all.

Two pytest processes: asynchronous tests do not mix with the browser's event loop. Arguments are passed on to both.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from launcher import services, variables
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
    with tempfile.TemporaryDirectory(prefix="balint-test-") as name:
        folder = Path(name)
        tally = _check(_environment(folder / "checks", {})) if not words else Tally()
        unit, browser = split(words)
        if unit is not None:
            with services.running(folder) as found:
                tally += _pytest("unit", unit, folder, _environment(folder / "unit", found))
        if browser is not None:
            environment = _environment(folder / "browser", {"DJANGO_ALLOW_ASYNC_UNSAFE": "1"})
            tally += _pytest("browser", browser, folder, environment)
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


def _pytest(half: str, words: list[str], folder: Path, environment: dict[str, str]) -> Tally:
    result = folder / f"{half}.xml"
    code = _in_a_group([sys.executable, "-m", "pytest", f"--junitxml={result}", *words], environment)
    tally = read(result) if result.exists() else Tally()
    broke = code not in (0, NOTHING_SELECTED) and not tally.failed
    return tally + Tally(failed=1) if broke else tally


def _in_a_group(command: list[str], environment: dict[str, str]) -> int:
    """Run, and end whatever the command leaves behind, also when we are stopped ourselves."""
    with subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True) as process:
        try:
            return process.wait()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)


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

"""What `./balint.sh` makes of its words, and what it says when a machine lacks something."""

import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import run, setup
from launcher import test as runner
from launcher.test import Tally
from tests.processes import ROOT, bare_environment

IGNORE = "--ignore=tests/browser"


@pytest.mark.parametrize(
    ("words", "unit", "browser"),
    [
        ([], [IGNORE], ["tests/browser"]),
        (["-k", "push_back"], [IGNORE, "-k", "push_back"], ["tests/browser", "-k", "push_back"]),
        (["-k", "tests"], [IGNORE, "-k", "tests"], ["tests/browser", "-k", "tests"]),
        (["tests/groups"], [IGNORE, "tests/groups"], None),
        (["tests/groups", "-x"], [IGNORE, "tests/groups", "-x"], None),
        (["tests/browser/test_front.py"], None, ["tests/browser/test_front.py"]),
        (["tests/test_healthz.py::test_a"], [IGNORE, "tests/test_healthz.py::test_a"], None),
        (["tests"], [IGNORE, "tests"], ["tests/browser"]),
        (["tests/groups", "tests/browser"], [IGNORE, "tests/groups"], ["tests/browser"]),
    ],
)
def test_words_go_to_the_half_they_concern(words: list[str], unit: list[str] | None, browser: list[str] | None) -> None:
    assert runner.split(words) == (unit, browser)


def test_a_tally_counts_what_pytest_wrote(tmp_path: Path) -> None:
    (tmp_path / "test_sample.py").write_text(
        "import pytest\n"
        "def test_good(): pass\n"
        "def test_bad(): assert False\n"
        "@pytest.fixture\n"
        "def broken(): raise ValueError\n"
        "def test_error(broken): pass\n"
        "@pytest.mark.skip(reason='a sample')\n"
        "def test_left_out(): pass\n"
    )
    result = tmp_path / "result.xml"
    words = ["-q", "-c", "/dev/null", "--rootdir", str(tmp_path), f"--junitxml={result}", "-p", "no:django"]

    subprocess.run([sys.executable, "-m", "pytest", *words, str(tmp_path)], capture_output=True, cwd=tmp_path)

    assert runner.read(result) == Tally(passed=1, failed=2, skipped=1)


def test_the_closing_line() -> None:
    assert str(Tally(passed=12, failed=1)) == "12 passed, 1 failed"
    assert str(Tally(passed=12) + Tally(skipped=2)) == "12 passed, 0 failed, 2 skipped"


SAMPLE = """
import os
def test_services():
    assert os.environ["DATABASE_URL"].startswith("postgres://balint:")
    assert os.environ["REDIS_URL"].startswith("redis://127.0.0.1:")
def test_other():
    assert {other}
"""


@pytest.mark.parametrize(("other", "line", "code"), [(True, "2 passed, 0 failed", 0), (False, "1 passed, 1 failed", 1)])
def test_the_tests_run_on_services_of_their_own_and_end_in_one_line(
    tmp_path: Path, other: bool, line: str, code: int
) -> None:
    sample = tmp_path / "test_sample.py"
    sample.write_text(SAMPLE.format(other=other))

    words = [sys.executable, "-m", "launcher.test", str(sample)]
    done = subprocess.run(words, cwd=ROOT, env=bare_environment(), capture_output=True, text=True)

    assert done.stdout.splitlines()[-1] == line
    assert done.returncode == code


def test_the_options_of_run_are_the_variables_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PORT": "9000", "ROOM_PORT": "", "BALINT_DATA": str(tmp_path / "before")}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MEDIA_PORT", raising=False)
    words = ["--media-port", "9002", "--public-address", "192.168.1.5", "--data", str(tmp_path / "data"), "--no-demo"]

    options = run.arguments(words)

    found = run._environment(options)
    assert options.no_demo
    assert {name: found[name] for name in ("PORT", "ROOM_PORT", "MEDIA_PORT", "PUBLIC_ADDRESS", "BALINT_DATA")} == {
        "PORT": "9000",
        "ROOM_PORT": "8001",
        "MEDIA_PORT": "9002",
        "PUBLIC_ADDRESS": "192.168.1.5",
        "BALINT_DATA": str(tmp_path / "data"),
    }


def test_a_port_that_is_none_gets_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "http")

    with pytest.raises(SystemExit):
        run.arguments([])

    assert capsys.readouterr().err.endswith("error: argument --port: invalid int value: 'http'\n")


@pytest.mark.parametrize("name", ["SITE_URL", "SITE_URL_FILE", "DATABASE_URL", "DATABASE_URL_FILE", "PUBLIC_ADDRESS"])
def test_the_demo_is_for_a_laptop_only(name: str) -> None:
    assert run._is_a_laptop({"PUBLIC_ADDRESS": ""})
    assert not run._is_a_laptop({name: "something"})


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The launcher alone, in a folder of its own, with no Python on its PATH but what a test puts there."""
    folder = tmp_path / "checkout"
    (folder / "launcher").mkdir(parents=True)
    shutil.copy(ROOT / "balint.sh", folder)
    shutil.copy(ROOT / "launcher" / "setup.py", folder / "launcher")
    (tmp_path / "bin").mkdir()
    for program in ("sh", "dirname", "cat"):
        (tmp_path / "bin" / program).symlink_to(shutil.which(program) or program)
    return folder


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def balint(checkout: Path, *words: str, **given: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(checkout.parent / "bin"), **given}
    return subprocess.run([checkout / "balint.sh", *words], env=environment, capture_output=True, text=True)


def test_an_old_python_gets_one_sentence(checkout: Path) -> None:
    program(checkout.parent / "bin" / "python3", "exit 1")

    done = balint(checkout, "run")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Balint needs Python 3.11 or newer.")
    assert done.stderr.count("\n") == 1


def test_the_newest_python_that_will_do_is_taken(checkout: Path) -> None:
    for name, answer in {"python3.13": 127, "python3.12": 0, "python3.11": 0, "python3": 0}.items():
        program(checkout.parent / "bin" / name, f'[ "$1" = -c ] && exit {answer}\necho {name} "$2"\nexit 3')

    done = balint(checkout, "test", "tests/groups")

    assert (done.returncode, done.stdout) == (3, "python3.12 test\n")


@pytest.mark.parametrize(
    ("words", "run"),
    [
        (("run", "--port", "9000"), "-m launcher.run --port 9000"),
        (("test", "-k", "push back"), "-m launcher.test -k push back"),
        (("bench", "room", "--members", "6"), "-m benchmarks.room --members 6"),
        (("manage", "operator", "o@example.org"), "{root}/manage.py operator o@example.org"),
    ],
)
def test_each_word_starts_its_program_in_the_environment_that_was_made(
    checkout: Path, words: tuple[str, ...], run: str
) -> None:
    program(checkout.parent / "bin" / "python3", "exit 0")
    (checkout / ".venv" / "bin").mkdir(parents=True)
    program(checkout / ".venv" / "bin" / "python", 'echo "$@"')

    done = balint(checkout, *words)

    assert (done.returncode, done.stdout) == (0, run.format(root=checkout) + "\n")


@pytest.mark.parametrize("given", [{}, {"BALINT_DATA": "/srv/balint"}])
def test_manage_works_on_the_data_of_run(checkout: Path, given: dict[str, str]) -> None:
    program(checkout.parent / "bin" / "python3", "exit 0")
    (checkout / ".venv" / "bin").mkdir(parents=True)
    program(checkout / ".venv" / "bin" / "python", 'echo "$BALINT_DATA"')

    done = balint(checkout, "manage", "check", **given)

    assert done.stdout == given.get("BALINT_DATA", f"{checkout}/var") + "\n"


def test_no_word_or_an_unknown_one_shows_the_usage(checkout: Path) -> None:
    for words in ((), ("walk",)):
        done = balint(checkout, *words)

        assert done.returncode == 2
        assert done.stderr.startswith("Usage: ./balint.sh run")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A set-up that works in this folder, with two short locks."""
    for purpose in ("run", "test"):
        (tmp_path / f"{purpose}.lock").write_text(f"the packages to {purpose}\n")
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(setup, "LOCKS", {purpose: tmp_path / f"{purpose}.lock" for purpose in ("run", "test")})
    return tmp_path


def test_a_changed_lock_asks_for_a_new_set_up(place: Path) -> None:
    (place / ".venv" / "bin").mkdir(parents=True)
    program(place / ".venv" / "bin" / "python", f'exec {sys.executable} "$@"')
    setup._mark("run").write_text(setup._checksum("run"))
    assert setup._is_installed("run")
    assert not setup._is_installed("test")

    (place / "run.lock").write_text("other packages\n")

    assert not setup._is_installed("run")


def test_a_package_without_a_wheel_is_named(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "empty").mkdir()
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(place / "empty"), "UV_OFFLINE": "1"}.items():
        monkeypatch.setenv(name, value)
    (place / "run.lock").write_text(f"no-such-wheel==1.0 --hash=sha256:{'0' * 64}\n")

    with pytest.raises(SystemExit) as stop:
        setup.prepare("run")

    assert str(stop.value).startswith("The package no-such-wheel has no ready-made wheel for Python 3.")
    assert not setup._mark("run").exists()
    said = capsys.readouterr().out
    assert said.index("Making .venv with Python 3.") < said.index("Installing the packages of run.lock")


@pytest.mark.parametrize("lock", [*setup.LOCKS.values(), setup.UV_LOCK], ids=lambda path: path.name)
def test_every_package_is_hashed_and_none_has_an_address(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", lock.read_text(), flags=re.M).strip())

    assert [
        entry for entry in entries if not re.match(r"[\w.\[\]-]+==\S+", entry) or "--hash=sha256:" not in entry
    ] == []
    assert "://" not in lock.read_text()

"""Makes `.venv`, or brings it up to its lock. Standard library only: it runs before anything is installed.

A mark in `.venv` says which lock is installed; without it, or with a changed lock, the set-up is taken up again.
The test packages are a superset: going from `run` to `test` only adds.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"run": ROOT / "requirements.lock", "test": ROOT / "requirements-test.lock"}
UV_LOCK = ROOT / "launcher" / "uv.requirements"
HASHED = ["--require-hashes", "--only-binary", ":all:"]


def prepare(purpose: str) -> None:
    """Install what `run` or `test` still lacks; nothing when all is there."""
    with _one_at_a_time():
        if _is_installed(purpose):
            return
        if not _has("pip"):
            _make_venv()
        _install(LOCKS[purpose])
        _mark("test").unlink(missing_ok=True)
        for done in ("run", "test") if purpose == "test" else ("run",):
            _mark(done).write_text(_checksum(done))


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two commands started together must not install into one folder; the second waits."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _is_installed(purpose: str) -> bool:
    mark = _mark(purpose)
    return mark.exists() and mark.read_text() == _checksum(purpose) and _has("django")


def _mark(purpose: str) -> Path:
    return VENV / f"installed-{purpose}"


def _checksum(purpose: str) -> str:
    return hashlib.sha256(LOCKS[purpose].read_bytes()).hexdigest()


def _has(module: str) -> bool:
    """Whether .venv works (its Python may have been replaced by an upgrade of the system) and has this module."""
    look = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return PYTHON.exists() and subprocess.run([PYTHON, "-c", look], capture_output=True).returncode == 0


def _make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        _install_ensurepip()
    _say(f"Making .venv with Python {platform.python_version()} ...")
    if subprocess.run([sys.executable, "-m", "venv", "--clear", VENV]).returncode:
        raise SystemExit(f"The folder {VENV} could not be made: see above.")


def _install_ensurepip() -> None:
    """Debian and Ubuntu keep the means to make a virtual environment in a package of its own."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() != 0 or not Path("/usr/bin/apt-get").exists():
        raise SystemExit(f"Python lacks its venv module. Install it (sudo apt install {package}), then run this again.")
    _say(f"Installing {package} ...")
    apt = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], env=apt, stdin=subprocess.DEVNULL)
    if subprocess.run(["apt-get", "install", "-qy", package], env=apt, stdin=subprocess.DEVNULL).returncode:
        raise SystemExit(f"The package {package} could not be installed: see above.")


def _install(lock: Path) -> None:
    """By uv where it can be had and finds the packages, else by pip."""
    _say(f"Installing the packages of {lock.name}; the first time this takes a minute ...")
    if _by_uv(lock):
        return
    code, output = _shown([PYTHON, "-m", "pip", "install", "--disable-pip-version-check", *HASHED, "-r", lock])
    if code == 0:
        return
    missing = re.search(r"No matching distribution found for ([\w.-]+)", output)
    if missing and not re.search("Retrying|onnection|timed out", output):
        raise SystemExit(
            f"The package {missing[1]} has no ready-made wheel for Python {platform.python_version()} on "
            f"{platform.system()} {platform.machine()}. Use Python 3.11 to 3.13 on Linux (glibc) or macOS."
        )
    raise SystemExit("The packages could not be fetched: see above. Mend that, then run this again: it goes on.")


def _by_uv(lock: Path) -> bool:
    if not _has("uv") and subprocess.run([PYTHON, "-m", "pip", "install", "-q", *HASHED, "-r", UV_LOCK]).returncode:
        return False
    return (
        subprocess.run([PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON, *HASHED, "-r", lock]).returncode == 0
    )


def _shown(command: list[str | Path]) -> tuple[int, str]:
    """Run, show the output as it comes, and give it back."""
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout or ():
            sys.stdout.write(line)
            lines.append(line)
    return process.returncode, "".join(lines)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    prepare(sys.argv[1])

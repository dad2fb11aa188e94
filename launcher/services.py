"""PostgreSQL, Redis and browsers for the tests: found or installed, and private instances for the length of a block."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from launcher.supervisor import say

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_S = 30.0
STARTED_BY_DEBIAN = ("coturn", "janus")  # open to strangers as their packages start them


def require() -> None:
    """Install what is missing where we may (root on Debian or Ubuntu); else say what to install. Without what is
    welcome, some tests are skipped."""
    missing, welcome = _missing(), _welcome()
    if missing and not _may_install():
        packages = " ".join(missing)
        raise SystemExit(
            f"The tests need {packages}. Install them (Debian: sudo apt install {packages}), then try again."
        )
    if missing or (welcome and _may_install()):
        say(f"Installing {' '.join([*missing, *welcome])} ...")
        _apt(["update", "-q"])
        for packages in filter(None, (missing, *([package] for package in welcome))):  # not every system has each
            _apt(["install", "-qy", "--no-install-recommends", *packages])
    if left := _missing():
        raise SystemExit(f"The tests need {' '.join(left)}, which apt could not install: see above.")
    starting = [package for package in STARTED_BY_DEBIAN if package in welcome]
    if starting and Path("/run/systemd/system").exists():
        subprocess.run(["systemctl", "disable", "--quiet", "--now", *starting])


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt(words: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", *words], env=environment, stdin=subprocess.DEVNULL)


def _missing() -> list[str]:
    found = {"postgresql": _postgres("initdb"), "redis-server": shutil.which("redis-server"), "chromium": chromium()}
    return [package for package, path in found.items() if path is None]


def _welcome() -> list[str]:
    """Packages that only some tests need, and that are not there."""
    found = {"coturn": shutil.which("turnserver"), "firefox-esr": firefox(), "janus": shutil.which("janus")}
    return [package for package, path in found.items() if path is None]


def _postgres(program: str) -> str | None:
    """PostgreSQL's program; Debian keeps it off the PATH."""
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[4]))
    return str(newest[-1]) if newest else shutil.which(program)


def chromium() -> str | None:
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


def firefox() -> str | None:
    return shutil.which("firefox-esr")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """PostgreSQL and Redis, on free ports, with their data in the folder: what the settings need to find them."""
    with _postgresql(folder / "postgresql") as database, _redis(folder / "redis") as broker:
        yield {"DATABASE_URL": database, "REDIS_URL": broker}


@contextlib.contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    user = _unprivileged(folder)
    port, password = free_port(), secrets.token_urlsafe(16)
    word = folder / "password"
    word.write_text(password)
    if user:
        shutil.chown(word, user)
    data = str(folder / "data")
    initdb = [_postgres("initdb") or "initdb", "-D", data, "-U", "balint", "-A", "scram-sha-256", f"--pwfile={word}"]
    log = folder / "log"
    with log.open("wb") as output:
        subprocess.run([*initdb, "-E", "UTF8", "--no-sync"], user=user, cwd=folder, stdout=output, check=True)
        settings = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
        command = [_postgres("postgres") or "postgres", "-D", data, *(word for s in settings for word in ("-c", s))]
        with _process(command, "PostgreSQL", port, log, output, user=user, cwd=folder):
            yield f"postgres://balint:{password}@127.0.0.1:{port}/postgres"


@contextlib.contextmanager
def _redis(folder: Path) -> Iterator[str]:
    folder.mkdir()
    port, log = free_port(), folder / "log"
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with log.open("wb") as output, _process(command, "Redis", port, log, output):
        yield f"redis://127.0.0.1:{port}/0"


def _unprivileged(folder: Path) -> str | None:
    """PostgreSQL refuses root: as root, the user to run it as, with the folder made theirs."""
    folder.mkdir(mode=0o700)
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    folder.parent.chmod(0o711)
    shutil.chown(folder, user)
    return user


@contextlib.contextmanager
def _process(command: list[str], name: str, port: int, log: Path, output: object, **options: object) -> Iterator[None]:
    """A server that answers on its port; stopped, whatever happens, when the block is left."""
    process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **options)
    try:
        deadline = time.monotonic() + START_S
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{name} did not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGINT)  # PostgreSQL: the fast shutdown
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False

"""The app as people start it: `launcher.run` with its three processes, on free ports, with its own data."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.conf import settings

from launcher import variables
from launcher.services import free_port

ROOT = Path(__file__).resolve().parent.parent
WEB, NODE, WORKER = "-m daphne", "runroom", "-m celery"
READY = "Balint is ready at "
START_S, STOP_S = 90.0, 30.0


@dataclass(frozen=True)
class App:
    """The running app: the addresses of its pages and its room node, the port of its media, its folder of data, its
    process, what it said."""

    url: str
    node_url: str
    media_port: int
    data: Path
    process: subprocess.Popen[bytes]
    log: Path
    environment: Mapping[str, str]

    def processes(self) -> dict[int, str]:
        """Its living processes by their number: those that carry its data folder in their environment."""
        mark = f"BALINT_DATA={self.data}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return {number: command for number, command in found.items() if command}

    def part(self, word: str) -> int:
        """The process of this part (WEB, NODE or WORKER), without those it started; 0 while there is none."""
        return min((number for number, command in self.processes().items() if word in command), default=0)

    def manage(self, *words: str) -> str:
        """What a command of manage.py prints, in the app's environment, on its data."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self) -> int:
        """End it as Ctrl-C does; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_S)


def bare_environment() -> dict[str, str]:
    """Our own environment without any variable of the app."""
    ours = {spelling for name in variables.known() for spelling in (name, f"{name}_FILE")}
    return {name: value for name, value in os.environ.items() if name not in ours}


@contextlib.contextmanager
def own_database(name: str, redis: int) -> Iterator[dict[str, str]]:
    """A database and a Redis number of our own on the servers that the tests stand on, as settings of the app."""
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield {
            "DATABASE_URL": f"{settings.DATABASE_URL.rpartition('/')[0]}/{name}",
            "REDIS_URL": f"{settings.REDIS_URL.rpartition('/')[0]}/{redis}",
        }
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def running_app(data: Path, *words: str, settings: Mapping[str, str] | None = None) -> Iterator[App]:
    """Start it, wait for its ready line, stop it in the end. `words` are options of `run`."""
    ports = {"--port": free_port(), "--room-port": free_port(), "--media-port": free_port()}
    options = [word for option, port in ports.items() for word in (option, str(port))]
    environment = bare_environment() | {"BALINT_DATA": str(data), "PORT": str(ports["--port"])} | dict(settings or {})
    log = data.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "launcher.run", *options, "--data", str(data), *words],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(log, READY, process)
        pages, node = (f"http://localhost:{ports[option]}" for option in ("--port", "--room-port"))
        yield App(pages, node, ports["--media-port"], data, process, log, environment)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(STOP_S)


def wait_for(log: Path, words: str, process: subprocess.Popen[bytes], seconds: float = START_S) -> None:
    """Wait until the app has said something."""
    deadline = time.monotonic() + seconds
    while words not in log.read_text():
        assert process.poll() is None, f"it ended before it said {words!r}:\n{log.read_text()}"
        assert time.monotonic() < deadline, f"it never said {words!r}:\n{log.read_text()}"
        time.sleep(0.1)

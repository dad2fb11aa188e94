"""Keeps processes running: starts each part, starts again what dies, stops all without leaving an orphan."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

SHORTEST_WAIT_S, LONGEST_WAIT_S = 0.5, 15.0
STEADY_S = 30.0  # a part that lived this long is forgiven its earlier deaths
GRACE_S = 10.0  # what a part may finish after it is told to stop


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


class Part:
    """One process and whatever it starts, in a process group of its own."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._wait_s = SHORTEST_WAIT_S
        self._start_at = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def look_after(self, now: float) -> None:
        """Start the part when it is time; notice when it has died."""
        if self.process is None:
            if now >= self._start_at:
                self._start(now)
        elif self.process.poll() is not None:
            self._mourn(self.process.returncode, now)

    def _start(self, now: float) -> None:
        self._start_at = now
        self.process = subprocess.Popen(
            self._command, env=self._environment, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def _mourn(self, code: int, now: float) -> None:
        self._end_group()
        self._wait_s = SHORTEST_WAIT_S if now - self._start_at > STEADY_S else self._wait_s
        say(f"The {self.name} stopped ({_cause(code)}); it is started again in {self._wait_s:g} s.")
        self._start_at = now + self._wait_s
        self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)

    def tell_to_stop(self) -> None:
        if self.process is not None:
            self.process.terminate()

    def stop(self, deadline: float) -> None:
        """Wait until the part has ended, but not beyond the deadline."""
        if self.process is not None:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(max(0.0, deadline - time.monotonic()))
            self._end_group()

    def _end_group(self) -> None:
        """End what is left of the part: itself, or a child that outlived it (the worker's beat)."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


def _cause(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


class Supervisor:
    """All parts together, until `stop` is asked for by Ctrl-C, SIGTERM or a closed terminal."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self.stopping = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)

    def _ask_to_stop(self, *_: object) -> None:
        self.stopping = True

    def look_after(self) -> None:
        for part in self._parts:
            part.look_after(time.monotonic())

    def stop(self) -> None:
        for part in self._parts:
            part.tell_to_stop()
        deadline = time.monotonic() + GRACE_S
        for part in self._parts:
            part.stop(deadline)

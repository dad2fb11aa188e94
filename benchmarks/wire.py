"""A poor line in user space: packets between this machine and a network namespace pass through a process of ours.

    with wire() as line:
        line.down.rate_bps, line.down.loss = 300_000, 0.1
        line.relay(8000, 8001)                      # localhost:8000 inside is localhost:8000 here
        browser = playwright.chromium.launch(executable_path=line.executable(chromium()))

Two TUN devices, one at each end, and a process that reads what leaves one and writes it, late or never, into the other;
TCP and UDP alike. It needs root, /dev/net/tun and iproute2. Namespace and devices belong to that process alone: they
are gone when it ends, also when whoever started it was killed.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import random
import select
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

TUN = "/dev/net/tun"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000  # linux/if_tun.h
CLONE_NEWNET = 0x40000000  # linux/sched.h
OUTSIDE = "balint%d"  # the kernel puts a free number in
INSIDE = "eth0"  # Chromium believes itself offline behind a device called tun
PROGRAMS = {"ip": "iproute2", "nsenter": "util-linux"}
PACKET_BYTES = 2048
BATCH = 64  # packets read before those that are due leave
IDLE_S = 1.0
STOP_S = 5.0
ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Terms:
    """One direction. `rate_bps` 0 is without limit; what would wait longer than `queue_s` for it is dropped. `loss`
    (0 to 1) strikes behind the bottleneck; in a blackout everything is lost, also what is under way."""

    loss: float = 0.0
    delay_s: float = 0.0
    rate_bps: float = 0.0
    queue_s: float = 0.3
    blackout: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.loss <= 1:
            raise ValueError(f"loss {self.loss} is not between 0 and 1")
        if min(self.delay_s, self.rate_bps, self.queue_s) < 0:
            raise ValueError("delay_s, rate_bps and queue_s are not negative")


@dataclass
class Counted:
    """Cumulative, but for `longest_s`, which begins anew when it is read. Bytes are those of IP packets."""

    packets: int = 0  # that came to the line
    bytes: int = 0
    lost: int = 0  # by chance or in a blackout
    dropped: int = 0  # at a full queue
    carried: int = 0
    carried_bytes: int = 0
    waited_s: float = 0.0  # in the queue, all that were carried together
    longest_s: float = 0.0  # that one waited


class Way:
    """One direction of the line: bottleneck, then chance, then delay. The clock is passed in; order is kept."""

    def __init__(self, seed: int) -> None:
        self.terms, self.counted = Terms(), Counted()
        self._chance = random.Random(seed)
        self._queue: deque[tuple[float, bytes]] = deque()  # came at, packet
        self._queued_bytes = 0
        self._flying: deque[tuple[float, bytes]] = deque()  # arrives at, packet
        self._free_at = self._last_at = 0.0

    def change(self, **terms: Any) -> None:
        """Raises ValueError, TypeError."""
        self.terms = Terms(**asdict(self.terms) | terms)
        if self.terms.blackout:
            self.counted.lost += len(self._queue) + len(self._flying)
            self._queue.clear()
            self._flying.clear()
            self._queued_bytes = 0

    def take(self, packet: bytes, now: float) -> None:
        self.counted.packets += 1
        self.counted.bytes += len(packet)
        if self.terms.blackout:
            self.counted.lost += 1
        elif self._wait_s(now) > self.terms.queue_s:
            self.counted.dropped += 1
        else:
            self._queue.append((now, packet))
            self._queued_bytes += len(packet)

    def _wait_s(self, now: float) -> float:
        """How long a packet that comes now would wait before it begins to be sent."""
        rate = self.terms.rate_bps
        return max(0.0, self._free_at - now) + self._queued_bytes * 8 / rate if rate else 0.0

    def leave(self, now: float) -> Iterator[bytes]:
        """What has arrived at the other end by now."""
        while self._queue and max(self._free_at, self._queue[0][0]) <= now:
            self._send(*self._queue.popleft())
        while self._flying and self._flying[0][0] <= now:
            yield self._flying.popleft()[1]

    def _send(self, came_at: float, packet: bytes) -> None:
        self._queued_bytes -= len(packet)
        begins_at = max(self._free_at, came_at)
        rate = self.terms.rate_bps
        self._free_at = begins_at + (len(packet) * 8 / rate if rate else 0.0)
        if self.terms.loss and self._chance.random() < self.terms.loss:
            self.counted.lost += 1
            return
        self.counted.carried += 1
        self.counted.carried_bytes += len(packet)
        self.counted.waited_s += begins_at - came_at
        self.counted.longest_s = max(self.counted.longest_s, begins_at - came_at)
        self._last_at = max(self._last_at, self._free_at + self.terms.delay_s)
        self._flying.append((self._last_at, packet))

    def next_at(self) -> float | None:
        """When `leave` has something to do again."""
        times = [self._flying[0][0]] if self._flying else []
        if self._queue:
            times.append(max(self._free_at, self._queue[0][0]))
        return min(times, default=None)

    def read(self) -> dict[str, Any]:
        found = asdict(self.counted)
        self.counted.longest_s = 0.0
        return found


# -- this side


def missing() -> str:
    """A sentence that says what the wire needs and has not; "" when it can be strung."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return "The wire needs root on Linux."
    if not os.access(TUN, os.R_OK | os.W_OK):
        return f"The wire needs {TUN} (modprobe tun)."
    absent = [
        name for name, program in {"iproute2": "ip", "util-linux": "nsenter"}.items() if not shutil.which(program)
    ]
    return f"The wire needs {' and '.join(absent)} (apt install {' '.join(absent)})." if absent else ""


class Direction:
    """The terms of one direction, read and written while it carries; a written one holds from the next packet on."""

    def __init__(self, line: "Line", name: str) -> None:
        self.__dict__.update(_line=line, _name=name, _terms=asdict(Terms()))

    def __getattr__(self, term: str) -> Any:
        try:
            return self._terms[term]
        except KeyError:
            raise AttributeError(term) from None

    def __setattr__(self, term: str, value: Any) -> None:
        self.set(**{term: value})

    def set(self, **terms: Any) -> None:
        """Several at once. Raises ValueError, TypeError."""
        changed = Terms(**self._terms | terms)
        self._line.ask("change", self._name, terms)
        self._terms.update(asdict(changed))

    @property
    def counted(self) -> Counted:
        return Counted(**self._line.ask("count", self._name))


class Line:
    """Its ends are `host`, this machine, and `guest`, the namespace; `up` leads from guest to host, `down` back."""

    def __init__(self, seed: int) -> None:
        command = [sys.executable, "-m", "benchmarks.wire", str(seed)]
        # A session of its own: Ctrl-C ends it by the end of its input, after those who are still using the line.
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self.host, self.guest = self._hear()
        self.up, self.down = Direction(self, "up"), Direction(self, "down")
        self._programs: list[subprocess.Popen[Any]] = []
        self._folder = tempfile.TemporaryDirectory(prefix="balint-wire-")

    def ask(self, *words: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        return self._hear()

    def _hear(self) -> Any:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("The wire has broken; what it said is above.")
        return json.loads(answer)

    @property
    def _enter(self) -> list[str]:
        return ["nsenter", f"--net=/proc/{self._process.pid}/ns/net", "--"]

    def inside(self, command: Sequence[str], **options: Any) -> "subprocess.Popen[Any]":
        """A program, already in the namespace; it ends with the line. `options` are Popen's."""
        program = self._start([*self._enter, *command], **options)
        while program.poll() is None and _net(program.pid) != _net(self._process.pid):
            time.sleep(0.001)
        return program

    def _start(self, command: Sequence[str], **options: Any) -> "subprocess.Popen[Any]":
        program = subprocess.Popen(command, **options)
        self._programs.append(program)
        return program

    def executable(self, program: str) -> str:
        """A file that runs `program` inside, pipes included: for Playwright's `executable_path`."""
        file = Path(self._folder.name) / f"{Path(program).name}-inside"
        file.write_text(f'#!/bin/sh\nexec {shlex.join([*self._enter, program])} "$@"\n')
        file.chmod(0o700)
        return str(file)

    def relay(self, *ports: int) -> None:
        """Makes TCP `localhost:port` inside what it is here: pages keep their host, cookies and secure context."""
        words = [sys.executable, "-m", "benchmarks.relay"]
        out = self._start([*words, self.host, "127.0.0.1", *map(str, ports)], cwd=ROOT, stdout=subprocess.PIPE)
        back = self.inside([*words, "127.0.0.1", self.host, *map(str, ports)], cwd=ROOT, stdout=subprocess.PIPE)
        for each in (out, back):
            assert each.stdout is not None
            if not each.stdout.readline():
                raise RuntimeError(f"A relay of the ports {ports} could not start; what it said is above.")

    def close(self) -> None:
        for each in reversed(self._programs):
            each.terminate()
        for each in self._programs:
            _end(each)
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        _end(self._process)
        self._folder.cleanup()


def _net(pid: int) -> str:
    """The network namespace that a process is in; "" when it has ended."""
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return ""


def _end(process: "subprocess.Popen[Any]") -> None:
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


@contextlib.contextmanager
def wire(seed: int = 1) -> Iterator[Line]:
    """A new line, perfect until told otherwise; several may hang side by side. Raises SystemExit where it cannot."""
    if reason := missing():
        raise SystemExit(reason)
    line = Line(seed)
    try:
        yield line
    finally:
        line.close()


# -- the process in between


def _device(name: str) -> tuple[int, str]:
    """A new TUN device: its descriptor and the name that the kernel gave it."""
    descriptor = os.open(TUN, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    given = fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return descriptor, given[:16].rstrip(b"\0").decode()


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def _string() -> tuple[int, int, str, str]:
    """Both devices and their addresses (198.18.0.0/15 is for benchmarks: RFC 2544); this process is inside then."""
    outside, name = _device(OUTSIDE)
    number = int(name.removeprefix(OUTSIDE.partition("%")[0]))
    net = f"198.{18 + number // 256 % 2}.{number % 256}"
    _ip("addr", "add", f"{net}.1/24", "dev", name)
    _ip("link", "set", name, "up")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    inside, _ = _device(INSIDE)
    _ip("addr", "add", f"{net}.2/24", "dev", INSIDE)
    for device in (INSIDE, "lo"):
        _ip("link", "set", device, "up")
    return outside, inside, f"{net}.1", f"{net}.2"


def _carry(outside: int, inside: int, ways: dict[str, Way]) -> None:
    """Until the input ends, that is, until whoever asked for the line has gone."""
    routes = [(outside, ways["down"], inside), (inside, ways["up"], outside)]
    while True:
        now = time.monotonic()
        times = [at for way in ways.values() if (at := way.next_at()) is not None]
        wait_s = max(0.0, min([at - now for at in times], default=IDLE_S))
        ready, _, _ = select.select([outside, inside, sys.stdin], [], [], wait_s)
        for source, way, sink in routes:
            if source in ready:
                _read(source, way)
            _write(way, sink)
        if sys.stdin in ready and not _obey(ways):
            return


def _read(source: int, way: Way) -> None:
    for _ in range(BATCH):
        try:
            packet = os.read(source, PACKET_BYTES)
        except BlockingIOError:
            return
        if packet[0] >> 4 == 4:  # the kernel's own IPv6 greetings are nobody's
            way.take(packet, time.monotonic())


def _write(way: Way, sink: int) -> None:
    for packet in way.leave(time.monotonic()):
        with contextlib.suppress(OSError):  # the device is down: as lost as on a real line
            os.write(sink, packet)


def _obey(ways: dict[str, Way]) -> bool:
    """One question of the other side; False at its end."""
    line = sys.stdin.readline()
    if not line:
        return False
    verb, name, *rest = json.loads(line)
    if verb == "change":
        ways[name].change(**rest[0])
    print(json.dumps(ways[name].read() if verb == "count" else None), flush=True)
    return True


def _kill_inside() -> None:
    """Whoever is left in our namespace."""
    pids = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
    for pid in pids:
        if pid != os.getpid() and _net(pid) == _net(os.getpid()):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)


def main() -> None:
    seed = int(sys.argv[1])
    outside, inside, host, guest = _string()
    print(json.dumps([host, guest]), flush=True)
    try:
        _carry(outside, inside, {"up": Way(seed), "down": Way(seed + 1)})
    finally:
        _kill_inside()


if __name__ == "__main__":
    main()

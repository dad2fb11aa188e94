"""The poor line of the benchmarks: what it does to packets, by its rules and, as root, in truth."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.wire import Counted, Line, Way, missing, wire
from tests.processes import ROOT

PACKET = bytes(1000)  # 8,000 bits
ECHO = """
import socket, sys
here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
here.bind((sys.argv[1], 9))
print("ready", flush=True)
while True:
    here.sendto(*here.recvfrom(2048))
"""
ABANDONED = """
import time
from benchmarks.wire import wire
with wire() as line:
    line.inside(["sleep", "600"])
    print(line.guest, flush=True)
    time.sleep(600)
"""


def way(**terms: object) -> Way:
    made = Way(seed=1)
    made.change(**terms)
    return made


def arrivals(of: Way, until: float) -> list[float]:
    """When each packet arrives, looked at whenever the line says that something is due."""
    found: list[float] = []
    while (at := of.next_at()) is not None and at <= until:
        found += [at] * len(list(of.leave(at)))
    return found


def test_a_perfect_line_delays_nothing() -> None:
    line = way()

    line.take(PACKET, 5.0)

    assert arrivals(line, 10.0) == [5.0]


def test_every_packet_takes_the_delay() -> None:
    line = way(delay_s=0.5)

    for at in (1.0, 1.25):
        line.take(PACKET, at)

    assert arrivals(line, 10.0) == [1.5, 1.75]


def test_a_shorter_delay_does_not_overtake() -> None:
    line = way(delay_s=0.5)
    line.take(PACKET, 1.0)
    assert arrivals(line, 1.0) == []  # it is under way

    line.change(delay_s=0.0)
    line.take(PACKET, 1.25)

    assert arrivals(line, 10.0) == [1.5, 1.5]


def test_packets_leave_at_the_rate() -> None:
    line = way(rate_bps=16_000, queue_s=10)

    for _ in range(3):
        line.take(PACKET, 1.0)

    assert arrivals(line, 10.0) == [1.5, 2.0, 2.5]
    assert line.read() | {"bytes": 0, "carried_bytes": 0} == {
        "packets": 3,
        "bytes": 0,
        "lost": 0,
        "dropped": 0,
        "carried": 3,
        "carried_bytes": 0,
        "waited_s": 1.5,
        "longest_s": 1.0,
    }
    assert line.read()["longest_s"] == 0.0


def test_another_rate_holds_for_those_who_wait() -> None:
    line = way(rate_bps=16_000, queue_s=10)
    for _ in range(3):
        line.take(PACKET, 1.0)
    assert arrivals(line, 1.5) == [1.5]

    line.change(rate_bps=8_000)

    assert arrivals(line, 10.0) == [2.0, 3.0]  # the second was on its way already


def test_a_full_queue_drops_what_comes() -> None:
    line = way(rate_bps=16_000, queue_s=0.6)

    for _ in range(5):
        line.take(PACKET, 1.0)

    assert arrivals(line, 10.0) == [1.5, 2.0]
    assert line.read()["dropped"] == 3


def test_chance_is_the_seeds() -> None:
    line, dice = way(loss=0.2), random.Random(1)

    for at in range(100):
        line.take(PACKET, float(at))

    expected = [float(at) for at in range(100) if dice.random() >= 0.2]
    assert arrivals(line, 1000.0) == expected
    assert line.read()["lost"] == 100 - len(expected)


def test_a_blackout_takes_what_is_under_way_and_what_comes() -> None:
    line = way(delay_s=1.0)
    line.take(PACKET, 1.0)

    line.change(blackout=True)
    line.take(PACKET, 1.1)
    line.change(blackout=False)
    line.take(PACKET, 1.2)

    assert arrivals(line, 10.0) == [2.2]
    assert line.read()["lost"] == 2


@pytest.mark.parametrize("terms", [{"loss": 1.1}, {"loss": -0.1}, {"delay_s": -1}, {"rate_bps": -1}, {"queue_s": -1}])
def test_impossible_terms_are_refused(terms: dict[str, float]) -> None:
    line = way(loss=0.5)

    with pytest.raises(ValueError, match="not"):
        line.change(**terms)

    assert line.terms.loss == 0.5


# -- in truth

needs_a_wire = pytest.mark.skipif(bool(missing()), reason=missing())


@pytest.fixture
def line() -> Iterator[Line]:
    with wire() as strung:
        yield strung


@pytest.fixture
def ask(line: Line) -> Iterator[Callable[[int], list[float]]]:
    """Sends so many packets to an echo at the other end; how long each answer took, as far as answers came."""
    echo = line.inside([sys.executable, "-c", ECHO, line.guest], stdout=subprocess.PIPE)
    assert echo.stdout is not None
    echo.stdout.readline()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
        here.settimeout(0.5)

        def asked(packets: int) -> list[float]:
            began = time.monotonic()
            for _ in range(packets):
                here.sendto(bytes(972), (line.guest, 9))  # 1,000 with both headers
            took = []
            with contextlib.suppress(TimeoutError):
                while len(took) < packets:
                    here.recv(2048)
                    took.append(time.monotonic() - began)
            return took

        yield asked


@needs_a_wire
def test_the_line_delays_both_ways(line: Line, ask: Callable[[int], list[float]]) -> None:
    assert len(ask(3)) == 3

    line.up.delay_s, line.down.delay_s = 0.1, 0.05

    took = ask(3)
    assert len(took) == 3
    assert min(took) >= 0.15
    assert (line.up.counted.packets, line.down.counted.packets) == (6, 6)


@needs_a_wire
def test_the_line_loses_as_its_seed_says(line: Line, ask: Callable[[int], list[float]]) -> None:
    dice = random.Random(2)  # that of the way down
    line.down.loss = 0.3

    got = len(ask(40))

    assert got == sum(dice.random() >= 0.3 for _ in range(40))
    assert line.down.counted.lost == 40 - got


@needs_a_wire
def test_the_line_is_as_narrow_as_told(line: Line, ask: Callable[[int], list[float]]) -> None:
    line.up.set(rate_bps=200_000, queue_s=1.0)

    took = ask(5)

    assert [at >= 0.04 * (n + 1) for n, at in enumerate(took)] == [True] * 5  # 8,000 bits each


@needs_a_wire
def test_nothing_passes_in_a_blackout(line: Line, ask: Callable[[int], list[float]]) -> None:
    line.down.blackout = True
    assert ask(3) == []

    line.down.blackout = False
    assert len(ask(3)) == 3


@needs_a_wire
def test_lines_hang_side_by_side(line: Line, ask: Callable[[int], list[float]]) -> None:
    with wire() as other:
        other.down.blackout = True
        assert other.guest != line.guest
        assert len(ask(3)) == 3
        assert line.down.counted == Counted(packets=3, bytes=3000, carried=3, carried_bytes=3000)


@needs_a_wire
def test_impossible_terms_leave_the_line_as_it_was(line: Line) -> None:
    with pytest.raises(ValueError, match="not between"):
        line.down.loss = 2

    assert (line.down.loss, line.up.rate_bps) == (0.0, 0.0)


@needs_a_wire
def test_a_line_whose_owner_was_killed_leaves_nothing() -> None:
    owner = subprocess.Popen([sys.executable, "-c", ABANDONED], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert owner.stdout.readline() != ""
    owner.stdout.close()
    wire_and_sleeper = Path(f"/proc/{owner.pid}/task/{owner.pid}/children").read_text().split()
    assert len(wire_and_sleeper) == 2

    owner.send_signal(signal.SIGKILL)
    owner.wait()

    deadline = time.monotonic() + 10
    while any(alive(int(each)) for each in wire_and_sleeper):  # devices and namespace end with the wire
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    return False


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="whoever may string the wire is told nothing")
def test_the_wire_says_what_it_needs() -> None:
    with pytest.raises(SystemExit, match="root"), wire():
        pass

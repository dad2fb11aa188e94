"""What a media node costs: everyone of a full room heard and seen by everyone.

    python -m benchmarks.room --members 6 --seconds 10 --json figures.json

The node runs in a process of its own; another one holds the members, with real ICE, DTLS and SRTP, who send packets
made beforehand: 50 a second of 100 bytes for a voice, 60 a second of 1,100 bytes for a picture (15 frames of four).
CPU is what the system has charged to the node's process, all threads, user and kernel.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from typing import Any

from sessions.sfu import MediaNode, MediaRoom
from sessions.sfu.member import DELTA_FRAME, KEY_FRAME, Member
from sessions.sfu.rewrite import Header

VOICE_BYTES, PICTURE_BYTES = 100, 1100
TICK_S = 0.01
VOICE_TICKS, FRAME_HZ, FRAME_PACKETS = 2, 15, 4
WARM_UP_S = 2.0
TARGET_CORES = 0.25


@dataclass(frozen=True)
class Figures:
    members: int
    seconds: float
    cores: float
    received_per_s: int
    forwarded_per_s: int
    us_per_forwarded: float
    lost_percent: float
    delay_p50_ms: float
    delay_p99_ms: float
    join_s: float
    generator_cores: float


class Receiver:
    """How long each packet took to one member, of those stamped while it is measured."""

    def __init__(self) -> None:
        self.since_us = 0
        self.delays_us: list[int] = []

    def take(self, mid: str, header: Header, payload: bytes) -> None:
        sent_us = int.from_bytes(payload[-8:], "big")
        if sent_us >= self.since_us:
            self.delays_us.append(_now_us() - sent_us)


class Load:
    """The members' side of the room."""

    def __init__(self, names: Sequence[str], slots: int) -> None:
        self.members = {name: Member(slots, keeping=False) for name in names}
        self.receivers = {name: Receiver() for name in names}
        for name, member in self.members.items():
            member.on_packet = self.receivers[name].take
        self.sent = 0

    async def join(self, node: "NodeProcess") -> None:
        for name, member in self.members.items():
            await member.connect(node.ask("join", name, member.offer()))

    async def send(self, seconds: float) -> None:
        """Paced by the clock; members take turns within a period, as they would by chance."""
        start, tick, frames = time.monotonic(), 0, dict.fromkeys(self.members, 0)
        names = list(self.members)
        while (elapsed := time.monotonic() - start) < seconds:
            for at, name in enumerate(names):
                if (tick + at) % VOICE_TICKS == 0:
                    self.members[name].send_audio(_stamped(b"", VOICE_BYTES))
                    self.sent += 1
                if elapsed * FRAME_HZ + at / len(names) >= frames[name]:
                    self._send_frame(self.members[name], key=frames[name] % FRAME_HZ == 0)
                    frames[name] += 1
            tick += 1
            await asyncio.sleep(max(0.0, start + tick * TICK_S - time.monotonic()))

    def _send_frame(self, member: Member, *, key: bool) -> None:
        for part in range(FRAME_PACKETS):
            descriptor = KEY_FRAME if key and part == 0 else DELTA_FRAME
            member.send_video(_stamped(descriptor, PICTURE_BYTES), marker=part == FRAME_PACKETS - 1)
            self.sent += 1

    def forget(self) -> None:
        self.sent = 0
        for each in self.receivers.values():
            each.since_us = _now_us()
            each.delays_us.clear()

    async def close(self) -> None:
        await asyncio.gather(*(member.close() for member in self.members.values()))


class NodeProcess:
    """The media node in its own process, asked over a pipe."""

    def __init__(self, names: Sequence[str]) -> None:
        self._pipe, there = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=_serve, args=(there, tuple(names)), daemon=True)
        self._process.start()

    def ask(self, *question: Any) -> Any:
        self._pipe.send(question)
        return self._pipe.recv()

    def stop(self) -> None:
        self.ask("stop")
        self._process.join(5)


def _serve(pipe: Connection, names: tuple[str, ...]) -> None:
    asyncio.run(_serve_room(pipe, names))


async def _serve_room(pipe: Connection, names: tuple[str, ...]) -> None:
    node = MediaNode(port=0)
    await node.start()
    room = node.open("benchmark")
    room.hear(frozenset(names))
    room.show(frozenset(names))
    asked: asyncio.Queue[tuple[Any, ...]] = asyncio.Queue()
    asyncio.get_running_loop().add_reader(pipe.fileno(), lambda: asked.put_nowait(pipe.recv()))
    while (question := await asked.get())[0] != "stop":
        pipe.send(await _answer(node, room, question))
    await node.stop()
    pipe.send(None)


async def _answer(node: MediaNode, room: MediaRoom, question: tuple[Any, ...]) -> Any:
    match question:
        case ("join", name, offer):
            return await room.join(name, offer)
        case ("cpu",):
            return time.process_time()
        case ("open",):
            return all(peer.open for peer in room.peers.values())
        case _:
            return node.totals()


def _now_us() -> int:
    return time.monotonic_ns() // 1000


def _stamped(head: bytes, size: int) -> bytes:
    return head.ljust(size - 8, b"\x55") + _now_us().to_bytes(8, "big")


async def measure(members: int, seconds: float) -> Figures:
    names = [f"member-{n}" for n in range(members)]
    node, load = NodeProcess(names), Load(names, max(1, members - 1))
    node.ask("totals")  # answers when the process has started
    began = time.monotonic()
    await load.join(node)
    while not node.ask("open"):
        await asyncio.sleep(0.005)
    join_s = time.monotonic() - began
    await load.send(WARM_UP_S)
    load.forget()
    cpu, own, began = node.ask("cpu"), time.process_time(), time.monotonic()
    await load.send(seconds)
    took, cpu, own = time.monotonic() - began, node.ask("cpu") - cpu, time.process_time() - own
    await asyncio.sleep(0.3)  # the last ones are still on their way
    delays = sorted(delay for each in load.receivers.values() for delay in each.delays_us)
    expected, got = load.sent * (members - 1), len(delays)
    await load.close()
    node.stop()
    return Figures(
        members=members,
        seconds=round(took, 2),
        cores=round(cpu / took, 4),
        received_per_s=round(load.sent / took),
        forwarded_per_s=round(got / took),
        us_per_forwarded=round(cpu / max(got, 1) * 1e6, 1),
        lost_percent=round(100 * (1 - got / expected), 3) if expected else 0.0,
        delay_p50_ms=_percentile(delays, 50),
        delay_p99_ms=_percentile(delays, 99),
        join_s=round(join_s, 2),
        generator_cores=round(own / took, 2),
    )


def _percentile(ascending_us: list[int], percent: int) -> float:
    return round(ascending_us[len(ascending_us) * percent // 100] / 1000, 2) if ascending_us else 0.0


def main(argv: Sequence[str] | None = None) -> int:
    """0 when six or fewer members stay under TARGET_CORES with nothing lost, or when there are more; else 1."""
    parser = argparse.ArgumentParser(prog="benchmarks.room", description="The cost of a media node")
    parser.add_argument("--members", type=int, default=6, help="all to all (default 6)")
    parser.add_argument("--seconds", type=float, default=10.0, help="of measuring (default 10)")
    parser.add_argument("--json", metavar="FILE", help="also write the figures there")
    options = parser.parse_args(argv)
    figures = asyncio.run(measure(options.members, options.seconds))
    report = {**asdict(figures), "python": platform.python_version(), "cpus": os.cpu_count()}
    for name, value in report.items():
        print(f"{name:>18}  {value}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2)
    missed = figures.cores >= TARGET_CORES or figures.lost_percent > 0.1
    return 1 if missed and options.members <= 6 else 0


if __name__ == "__main__":
    sys.exit(main())

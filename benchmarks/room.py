"""What a media node costs, beside Janus under the same load.

    python -m benchmarks.room [--members 12] [--json figures.json]

Two modes: `all`, where everybody is sent the voice and the one picture of everybody else; and `balint`, a session as
our page has it: simulcast, a presenter and a speaker large, all others small, two or three who talk. Balint forwards
three voices at most; Janus, which cannot choose, all. Engines take turns in each round; figures are medians.

The engine runs in a process of its own, the members in this one, with real ICE, DTLS and SRTP. CPU is what the system
has charged to the engine's process: all threads, user and kernel.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from benchmarks import janus
from benchmarks.janus import JanusProcess, Subscriber, VideoRoom
from benchmarks.load import Ear, Load
from benchmarks.node import NodeProcess

SIZES = (4, 8, 12, 14)
MODES = ("all", "balint")
ENGINES = ("balint", "janus", "janus-tuned")
ROOMS = 3  # of 12 members, at once on one node
WARM_UP_S = 12.0  # each line has been found wide enough for all pictures: from then on they are sent
LARGE_PX, SMALL_PX, LARGE_SEATS = 360, 120, 2
SUBSTREAM_HIGH = 2
RIDS = ("l", "h")


@dataclass(frozen=True)
class Case:
    mode: str
    members: int
    rooms: int = 1

    @property
    def rids(self) -> tuple[str, ...]:
        return RIDS if self.mode == "balint" else ()

    @property
    def name(self) -> str:
        return self.mode if self.rooms == 1 else f"{self.mode} x{self.rooms}"


@dataclass(frozen=True)
class Figures:
    """Of one engine in one case; `members` of one room, `downlink_bps` of one member, whole UDP payloads."""

    engine: str
    mode: str
    members: int
    cpu_cores: float
    forwarded_pps: float
    us_per_packet: float
    audio_delay_p50_ms: float
    audio_delay_p99_ms: float
    loss_pct: float
    join_s: float
    rss_mb: float
    downlink_bps: float


class BalintEngine:
    """Our media node. In mode `all` as many voices pass as there are."""

    def __init__(self) -> None:
        self._node = NodeProcess()
        self._members: list[Ear] = []

    @property
    def pid(self) -> int:
        return self._node.pid

    async def fill(self, case: Case) -> Load:
        rooms = [await self._fill_room(case, f"room-{number}") for number in range(case.rooms)]
        while not self._node.ask("open"):
            await asyncio.sleep(0.005)
        return Load(rooms, self._members)

    async def _fill_room(self, case: Case, room: str) -> list[Ear]:
        names = [f"member-{number}" for number in range(case.members)]
        if case.mode == "all":
            self._node.hear_all(room, case.members - 1)
        ears = []
        for name in names:
            ears.append(Ear(case.members - 1, case.rids))
            await ears[-1].connect(self._node.join(room, name, ears[-1].offer()))
        for name in names if case.mode == "balint" else ():
            sizes = {other: LARGE_PX if at < LARGE_SEATS else SMALL_PX for at, other in enumerate(names)}
            self._node.ask("watch", room, name, {other: size for other, size in sizes.items() if other != name})
        self._node.ask("rank", room, names)
        self._members += ears
        return ears

    async def stop(self) -> None:
        await asyncio.gather(*(ear.close() for ear in self._members))
        self._node.stop()


class JanusEngine:
    """Debian's Janus. Each member publishes on one connection and receives on another."""

    def __init__(self, event_loops: int = 0) -> None:
        self._process = JanusProcess(event_loops)
        self._room = VideoRoom(self._process.url)
        self._members: list[Ear] = []

    @property
    def pid(self) -> int:
        return self._process.pid

    async def fill(self, case: Case) -> Load:
        await self._process.wait()
        await self._room.open()
        speakers = [janus.Agent(0, case.rids[::-1]) for _ in range(case.members)]  # Janus wants the high layer first
        feeds = [await self._room.publish(speaker) for speaker in speakers]
        ears = [Subscriber() for _ in feeds]
        for own, ear in zip(feeds, ears, strict=True):
            layers = {feed: SUBSTREAM_HIGH if at < LARGE_SEATS else 0 for at, feed in enumerate(feeds) if feed != own}
            await self._room.subscribe(ear, layers)
        self._members = [*speakers, *ears]
        return Load([speakers], ears)

    async def stop(self) -> None:
        await asyncio.gather(*(member.close() for member in self._members))
        await self._room.close()
        self._process.stop()


def start(engine: str) -> BalintEngine | JanusEngine:
    if engine == "balint":
        return BalintEngine()
    return JanusEngine(event_loops=1 if engine == "janus-tuned" else 0)


async def measure(name: str, case: Case, seconds: float, warm_up_s: float = WARM_UP_S) -> tuple[Figures, float]:
    """The figures, and the cores that the members took: near 1 they would be what is measured."""
    engine = start(name)
    try:
        began = time.monotonic()
        load = await engine.fill(case)
        join_s = time.monotonic() - began
        await load.send(warm_up_s)
        load.forget()
        cpu_s, own_s, began = cpu_of(engine.pid), time.process_time(), time.monotonic()
        await load.send(seconds)
        took_s, cpu_s = time.monotonic() - began, cpu_of(engine.pid) - cpu_s
        own_cores = (time.process_time() - own_s) / took_s
        got, rss_mb = await load.got(), rss_of(engine.pid)
    finally:
        await engine.stop()
    pps = got.packets / took_s
    return Figures(
        engine=name,
        mode=case.name,
        members=case.members,
        cpu_cores=cpu_s / took_s,
        forwarded_pps=pps,
        us_per_packet=cpu_s / max(got.packets, 1) * 1e6,
        audio_delay_p50_ms=percentile(got.delays_us, 50),
        audio_delay_p99_ms=percentile(got.delays_us, 99),
        loss_pct=100 * got.lost / max(got.packets + got.lost, 1),
        join_s=join_s,
        rss_mb=rss_mb,
        downlink_bps=8 * got.octets / took_s / len(load.ears),
    ), own_cores


def cpu_of(pid: int) -> float:
    """Seconds of CPU of a process, those of its ended threads too: the clock that clock_getcpuclockid(3) names."""
    return time.clock_gettime(~pid << 3 | 2)


def rss_of(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def percentile(ascending_us: Sequence[int], percent: int) -> float:
    return ascending_us[len(ascending_us) * percent // 100] / 1000 if ascending_us else 0.0


def median(figures: Sequence[Figures]) -> Figures:
    """Of each number by itself."""
    numbers = [field.name for field in fields(Figures) if field.type is float]
    middle = {name: statistics.median(getattr(each, name) for each in figures) for name in numbers}
    return Figures(**{**asdict(figures[0]), **{name: round(value, 4) for name, value in middle.items()}})


def compare(case: Case, engines: Sequence[str], rounds: int, seconds: float, warm_up_s: float) -> Iterator[Figures]:
    """Medians of the rounds; in each round the engines take turns."""
    found: dict[str, list[Figures]] = {engine: [] for engine in engines}
    for _ in range(rounds):
        for engine in engines:
            figures, own_cores = asyncio.run(measure(engine, case, seconds, warm_up_s))
            found[engine].append(figures)
            print(f"  {line(figures)}  members' side {own_cores:.2f} cores", flush=True)
    for figures in found.values():
        yield median(figures)


def line(each: Figures) -> str:
    return (
        f"{each.engine:<12}{each.mode:<10}{each.members:>3}  {each.cpu_cores:.3f} cores  {each.forwarded_pps:>6.0f} pps"
        f"  {each.us_per_packet:>5.1f} us  delay {each.audio_delay_p50_ms:.1f} / {each.audio_delay_p99_ms:.1f} ms"
        f"  lost {each.loss_pct:.3f} %  join {each.join_s:.2f} s  {each.rss_mb:.0f} MB"
        f"  down {each.downlink_bps / 1e6:.2f} Mb/s"
    )


def missed(figures: Sequence[Figures]) -> list[str]:
    """The targets of a room of twelve that were not reached, as far as they were measured."""
    twelve = {(each.engine, each.mode): each for each in figures if each.members == 12}
    return [words for words, reached in _targets(twelve) if not reached]


def _targets(twelve: Mapping[tuple[str, str], Figures]) -> Iterator[tuple[str, bool]]:
    for mode, tuned, default in (("balint", 0.9, 0.5), ("all", 1.3, None)):
        ours = twelve.get(("balint", mode))
        if ours is None:
            continue
        for engine, limit in (("janus-tuned", tuned), ("janus", default)):
            with suppress(KeyError):
                ratio = ours.cpu_cores / twelve[engine, mode].cpu_cores
                yield f"{mode}: {ratio:.2f} of {engine}'s CPU, not {limit}", limit is None or ratio <= limit
        yield f"{mode}: p99 of {ours.audio_delay_p99_ms:.1f} ms, not 10", ours.audio_delay_p99_ms <= 10
        yield f"{mode}: 12 joins in {ours.join_s:.2f} s, not 1", ours.join_s <= 1
        yield f"{mode}: {ours.rss_mb:.0f} MB, not 200", ours.rss_mb <= 200
    if ours := twelve.get(("balint", "balint")):
        yield f"balint: {ours.cpu_cores:.3f} core, not 0.14", ours.cpu_cores <= 0.14
    if rooms := twelve.get(("balint", f"balint x{ROOMS}")):
        yield f"{ROOMS} rooms: p99 of {rooms.audio_delay_p99_ms:.1f} ms, not 25", rooms.audio_delay_p99_ms <= 25


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./balint.sh bench room", description="The cost of a media node")
    parser.add_argument("--members", type=int, help="in each room, 2 or more (default 4, 8, 12 and 14)")
    parser.add_argument(
        "--rooms", type=int, default=1, help="so many at once on one node, in mode balint, without Janus"
    )
    parser.add_argument("--modes", nargs="+", choices=MODES, default=MODES)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--rounds", type=int, default=5, help="of which the medians are taken (default 5)")
    parser.add_argument("--seconds", type=float, default=5.0, help="of measuring in each (default 5)")
    parser.add_argument(
        "--warm-up", type=float, default=WARM_UP_S, help="seconds of the same load before that (default %(default)s)"
    )
    parser.add_argument("--json", metavar="FILE", help="also write the figures there")
    return parser.parse_args(argv)


def cases(options: argparse.Namespace) -> list[Case]:
    if options.rooms > 1:
        return [Case("balint", options.members or 12, options.rooms)]
    sizes = [options.members] if options.members else SIZES
    each = [Case(mode, members) for members in sizes for mode in options.modes]
    return each if options.members else [*each, Case("balint", 12, ROOMS)]


def main(argv: Sequence[str] | None = None) -> int:
    """1 when a target is missed."""
    options = arguments(argv)
    engines = list(options.engines)
    if (reason := janus.missing()) and engines != ["balint"]:
        print(f"Without Janus: {reason}.")
        engines = ["balint"]
    figures: list[Figures] = []
    for case in cases(options):
        taking_turns = engines if case.rooms == 1 else ["balint"]
        figures += compare(case, taking_turns, options.rounds, options.seconds, options.warm_up)
    print("Medians:")
    print("\n".join(line(each) for each in figures))
    if options.json:
        Path(options.json).write_text(json.dumps([asdict(each) for each in figures], indent=2) + "\n")
    lacking = missed(figures)
    print("\n".join(f"Missed: {words}" for words in lacking) or "Every target that was measured is reached.")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())

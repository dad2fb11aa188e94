"""What no browser would send: mutants of every kind of datagram and of offers, many more than the tests send.

    ./balint.sh bench fuzz --count 1000000

Two members talk in a room of a node in its own process; a stranger and a third member send the mutants. The node may
refuse what it likes. It must have no fault to contain, be held up by no datagram or offer for more than 50 ms of its
own time, and forward every word of the two. What it stumbles over is written to a file, to become a test.
"""

import argparse
import asyncio
import itertools
import json
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from benchmarks.mutants import mutants
from benchmarks.node import NodeProcess, TimedNode
from sessions.sfu import Refused
from sessions.sfu.feedback import write_nack, write_pli, write_receiver_report, write_remb
from sessions.sfu.member import KEY_FRAME, OPUS, VP8, Member
from sessions.sfu.rewrite import Header
from sessions.sfu.sdp import LAYERS

ROOM = "fuzz"
PORTION = 200  # what the sockets' buffers hold
VOICE_S = 0.02
TARGET_STALL_MS = 50.0
CLIENT_HELLO = bytes.fromhex("16fefd0000000000000000003a0100002e000000000000002efefd") + bytes(32)
ALERT = b"\x15\xfe\xfd" + bytes(8) + b"\0\x02\x02\x28"
RTP = bytes.fromhex("906f0001000003e800000007bede000210140000400000000000") + b"payload"
LAYER = bytes.fromhex("bede0002 4031 a06c d001 0000")  # MID 1, RID l, turned by a quarter


@dataclass(frozen=True)
class Figures:
    """`worst_ms` is CPU time of the node; `faults` must be 0, as `words_lost` of the two who talk."""

    kind: str
    mutants: int
    per_s: int
    worst_ms: float
    faults: int
    words: int
    words_lost: int
    rss_mb: int

    @property
    def holds(self) -> bool:
        return self.worst_ms <= TARGET_STALL_MS and self.faults == 0 and self.words_lost == 0 and self.words > 0


class Talk:
    """Lea tells Pia numbers, at a voice's pace, as long as this runs."""

    def __init__(self, lea: Member, pia: Member) -> None:
        self.lea, self.sent, self.heard = lea, 0, set[int]()
        pia.on_packet = self._hear

    def _hear(self, mid: str, header: Header, payload: bytes) -> None:
        if payload.startswith(b"word "):
            self.heard.add(int(payload[5:]))

    async def go_on(self) -> None:
        while True:
            self.sent += 1
            self.lea.send_audio(b"word %d" % self.sent)
            await asyncio.sleep(VOICE_S)

    async def lost(self) -> int:
        """Of all so far; waits a moment for what is still on its way."""
        for _ in range(100):
            if len(self.heard) == self.sent:
                return 0
            await asyncio.sleep(0.01)
        return self.sent - len(self.heard)


class Attack:
    """A stranger and a member, each with the means to send anything."""

    def __init__(self, node: NodeProcess, otto: Member) -> None:
        self.node, self.otto = node, otto
        self.ssrcs = itertools.cycle([*(layer.ssrc for layer in otto.layers.values()), 1, 2, 3])
        self.numbers = itertools.count()
        self.stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.connection: socket.socket | None = None

    def from_outside(self, data: bytes) -> None:
        self.stranger.sendto(data, ("127.0.0.1", self.node.port))

    def voice(self, data: bytes) -> None:
        source = self.otto.sources["audio"]
        source.sequence = (source.sequence + 1) & 0xFFFF
        self.otto.send_packet((OPUS, source.sequence, int.from_bytes(data[:4], "big"), source.ssrc), data)

    def picture(self, data: bytes) -> None:
        source = self.otto.layers["l"]
        source.sequence = (source.sequence + 1 + len(data) % 2) & 0xFFFF
        self.otto.send_packet((VP8, source.sequence, int.from_bytes(data[:4], "big"), source.ssrc), data)

    def layer(self, data: bytes) -> None:
        self.otto.send_packet((VP8, next(self.numbers) & 0xFFFF, 0, next(self.ssrcs)), data)

    def stream(self, data: bytes) -> None:
        """Into a connection that began with an authentic check, and into a new one whenever the node has closed it."""
        try:
            if self.connection is None:
                self.connection = socket.create_connection(("127.0.0.1", self.node.port))
                self.connection.sendall(framed(self.otto.check_request()))
            self.connection.sendall(data)
        except OSError:
            self.hang_up()

    def hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def offer(self, data: bytes) -> None:
        try:
            self.node.join("offers", "otto", data.decode("utf-8", "replace"))
        except Refused:
            return
        self.node.ask("leave", "offers", "otto")


def framed(packet: bytes) -> bytes:
    """RFC 4571, section 2."""
    return len(packet).to_bytes(2, "big") + packet


def kinds(attack: Attack) -> dict[str, tuple[Callable[[bytes], None], tuple[bytes, ...]]]:
    """How each kind is sent, and the samples that are mutated."""
    otto = attack.otto
    reports = (
        write_receiver_report(1, []) + write_remb(1, 10**6, [2, 3]),
        write_nack(1, 2, [1, 2, 30]) + write_pli(1, 2),
        bytes.fromhex("80c80006") + bytes(24),
        bytes.fromhex("8fcd000700000001000000020001000900000100d525900090042402f8040420"),  # transport-wide
    )
    own = [
        part.replace(b"\0\0\0\x02", ssrc.to_bytes(4, "big")) for part in reports for ssrc in otto.slot_ssrcs.values()
    ]
    check = otto.check_request()
    return {
        "a stranger's checks": (attack.from_outside, (check,)),
        "a stranger's records and media": (attack.from_outside, (CLIENT_HELLO, RTP, *reports)),
        "a member's checks": (otto.send_raw, (check,)),
        "a member's records": (otto.send_raw, (CLIENT_HELLO, ALERT)),
        "a member's media, not authentic": (otto.send_raw, (RTP, *reports)),
        "a member's voice": (attack.voice, (RTP[12:],)),
        "a member's picture": (attack.picture, (LAYER + KEY_FRAME, RTP[12:22] + KEY_FRAME)),
        "a member's layers": (attack.layer, (LAYER + KEY_FRAME,)),
        "a member's control": (otto.send_control, tuple(own)),
        "a member's stream by TCP": (attack.stream, tuple(map(framed, (check, CLIENT_HELLO, RTP)))),
        "offers": (attack.offer, (Member(3, rids=LAYERS).offer().encode(),)),
    }


async def run(count: int, seed: int, finds: Path) -> list[Figures]:
    node = NodeProcess(TimedNode)
    lea, pia = (Member(3, keeping=False) for _ in range(2))
    otto = Member(3, keeping=False, rids=LAYERS)
    try:
        for name, member in {"lea": lea, "pia": pia, "otto": otto}.items():
            await member.connect(node.join(ROOM, name, member.offer()))
        while not node.ask("open"):
            await asyncio.sleep(0.01)
        node.ask("lift_limits")
        attack = Attack(node, otto)
        return [
            await assault(attack, Talk(lea, pia), kind, send, mutants(*samples, count=count, seed=seed), finds)
            for kind, (send, samples) in kinds(attack).items()
        ]
    finally:
        await asyncio.gather(*(member.close() for member in (lea, pia, otto)))
        node.stop()


async def assault(
    attack: Attack, talk: Talk, kind: str, send: Callable[[bytes], None], messages: Iterable[bytes], finds: Path
) -> Figures:
    """All messages of a kind, in portions that the node has read before the next one."""
    before, began, sent = attack.node.totals(), time.monotonic(), 0
    attack.node.ask("forget_worst")
    talking = asyncio.get_running_loop().create_task(talk.go_on())
    for portion in portions(messages):
        for message in portion:
            send(message)
        await talk.lea.settle()
        sent += len(portion)
        if attack.node.totals()["faults"] > before["faults"]:
            keep(finds, kind, portion)
            break
    talking.cancel()
    after = attack.node.totals()
    return Figures(
        kind=kind,
        mutants=sent,
        per_s=round(sent / (time.monotonic() - began)),
        worst_ms=round(after["worst_s"] * 1000, 1),
        faults=round(after["faults"] - before["faults"]),
        words=talk.sent,
        words_lost=await talk.lost(),
        rss_mb=resident_mb(attack.node.pid),
    )


def portions(messages: Iterable[bytes]) -> Iterator[list[bytes]]:
    source = iter(messages)
    while portion := list(islice(source, PORTION)):
        yield portion


def keep(finds: Path, kind: str, portion: list[bytes]) -> None:
    finds.mkdir(parents=True, exist_ok=True)
    name = "".join(letter if letter.isalpha() else "-" for letter in kind)
    (finds / f"{name}.json").write_text(json.dumps([each.hex() for each in portion]))


def resident_mb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024


def main(argv: Sequence[str] | None = None) -> int:
    """0 when everything held, else 1."""
    parser = argparse.ArgumentParser(prog="benchmarks.fuzz", description="Mutants against a room node")
    parser.add_argument("--count", type=int, default=100_000, help="mutants of each kind (default 100,000)")
    parser.add_argument("--seed", type=int, default=1, help="other mutants for another seed")
    parser.add_argument("--finds", type=Path, default=Path("var/finds"), help="where what was found is written")
    parser.add_argument("--json", metavar="FILE", help="also write the figures there")
    options = parser.parse_args(argv)
    figures = asyncio.run(run(options.count, options.seed, options.finds))
    for each in figures:
        print(f"{'held' if each.holds else 'FAILED':>6}  {each.kind:<32} " + words(each))
    if options.json:
        Path(options.json).write_text(json.dumps([asdict(each) for each in figures], indent=2))
    return 0 if all(each.holds for each in figures) else 1


def words(each: Figures) -> str:
    return (
        f"{each.mutants:>9,} at {each.per_s:>6,}/s, worst {each.worst_ms:>5} ms, {each.faults} faults, "
        f"{each.words_lost} of {each.words} words lost, {each.rss_mb} MB"
    )


if __name__ == "__main__":
    sys.exit(main())

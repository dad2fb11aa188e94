"""A media node in a process of its own, asked over a pipe; its rooms hear and show everybody who joins."""

import asyncio
import math
import multiprocessing
import time
from multiprocessing.connection import Connection
from typing import Any

from sessions.sfu import MediaNode, Refused
from sessions.sfu.allowance import Allowance


class BenchNode(MediaNode):
    """Knows how long its worst offer held it up: seconds of its thread's CPU, whatever else runs here."""

    worst_s = 0.0

    def note(self, began: float) -> None:
        """`began` is the thread's time (time.thread_time) before something that holds the loop."""
        self.worst_s = max(self.worst_s, time.thread_time() - began)

    def lift_limits(self) -> None:
        """So that every datagram is read, however many they are."""
        endless = Allowance(math.inf, 0, 0)
        self.strangers = endless
        for peer in (peer for room in self.rooms.values() for peer in room.peers.values()):
            peer.allowance = peer.checks = endless


class TimedNode(BenchNode):
    """Knows it of its worst datagram too, which costs several microseconds for each."""

    def _receive(self, size: int, address: Any) -> None:
        began = time.thread_time()
        super()._receive(size, address)
        self.note(began)


class NodeProcess:
    """Raises whatever the node raised. `stop` ends it; it also ends with us."""

    def __init__(self, kind: type[BenchNode] = BenchNode) -> None:
        self._pipe, there = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=_serve, args=(there, kind), daemon=True)
        self._process.start()
        self.port: int = self.ask("port")  # answers when the process has started

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def join(self, room: str, member: str, offer: str) -> str:
        """The answer; the room is opened by its first member."""
        return str(self.ask("join", room, member, offer))

    def hear_all(self, room: str, voices: int) -> None:
        """Opens a room in which so many voices at once reach everybody."""
        self.ask("hear_all", room, voices)

    def totals(self) -> dict[str, float]:
        """MediaNode.totals, with `worst_s` and `cpu_s` of the process."""
        return dict(self.ask("totals"))

    def ask(self, *question: Any) -> Any:
        self._pipe.send(question)
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def stop(self) -> None:
        self.ask("stop")
        self._process.join(5)


def _serve(pipe: Connection, kind: type[BenchNode]) -> None:
    asyncio.run(_answer_all(pipe, kind(port=0)))


async def _answer_all(pipe: Connection, node: BenchNode) -> None:
    await node.start()
    asked: asyncio.Queue[tuple[Any, ...]] = asyncio.Queue()
    asyncio.get_running_loop().add_reader(pipe.fileno(), lambda: asked.put_nowait(pipe.recv()))
    while (question := await asked.get())[0] != "stop":
        try:
            pipe.send(await _answer(node, question))
        except (Refused, KeyError) as error:
            pipe.send(error)
    await node.stop()
    pipe.send(None)


async def _answer(node: BenchNode, question: tuple[Any, ...]) -> Any:
    match question:
        case ("port",):
            return node.port.number
        case ("join", name, member, offer):
            return await _join(node, name, member, offer)
        case ("leave", name, member):
            return node.rooms[name].leave(member)
        case ("watch", name, member, heights):
            return node.rooms[name].watch(member, heights)
        case ("rank", name, order):
            return node.rooms[name].rank(order)
        case ("hear_all", name, voices):
            node.open(name).floors.speaking = voices
            return None
        case ("open",):
            return all(peer.open for room in node.rooms.values() for peer in room.peers.values())
        case ("forget_worst",):
            node.worst_s = 0.0
            return None
        case ("lift_limits",):
            return node.lift_limits()
        case _:
            return node.totals() | {"worst_s": node.worst_s, "cpu_s": time.process_time()}


async def _join(node: BenchNode, name: str, member: str, offer: str) -> str:
    room = node.rooms.get(name) or node.open(name)
    began = time.thread_time()
    try:
        answer = await room.join(member, offer)
    finally:
        node.note(began)
    everybody = frozenset(room.peers)
    room.hear(everybody)
    room.show(everybody)
    return answer

"""Janus' VideoRoom, as Debian has it, under the load of benchmarks.room: each member publishes on one connection and
receives everybody else on another, as its own pages do.

Janus gathers no loopback candidates, so it listens on another address of this machine; the packets stay in the kernel
all the same. `event_loops=1` is the one setting that helps it most here: a loop for all instead of a thread for each.
"""

import asyncio
import contextlib
import fcntl
import itertools
import json
import secrets
import shutil
import socket
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aioice import stun
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.load import Ear
from launcher.services import free_port
from sessions.sfu.ice import Address, answer_check, candidates
from sessions.sfu.member import PEER_REFLEXIVE

PLUGINS = "*/janus/plugins/libjanus_videoroom.so"
ROOM = 1234
START_S = 10.0
SIOCGIFADDR = 0x8915  # netdevice(7)


def missing() -> str:
    """Why Janus cannot run here, or ''."""
    if shutil.which("janus") is None or _libraries() is None:
        return "Debian's janus is not installed"
    return "" if _address() else "this machine has no address but the loopback's"


def _libraries() -> Path | None:
    return next((each.parent.parent for each in Path("/usr/lib").glob(PLUGINS)), None)


def _address() -> str:
    """The first IPv4 address of an interface that is not the loopback, or ''."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            with contextlib.suppress(OSError):  # an interface without an address
                found = fcntl.ioctl(probe, SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))[20:24]
                if found[0] != 127:
                    return socket.inet_ntoa(found)
    return ""


def _all_but(folder: Path, name: str) -> str:
    return ",".join(sorted(each.name for each in folder.glob("*.so") if name not in each.name))


class JanusProcess:
    """Janus with one open room, its configuration in a folder that goes with it."""

    def __init__(self, event_loops: int = 0) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.url = f"ws://127.0.0.1:{self._configure(Path(self._folder.name), event_loops)}"
        folder = self._folder.name
        command = ["janus", "--configs-folder", folder, "--config", f"{folder}/janus.jcfg"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    async def wait(self) -> None:
        """Until it answers. Raises TimeoutError."""
        async with asyncio.timeout(START_S):
            while not await _answers(self.url):
                await asyncio.sleep(0.05)

    @property
    def pid(self) -> int:
        return self._process.pid

    def _configure(self, folder: Path, event_loops: int) -> int:
        libraries, port = _libraries(), free_port()
        folders = {name: f"{libraries}/{name}" for name in ("plugins", "transports", "events", "loggers")}
        words = "".join(f'{name}_folder = "{path}"\n' for name, path in folders.items())
        plugins, wires = _all_but(libraries / "plugins", "videoroom"), _all_but(libraries / "transports", "websockets")
        (folder / "janus.jcfg").write_text(
            f"general: {{\n{words}debug_level = 2\nsession_timeout = 600\nevent_loops = {event_loops}\n}}\n"
            f'media: {{\nipv6 = false\n}}\nnat: {{\nice_enforce_list = "{_address()}"\n}}\n'
            f'plugins: {{\ndisable = "{plugins}"\n}}\ntransports: {{\ndisable = "{wires}"\n}}\n'
        )
        (folder / "janus.plugin.videoroom.jcfg").write_text("general: {\n}\n")
        (folder / "janus.transport.websockets.jcfg").write_text(
            f'general: {{\nws = true\nws_port = {port}\nws_ip = "127.0.0.1"\n}}\nadmin: {{\nadmin_ws = false\n}}\n'
        )
        return port

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._folder.cleanup()


async def _answers(url: str) -> bool:
    try:
        async with connect(url, subprotocols=[Subprotocol("janus-protocol")], proxy=None):
            return True
    except OSError:
        return False


class Handle:
    """One attachment to the VideoRoom plugin."""

    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self._numbers = itertools.count(1)
        self._session = self._id = 0

    async def open(self) -> None:
        self._session = (await self._request({"janus": "create"}))["data"]["id"]
        attach = {"janus": "attach", "plugin": "janus.plugin.videoroom"}
        self._id = (await self._request(attach))["data"]["id"]

    async def ask(self, body: dict[str, Any], jsep: dict[str, str] | None = None) -> dict[str, Any]:
        """The plugin's answer: its data, and the `jsep` that came with it. Raises RuntimeError for an error."""
        message: dict[str, Any] = {"janus": "message", "body": body} | ({"jsep": jsep} if jsep else {})
        answer = await self._request(message)
        data = answer["plugindata"]["data"]
        if "error" in data:
            raise RuntimeError(data["error"])
        return {**data, "jsep": answer.get("jsep", {})}

    async def _request(self, message: dict[str, Any]) -> dict[str, Any]:
        number = str(next(self._numbers))
        where = {"session_id": self._session, "handle_id": self._id} if self._id else {}
        if self._session and not self._id:
            where = {"session_id": self._session}
        await self._line.send(json.dumps({**message, **where, "transaction": number}))
        async for text in self._line:
            answer = json.loads(text)
            if answer["janus"] == "error":
                raise RuntimeError(answer["error"]["reason"])
            if answer.get("transaction") == number and answer["janus"] != "ack":
                return answer
        raise RuntimeError("Janus closed the line")


class Agent(Ear):
    """Offers a candidate, and answers the checks that a full ICE agent sends."""

    def __init__(self, slots: int, rids: tuple[str, ...] = ()) -> None:
        super().__init__(slots, rids)
        self.host = _address()

    def offer(self) -> str:
        self.listen()
        line = f"a={candidates(self.host, self._port.number)[0]}\r\na=end-of-candidates\r\n"
        return super().offer().replace("a=rtcp-mux\r\n", f"a=rtcp-mux\r\n{line}")

    def _receive(self, size: int, address: Address) -> None:
        view = self._inbox.view
        if view[0] == 0:  # a request, in the binding method
            check = answer_check(bytes(view[:size]), address, lambda _: self._ice.password)
            if check is not None:
                self._port.send(check.reply, address)
        else:
            super()._receive(size, address)


class Subscriber(Agent):
    """Answers Janus' offer, which has an m-line for each stream."""

    def __init__(self) -> None:
        super().__init__(0)
        self.sources.clear()

    def answer(self, offer: str) -> str:
        self._lines = [*_lines_of(offer)]
        return self.offer().replace("a=setup:actpass", "a=setup:passive")

    def check_request(self) -> bytes:
        """Janus has offered, so it controls and nominates."""
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = self._username
        request.attributes["PRIORITY"] = PEER_REFLEXIVE
        request.attributes["ICE-CONTROLLED"] = secrets.randbits(64)
        request.add_message_integrity(self._password)
        request.add_fingerprint()
        return bytes(request)


def _lines_of(offer: str) -> Iterator[tuple[str, str, bool]]:
    """Kind and mid of each m-line."""
    kind = ""
    for line in offer.splitlines():
        if line.startswith("m="):
            kind = line[2:].split()[0]
        elif line.startswith("a=mid:"):
            yield kind, line[6:], False


class VideoRoom:
    """The one room of a Janus process."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lines: list[ClientConnection] = []

    async def open(self) -> None:
        handle = await self._handle()
        await handle.ask({"request": "create", "room": ROOM, "publishers": 64, "bitrate": 0, "videocodec": "vp8"})

    async def close(self) -> None:
        for line in self._lines:
            await line.close()

    async def publish(self, member: Agent) -> int:
        """The number of its feed."""
        handle = await self._handle()
        feed = int((await handle.ask({"request": "join", "ptype": "publisher", "room": ROOM}))["id"])
        jsep = {"type": "offer", "sdp": member.offer()}
        answer = await handle.ask({"request": "publish"}, jsep)
        await member.connect(answer["jsep"]["sdp"])
        return feed

    async def subscribe(self, member: Subscriber, substreams: Mapping[int, int]) -> None:
        """To the voice of each feed, and to this layer of its picture."""
        handle = await self._handle()
        voices = [{"feed": feed, "mid": "0"} for feed in substreams]
        pictures = [{"feed": feed, "mid": "1", "substream": layer} for feed, layer in substreams.items()]
        join = {"request": "join", "ptype": "subscriber", "room": ROOM, "streams": [*voices, *pictures]}
        offer = (await handle.ask(join))["jsep"]["sdp"]
        await handle.ask({"request": "start"}, {"type": "answer", "sdp": member.answer(offer)})
        await member.connect(offer)

    async def _handle(self) -> Handle:
        line = await connect(self._url, subprotocols=[Subprotocol("janus-protocol")], proxy=None)
        self._lines.append(line)
        handle = Handle(line)
        await handle.open()
        return handle

"""A person's line that a test can cut: all TCP of a browser profile through a proxy of ours, its media through a relay.

Pages, questions and WebSockets go by SOCKS (RFC 1928), as a profile can be told; voices and pictures go to the relay
because the page reads the relay's port in the node's answer. Nothing is closed while the line is cut: both sides wait,
as they do when a cable is pulled somewhere between them.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.sync_api import BrowserContext

HOST = "127.0.0.1"
CHUNK_BYTES, DATAGRAM_BYTES = 1 << 16, 2048
ADDRESS_BYTES = {1: 4, 4: 16}  # by the type of the address
CONNECTED = b"\x05\x00\x00\x01" + bytes(6)

# The answer has one candidate of the node for UDP, perhaps one for TCP: the first becomes the relay, the other goes.
LED_AROUND = """
(port) => {
  const set = RTCPeerConnection.prototype.setRemoteDescription;
  const udp = /(a=candidate:\\S+ \\d udp \\d+ \\S+ )\\d+/gi, tcp = /a=candidate:\\S+ \\d tcp .*\\r\\n/gi;
  const lead = (sdp) => sdp.replace(udp, `$1${port}`).replace(tcp, "");
  RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
    return set.call(this, { type, sdp: lead(sdp) });
  };
}
"""


class Relay:
    """Datagrams of a browser to the node and back: each of the browser's sockets has one of ours."""

    def __init__(self, line: "Line") -> None:
        self.line = line
        self.ways: dict[Any, socket.socket] = {}
        self.gone: set[Any] = set()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, 0))
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]
        line.loop.add_reader(self.socket, self._up)

    def _up(self) -> None:
        data, address = self.socket.recvfrom(DATAGRAM_BYTES)
        if self.line.whole.is_set() and address not in self.gone:
            with contextlib.suppress(OSError):  # the node is not there now
                (self.ways.get(address) or self._way(address)).send(data)

    def _way(self, address: Any) -> socket.socket:
        way = self.ways[address] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        way.connect((HOST, self.line.media_port))
        way.setblocking(False)
        self.line.loop.add_reader(way, self._down, way, address)
        return way

    def _down(self, way: socket.socket, address: Any) -> None:
        with contextlib.suppress(OSError):
            data = way.recv(DATAGRAM_BYTES)
            if self.line.whole.is_set():
                self.socket.sendto(data, address)

    def move(self) -> None:
        """What the browser opened until now leads nowhere any more."""
        for way in self.ways.values():
            self.line.loop.remove_reader(way)
            way.close()
        self.gone |= set(self.ways)
        self.ways.clear()

    def close(self) -> None:
        self.move()
        self.line.loop.remove_reader(self.socket)
        self.socket.close()


class Line:
    """Runs in a thread of its own, until `close`."""

    def __init__(self, media_port: int) -> None:
        self.media_port = media_port
        self.whole = asyncio.Event()
        self.tasks: set[asyncio.Task[None]] = set()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self._call(self._open())

    def lead(self, context: BrowserContext) -> None:
        """Lead this profile's media here; its pages come here by `proxy`, an option of the profile."""
        context.add_init_script(f"({LED_AROUND})({self.relay.port})")

    def cut(self) -> None:
        self._call(self._set(self.whole.clear))

    def heal(self) -> None:
        self._call(self._set(self.whole.set))

    def move(self) -> None:
        """To another address, as a phone that goes from one network into another: all sockets from before hang on the
        former one, and nobody is told."""
        self._call(self._set(self._move))

    def close(self) -> None:
        self._call(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _call(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    async def _set(self, act: Callable[[], None]) -> None:
        act()

    async def _open(self) -> None:
        self.whole.set()
        self.server = await asyncio.start_server(self._serve, HOST, 0)
        self.relay = Relay(self)
        self.proxy = {"server": f"socks5://{HOST}:{self.server.sockets[0].getsockname()[1]}"}

    async def _close(self) -> None:
        self.server.close()
        for task in self.tasks:
            task.cancel()
        self.relay.close()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def _move(self) -> None:
        self.whole.clear()
        self.whole = asyncio.Event()
        self.whole.set()
        self.relay.move()

    # -- TCP

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.start(self._carry(reader, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection. One that begins while the line is cut is never answered: its first packet was lost."""
        whole = self.whole
        with contextlib.closing(writer), contextlib.suppress(OSError, EOFError):
            if not whole.is_set():
                await asyncio.Event().wait()
            there, back = await asyncio.open_connection(*await self._asked(reader, writer))
            with contextlib.closing(back):
                await asyncio.gather(self._pump(reader, back, whole), self._pump(there, writer, whole))

    async def _asked(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        *_, kind = await reader.readexactly(4)
        size = ADDRESS_BYTES.get(kind) or (await reader.readexactly(1))[0]
        await reader.readexactly(size)  # whatever its name, it is this machine
        port = int.from_bytes(await reader.readexactly(2), "big")
        writer.write(CONNECTED)
        return HOST, port

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, whole: asyncio.Event) -> None:
        while data := await reader.read(CHUNK_BYTES):
            await whole.wait()
            writer.write(data)
            await writer.drain()
        await whole.wait()
        writer.close()

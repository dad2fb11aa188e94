"""A room node as its own process, on the rows of the running test, and browsers' sockets to it."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from sessions import protocol, wire
from sessions.sfu.member import Member

PATIENCE_S = 15.0
ORIGIN = "http://localhost:8000"


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def same_database(folder: Path) -> dict[str, str]:
    """An environment in which another process sees this test's rows and its log-ins."""
    mine = {**os.environ, "BALINT_DATA": str(folder), "SECRET_KEY": settings.SECRET_KEY}
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        (folder / "balint.sqlite3").symlink_to(name)
        return mine
    return mine | {"DATABASE_URL": urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl()}


class RoomProcess:
    """`manage.py runroom` on free ports; `start` again continues on the same ones."""

    def __init__(self, folder: Path, name: str = "node-1") -> None:
        self.name = name
        self.port, self.media_port = free_port(), free_port(socket.SOCK_DGRAM)
        self._environment = same_database(folder) | {"ROOM_URL": f"ws://127.0.0.1:{self.port}"}
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = self.launch()
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == f"Room node {self.name} is ready.\n"

    def launch(self, **ports: int) -> subprocess.Popen[str]:
        port, media_port = ports.get("port", self.port), ports.get("media_port", self.media_port)
        words = ["runroom", "--name", self.name, "--port", str(port), "--media-port", str(media_port)]
        return subprocess.Popen(
            [sys.executable, "manage.py", *words],
            cwd=settings.BASE_DIR,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def health(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=PATIENCE_S) as response:
            return dict(json.load(response))

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Its exit code and what it complained of."""
        if self.process is None:
            return 0, ""
        self.process.send_signal(number)
        _, complaints = self.process.communicate(timeout=PATIENCE_S)
        code, self.process = self.process.returncode, None
        return code, complaints


class Browser:
    """One tab at a real socket, with a synthetic member for its media."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.member: Member | None = None
        self._ids = 0

    async def send(self, message: protocol.Up) -> None:
        await self.socket.send(wire.dump(message))

    async def next(self, *kinds: str, when: Callable[[dict[str, Any]], bool] = lambda message: True) -> dict[str, Any]:
        while True:
            message = json.loads(await self.socket.recv())
            if message["type"] in kinds and when(message):
                return dict(message)

    async def do(self, kind: Callable[..., protocol.Command], *args: object) -> dict[str, Any]:
        self._ids += 1
        await self.send(kind(f"id-{self._ids}", *args))
        return await self.next("ack", "refused")

    async def let_in(self) -> None:
        """Admit everybody who knocks."""
        assert (await self.do(protocol.Admit, ""))["type"] == "ack"

    async def join_media(self) -> Member:
        self.member = Member()
        await self.send(protocol.Offer(self.member.offer()))
        await self.member.connect((await self.next("answer"))["sdp"])
        return self.member

    async def close_code(self) -> int | None:
        with suppress(ConnectionClosed):
            while True:
                await self.socket.recv()
        return self.socket.close_code


@asynccontextmanager
async def browser(port: int, session_id: object, cookie: str, origin: str | None = ORIGIN) -> AsyncIterator[Browser]:
    headers = {"Cookie": f"sessionid={cookie}"} | ({"Origin": origin} if origin else {})
    url = f"ws://127.0.0.1:{port}/room/{session_id}/"
    async with connect(url, additional_headers=headers, open_timeout=PATIENCE_S, proxy=None) as opened:
        tab = Browser(opened)
        try:
            yield tab
        finally:
            if tab.member is not None and not tab.member.closed:
                await tab.member.close()


async def heard(publisher: Browser, listener: Browser, text: bytes) -> None:
    """Sends audio until the listener has it."""
    assert publisher.member is not None
    assert listener.member is not None
    async with asyncio.timeout(8):
        while not any(text in payloads for payloads in listener.member.received.values()):
            publisher.member.send_audio(text)
            await asyncio.sleep(0.02)


async def push_back(leader: Browser, presenter: str) -> None:
    for command in [
        (protocol.Move, "gathering"),
        (protocol.Move, "call"),
        (protocol.SettlePresenter, presenter),
        (protocol.Move, "presentation"),
        (protocol.Move, "push_back"),
    ]:
        assert (await leader.do(*command))["type"] == "ack"


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)

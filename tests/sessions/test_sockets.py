"""The line under a socket: what a client does not read never fills the node's memory."""

from collections import Counter

import pytest
import pytest_asyncio
from daphne.server import Server
from daphne.ws_protocol import WebSocketFactory
from twisted.internet.testing import StringTransport

from sessions.sockets import UNREAD_S, CountedSocket

FULL = "a" * 70_000


class Line(StringTransport):
    """A line whose other end reads only when the test says so."""

    aborted = False

    def write(self, data: bytes) -> None:
        super().write(data)
        if len(self.value()) > 65536:
            self.producer.pauseProducing()

    def read(self) -> None:
        self.clear()
        self.producer.resumeProducing()

    def abortConnection(self) -> None:
        self.aborted = True


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def cut() -> Counter[str]:
    return Counter()


@pytest_asyncio.fixture
async def socket(line: Line, cut: Counter[str]) -> CountedSocket:
    factory = WebSocketFactory(Server(None, endpoints=["tcp:0"]))
    factory.protocol, factory.on_cut = CountedSocket, lambda reason: cut.update([reason])
    socket = factory.buildProtocol(None)
    line.registerProducer(Server, True)  # as the HTTP channel does, before the line is handed over
    socket.makeConnection(line)
    socket.state, socket.websocket_version, socket.client_addr = socket.STATE_OPEN, 13, None  # after the handshake
    return socket


def test_a_client_that_does_not_read_is_cut(socket: CountedSocket, line: Line, cut: Counter[str]) -> None:
    """Twisted says at each write that its buffer is full: the first time counts."""
    now = socket._clock()
    for seconds in (0, UNREAD_S / 2, UNREAD_S):
        socket._clock = lambda seconds=seconds: now + seconds
        socket.serverSend(FULL)
    slow = line.aborted

    socket._clock = lambda: now + UNREAD_S + 1
    for _ in range(2):
        socket.serverSend("not for ever")

    assert (slow, line.aborted, cut) == (False, True, {"not_reading": 1})
    assert b"not for ever" not in line.value()


def test_a_client_that_reads_again_is_not_cut(socket: CountedSocket, line: Line) -> None:
    now = socket._clock()
    socket.serverSend(FULL)
    line.read()

    socket._clock = lambda: now + UNREAD_S + 1
    socket.serverSend("thank you for waiting")

    assert not line.aborted
    assert b"thank you for waiting" in line.value()

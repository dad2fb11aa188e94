"""The room's sockets below their messages: what never becomes a message, and what is never read."""

import asyncio
from collections.abc import Callable
from typing import Any

import daphne.server  # noqa: F401  # first: it installs the reactor
from daphne.ws_protocol import WebSocketProtocol

from sessions.sfu.allowance import Allowance
from sessions.wire import RATE_BURST, RATE_PER_SECOND

FRAMES_PER_MESSAGE = 4  # a message may come in parts, with pings between; whoever sends too many messages is told 4429
UNREAD_S = 20.0  # how long more than Twisted's 64 kB may wait for a reader: a slow line empties them in three


class CountedSocket(WebSocketProtocol):
    """A socket whose line is cut, without a word, when it sends more frames than any message needs or does not read.

    Reading tens of thousands of pings at one go would keep the node's loop from everyone's voice; what a client does
    not read would fill the node's memory. The factory's `on_cut(reason)` counts.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clock: Callable[[], float] = asyncio.get_running_loop().time
        self._frames = Allowance(FRAMES_PER_MESSAGE * RATE_BURST, FRAMES_PER_MESSAGE * RATE_PER_SECOND, self._clock())
        self._full_since: float | None = None

    def connectionMade(self) -> None:  # noqa: N802  # Twisted's and autobahn's names
        super().connectionMade()
        self.transport.unregisterProducer()  # it was the HTTP channel, which hands the line over
        self.transport.registerProducer(self, True)

    def onFrameBegin(self) -> None:  # noqa: N802
        super().onFrameBegin()
        if not self._frames.take(self._clock()):
            self._cut("flooding")

    def pauseProducing(self) -> None:  # noqa: N802  # Twisted says at each write that its buffer is full
        if self._full_since is None:
            self._full_since = self._clock()

    def resumeProducing(self) -> None:  # noqa: N802
        self._full_since = None

    def stopProducing(self) -> None:  # noqa: N802
        self._full_since = None

    def serverSend(self, content: str, binary: bool = False) -> None:  # noqa: N802
        if self._full_since is not None and self._clock() - self._full_since > UNREAD_S:
            self._cut("not_reading")
        else:
            super().serverSend(content, binary)

    def _cut(self, reason: str) -> None:
        if self.state != self.STATE_CLOSED:
            self.factory.on_cut(reason)
            self.dropConnection(abort=True)

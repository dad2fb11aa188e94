"""The room's sockets below their messages. Pings and empty fragments never become a message that anyone would count."""

import asyncio
from typing import Any

import daphne.server  # noqa: F401  # first: it installs the reactor
from daphne.ws_protocol import WebSocketProtocol

from sessions.protocol import RATE_BURST, RATE_PER_SECOND
from sessions.sfu.allowance import Allowance

FRAMES_PER_MESSAGE = 4  # a message may come in parts, with pings between; whoever sends too many messages is told 4429


class CountedSocket(WebSocketProtocol):
    """A socket whose line is cut, without a word, when it sends more frames than any message needs.

    Reading tens of thousands of small frames at one go would keep the node's loop from everyone's voice.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = asyncio.get_running_loop().time()
        self._frames = Allowance(FRAMES_PER_MESSAGE * RATE_BURST, FRAMES_PER_MESSAGE * RATE_PER_SECOND, now)

    def onFrameBegin(self) -> None:  # noqa: N802  # autobahn's name
        super().onFrameBegin()
        if not self._frames.take(asyncio.get_running_loop().time()):
            self.factory.on_flood()
            self.dropConnection(abort=True)

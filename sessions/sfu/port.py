"""The node's one UDP socket."""

import asyncio
import socket
from collections.abc import Callable

from sessions.sfu.dtls import DATAGRAM_BYTES, Box
from sessions.sfu.ice import Address

BUFFER_BYTES = 4 << 20
BATCH = 64  # datagrams read before other work of the loop gets its turn


class Port:
    """Datagrams come in through `inbox`, one at a time: `on_datagram(size, address)` must be done with it on return."""

    def __init__(self, host: str, port: int, inbox: Box, on_datagram: Callable[[int, Address], None]) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self._socket.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
        try:
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)
        self.number: int = self._socket.getsockname()[1]
        self.unsent = 0
        self._into = inbox.view[:DATAGRAM_BYTES]
        self._on_datagram = on_datagram

    def open(self) -> None:
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._read)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()

    def send(self, data: bytes | memoryview, address: Address) -> bool:
        """A datagram that the kernel does not take is lost, as any may be; never raises for it. A path by TCP has its
        connection in its address."""
        if len(address) == 3:
            return bool(address[2].send(data))
        try:
            self._socket.sendto(data, address)
        except OSError:  # a full buffer, an unreachable network, an address that is none
            self.unsent += 1
            return False
        return True

    def _read(self) -> None:
        for _ in range(BATCH):
            try:
                size, address = self._socket.recvfrom_into(self._into)
            except OSError:  # nothing there any more; on some systems also the echo of an earlier unreachable peer
                return
            if size:
                self._on_datagram(size, address)

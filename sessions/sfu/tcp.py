"""ICE over TCP, for whom UDP is blocked: passive, on the same number as the UDP port (RFC 6544, section 4.5); each
packet has its length before it (RFC 4571).

A connection stands where an address stands: (host, port, connection). Its first frame must be an authentic check; what
begins otherwise is closed, and counts among its network's connections for a while longer.
"""

import asyncio
import socket
import time
from collections.abc import Callable
from ipaddress import ip_address

from sessions.sfu.allowance import Allowance
from sessions.sfu.dtls import DATAGRAM_BYTES, Box
from sessions.sfu.ice import Address

MAX_CONNECTIONS = 512  # of a node: a page opens one for each network it is in, and new ones at an ICE restart
MAX_PER_NETWORK = 64  # of a host or, in IPv6, of a /64: a whole hospital may have one address
ACCEPTS_PER_SECOND = 200  # each costs a transport; who floods the node with connections waits in the system's queue
ACCEPTED_AT_ONCE = 16  # before other work of the loop gets its turn
BACKLOG = 128
REST_S = 0.05  # without accepting, when too many have come or the system has no more sockets
FIRST_S = 5.0  # until the first frame must be here
IDLE_S = 60.0  # browsers check the paths that they do not use every 25 s
WAITING_BYTES = 64 << 10  # more than this does not wait for a slow line: it is dropped, as on UDP
UNSENT_BYTES = 16 << 10  # what waits in the system instead, where no one could drop it
SMALLEST_FRAME = 12  # an RTP header; no STUN, DTLS or SRTCP packet is shorter
READ_BYTES = 16 << 10  # of one connection, before other work of the loop gets its turn
NOT_SENT = getattr(socket, "TCP_NOTSENT_LOWAT", None)

_read = memoryview(bytearray(READ_BYTES))


class TcpPort:
    """`admit(size, address)` is shown a connection's first frame in `inbox` and says whether it is an authentic check;
    `on_frame(size, address)` gets the others and must be done with them on return; `on_lost(address)` follows once."""

    def __init__(
        self,
        inbox: Box,
        admit: Callable[[int, Address], bool],
        on_frame: Callable[[int, Address], None],
        on_lost: Callable[[Address], None],
    ) -> None:
        self.inbox = inbox
        self.admit, self.on_frame, self.on_lost = admit, on_frame, on_lost
        self.max_connections, self.max_per_network = MAX_CONNECTIONS, MAX_PER_NETWORK
        self.accepts = Allowance(ACCEPTS_PER_SECOND, ACCEPTS_PER_SECOND, time.monotonic())
        self.unsent = 0
        self._arriving: set[asyncio.Task[object]] = set()
        self._resting: asyncio.TimerHandle | None = None
        self._connections: dict[Connection, None] = {}  # the oldest first; closed strangers stay for FIRST_S

    async def open(self, host: str, number: int) -> None:
        """Raises OSError when the port is taken."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listening = socket.create_server((host, number), family=family, backlog=BACKLOG)
        self._listening.setblocking(False)
        self._listen()

    def _listen(self) -> None:
        asyncio.get_running_loop().add_reader(self._listening.fileno(), self._accept)

    def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(ACCEPTED_AT_ONCE):
            if not self.accepts.take(time.monotonic()):
                self._rest()
                return
            try:
                end, _ = self._listening.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError:
                self._rest()
                return
            arriving = loop.create_task(loop.connect_accepted_socket(lambda: Connection(self), end))
            self._arriving.add(arriving)
            arriving.add_done_callback(self._arriving.discard)

    def _rest(self) -> None:
        """Who connects meanwhile is kept in the system's queue, and costs the loop nothing."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._listening.fileno())
        self._resting = loop.call_later(REST_S, self._listen)

    async def close(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
        asyncio.get_running_loop().remove_reader(self._listening.fileno())
        self._listening.close()
        await asyncio.gather(*self._arriving, return_exceptions=True)
        for connection in self._connections:
            connection.close()
        await asyncio.sleep(0)  # the transports let go of their sockets
        self._connections.clear()

    @property
    def open_connections(self) -> int:
        return sum(not each.closed for each in self._connections)

    def arrived(self, connection: "Connection") -> None:
        """A place for a newcomer; of strangers the longest here makes room."""
        if len(self._connections) >= self.max_connections:
            stranger = next((each for each in self._connections if not each.known), connection)
            self._connections.pop(stranger, None)
            stranger.close()
        if sum(each.network == connection.network for each in self._connections) >= self.max_per_network:
            connection.close()
        if not connection.closed:
            self._connections[connection] = None

    def lost(self, connection: "Connection") -> None:
        if connection.known:
            self._connections.pop(connection, None)
            self.on_lost(connection.address)

    def sweep(self, now: float) -> None:
        """Called about once a second: closes what is silent, forgets closed strangers."""
        for connection in list(self._connections):
            silent_s = now - connection.heard_at
            if connection.closed and silent_s > FIRST_S:
                self._connections.pop(connection, None)
            elif silent_s > (IDLE_S if connection.known else FIRST_S):
                connection.close()


class Connection(asyncio.BufferedProtocol):
    """One browser's connection. `known` once its first frame was an authentic check."""

    _transport: asyncio.Transport

    def __init__(self, port: TcpPort) -> None:
        self._port = port
        self.address: Address = ()
        self.network = ""
        self.known = self.closed = False
        self.heard_at = time.monotonic()
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        host, number = (transport.get_extra_info("peername") or ("0.0.0.0", 0))[:2]  # None: it is gone again
        self.address, self.network = (host, number, self), network_of(host)
        end = transport.get_extra_info("socket")
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if NOT_SENT is not None:
            end.setsockopt(socket.IPPROTO_TCP, NOT_SENT, UNSENT_BYTES)
        self._port.arrived(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self._port.lost(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        return _read

    def buffer_updated(self, nbytes: int) -> None:
        data = self._rest + _read[:nbytes]
        at, end = 0, len(data)
        while at + 2 <= end and not self.closed:
            size = data[at] << 8 | data[at + 1]
            if not SMALLEST_FRAME <= size <= DATAGRAM_BYTES:
                self.close()
            if self.closed or at + 2 + size > end:
                break
            at += 2 + size
            self._take(data[at - size : at])
        self._rest = data[at:]

    def _take(self, frame: bytes) -> None:
        self.heard_at = time.monotonic()
        self._port.inbox.view[: len(frame)] = frame
        if self.known:
            self._port.on_frame(len(frame), self.address)
            return
        self.known = self._port.admit(len(frame), self.address)
        if not self.known:
            self.close()

    def send(self, data: bytes | memoryview) -> bool:
        """Whether it goes out; what finds too much waiting is lost, as a datagram may be."""
        if self.closed or self._transport.get_write_buffer_size() > WAITING_BYTES:
            self._port.unsent += 1
            return False
        self._transport.write(b"".join((len(data).to_bytes(2, "big"), data)))
        return True

    def close(self) -> None:
        """Nothing is sent or received from now on. What a slow reader has not taken is not waited for."""
        self.closed = True
        if self._transport.get_write_buffer_size():
            self._transport.abort()
        else:
            self._transport.close()


def hang_up(address: Address) -> None:
    """Closes the connection if `address` has one."""
    if len(address) == 3:
        address[2].close()


def network_of(host: str) -> str:
    """What counts as one sender: an IPv4 address; in IPv6 the 64 bits that one customer has."""
    return ":".join(ip_address(host).exploded.split(":")[:4]) if ":" in host else host

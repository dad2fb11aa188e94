"""A synthetic member whose path is TCP, and strangers' connections."""

import asyncio
import contextlib
import socket

from sessions.sfu.dtls import Box
from sessions.sfu.ice import Address
from sessions.sfu.member import Member

READ_BYTES = 1 << 16


def framed(packet: bytes | memoryview) -> bytes:
    """RFC 4571, section 2."""
    return len(packet).to_bytes(2, "big") + bytes(packet)


def frames(stream: bytes) -> tuple[list[bytes], bytes]:
    """The whole frames of a stream, and what is left."""
    whole = []
    while len(stream) >= 2 and len(stream) >= 2 + int.from_bytes(stream[:2], "big"):
        end = 2 + int.from_bytes(stream[:2], "big")
        whole.append(stream[2:end])
        stream = stream[end:]
    return whole, stream


class TcpLine:
    """Stands where a member's UDP port stands. `pieces` sends byte by byte; `deaf` never reads."""

    def __init__(self, member: "TcpMember", remote: Address) -> None:
        self._member, self._rest = member, b""
        self.socket = socket.create_connection(remote, source_address=(member.host, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        asyncio.get_running_loop().add_reader(self.socket, self._read)

    def send(self, data: bytes | memoryview, address: Address) -> None:
        pieces = [bytes((byte,)) for byte in framed(data)] if self._member.in_pieces else [framed(data)]
        for piece in pieces:
            self.socket.send(piece)

    def _read(self) -> None:
        data = b""
        if not self._member.deaf:
            with contextlib.suppress(ConnectionResetError):
                data = self.socket.recv(READ_BYTES)
        if not data:
            asyncio.get_running_loop().remove_reader(self.socket)
            self._member.ended = not self._member.deaf
            return
        whole, self._rest = frames(self._rest + data)
        for frame in whole:
            self._member.take(frame)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.socket)
        self.socket.close()


class TcpMember(Member):
    """`ended` once the node has closed its connection."""

    def __init__(self, slots: int = 3, *, host: str = "127.0.0.1", in_pieces: bool = False) -> None:
        super().__init__(slots)
        self.host, self.in_pieces = host, in_pieces
        self.deaf = self.ended = False

    @property
    def line(self) -> TcpLine:
        return self._port  # type: ignore[return-value]

    def _open_port(self) -> TcpLine:  # type: ignore[override]
        return TcpLine(self, self._remote)

    def take(self, frame: bytes) -> None:
        box: Box = self._inbox
        box.view[: len(frame)] = frame
        self._receive(len(frame), ())

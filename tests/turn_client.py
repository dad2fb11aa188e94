"""A small TURN client over TLS (RFC 8656), which asks for what a browser would not."""

import hashlib
import hmac
import socket
import ssl
import struct
from types import TracebackType

from aioice import stun

ALLOCATE, CREATE_PERMISSION, CHANNEL_BIND = 0x003, 0x008, 0x009
USERNAME, INTEGRITY, ERROR_CODE, CHANNEL_NUMBER, XOR_PEER_ADDRESS = 0x06, 0x08, 0x09, 0x0C, 0x12
REALM, NONCE, XOR_RELAYED_ADDRESS, ADDRESS_FAMILY, TRANSPORT, ADDITIONAL_FAMILY = 0x14, 0x15, 0x16, 0x17, 0x19, 0x8000
IPV6 = b"\x02\0\0\0"
UDP, TCP = b"\x11\0\0\0", b"\x06\0\0\0"
PATIENCE_S = 10.0

Attributes = list[tuple[int, bytes]]


class TurnClient:
    """One connection. Each request returns 0 or the error code; the attributes of the last answer are in `answer`."""

    def __init__(self, port: int, username: str, password: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self._socket = context.wrap_socket(plain)
        self._username, self._password = username, password
        self._realm, self._nonce, self._rest = "", b"", b""
        self.answer: dict[int, bytes] = {}

    def __enter__(self) -> "TurnClient":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._socket.close()

    def allocate(self, *, transport: bytes = UDP, extra: Attributes | None = None) -> int:
        """The first request is refused with the realm and a nonce, the second is signed (RFC 8489, section 9.2)."""
        attributes = [(TRANSPORT, transport), *(extra or [])]
        code = self.ask(ALLOCATE, attributes)
        if code == 401 and not self._nonce:
            self._realm, self._nonce = self.answer[REALM].decode(), self.answer[NONCE]
            code = self.ask(ALLOCATE, attributes)
        return code

    def permit(self, host: str, port: int = 9999) -> int:
        return self.ask(CREATE_PERMISSION, [], (host, port))

    def bind_channel(self, host: str, port: int = 9999) -> int:
        return self.ask(CHANNEL_BIND, [(CHANNEL_NUMBER, b"\x40\0\0\0")], (host, port))

    def ask(self, method: int, attributes: Attributes, *peers: tuple[str, int]) -> int:
        transaction = stun.random_transaction_id()
        attributes = attributes + [(XOR_PEER_ADDRESS, stun.pack_xor_address(peer, transaction)) for peer in peers]
        self._socket.sendall(self._signed(method, transaction, attributes))
        self.answer = self._answer_to(transaction)
        found = self.answer.get(ERROR_CODE)
        return 0 if found is None else found[2] * 100 + found[3]

    def _signed(self, method: int, transaction: bytes, attributes: Attributes) -> bytes:
        if not self._nonce:
            return message(method, transaction, attributes)
        attributes = [*attributes, (USERNAME, self._username.encode()), (REALM, self._realm.encode())]
        attributes.append((NONCE, self._nonce))
        unsigned = message(method, transaction, [*attributes, (INTEGRITY, bytes(20))])
        key = hashlib.md5(f"{self._username}:{self._realm}:{self._password}".encode()).digest()
        return unsigned[:-20] + hmac.digest(key, unsigned[:-24], "sha1")

    def _answer_to(self, transaction: bytes) -> dict[int, bytes]:
        while True:
            head = self._read(20)
            body = self._read(int.from_bytes(head[2:4], "big"))
            if head[8:20] == transaction:
                return dict(attributes_of(body))

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            if not more:
                raise ConnectionError("the relay has closed the connection")
            data += more
        return data


def message(method: int, transaction: bytes, attributes: Attributes) -> bytes:
    body = b"".join(struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4) for kind, value in attributes)
    return struct.pack("!HHI", method, len(body), stun.COOKIE) + transaction + body


def attributes_of(body: bytes) -> Attributes:
    found: Attributes = []
    while body:
        kind, size = struct.unpack_from("!HH", body)
        found.append((kind, body[4 : 4 + size]))
        body = body[4 + size + -size % 4 :]
    return found

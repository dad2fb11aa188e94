"""Keys and ciphers: aiortc's DTLS handshake over our own socket, libsrtp in place on two shared buffers.

The only file with private names of aiortc and pylibsrtp (RFC 5764, RFC 3711). Their versions are pinned and
tests/sessions/sfu/test_contract.py asserts that the names still mean what is assumed here.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from pylibsrtp._binding import ffi, lib  # type: ignore[import-not-found]

DATAGRAM_BYTES = 2048
TRAILER_BYTES = 160  # SRTP_MAX_TRAILER_LEN of libsrtp, rounded up
HANDSHAKE_S = 15.0
WAITING_RECORDS = 64

protect_rtp = lib.srtp_protect
protect_rtcp = lib.srtp_protect_rtcp
unprotect_rtp = lib.srtp_unprotect
unprotect_rtcp = lib.srtp_unprotect_rtcp


class Box:
    """One datagram's memory: `cdata` for libsrtp, `view` for Python, `length[0]` the bytes in use, both ways."""

    __slots__ = ("cdata", "length", "view")

    def __init__(self) -> None:
        self.cdata = ffi.new("unsigned char[]", DATAGRAM_BYTES + TRAILER_BYTES)
        self.length = ffi.new("int *")
        self.view = memoryview(ffi.buffer(self.cdata))


class Srtp:
    """Both directions of one peer, as the handles that `protect_*(tx, ...)` and `unprotect_*(rx, ...)` take.

    The functions return 0 for success. They are called without a method in between: there are thousands a second.
    """

    __slots__ = ("_sessions", "rx", "tx")

    def __init__(self, transport: RTCDtlsTransport) -> None:
        self._sessions = (transport._rx_srtp, transport._tx_srtp)  # freed with these objects, so held here
        self.rx, self.tx = (session._srtp[0] for session in self._sessions)


class HandshakeFailed(Exception):
    """No keys: the other side is silent, is not who its fingerprint says, or speaks no DTLS."""


class Wire:
    """What RTCDtlsTransport asks of an ICE transport: `_recv`, `_send`, `role` and `state`."""

    state = "completed"

    def __init__(self, role: str, send: Callable[[bytes], None]) -> None:
        self.role = role
        self.arrived: asyncio.Queue[bytes | None] = asyncio.Queue(WAITING_RECORDS)
        self._out = send

    async def _recv(self) -> bytes:
        data = await self.arrived.get()
        if data is None:
            raise ConnectionError
        return data

    async def _send(self, data: bytes) -> None:
        self._out(data)


class Dtls:
    """One DTLS association. `server=True` waits for the other side's first flight (its answer said setup:active)."""

    def __init__(self, certificate: RTCCertificate, send: Callable[[bytes], None], *, server: bool = False) -> None:
        # Without a role of its own the transport takes it from ICE: controlled means client, controlling server.
        self._wire = Wire("controlling" if server else "controlled", send)
        self._transport = RTCDtlsTransport(self._wire, [certificate])  # type: ignore[arg-type]

    def put(self, record: bytes) -> None:
        """A datagram from the other side; beyond WAITING_RECORDS it is dropped, as a network would."""
        if not self._wire.arrived.full():
            self._wire.arrived.put_nowait(record)

    async def handshake(self, algorithm: str, fingerprint: str) -> Srtp:
        """Raises HandshakeFailed."""
        remote = RTCDtlsParameters(fingerprints=[RTCDtlsFingerprint(algorithm=algorithm, value=fingerprint)])
        try:
            await asyncio.wait_for(self._transport.start(remote), HANDSHAKE_S)
        except Exception as error:  # strangers' certificates and records: OpenSSL's errors, ValueError, TimeoutError
            raise HandshakeFailed from error
        if self._transport.state != "connected":
            raise HandshakeFailed
        return Srtp(self._transport)

    def on_closed(self, told: Callable[[], None]) -> None:
        """`told` is called when the other side ends the association (a browser does so in `pc.close()`)."""
        self._transport.on("statechange", lambda: told() if self._transport.state == "closed" else None)

    async def stop(self) -> None:
        self._transport.remove_all_listeners()
        await self._transport.stop()


def new_certificate() -> RTCCertificate:
    return RTCCertificate.generateCertificate()


def fingerprint_of(certificate: RTCCertificate) -> str:
    """The SHA-256 fingerprint as it stands in SDP: upper-case hex pairs with colons."""
    prints: list[Any] = certificate.getFingerprints()
    return next(str(each.value) for each in prints if each.algorithm == "sha-256")

"""ICE-lite (RFC 8445, section 2.5): we only answer connectivity checks, and learn from them where a peer is.

A known limit: we send no checks of our own, so a member who can forge source addresses may have what we send them go to
another's, and keep that address for as long as they forge and its owner is silent (RFC 8445, section 19).
"""

import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aioice import stun

HOST_PRIORITY = 2130706431  # RFC 8445, section 5.1.2.1: host candidate, highest local preference, component 1
TCP_PRIORITY = 90 << 24 | ((4 << 13) + 8191) << 8 | 255  # RFC 6544, section 4.2: passive, and below UDP's

Address = tuple[Any, ...]  # (host, port); for IPv6 (host, port, flow, scope); by TCP (host, port, connection)


@dataclass(frozen=True, slots=True)
class Credentials:
    ufrag: str
    password: str

    @classmethod
    def new(cls) -> "Credentials":
        """24 and 144 random bits; RFC 8445, section 5.3 asks for at least 24 and 128."""
        return cls(secrets.token_hex(4), secrets.token_hex(18))


@dataclass(frozen=True, slots=True)
class Check:
    """An authentic connectivity check: whose, whether it nominates this path, and the bytes to answer."""

    ufrag: str
    nominates: bool
    reply: bytes


def answer_check(data: bytes, address: Address, password_of: Callable[[str], str | None]) -> Check | None:
    """None for whatever is no binding request that one of our passwords has signed."""
    try:
        request = stun.parse_message(data)
    except (ValueError, IndexError, struct.error):  # aioice: a short fixed-size attribute is a struct.error
        return None
    if request.message_class != stun.Class.REQUEST or request.message_method != stun.Method.BINDING:
        return None
    ufrag = request.attributes.get("USERNAME", "").partition(":")[0]
    password = password_of(ufrag)
    if password is None or not request.check_message_integrity(password.encode()):
        return None
    reply = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, request.transaction_id)
    reply.attributes["XOR-MAPPED-ADDRESS"] = address[:2]
    reply.add_message_integrity(password.encode())
    reply.add_fingerprint()
    return Check(ufrag, "USE-CANDIDATE" in request.attributes, bytes(reply))


def candidates(host: str, port: int) -> tuple[str, ...]:
    """The candidate lines of an answer, without `a=`: UDP, and TCP for whom UDP is blocked (RFC 6544, section 4.5)."""
    return (
        f"candidate:1 1 udp {HOST_PRIORITY} {host} {port} typ host",
        f"candidate:2 1 tcp {TCP_PRIORITY} {host} {port} typ host tcptype passive",
    )

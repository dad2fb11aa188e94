"""The private names of the media libraries that dtls.py stands on. If this fails, a version changed: read dtls.py."""

import inspect
from importlib.metadata import version
from pathlib import Path

import pytest
from aiortc import RTCDtlsTransport
from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib

from sessions import sfu
from sessions.sfu.dtls import Dtls, Wire, fingerprint_of, new_certificate


@pytest.mark.parametrize(("name", "pinned"), [("aiortc", "1.16.0"), ("aioice", "0.13.0"), ("pylibsrtp", "1.0.0")])
def test_versions_are_the_pinned_ones(name: str, pinned: str) -> None:
    assert version(name) == pinned


def test_a_transport_has_the_names_we_read() -> None:
    transport = RTCDtlsTransport(Wire("controlled", lambda data: None), [new_certificate()])

    assert (transport._rx_srtp, transport._tx_srtp, transport.state) == (None, None, "new")
    assert "self.transport._recv()" in inspect.getsource(RTCDtlsTransport)
    assert "self.transport._send(" in inspect.getsource(RTCDtlsTransport)


def test_the_role_comes_from_ice() -> None:
    source = inspect.getsource(RTCDtlsTransport.start)

    assert 'self.transport.role == "controlling"' in source


def test_libsrtp_works_in_place() -> None:
    session = Session(Policy(key=bytes(30), ssrc_type=Policy.SSRC_ANY_OUTBOUND))
    buffer, length = ffi.new("unsigned char[]", 64), ffi.new("int *")
    packet = bytes((0x80, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1)) + b"hello"
    ffi.buffer(buffer)[: len(packet)] = packet
    length[0] = len(packet)

    assert lib.srtp_protect(session._srtp[0], buffer, length) == 0
    assert length[0] == len(packet) + 10
    assert all(hasattr(lib, name) for name in ("srtp_unprotect", "srtp_protect_rtcp", "srtp_unprotect_rtcp"))


def test_no_stun_server_is_ever_asked() -> None:
    """RTCIceGatherer would ask a public one by default; nothing here makes one."""
    sources = "".join(file.read_text() for file in Path(sfu.__file__).parent.glob("*.py"))

    assert "RTCIceGatherer(" not in sources
    assert "stun:" not in sources


def test_a_fingerprint_is_as_sdp_wants_it() -> None:
    value = fingerprint_of(new_certificate())

    assert len(value) == 95
    assert value == value.upper()


async def test_a_record_too_many_is_dropped() -> None:
    dtls = Dtls(new_certificate(), lambda data: None)

    for _ in range(1000):
        dtls.put(b"\x16")

    assert dtls._wire.arrived.qsize() == 64

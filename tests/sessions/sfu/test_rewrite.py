"""RTP headers and extensions, by hand-made packets."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.sfu.rewrite import (
    HEADER_BYTES,
    TRANSPORT_AT,
    ExtensionIds,
    Header,
    Packet,
    read_extensions,
    read_header,
    send_time,
    unwrap,
    write_extensions,
    write_header,
)

FIXED = bytes.fromhex("80ef1234000003e8deadbeef")


def test_a_plain_header() -> None:
    assert read_header(FIXED + b"abc") == Header(0x80, 111, 0x1234, 1000, 0xDEADBEEF, 12, 12, 15)


def test_contributing_sources_extensions_and_padding_are_measured() -> None:
    data = b"\xb1" + FIXED[1:] + bytes(4) + bytes.fromhex("bede0001 10140000") + b"abc" + b"\0\0\3"

    header = read_header(data)

    assert header is not None
    assert (header.extensions, header.payload, header.end) == (16, 24, 27)
    assert read_extensions(data, header) == {1: b"\x14"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        FIXED[:11],
        b"\x40" + FIXED[1:],
        b"\x82" + FIXED[1:],
        b"\x90" + FIXED[1:] + b"\xbe\xde\0",
        b"\x90" + FIXED[1:] + b"\xbe\xde\0\1",
        b"\xa0" + FIXED[1:] + b"\xff",
    ],
)
def test_lengths_that_do_not_agree_are_no_header(data: bytes) -> None:
    assert read_header(data) is None


@pytest.mark.parametrize(
    ("block", "items"),
    [
        ("bede0001 00102200", {1: b"\x22"}),
        ("bede0001 f0112233", {}),
        ("bede0001 13112233", {}),
        ("10000001 01012200", {}),
        ("bede0002 32112233 10440000", {3: b"\x11\x22\x33", 1: b"\x44"}),
    ],
)
def test_extensions_of_one_byte_form(block: str, items: dict[int, bytes]) -> None:
    data = b"\x90" + FIXED[1:] + bytes.fromhex(block)
    header = read_header(data)

    assert header is not None
    assert read_extensions(data, header) == items


def test_extensions_are_written_under_the_receivers_ids() -> None:
    packet = Packet(0, 0, b"", level=0x94)

    assert write_extensions(packet, ExtensionIds(audio_level=5, send_time=6), 0x010203) == bytes.fromhex(
        "bede0002 62010203 50940000"
    )
    assert write_extensions(packet, ExtensionIds(mid=3), 0) == b""
    assert write_extensions(Packet(0, 0, b""), ExtensionIds(audio_level=5), 0) == b""


def test_the_transport_wide_number_has_its_place_in_a_block_that_receivers_share() -> None:
    block = write_extensions(
        Packet(0, 0, b"", orientation=1), ExtensionIds(send_time=6, transport=3, orientation=13), 0x010203
    )

    assert block == bytes.fromhex("bede0002 310000 d001 000000")  # without the other measure of the line
    assert (HEADER_BYTES + block.index(b"\x31") + 1, block[5:7]) == (TRANSPORT_AT, b"\0\0")


def test_numbers_wrap_when_written() -> None:
    buffer = memoryview(bytearray(12))

    write_header(buffer, False, 0x80 | 96, 0x1FFFF, 0x1_0000_0005, 7)

    assert struct.unpack("!BBHII", buffer) == (0x80, 0xE0, 0xFFFF, 5, 7)


def test_send_time_is_six_bits_of_seconds() -> None:
    assert send_time(1.5) == 0x060000
    assert send_time(64.0) == 0


@given(near=st.integers(0, 2**40), by=st.integers(-0x8000, 0x7FFF))
def test_a_sequence_number_is_unwrapped_to_the_nearest_index(near: int, by: int) -> None:
    assert unwrap((near + by) & 0xFFFF, near) == near + by

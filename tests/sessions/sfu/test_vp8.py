"""Payload descriptors of RFC 7741, section 4.2."""

import pytest

from sessions.sfu.vp8 import FrameIds, frame_ids, starts_key_frame, with_ids


@pytest.mark.parametrize(
    ("payload", "key"),
    [
        ("10 00", True),
        ("10 01", False),
        ("00 00", False),
        ("11 00", False),
        ("90 80 8123 00", True),
        ("90 80 8123 01", False),
        ("90 80 23 00", True),
        ("90 e0 8123 05 20 00", True),
        ("90 e0 8123 05 20 01", False),
        ("90 e0 8123 05 20", False),
        ("90 80", False),
        ("10", False),
        ("", False),
    ],
)
def test_the_start_of_a_key_frame(payload: str, key: bool) -> None:
    assert starts_key_frame(bytes.fromhex(payload)) is key


@pytest.mark.parametrize(
    ("payload", "ids"),
    [
        ("90 e0 8123 05 20 00", FrameIds(0x123, 5)),
        ("90 80 ffff 00", FrameIds(0x7FFF, None)),
        ("90 c0 23 05 00", None),
        ("10 00 00 00 00", None),
        ("90 80 81", None),
    ],
)
def test_frame_ids(payload: str, ids: FrameIds | None) -> None:
    assert frame_ids(bytes.fromhex(payload)) == ids


def test_ids_are_written_where_they_were_read() -> None:
    packet = bytearray(b"head" + bytes.fromhex("90 e0 8123 05 20 00"))

    with_ids(memoryview(packet), 4, FrameIds(0x7ABC, 9))

    assert packet == b"head" + bytes.fromhex("90 e0 fabc 09 20 00")

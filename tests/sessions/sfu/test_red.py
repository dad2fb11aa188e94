"""RFC 2198 taken apart and put together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.sfu.red import MAX_BLOCKS, Block, Red, read, write

OPUS = 111
# RFC 2198, section 3: F | block PT | timestamp offset (14 bits) | block length (10 bits); then 0 | block PT; then data.
TWO = bytes.fromhex("ef0f0003") + bytes((OPUS,)) + b"oneprimary"
BLOCKS = st.lists(st.builds(Block, st.integers(1, 0x3FFF), st.binary(max_size=0x3FF)), max_size=MAX_BLOCKS - 1)


def test_a_packet_with_the_one_before_it() -> None:
    assert read(TWO, OPUS) == Red(TWO, OPUS, (Block(960, b"one"), Block(0, b"primary")))


def test_a_packet_without_another() -> None:
    payload = bytes((OPUS,)) + b"alone"

    assert read(payload, OPUS) == Red(payload, OPUS, (Block(0, b"alone"),))


@given(BLOCKS, st.binary(max_size=50))
def test_what_is_written_is_read(former: list[Block], own: bytes) -> None:
    payload = write((*former, Block(0, own)), OPUS)

    assert read(payload, OPUS) == Red(payload, OPUS, (*former, Block(0, own)))


@pytest.mark.parametrize(
    ("most", "payload_type", "payload"),
    [
        (1, OPUS, TWO),
        (9, OPUS, TWO),
        (0, OPUS, bytes((OPUS,)) + b"primary"),
        (1, 96, bytes.fromhex("e00f0003") + bytes((96,)) + b"oneprimary"),
    ],
)
def test_what_a_receiver_gets(most: int, payload_type: int, payload: bytes) -> None:
    red = read(TWO, OPUS)

    assert red is not None
    assert red.with_former(most, payload_type) == payload


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        TWO[:1],
        TWO[:3],
        TWO[:4],  # a block announced, the own one is not
        TWO[:7],  # shorter than announced
        bytes((96,)) + b"a picture",
        bytes((0x80 | 96,)) + TWO[1:],
        write((*[Block(1, b"")] * MAX_BLOCKS, Block(0, b"")), OPUS),
    ],
)
def test_what_is_malformed_is_nothing(payload: bytes) -> None:
    assert read(payload, OPUS) is None


@given(st.binary(max_size=60), st.integers(0, 127))
def test_strangers_bytes_never_raise(payload: bytes, payload_type: int) -> None:
    red = read(payload, payload_type)

    assert red is None or write(red.blocks, payload_type) == payload

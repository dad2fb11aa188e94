"""PURE: redundant audio (RFC 2198): each packet carries the one before it, or a few, once more.

A block is known by how far it lies back. Browsers repeat the packets directly before theirs, so the last but one block
is the packet with the sequence number before, and so on.
"""

from collections.abc import Sequence
from typing import NamedTuple

MAX_BLOCKS = 9  # browsers make 2; the specification has no limit, a forwarder needs one
MORE = 0x80  # the F bit: another block's header follows


class Block(NamedTuple):
    offset: int  # ticks of 48 kHz before the packet's own timestamp; 0 for the packet's own voice
    payload: bytes


class Red(NamedTuple):
    """A payload as it came; all of its blocks are `payload_type`, oldest first, the packet's own last."""

    whole: bytes
    payload_type: int
    blocks: tuple[Block, ...]

    def with_former(self, most: int, payload_type: int) -> bytes:
        """The payload for a receiver who calls the codec `payload_type`, with at most so many former packets."""
        if most >= len(self.blocks) - 1 and payload_type == self.payload_type:
            return self.whole
        return write(self.blocks[-1 - most :], payload_type)


def read(payload: bytes, payload_type: int) -> Red | None:
    """None for what is malformed or not all of `payload_type`."""
    sizes: list[tuple[int, int]] = []
    at = 0
    while at < len(payload) and payload[at] & MORE:
        if payload[at] & 0x7F != payload_type or at + 4 > len(payload) or len(sizes) == MAX_BLOCKS - 1:
            return None
        word = int.from_bytes(payload[at + 1 : at + 4], "big")
        sizes.append((word >> 10, word & 0x3FF))
        at += 4
    if at >= len(payload) or payload[at] != payload_type:
        return None
    blocks = _cut(payload, at + 1, sizes)
    return None if blocks is None else Red(payload, payload_type, blocks)


def _cut(payload: bytes, at: int, sizes: list[tuple[int, int]]) -> tuple[Block, ...] | None:
    blocks = []
    for offset, size in sizes:
        blocks.append(Block(offset, payload[at : at + size]))
        at += size
    return None if at > len(payload) else (*blocks, Block(0, payload[at:]))


def write(blocks: Sequence[Block], payload_type: int) -> bytes:
    """A payload of `blocks`, oldest first, the packet's own last; all of them are `payload_type`."""
    head = b"".join(
        bytes((MORE | payload_type,)) + (block.offset << 10 | len(block.payload)).to_bytes(3, "big")
        for block in blocks[:-1]
    )
    return b"".join((head, bytes((payload_type,)), *(block.payload for block in blocks)))

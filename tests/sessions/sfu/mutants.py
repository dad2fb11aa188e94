"""Seeded mutants of a valid message."""

import random
from collections.abc import Iterator

COUNT = 10_000


def mutants(*seeds: bytes, count: int = COUNT, head: int = 0) -> Iterator[bytes]:
    """`count` of them, with the first `head` bytes left as they are. The same ones in each run."""
    dice = random.Random(20261120)
    for _ in range(count):
        seed = dice.choice(seeds)
        yield seed[:head] + _mutant(dice, seed[head:])


def _mutant(dice: random.Random, seed: bytes) -> bytes:
    data = bytearray(seed)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(data) + 1)
        match dice.randrange(6):
            case 0:
                del data[at:]
            case 1:
                data[at:at] = dice.randbytes(dice.randint(1, 8))
            case 2:
                del data[at : at + dice.randint(1, 8)]
            case 3:
                data[at:at] = data[at : at + dice.randint(1, 64)]
            case _ if at < len(data):
                data[at] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))
    return bytes(data)

"""Mutants of valid messages."""

import random
from collections.abc import Iterator

COUNT = 10_000  # of each kind of message in the tests


def mutants(*samples: bytes, count: int = COUNT, seed: int = 20261120) -> Iterator[bytes]:
    """`count` of them; the same ones for the same seed."""
    dice = random.Random(seed)
    for _ in range(count):
        yield _mutant(dice, dice.choice(samples))


def _mutant(dice: random.Random, sample: bytes) -> bytes:
    data = bytearray(sample)
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

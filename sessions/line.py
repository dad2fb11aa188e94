"""PURE: what a tested line carries, by the ladder of the room: the voices first, then small pictures.

Rates are bits per second of RTP, without what IP and UDP add.
"""

from dataclasses import dataclass
from enum import StrEnum

VOICE_UP_BPS = 60_000  # opus with its redundancy (RFC 2198), as little as it may take
VOICE_DOWN_BPS = 36_000  # of one who speaks, without the redundancy
VOICES_BPS = 200_000  # three who speak at once, with it
PICTURE_BPS = 60_000  # a small picture down
PICTURE_UP_BPS = 350_000  # both layers of the own picture, and the voice
MOST_PICTURES = 11  # the others of a circle of twelve
MOST_LOSS_PCT = 20.0
MOST_ROUND_TRIP_MS = 800


class Voices(StrEnum):
    ALL = "all"
    SPEAKER = "speaker"  # whoever speaks; of several the loudest
    TROUBLE = "trouble"


@dataclass(frozen=True)
class Measured:
    """`down_bps` is the most that came back while the line stayed calm, the other values are those of then."""

    up_bps: int
    down_bps: int
    rtt_ms: int
    jitter_ms: int
    loss_pct: float


@dataclass(frozen=True)
class Verdict:
    """`pictures` of others, 0 to MOST_PICTURES; `own_picture`: others see this one all the time."""

    voices: Voices
    pictures: int
    own_picture: bool

    @property
    def ready(self) -> bool:
        return self.voices is Voices.ALL


def judge(line: Measured) -> Verdict:
    voices = _voices(line)
    spare_bps = line.down_bps - VOICES_BPS if voices is Voices.ALL else 0
    return Verdict(
        voices=voices,
        pictures=min(MOST_PICTURES, spare_bps // PICTURE_BPS),
        own_picture=voices is not Voices.TROUBLE and line.up_bps >= PICTURE_UP_BPS,
    )


def _voices(line: Measured) -> Voices:
    if line.loss_pct > MOST_LOSS_PCT or line.rtt_ms > MOST_ROUND_TRIP_MS:
        return Voices.TROUBLE
    if line.up_bps < VOICE_UP_BPS or line.down_bps < VOICE_DOWN_BPS:
        return Voices.TROUBLE
    return Voices.SPEAKER if line.down_bps < VOICES_BPS else Voices.ALL

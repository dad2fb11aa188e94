"""What a room counts per publisher and kind; kept while the room is open, whoever comes and goes."""

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """Packets. `*_unheard` are those received from, or sent to others for, a member who may not be heard."""

    received: int = 0
    forwarded: int = 0
    received_unheard: int = 0
    forwarded_unheard: int = 0


@dataclass(frozen=True, slots=True)
class Counters:
    """A member as a publisher, cumulative within the room; one packet to five receivers is five forwarded."""

    audio_received: int
    audio_forwarded: int
    video_received: int
    video_forwarded: int

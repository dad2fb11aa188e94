"""PURE: from the audio level of each packet (RFC 6464) to who speaks."""

QUIETER_THAN_SPEECH = 50  # -dBov; 0 is the loudest, 127 digital silence
BELIEVED_DB = (
    5  # the sender's own detector (the voice bit; often never set, or set for noise) is believed so much lower
)
ONSET_PACKETS = 3  # 60 ms at 20 ms a packet: a click of the tongue is no speech
EMPTY_BYTES = 3  # Opus with DTX, in a silence
HOLD_S = 0.5  # a pause for breath does not end a turn
SMOOTHED_PACKETS = 16


def guessed(payload: bytes) -> int:
    """The level octet of a packet that came without one (the extension was not offered)."""
    return QUIETER_THAN_SPEECH - 1 if len(payload) > EMPTY_BYTES else 127


class Voice:
    """One member's voice, fed with the level octet of each audio packet.

    `loud`: packets of speech in a row, 0 now silent. `spoke_at`: when the last one came. `loudness`: in dB above
    digital silence, of the speech alone, over about a third of a second.
    """

    __slots__ = ("_until", "loud", "loudness", "spoke_at")

    def __init__(self) -> None:
        self.loud = 0
        self.loudness = 0.0
        self.spoke_at = self._until = float("-inf")

    def hear(self, level: int, now: float) -> None:
        """`level`: voice bit (0x80) and loudness in -dBov."""
        quietness = level & 0x7F
        if quietness >= QUIETER_THAN_SPEECH + (BELIEVED_DB if level & 0x80 else 0):
            self.loud = 0
            return
        self.loud += 1
        self.spoke_at = now
        self.loudness += (127 - quietness - self.loudness) / min(self.loud, SMOOTHED_PACKETS)
        if self.loud >= ONSET_PACKETS:
            self._until = now + HOLD_S

    def speaks(self, now: float) -> bool:
        return now < self._until

"""PURE: from the audio level of each packet (RFC 6464) to who speaks."""

QUIETER_THAN_SPEECH = 50  # -dBov; 0 is the loudest, 127 digital silence
ONSET_PACKETS = 3  # 60 ms at 20 ms a packet: a click of the tongue is no speech
HOLD_S = 0.5  # a pause for breath does not end a turn


class Voice:
    """One member's voice, fed with the level octet of each audio packet."""

    __slots__ = ("_loud", "_until")

    def __init__(self) -> None:
        self._loud = 0
        self._until = 0.0

    def hear(self, level: int, now: float) -> None:
        """`level`: voice bit (0x80, often not set by browsers) and loudness in -dBov."""
        if level & 0x7F >= QUIETER_THAN_SPEECH:
            self._loud = 0
            return
        self._loud += 1
        if self._loud >= ONSET_PACKETS:
            self._until = now + HOLD_S

    def speaks(self, now: float) -> bool:
        return now < self._until

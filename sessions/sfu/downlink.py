"""What goes down to one member, as one sequence over all its slots."""


class Downlink:
    """Transport-wide sequence numbers: draft-holmer-rmcat-transport-wide-cc-extensions-01, section 2."""

    __slots__ = ("_sequence",)

    def __init__(self) -> None:
        self._sequence = 0

    def leaves(self, size: int, now: float) -> int:
        """The number of a packet of `size` bytes (RTP, before encryption) that is about to be sent."""
        self._sequence = (self._sequence + 1) & 0xFFFF
        return self._sequence

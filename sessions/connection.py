"""One socket of a room, as the room knows it."""

from dataclasses import dataclass
from typing import Protocol

from sessions.protocol import Down


class Socket(Protocol):
    """What the room needs of a connection: neither call waits or fails, and what was posted goes before the close."""

    def post(self, message: Down) -> None: ...

    def close(self, code: int) -> None: ...


@dataclass(eq=False)
class Connection:
    """The one socket that has a seat now, or knocks for it. Times are monotonic seconds."""

    seat: str
    link: str | None
    browser: int
    socket: Socket
    heard_at: float
    sent_at: float
    # Media count as this connection's from here on; `has_media` once a packet came since.
    media_from: float
    has_media: bool = False

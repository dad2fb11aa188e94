"""PURE: which socket has which seat, and which one knocks for it: of each at most one."""

from sessions.connection import Connection


class Places:
    """`parted` sockets are gone, and their media may go on for a while. Who has to give way is returned: the caller
    closes it."""

    def __init__(self) -> None:
        self.inside: dict[str, Connection] = {}
        self.door: dict[str, Connection] = {}
        self.parted: dict[str, Connection] = {}

    @property
    def sockets(self) -> list[Connection]:
        """Of everybody, inside and at the door."""
        return [*self.inside.values(), *self.door.values()]

    def of(self, seat: str) -> Connection | None:
        """Who sits there, or else knocks."""
        return self.inside.get(seat) or self.door.get(seat)

    def knocks(self, connection: Connection) -> bool:
        return self.door.get(connection.seat) is connection

    def sits(self, connection: Connection) -> bool:
        return self.inside.get(connection.seat) is connection

    def knock(self, connection: Connection) -> list[Connection]:
        older, self.door[connection.seat] = self.door.get(connection.seat), connection
        return [older] if older else []

    def sit_down(self, connection: Connection) -> list[Connection]:
        """Who had the seat before comes first, then what the same browser has at the door."""
        seat = connection.seat
        older = self.parted.pop(seat, None) or self.inside.get(seat)
        knocking = self.door.get(seat)
        self.inside[seat] = connection
        if knocking is not None and knocking.browser == connection.browser:
            del self.door[seat]
            return [*([older] if older else []), knocking]
        return [older] if older else []

    def part(self, connection: Connection) -> bool:
        """The socket is gone; whether it had the seat."""
        seat = connection.seat
        if self.knocks(connection):
            del self.door[seat]
        if not self.sits(connection):
            return False
        self.parted[seat] = self.inside.pop(seat)
        return True

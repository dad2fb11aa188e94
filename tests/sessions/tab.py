"""One end of the room's WebSocket as a browser's tab has it, without a network."""

import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from channels.testing import WebsocketCommunicator

from sessions import protocol, wire
from sessions.state import Phase, Tick

ORIGIN = "http://localhost:8000"
PATIENCE_S = 8.0

KINDS: dict[str, type[Any]] = {**wire.UP, **wire.REHEARSAL_UP}


def message(name: str, seat: str) -> Any:
    """A well-formed message of this type, about this seat, with its type for an id."""
    about: dict[str, Any] = {"id": name, "seat": seat, "sdp": "v=0", "tiles": (protocol.Tile(seat, 180),)}
    about |= {"phase": Phase.RETURN, "minutes": 20, "pictures": 1}
    about |= {"microphone": True, "camera": True, "paused": False, "ticks": (Tick.ALONE,)}
    about |= {"number": 1, "cases": 1, "kinds": (), "follow_up": False}
    about |= {"place": "chat", "text": "Good evening.", "open": True, "on": True}
    return KINDS[name](**{field.name: about[field.name] for field in fields(KINDS[name])})


class Tab:
    """In a session's room, or in a line test (None). `cookie` is the Django session's key; '' for a stranger."""

    def __init__(self, application: Any, session_id: object, cookie: str = "", origin: str | None = ORIGIN) -> None:
        path = f"/room/{session_id}/" if session_id else "/rehearsal/"
        headers = [(b"cookie", f"sessionid={cookie}".encode())] if cookie else []
        headers += [(b"origin", origin.encode())] if origin is not None else []
        self._socket = WebsocketCommunicator(application, path, headers)
        self._ids = 0

    async def connect(self) -> bool:
        opened, _ = await self._socket.connect(timeout=PATIENCE_S)
        return bool(opened)

    async def enter(self) -> dict[str, Any]:
        """Connect and take the seat; the first room as this seat sees it."""
        assert await self.connect()
        return await self.next("room")

    async def let_in(self) -> None:
        """Admit everybody who knocks."""
        assert (await self.do(protocol.Admit, ""))["type"] == "ack"

    async def send(self, message: protocol.Up | protocol.RehearsalUp) -> None:
        await self.send_text(wire.dump(message))

    async def send_text(self, text: str) -> None:
        await self._socket.send_to(text_data=text)

    async def send_bytes(self, data: bytes) -> None:
        await self._socket.send_to(bytes_data=data)

    async def do(self, kind: Callable[..., protocol.Command], *args: object) -> dict[str, Any]:
        """The answer to a command."""
        self._ids += 1
        await self.send(kind(f"id-{self._ids}", *args))
        return await self.next("ack", "refused")

    async def next(self, *kinds: str) -> dict[str, Any]:
        """The next message of these types; what comes before it is passed over."""
        while True:
            event = await self._socket.receive_output(PATIENCE_S)
            assert event["type"] == "websocket.send", f"closed with {event.get('code')}"
            message = json.loads(event["text"])
            if message["type"] in kinds:
                return message

    async def closed(self) -> int:
        """The code that the room closes with, whatever it says before."""
        while True:
            event = await self._socket.receive_output(PATIENCE_S)
            if event["type"] == "websocket.close":
                return int(event["code"])

    async def leave(self) -> None:
        """As a tab that is closed."""
        await self._socket.disconnect(timeout=PATIENCE_S)

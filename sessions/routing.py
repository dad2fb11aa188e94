"""What a room node answers: the WebSockets of rooms and line tests, and how the node is."""

import json
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path, re_path

from sessions.consumers import Receive, RehearsalConsumer, RoomConsumer, Send
from sessions.node import RoomNode


def application(node: RoomNode) -> ProtocolTypeRouter:
    room = AuthMiddlewareStack(RoomConsumer(node))
    rehearsal = AuthMiddlewareStack(RehearsalConsumer(node))
    sockets = URLRouter([path("room/<uuid:session_id>/", room), path("rehearsal/", rehearsal), re_path("", nowhere)])
    return ProtocolTypeRouter({"http": Health(node), "websocket": sockets})


class Health:
    """`GET /healthz`: the node's numbers as JSON; anything else is 404."""

    def __init__(self, node: RoomNode) -> None:
        self.node = node

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        found = scope["path"] == "/healthz" and scope["method"] in ("GET", "HEAD")
        body = json.dumps(self.node.health()).encode() if found else b"{}"
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200 if found else 404, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def nowhere(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """A socket to an address that does not exist: refused before it opens."""
    await receive()
    await send({"type": "websocket.close"})

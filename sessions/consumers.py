"""The node's WebSockets: check who comes and what is sent, and hand the rest to the live room or the line test."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.db import Error as DatabaseAway
from django.utils import timezone

from sessions import protocol, wire
from sessions.access import pass_to, person_of, seat_for
from sessions.live import Connection, LiveRoom
from sessions.models import Session
from sessions.node import RoomNode
from sessions.protocol import CLOSE
from sessions.sfu.allowance import Allowance
from sessions.state import Refused
from sessions.wire import Malformed

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Message = TypeVar("Message")

MOST_WAITING = 500
COMING_COSTS = 5  # messages: everybody is told of each who comes


class Turned(Exception):
    """This socket is closed, for `reason`: a key of CLOSE."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Outbox:
    """What goes to one client, in order and without making anyone wait. A client that reads too slowly is closed.

    A room that a newer one has overtaken is not sent: each is whole.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting: asyncio.Queue[protocol.Down | int] = asyncio.Queue()
        self._newest: protocol.Room | None = None
        self._closed = False
        self.task = asyncio.create_task(self._run())

    def post(self, message: protocol.Down) -> None:
        if self._waiting.qsize() >= MOST_WAITING:
            self.close(CLOSE["too_fast"])
        if self._closed:
            return
        self._waiting.put_nowait(message)
        if isinstance(message, protocol.Room):
            self._newest = message

    def close(self, code: int) -> None:
        if not self._closed:
            self._closed = True
            self._waiting.put_nowait(code)

    async def finish(self, code: int) -> None:
        """Close, and wait until everything has gone out."""
        self.close(code)
        await self.task

    async def _run(self) -> None:
        while True:
            message = await self._waiting.get()
            if isinstance(message, int):
                await self._send({"type": "websocket.close", "code": message})
                return
            if isinstance(message, protocol.Room) and message is not self._newest:
                continue
            await self._send({"type": "websocket.send", "text": wire.dump(message)})


async def serve(
    node: RoomNode,
    scope: MutableMapping[str, Any],
    receive: Receive,
    send: Send,
    work: Callable[[Outbox], Awaitable[None]],
) -> None:
    """Accept a socket from a page of ours, and close it with the reason when the work turns it away."""
    await receive()
    if not _origin_allowed(scope):
        node.count("foreign_origin")
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept"})
    outbox = Outbox(send)
    try:
        await work(outbox)
    except Turned as turned:
        node.count(turned.reason)
        await outbox.finish(CLOSE[turned.reason])
    except DatabaseAway:
        await outbox.finish(CLOSE["restarting"])
    finally:
        outbox.task.cancel()


async def messages(
    receive: Receive, parse: Callable[[str], Message], take: Callable[[], bool]
) -> AsyncIterator[Message]:
    """What the client says until it goes; raises Turned for more than `take` allows, and for what `parse` finds
    Malformed."""
    while (event := await receive())["type"] == "websocket.receive":
        if not take():
            raise Turned("too_fast")
        try:
            yield parse(_text(event))
        except Malformed:
            raise Turned("malformed") from None
        await asyncio.sleep(0)  # who sends much takes turns with everybody else


class RoomConsumer:
    """One ASGI application for all rooms of a node.

    Channels' own consumers visit the database's thread before every message; this one needs the database only to let
    somebody in, so that a room goes on while the database is away.
    """

    def __init__(self, node: RoomNode) -> None:
        self.node = node

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        await serve(self.node, scope, receive, send, partial(self._sit, scope, receive))

    async def _sit(self, scope: MutableMapping[str, Any], receive: Receive, outbox: Outbox) -> None:
        room, connection = await self._enter(scope, outbox)
        take = partial(_may, room, connection.seat, connection.browser)
        try:
            async for message in messages(receive, wire.parse, take):
                room.receive(connection, message)
        finally:
            room.detach(connection)

    async def _enter(self, scope: MutableMapping[str, Any], outbox: Outbox) -> tuple[LiveRoom, Connection]:
        session_id = scope["url_route"]["kwargs"]["session_id"]
        comer = await database_sync_to_async(admitted)(scope["session"], scope["user"], session_id)
        room = await self.node.open(session_id, comer.seat)
        if room is None:
            raise Turned("elsewhere")
        if comer.seat not in room.people:
            raise Turned("not_yours")
        if not _may(room, comer.seat, comer.browser, COMING_COSTS):
            raise Turned("too_fast")
        try:
            return room, room.attach(comer.seat, comer.link, outbox, comer.browser)
        except Refused as refused:
            outbox.post(protocol.Refused("", refused.code))
            raise Turned(refused.code if refused.code in CLOSE else "not_yours") from None


class RehearsalConsumer:
    """The line tests of a node: whoever we know may send to it, and gets back what they send."""

    def __init__(self, node: RoomNode) -> None:
        self.node = node

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        await serve(self.node, scope, receive, send, partial(self._rehearse, scope, receive))

    async def _rehearse(self, scope: MutableMapping[str, Any], receive: Receive, outbox: Outbox) -> None:
        person = await database_sync_to_async(person_of)(scope["session"], scope["user"])
        if person is None:
            raise Turned("not_logged_in" if scope["user"].is_anonymous else "not_yours")
        rehearsal = self.node.rehearsals.begin(str(person.pk), outbox)
        if rehearsal is None:
            raise Turned("busy")
        clock = asyncio.get_running_loop().time
        allowance = Allowance(wire.RATE_BURST, wire.RATE_PER_SECOND, clock())
        try:
            async with asyncio.timeout(protocol.REHEARSAL_MS / 1000):
                async for message in messages(receive, wire.parse_rehearsal, lambda: allowance.take(clock())):
                    await rehearsal.receive(message)
        except TimeoutError:
            raise Turned("over") from None
        finally:
            self.node.rehearsals.end(rehearsal)


@dataclass(frozen=True)
class Comer:
    """Whose seat a browser may take, and by which link; `browser` counts those that came by it, 0 without a link."""

    seat: str
    link: str | None
    browser: int


def admitted(http_session: SessionBase, user: AbstractBaseUser | AnonymousUser, session_id: uuid.UUID) -> Comer:
    """The seat this browser may take now. Raises Turned."""
    held = pass_to(http_session, session_id) if user.is_anonymous else None
    seat = seat_for(http_session, user, session_id)
    if seat is None:
        raise Turned("not_logged_in" if user.is_anonymous and held is None else "not_yours")
    session = Session.objects.get(pk=session_id)
    if session.ended_at is not None:
        raise Turned("over")
    if not session.is_open(timezone.now()):
        raise Turned("not_yours")
    return Comer(str(seat.pk), held.link if held else None, held.browser if held else 0)


def _may(room: LiveRoom, seat: str, browser: int, cost: float = 1) -> bool:
    """Send so much more now. Who comes again may send no more than before."""
    now = room.clock()
    fresh = Allowance(wire.RATE_BURST, wire.RATE_PER_SECOND, now)
    return room.allowances.setdefault((seat, browser), fresh).take(now, cost)


def _origin_allowed(scope: MutableMapping[str, Any]) -> bool:
    """A page of ours, and nobody else's: browsers always say where a socket comes from."""
    origins = [value.decode("latin1") for name, value in scope["headers"] if name == b"origin"]
    return len(origins) == 1 and origins[0] in settings.ALLOWED_WEBSOCKET_ORIGINS


def _text(event: MutableMapping[str, Any]) -> str:
    text = event.get("text")
    if not isinstance(text, str):
        raise Malformed("not text")
    return text

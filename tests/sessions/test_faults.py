"""The faults of a session that need processes and sockets, and no browser (docs/faults.md). A bound is threefold."""

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from channels.db import database_sync_to_async
from django.test import Client
from django.utils import timezone
from websockets.exceptions import ConnectionClosed

from groups.models import Doctor, Group, Membership
from sessions.models import RoomLease, RoomSnapshot, Session
from sessions.protocol import AWAY_AFTER_MS, CLOSE, Heartbeat, RaiseHand
from tests.sessions.room_process import Browser, RoomProcess, browser, heard, push_back

pytestmark = pytest.mark.django_db(transaction=True)

in_database = database_sync_to_async
BACK_S = 15.0
RETRY_S = 0.3


@pytest.fixture
def session(group: Group) -> Session:
    return Session.objects.create(group=group, starts_at=timezone.now())


@pytest.fixture
def clients(lea: Doctor, max_: Doctor, pia: Doctor, client_of: Any) -> dict[str, Client]:
    return {doctor.user.username: client_of(doctor) for doctor in (lea, max_, pia)}


@pytest.fixture
def nodes(session: Session, tmp_path: Path) -> Iterator[dict[str, RoomProcess]]:
    """Those that a test starts; what still runs in the end ends without a complaint."""
    nodes = {}
    for name in ("node-1", "node-2"):
        folder = tmp_path / name
        folder.mkdir()
        nodes[name] = RoomProcess(folder, name)
    yield nodes
    assert [node.end() for node in nodes.values()] == [(0, "")] * 2


def seat_of(name: str, group: Group) -> str:
    return str(Membership.objects.get(group=group, doctor__user__username=name).pk)


async def come(stack: AsyncExitStack, client: Client, session: Session) -> Browser:
    """As the page does: it asks where the room is, and asks again until it is let in."""
    while True:
        answer = await in_database(client.get)(f"/sessions/{session.pk}/node/")
        port, cookie = urlsplit(answer.json()["url"]).port or 0, client.cookies["sessionid"].value
        with suppress(OSError, ConnectionClosed):
            tab = await stack.enter_async_context(browser(port, session.pk, cookie))
            await tab.next("welcome")
            return tab
        await asyncio.sleep(RETRY_S)


@dataclass(frozen=True)
class Kept:
    """What is written: step, presenter and case; the clock; the hands in order."""

    at: dict[str, Any]
    elapsed_ms: int
    hands: list[str]


def kept(session: Session) -> Kept:
    row = RoomSnapshot.objects.get(session=session)
    at, hands = dict(row.state["room"]["at"]), row.state["room"]["raised"]
    started_ms, stopped_ms = at.pop("started_ms"), at.pop("stopped_ms")
    return Kept(at, (stopped_ms or row.state["at_ms"]) - started_ms, [hand["seat"] for hand in hands])


@pytest.mark.parametrize("heir", ["node-1", "node-2"], ids=["restarted", "another"])
async def test_l13_a_killed_nodes_room_goes_on_where_it_was(
    nodes: dict[str, RoomProcess], session: Session, group: Group, clients: dict[str, Client], heir: str
) -> None:
    pia_seat, max_seat = [await in_database(seat_of)(name, group) for name in ("pia", "max")]
    nodes["node-1"].start()
    async with AsyncExitStack() as stack:
        lea, max_, pia = [await come(stack, clients[name], session) for name in ("lea", "max", "pia")]
        await lea.let_in()
        await push_back(lea, pia_seat)
        assert (await max_.do(RaiseHand))["type"] == "ack"
        async with asyncio.timeout(BACK_S):
            while (before := await in_database(kept)(session)).hands != [max_seat]:
                await asyncio.sleep(0.02)
        kept_at = time.monotonic()
        if heir == "node-2":
            nodes["node-2"].start()
        nodes["node-1"].end(signal.SIGKILL)
        led_s = time.monotonic() - kept_at
    if heir == "node-1":
        nodes["node-1"].start()

    async with asyncio.timeout(BACK_S), AsyncExitStack() as stack:
        lea, max_ = [await come(stack, clients[name], session) for name in ("lea", "max")]
        complete_at = time.monotonic()
        pia = await come(stack, clients["pia"], session)
        for tab in (lea, max_, pia):
            await tab.join_media()
        await heard(max_, lea, b"still here")
        assert pia.member is not None
        for _ in range(20):
            pia.member.send_audio(b"only for myself")
        guarded = await max_.next("room", when=lambda room: room["guard"]["received"] >= 20)
        ran_ms = guarded["now_ms"] - guarded["phase_started_ms"] - before.elapsed_ms

    lease = await in_database(RoomLease.objects.get)(session=session)
    assert (lease.node, guarded["phase"], guarded["guard"]["forwarded"]) == (heir, "push_back", 0)
    after = await in_database(kept)(session)
    assert (after.at, after.hands, guarded["stopped_ms"]) == (before.at, before.hands, 0)
    assert 0 <= ran_ms <= 1000 * (led_s + time.monotonic() - complete_at)


async def test_l21_a_half_open_socket_is_seen(
    nodes: dict[str, RoomProcess], session: Session, group: Group, clients: dict[str, Client]
) -> None:
    """Max's socket stays open and nothing comes through it any more."""
    max_seat = await in_database(seat_of)("max", group)
    nodes["node-1"].start()
    async with AsyncExitStack() as stack:
        lea, max_ = [await come(stack, clients[name], session) for name in ("lea", "max")]
        await lea.let_in()

        async with asyncio.timeout(3 * AWAY_AFTER_MS / 1000):
            gone = asyncio.create_task(max_.close_code())
            while not gone.done():
                await lea.send(Heartbeat())
                await asyncio.wait([gone], timeout=1)
            room = await lea.next("room", when=lambda room: max_seat in [seat["seat"] for seat in away(room)])

    assert gone.result() == CLOSE["lost"]
    assert [seat["seat"] for seat in away(room)] == [max_seat]


def away(room: dict[str, Any]) -> list[dict[str, Any]]:
    return [seat for seat in room["seats"] if seat["line"] == "away"]

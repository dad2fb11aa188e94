"""The room node as a process: real sockets, real media, signals and crashes."""

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.db import connection
from django.utils import timezone
from websockets.exceptions import InvalidStatus

from balint.foundation.models import Part
from groups.models import Doctor, Group, Membership
from sessions.management.commands.runroom import listening_host
from sessions.models import RoomLease, RoomSnapshot, Session
from sessions.protocol import CLOSE, AcceptReturn, Move, SetChat, SettlePresenter, Write
from tests.sessions.room_process import RoomProcess, browser, free_port, heard

pytestmark = pytest.mark.django_db(transaction=True)

in_database = database_sync_to_async


@pytest.fixture
def session(group: Group) -> Session:
    return Session.objects.create(group=group, starts_at=timezone.now())


@pytest.fixture
def cookies(lea: Doctor, cole: Doctor, max_: Doctor, pia: Doctor, client_of: Any) -> dict[str, str]:
    return {doctor.user.username: client_of(doctor).cookies["sessionid"].value for doctor in (lea, cole, max_, pia)}


@pytest.fixture
def pia_seat(group: Group, pia: Doctor) -> str:
    return str(Membership.objects.get(group=group, doctor=pia).pk)


@pytest.fixture
def process(session: Session, tmp_path: Path) -> Iterator[RoomProcess]:
    process = RoomProcess(tmp_path)
    process.start()
    yield process
    assert process.end() == (0, "")


def every_row() -> str:
    """All that the database has, as text."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows.append(str(cursor.fetchall()))
    return "".join(rows)


def written_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


async def test_push_back_and_return_over_real_sockets_and_media(
    process: RoomProcess, session: Session, cookies: dict[str, str], pia_seat: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        tabs = [browser(process.port, session.pk, cookies[name]) for name in ("lea", "max", "pia")]
        lea, max_, pia = [await stack.enter_async_context(tab) for tab in tabs]
        for tab in (max_, pia):
            await tab.next("room")
        await lea.let_in()
        for tab in (lea, max_, pia):
            await tab.join_media()
        assert (await lea.do(Move, "gathering"))["type"] == "ack"
        await heard(pia, lea, b"good evening")
        await lea.do(SetChat, True)
        for tab, place in ((max_, "chat"), (pia, "line")):
            assert (await tab.do(Write, place, "", f"{place} by the fireside"))["type"] == "ack"
        await lea.next("texts")
        await lea.do(Move, "call")
        await lea.do(SettlePresenter, pia_seat)
        await lea.do(Move, "presentation")
        await lea.do(Move, "push_back")
        assert pia.member is not None

        for _ in range(20):
            pia.member.send_audio(b"only for myself")
        room = await max_.next("room", when=lambda room: room["guard"]["received"] >= 20)
        totals = process.health()["totals"]
        assert (room["guard"]["forwarded"], totals["audio_forwarded_unheard"]) == (0, 0)
        assert totals["audio_received_unheard"] >= 20

        await lea.do(Move, "return")
        assert (await pia.do(AcceptReturn))["type"] == "ack"
        await heard(pia, max_, b"thank you")
        for listener in (lea, max_):
            assert listener.member is not None
            assert not any(b"only for myself" in payloads for payloads in listener.member.received.values())
    kept = await in_database(every_row)() + "".join(map(str, map(Path.read_bytes, written_files(tmp_path))))
    said = "good evening", "only for myself", "thank you", "by the fireside"
    assert [each for each in said if each in kept] == []
    assert pia_seat in kept


async def test_asked_to_stop_it_writes_everything_and_gives_its_rooms_back(
    process: RoomProcess, session: Session, cookies: dict[str, str]
) -> None:
    async with browser(process.port, session.pk, cookies["lea"]) as lea:
        await lea.do(Move, "gathering")
        ending = asyncio.create_task(asyncio.to_thread(process.end))
        code = await lea.close_code()
        assert await ending == (0, "")

    kept = await in_database(RoomSnapshot.objects.get)(session=session)
    assert (code, kept.state["room"]["at"]["phase"]) == (CLOSE["restarting"], "gathering")
    assert not await in_database(RoomLease.objects.exists)()


async def test_a_huge_message_closes_its_sender_only(
    process: RoomProcess, session: Session, cookies: dict[str, str]
) -> None:
    async with (
        browser(process.port, session.pk, cookies["lea"]) as lea,
        browser(process.port, session.pk, cookies["max"]) as max_,
    ):
        await max_.next("room")
        with contextlib.suppress(ConnectionError):
            await max_.socket.send("a" * 1_000_000)

        assert await max_.close_code() == 1009
        assert (await lea.do(Move, "gathering"))["type"] == "ack"


async def test_what_the_room_says_is_compressed_for_browsers_that_can(
    process: RoomProcess, session: Session, cookies: dict[str, str]
) -> None:
    async with browser(process.port, session.pk, cookies["max"]) as max_:
        await max_.next("room")

        assert [each.name for each in max_.socket.protocol.extensions] == ["permessage-deflate"]


@pytest.mark.parametrize("frame", ["ping", "fragment"])
async def test_frames_that_are_no_messages_are_counted_too(
    process: RoomProcess, session: Session, cookies: dict[str, str], frame: str
) -> None:
    """Thousands fit into one read of the node, which would keep it from everybody's voice."""
    many = {"ping": b"\x89\x80\0\0\0\0" * 5000, "fragment": b"\x01\x80\0\0\0\0" + b"\0\x80\0\0\0\0" * 5000}
    async with (
        browser(process.port, session.pk, cookies["lea"]) as lea,
        browser(process.port, session.pk, cookies["max"]) as max_,
    ):
        await max_.next("room")
        await lea.let_in()
        max_.socket.transport.write(many[frame])

        assert await max_.close_code() == 1006
        away = await lea.next("room", when=lambda room: "away" in [seat["line"] for seat in room["seats"]])
        assert away["phase"] == "lobby"
        assert process.health()["closed"] == {"flooding": 1}


async def test_a_foreign_page_is_refused_at_the_handshake(
    process: RoomProcess, session: Session, cookies: dict[str, str]
) -> None:
    for origin in (None, "https://evil.example"):
        with pytest.raises(InvalidStatus, match="403"):
            async with browser(process.port, session.pk, cookies["lea"], origin=origin):
                pass


async def test_the_node_says_that_it_is_alive(process: RoomProcess) -> None:
    """And again, before it counts as gone."""
    assert process.health()["status"] == "ok"
    for _ in range(2):
        async with asyncio.timeout(Part.ALIVE.total_seconds()):
            while not await in_database(Part.alive("room_node").exists)():
                await asyncio.sleep(0.02)
        await in_database(Part.objects.all().delete)()


def test_a_busy_port_is_said_in_one_sentence(process: RoomProcess) -> None:
    for other, option in (({"media_port": free_port()}, "--port"), ({"port": free_port()}, "--media-port")):
        with process.launch(**other) as second:
            try:
                _, complaint = second.communicate(timeout=15)
            finally:
                second.kill()

        assert second.returncode == 1
        assert complaint.splitlines()[-1].endswith(f"Choose another one with {option}.")


@pytest.mark.parametrize(
    ("host", "told", "listening"),
    [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "198.18.0.1", "0.0.0.0"),
        ("127.0.0.1", "2001:db8::1", "::"),
        ("10.0.0.5", "203.0.113.7", "10.0.0.5"),
    ],
)
def test_media_are_waited_for_where_browsers_are_told_to_send(host: str, told: str, listening: str) -> None:
    assert listening_host(host, told) == listening

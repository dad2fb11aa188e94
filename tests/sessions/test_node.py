"""What a room node does by the clock, whatever happens to the database or to one of its rooms."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from channels.db import database_sync_to_async
from django.db import connection
from django.utils import timezone

from groups.models import Doctor, Group, Membership
from sessions.live import LiveRoom
from sessions.models import RoomLease, RoomSnapshot, Session
from sessions.node import EMPTY_S, RoomNode
from sessions.protocol import CLOSE
from sessions.routing import application
from sessions.sfu import MediaNode
from tests.sessions.circle import Line, until
from tests.sessions.tab import Tab

pytestmark = pytest.mark.django_db(transaction=True)

in_database = database_sync_to_async


@pytest.fixture
def session(group: Group) -> Session:
    return Session.objects.create(group=group, starts_at=timezone.now())


@pytest_asyncio.fixture
async def node(session: Session) -> AsyncIterator[RoomNode]:
    node = RoomNode("node-1", "", MediaNode(port=0))
    await node.start()
    yield node
    await node.stop()


@pytest.fixture
def lea_tab(node: RoomNode, session: Session, lea: Doctor, client_of: Any) -> Tab:
    return Tab(application(node), session.pk, client_of(lea).cookies["sessionid"].value)


def rename(before: str, after: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {before} RENAME TO {after}")


async def test_after_a_database_was_away_the_pages_are_followed_again(
    lea_tab: Tab, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    await lea_tab.enter()
    table = RoomLease._meta.db_table

    await in_database(rename)(table, "away")
    await until(lambda: "The database is away; rooms go on without it." in caplog.messages)
    await in_database(rename)("away", table)
    await in_database(Session.objects.filter(pk=session.pk).update)(cancelled_at=timezone.now())

    assert await lea_tab.closed() == CLOSE["not_yours"]


async def test_a_room_that_stays_empty_is_written_and_given_back(
    lea_tab: Tab, node: RoomNode, session: Session
) -> None:
    await lea_tab.enter()
    await lea_tab.leave()
    await until(lambda: not node.rooms[session.pk].places.inside)

    node.rooms[session.pk].empty_since -= EMPTY_S

    await until(lambda: not node.rooms)
    assert await in_database(RoomSnapshot.objects.filter(session=session).exists)()
    assert not await in_database(RoomLease.objects.exists)()


async def test_who_is_let_in_while_an_empty_room_is_given_back_sits_in_a_room_that_lives(
    lea_tab: Tab, node: RoomNode, session: Session, otto: Doctor
) -> None:
    await lea_tab.enter()
    await lea_tab.leave()
    await until(lambda: not node.rooms[session.pk].places.inside)
    node.rooms[session.pk].empty_since -= EMPTY_S
    newcomer = await in_database(Membership.objects.create)(group_id=session.group_id, doctor=otto)

    async def sit() -> LiveRoom:
        room = await node.open(session.pk, str(newcomer.pk))
        assert room is not None
        room.attach(str(newcomer.pk), None, Line())
        return room

    room, _ = await asyncio.gather(sit(), node._finish(session.pk, None))

    assert node.rooms[session.pk] is room
    assert [each.seat for each in room.sockets] == [str(newcomer.pk)]

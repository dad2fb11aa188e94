"""The room's WebSocket: who is let in, what closes it, and what the database has afterwards."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, get_args

import pytest
import pytest_asyncio
from channels.db import database_sync_to_async
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from groups.models import Doctor, Group, Membership
from sessions import protocol, wire
from sessions.access import PASSES
from sessions.consumers import Outbox
from sessions.models import Attendance, RoomLease, RoomSnapshot, Session, SessionLink, Step
from sessions.node import RoomNode
from sessions.protocol import CLOSE, Ack, Devices, Heartbeat, LowerHand, Move, Offer, RaiseHand
from sessions.routing import application
from sessions.sfu import MediaNode
from sessions.state import Phase
from tests.sessions.circle import until
from tests.sessions.tab import Tab, message
from tests.sessions.test_protocol import ROOM

pytestmark = pytest.mark.django_db(transaction=True)

in_database = database_sync_to_async


@pytest.fixture
def session(group: Group) -> Session:
    return Session.objects.create(group=group, starts_at=timezone.now())


@pytest.fixture
def cookies(
    group: Group, otto: Doctor, rae: Doctor, lea: Doctor, cole: Doctor, max_: Doctor, pia: Doctor, client_of: Any
) -> dict[str, str]:
    """Everybody's log-in, by their name; the group is there too."""
    return {doctor.user.username: client_of(doctor).cookies["sessionid"].value for doctor in Doctor.objects.all()}


@pytest.fixture
def seats(group: Group) -> dict[str, str]:
    places = Membership.objects.filter(group=group).select_related("doctor__user")
    return {place.doctor.user.username: str(place.pk) for place in places}


async def begin(name: str = "node-1") -> RoomNode:
    node = RoomNode(name, "", MediaNode(port=0))
    await node.start()
    return node


@pytest_asyncio.fixture
async def node(session: Session) -> AsyncIterator[RoomNode]:
    node = await begin()
    yield node
    await node.stop()


@pytest.fixture
def tab(node: RoomNode, session: Session, cookies: dict[str, str]) -> Callable[..., Tab]:
    """A tab of somebody, in this session."""
    application_ = application(node)
    return lambda name="", **options: Tab(application_, session.pk, cookies.get(name, ""), **options)


async def together(tab: Callable[..., Tab], *names: str) -> list[Tab]:
    """They come; the first of several leads, and lets the others in."""
    tabs = [tab(name) for name in names]
    waits = [(await each.enter())["waits"] for each in tabs]
    if len(tabs) > 1 and any(waits):
        await tabs[0].let_in()
    return tabs


def lines(room: dict[str, Any]) -> dict[str, str]:
    """Everybody's, by their first name."""
    return {seat["name"].split()[0]: seat["line"] for seat in room["seats"]}


async def walk(leader: Tab, presenter: str, *phases: Phase) -> None:
    """Lead the session through these phases, with this presenter."""
    for phase in phases:
        if phase is Phase.PRESENTATION:
            assert (await leader.do(protocol.SettlePresenter, presenter))["type"] == "ack"
        assert (await leader.do(Move, phase))["type"] == "ack"


# Who is let in


async def test_a_member_gets_their_own_seat_from_a_leader(tab: Callable[..., Tab], seats: dict[str, str]) -> None:
    lea, max_ = tab("lea"), tab("max")
    await lea.enter()
    assert await max_.connect()

    assert (await max_.next("welcome"))["seat"] == seats["max"]
    assert lines(await max_.next("room")) == {"Lea": "absent", "Cole": "absent", "Max": "waiting", "Pia": "absent"}
    await lea.let_in()
    assert lines(await max_.next("room")) == {"Lea": "here", "Cole": "absent", "Max": "here", "Pia": "absent"}


@pytest.mark.parametrize(("name", "reason"), [("", "not_logged_in"), ("otto", "not_yours"), ("rae", "not_yours")])
async def test_others_are_turned_away(tab: Callable[..., Tab], node: RoomNode, name: str, reason: str) -> None:
    other = tab(name)
    await other.connect()

    assert await other.closed() == CLOSE[reason]
    assert node.closed == {reason: 1}
    assert node.rooms == {}


@pytest.mark.parametrize("origin", [None, "", "null", "https://evil.example", "http://localhost:8000.evil.example"])
async def test_a_page_that_is_not_ours_cannot_even_connect(
    tab: Callable[..., Tab], node: RoomNode, origin: str | None
) -> None:
    assert not await tab("lea", origin=origin).connect()
    assert node.closed == {"foreign_origin": 1}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ended_at": timezone.now()}, "over"),
        ({"cancelled_at": timezone.now()}, "not_yours"),
        ({"starts_at": timezone.now() + timedelta(hours=1)}, "not_yours"),
    ],
)
async def test_a_closed_door_is_closed(
    tab: Callable[..., Tab], session: Session, change: dict[str, object], reason: str
) -> None:
    await in_database(Session.objects.filter(pk=session.pk).update)(**change)
    lea = tab("lea")
    await lea.connect()

    assert await lea.closed() == CLOSE[reason]


async def test_no_such_session_is_nobodys(node: RoomNode, cookies: dict[str, str]) -> None:
    lost = Tab(application(node), "00000000-0000-0000-0000-000000000000", cookies["lea"])
    await lost.connect()

    assert await lost.closed() == CLOSE["not_yours"]


async def test_an_address_that_is_no_room_is_refused(node: RoomNode, cookies: dict[str, str]) -> None:
    assert not await Tab(application(node), "not-a-uuid", cookies["lea"]).connect()


# Personal links


@pytest.fixture
def link(session: Session, group: Group) -> SessionLink:
    place = Membership.objects.get(group=group, doctor__user__username="max")
    return SessionLink.objects.create(session=session, membership=place, expires_at=timezone.now() + timedelta(hours=1))


@pytest.fixture
def holder(node: RoomNode, session: Session, link: SessionLink) -> Tab:
    """A browser without a log-in that has exchanged Max's link."""
    browser = SessionStore()
    browser[PASSES] = {str(session.pk): str(link.pk)}
    browser.save()
    return Tab(application(node), session.pk, str(browser.session_key))


async def test_a_personal_link_opens_its_own_seat(holder: Tab, seats: dict[str, str]) -> None:
    assert await holder.connect()

    assert (await holder.next("welcome"))["seat"] == seats["max"]


async def test_a_revoked_link_closes_what_it_opened(holder: Tab, link: SessionLink) -> None:
    await holder.enter()

    await in_database(SessionLink.objects.filter(pk=link.pk).update)(revoked_at=timezone.now())

    assert await holder.closed() == CLOSE["not_yours"]


async def test_a_member_who_leaves_the_group_is_out(tab: Callable[..., Tab], seats: dict[str, str]) -> None:
    lea, max_ = await together(tab, "lea", "max")

    await in_database(Membership.objects.filter(pk=seats["max"]).update)(left_at=timezone.now())

    assert await max_.closed() == CLOSE["not_yours"]
    again = tab("max")
    await again.connect()
    assert await again.closed() == CLOSE["not_yours"]
    assert (await lea.do(RaiseHand))["code"] == "wrong_phase"


async def test_a_cancelled_session_closes_everyone(tab: Callable[..., Tab], session: Session) -> None:
    lea, max_ = await together(tab, "lea", "max")

    await in_database(Session.objects.filter(pk=session.pk).update)(cancelled_at=timezone.now())

    assert [await lea.closed(), await max_.closed()] == [CLOSE["not_yours"]] * 2


async def test_who_joined_the_group_a_moment_ago_is_let_in(tab: Callable[..., Tab], group: Group, otto: Doctor) -> None:
    (lea,) = await together(tab, "lea")
    await in_database(Membership.objects.create)(group=group, doctor=otto)

    otto_ = tab("otto")
    at_the_door = await otto_.enter()
    await lea.let_in()

    assert [lines(room)["Otto"] for room in (at_the_door, await otto_.next("room"))] == ["waiting", "here"]


# What closes a socket


MALFORMED = (
    "not json",
    "[]",
    '{"type": "dance"}',
    '{"type": "raise_hand"}',
    '{"type": "raise_hand", "id": "a", "seat": "b"}',
    '{"type": "devices", "id": "a", "microphone": 1, "camera": 0}',
    '{"type": "welcome", "seat": "a", "heartbeat_ms": 1}',
    '{"type": "heartbeat"' + " " * 8_192 + "}",
    '{"type": "offer", "sdp": "' + "a" * 66_000 + '"}',
    "[" * 60_000,
)


async def test_a_malformed_message_closes_that_socket_only(tab: Callable[..., Tab], node: RoomNode) -> None:
    (lea,) = await together(tab, "lea")

    codes = []
    for text in MALFORMED:
        (max_,) = await together(tab, "max")
        await max_.send_text(text)
        codes.append(await max_.closed())

    assert codes == [CLOSE["malformed"]] * len(MALFORMED)
    assert node.closed == {"malformed": len(MALFORMED)}
    assert (await lea.do(Move, Phase.GATHERING))["type"] == "ack"


async def test_bytes_are_malformed(tab: Callable[..., Tab]) -> None:
    (max_,) = await together(tab, "max")

    await max_.send_bytes(b'{"type": "heartbeat"}')

    assert await max_.closed() == CLOSE["malformed"]


def stop_clocks(node: RoomNode) -> None:
    for room in node.rooms.values():
        room.clock = partial(float, room.clock())


async def flood(tab: Tab) -> None:
    for _ in range(10 * wire.RATE_BURST):
        await tab.send(Heartbeat())
    assert await tab.closed() == CLOSE["too_fast"]


async def test_a_flood_closes_that_socket_only(tab: Callable[..., Tab], node: RoomNode) -> None:
    lea, max_ = await together(tab, "lea", "max")

    await flood(max_)

    assert node.closed == {"too_fast": 1}
    assert (await lea.do(Move, Phase.GATHERING))["type"] == "ack"


async def test_who_comes_again_may_send_no_more_than_before(tab: Callable[..., Tab], node: RoomNode) -> None:
    lea, max_ = await together(tab, "lea", "max")
    stop_clocks(node)

    await flood(max_)
    again = tab("max")
    await again.connect()

    assert await again.closed() == CLOSE["too_fast"]
    assert (await lea.do(Move, Phase.GATHERING))["type"] == "ack"


async def test_who_sends_much_takes_turns_with_everybody_else(tab: Callable[..., Tab], seats: dict[str, str]) -> None:
    lea, max_, pia = await together(tab, "lea", "max", "pia")
    assert (await lea.do(Move, Phase.GATHERING))["type"] == "ack"
    much = wire.RATE_BURST // 2
    for number in range(much // 2):
        await max_.send(RaiseHand(f"up-{number}"))
        await max_.send(LowerHand(f"down-{number}", seats["max"]))

    await pia.send(RaiseHand("up"))

    numbers = [room["seq"] for room in [await pia.next("room") for _ in range(much)] if seats["pia"] in room["hands"]]
    assert len(numbers) > much // 2


async def test_a_room_that_is_overtaken_is_not_sent() -> None:
    sent: list[dict[str, Any]] = []

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    outbox = Outbox(send)
    for message_ in (ROOM, Ack("a"), replace(ROOM, seq=ROOM.seq + 1), Ack("b")):
        outbox.post(message_)
    await outbox.finish(CLOSE["over"])

    texts = [json.loads(event["text"]) for event in sent[:-1]]
    assert [(text["type"], text.get("seq")) for text in texts] == [("ack", None), ("room", ROOM.seq + 1), ("ack", None)]
    assert sent[-1] == {"type": "websocket.close", "code": CLOSE["over"]}


async def test_bad_sdp_closes_nothing(tab: Callable[..., Tab]) -> None:
    _, max_ = await together(tab, "lea", "max")

    await max_.send(Offer("v=0\r\nm=audio"))

    refused = await max_.next("refused")
    assert (refused["id"], refused["code"]) == ("", "bad_sdp")
    assert (await max_.do(Devices, True, True, False))["type"] == "ack"


async def test_a_second_tab_takes_the_seat(tab: Callable[..., Tab]) -> None:
    _, older = await together(tab, "lea", "max")
    (newer,) = await together(tab, "max")

    assert await older.closed() == CLOSE["newer_tab"]
    assert (await newer.do(Devices, True, True, False))["type"] == "ack"


async def test_a_closed_tab_is_away_at_once(tab: Callable[..., Tab], seats: dict[str, str]) -> None:
    lea, max_ = await together(tab, "lea", "max")

    await max_.leave()

    room = await lea.next("room")
    assert {seat["seat"]: seat["line"] for seat in room["seats"]}[seats["max"]] == "away"


# Roles


async def test_nobody_does_what_is_not_theirs(
    tab: Callable[..., Tab], node: RoomNode, session: Session, seats: dict[str, str]
) -> None:
    """In push_back: every command from a member and from the presenter, unless their room offers it to them."""
    lea, max_, pia = await together(tab, "lea", "max", "pia")
    await walk(lea, seats["pia"], Phase.GATHERING, Phase.CALL, Phase.PRESENTATION, Phase.PUSH_BACK)
    both = {"devices", "attest", "leave"}
    theirs = {max_: {"raise_hand", *both}, pia: {"ask_return", *both}}
    before = node.rooms[session.pk].room

    refused = []
    for here in (max_, pia):
        for kind in get_args(protocol.Command):
            if wire.type_of(kind) not in theirs[here]:
                await here.send(message(wire.type_of(kind), seats["max"]))
                refused.append((await here.next("ack", "refused"))["type"])

    assert refused == ["refused"] * 44
    assert node.rooms[session.pk].room is before


# What is kept


async def test_the_end_keeps_attendance_and_steps_and_nothing_else(
    tab: Callable[..., Tab], node: RoomNode, session: Session, seats: dict[str, str]
) -> None:
    lea, cole, max_ = await together(tab, "lea", "cole", "max")
    phases = [Phase.GATHERING, Phase.CALL, Phase.PRESENTATION, Phase.PUSH_BACK, Phase.CLOSING, Phase.DEBRIEF]
    await walk(lea, seats["max"], *phases)
    assert await max_.closed() == CLOSE["over"]

    await walk(lea, "", Phase.ENDED)
    assert [await lea.closed(), await cole.closed()] == [CLOSE["over"]] * 2
    await until(lambda: not node.rooms)

    def kept() -> tuple[object, ...]:
        return (
            {str(pk) for pk in Attendance.objects.values_list("membership", flat=True)},
            list(Step.objects.values_list("phase", flat=True)),
            Session.objects.get(pk=session.pk).ended_at is not None,
            RoomSnapshot.objects.count(),
            RoomLease.objects.count(),
        )

    everyone = {seats["lea"], seats["cole"], seats["max"]}
    assert await in_database(kept)() == (everyone, ["lobby", *phases, "ended"], True, 0, 0)


async def test_a_restarted_node_goes_on_where_it_was(
    tab: Callable[..., Tab], node: RoomNode, session: Session, seats: dict[str, str], cookies: dict[str, str]
) -> None:
    lea, pia = await together(tab, "lea", "pia")
    await walk(lea, seats["pia"], Phase.GATHERING, Phase.CALL, Phase.PRESENTATION, Phase.PUSH_BACK)

    await node.stop()
    assert [await lea.closed(), await pia.closed()] == [CLOSE["restarting"]] * 2
    again = await begin()
    room = await Tab(application(again), session.pk, cookies["pia"]).enter()
    await again.stop()

    assert (room["phase"], room["presenter"], room["heard"]) == ("push_back", seats["pia"], False)


async def test_l24_who_is_removed_is_out_and_refused_whatever_way_they_come(
    tab: Callable[..., Tab],
    node: RoomNode,
    session: Session,
    seats: dict[str, str],
    cookies: dict[str, str],
    holder: Tab,
) -> None:
    """By log-in, by their link, and where another node goes on with the room."""
    lea, max_ = await together(tab, "lea", "max")
    assert (await lea.do(protocol.Remove, seats["max"]))["type"] == "ack"
    async with asyncio.timeout(3):
        codes = [await max_.closed()]
    for again in (tab("max"), holder):
        await again.connect()
        codes.append(await again.closed())
    counted = dict(node.closed)

    await node.stop()
    other = await begin("node-2")
    elsewhere = Tab(application(other), session.pk, cookies["max"])
    await elsewhere.connect()
    codes.append(await elsewhere.closed())
    await other.stop()

    assert codes == [CLOSE["removed"]] * 4
    assert counted == {"removed": 2}


async def test_what_was_refused_is_counted_in_the_nodes_health(tab: Callable[..., Tab], node: RoomNode) -> None:
    lea, max_, pia = await together(tab, "lea", "max", "pia")

    for each in (max_, pia):
        await each.do(Move, Phase.GATHERING)
    await lea.do(RaiseHand)
    await max_.send_text("[]")
    await max_.closed()

    health = node.health()
    assert (health["refused"], health["closed"]) == ({"not_leader": 2, "wrong_phase": 1}, {"malformed": 1})


async def test_a_room_opens_elsewhere_only_when_its_lease_has_run_out(
    tab: Callable[..., Tab], node: RoomNode, session: Session, cookies: dict[str, str]
) -> None:
    (lea,) = await together(tab, "lea")
    await walk(lea, "", Phase.GATHERING)
    await node.stop()
    held = RoomLease(session=session, node="node-1", expires_at=timezone.now() + timedelta(minutes=1))
    await in_database(held.save)()
    other = await begin("node-2")

    early = Tab(application(other), session.pk, cookies["max"])
    await early.connect()
    assert await early.closed() == CLOSE["elsewhere"]

    await in_database(RoomLease.objects.update)(expires_at=timezone.now() - timedelta(milliseconds=1))
    assert (await Tab(application(other), session.pk, cookies["max"]).enter())["phase"] == "gathering"
    await other.stop()


async def test_a_node_takes_its_own_room_again_at_once(
    tab: Callable[..., Tab], node: RoomNode, session: Session
) -> None:
    held = RoomLease(session=session, node="node-1", expires_at=timezone.now() + timedelta(minutes=1))
    await in_database(held.save)()

    assert (await tab("lea").enter())["phase"] == "lobby"


async def test_a_node_yields_when_it_reads_that_another_has_its_room(
    tab: Callable[..., Tab], node: RoomNode, session: Session
) -> None:
    (lea,) = await together(tab, "lea")
    await until(lambda: node.rooms)

    await in_database(RoomLease.objects.filter(session=session).update)(node="node-2")

    assert await lea.closed() == CLOSE["elsewhere"]
    await until(lambda: not node.rooms)
    assert await in_database(RoomLease.objects.get)(node="node-2")

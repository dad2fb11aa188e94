"""The socket of a line test: who may use it, what comes back, and that nothing of it reaches anybody else."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from django.test import Client

from groups.models import Doctor
from sessions import protocol
from sessions.node import RoomNode
from sessions.protocol import CLOSE, MOST_REHEARSALS, Offer, SendBack
from sessions.routing import application
from sessions.sfu import MediaNode
from sessions.sfu.member import Member
from sessions.turn import Relay
from tests.conftest import person
from tests.sessions.circle import until
from tests.sessions.sfu.call import picture
from tests.sessions.tab import Tab

pytestmark = pytest.mark.django_db(transaction=True)

in_database = database_sync_to_async


@pytest_asyncio.fixture
async def node(transactional_db: None) -> AsyncIterator[RoomNode]:
    node = RoomNode("node-1", "", MediaNode(port=0))
    await node.start()
    yield node
    assert node.media.totals()["faults"] == 0
    await node.stop()


@pytest.fixture
def tab(node: RoomNode, max_: Doctor, pia: Doctor, client_of: Any) -> Callable[..., Tab]:
    """A tab of somebody who tests their line."""
    cookies = {doctor.user.username: client_of(doctor).cookies["sessionid"].value for doctor in (max_, pia)}
    return lambda name="", **options: Tab(application(node), None, cookies.get(name, ""), **options)


async def begin(tab: Tab) -> Member:
    """A member whose media go through the test."""
    assert await tab.connect()
    await tab.next("welcome")
    member = Member()
    await tab.send(Offer(member.offer()))
    await member.connect((await tab.next("answer"))["sdp"])
    return member


def received(member: Member) -> list[list[bytes]]:
    return [payloads for payloads in member.received.values() if payloads]


async def echo(member: Member, words: bytes) -> None:
    """Speaks until the words come back."""

    def came() -> bool:
        member.send_audio(words)
        return any(words in payloads for payloads in received(member))

    await until(came)


async def test_what_one_sends_comes_back_to_oneself_alone(tab: Callable[..., Tab], node: RoomNode) -> None:
    max_tab, pia_tab = tab("max"), tab("pia")
    max_, pia = await begin(max_tab), await begin(pia_tab)

    await echo(pia, b"pia")
    await echo(max_, b"max")
    await max_tab.send(SendBack(2))
    await until(lambda: max_.send_video(picture("max", key=True)) or len(received(max_)) == 3)

    assert {words for payloads in received(pia) for words in payloads} == {b"pia"}
    assert node.rooms == {}
    await max_.close()
    await pia.close()


async def test_the_test_may_go_the_way_that_the_session_will(client_of: Any, max_: Doctor) -> None:
    relay = Relay(("turns:turn.example.org:443?transport=tcp",), "a secret")
    node = RoomNode("node-1", "", MediaNode(port=0), relay)
    await node.start()
    tab = Tab(application(node), None, (await in_database(client_of)(max_)).cookies["sessionid"].value)
    await tab.connect()

    (offered,) = (await tab.next("welcome"))["ice_servers"]

    assert offered["urls"] == list(relay.urls)
    assert str(max_.pk) not in offered["username"]
    await tab.leave()
    await node.stop()


async def test_an_offer_that_is_none_is_refused_and_the_test_goes_on(tab: Callable[..., Tab]) -> None:
    max_ = tab("max")
    await max_.connect()

    await max_.send(Offer("v=0"))

    assert (await max_.next("refused"))["code"] == "bad_sdp"
    member = Member()
    await max_.send(Offer(member.offer()))
    assert (await max_.next("answer"))["sdp"].startswith("v=0")


async def test_the_media_end_with_the_socket(tab: Callable[..., Tab], node: RoomNode) -> None:
    max_ = tab("max")
    member = await begin(max_)

    await max_.leave()

    await until(lambda: node.media.totals()["rooms"] == 0)
    assert node.health()["rehearsals"] == 0
    await member.close()


async def test_the_newest_test_of_a_person_ends_the_one_before(tab: Callable[..., Tab], node: RoomNode) -> None:
    older, newer = tab("max"), tab("max")
    member = await begin(older)

    other = await begin(newer)

    assert await older.closed() == CLOSE["newer_tab"]
    await older.leave()
    await echo(other, b"still here")
    assert node.health()["rehearsals"] == 1
    await member.close()
    await other.close()


async def test_a_node_tests_a_few_lines_at_once(tab: Callable[..., Tab], node: RoomNode, client_of: Any) -> None:
    people = [await in_database(person)(f"doctor{number}") for number in range(MOST_REHEARSALS)]
    cookies = [(await in_database(client_of)(doctor)).cookies["sessionid"].value for doctor in people]
    tabs = [Tab(application(node), None, cookie) for cookie in cookies]
    for each in tabs:
        await each.connect()
        await each.next("welcome")

    late = tab("max")
    await late.connect()
    assert await late.closed() == CLOSE["busy"]
    await tabs[0].leave()
    later = tab("max")
    await later.connect()
    assert (await later.next("welcome"))["seat"] == ""


async def test_a_test_ends_by_itself(tab: Callable[..., Tab], node: RoomNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "REHEARSAL_MS", 300)
    max_ = tab("max")
    await max_.connect()

    assert await max_.closed() == CLOSE["over"]
    assert node.media.totals()["rooms"] == 0


async def test_a_node_that_stops_says_so(tab: Callable[..., Tab], node: RoomNode) -> None:
    max_ = tab("max")
    await max_.connect()
    await max_.next("welcome")

    await node.stop()

    assert await max_.closed() == CLOSE["restarting"]


@pytest.mark.parametrize(
    "said",
    [
        '{"type":"heartbeat"}',
        '{"type":"move","id":"1","phase":"call"}',
        '{"type":"send_back"}',
        '{"type":"send_back","pictures":16}',
        '{"type":"send_back","pictures":-1}',
        '{"type":"send_back","pictures":true}',
        '{"type":"send_back","pictures":1.5}',
        "nothing",
    ],
)
async def test_what_no_page_of_ours_says_ends_the_test(tab: Callable[..., Tab], node: RoomNode, said: str) -> None:
    max_ = tab("max")
    await max_.connect()

    await max_.send_text(said)

    assert await max_.closed() == CLOSE["malformed"]
    assert node.media.totals()["rooms"] == 0


async def test_strangers_and_pages_that_are_not_ours_test_nothing(tab: Callable[..., Tab], node: RoomNode) -> None:
    stranger = tab()
    await stranger.connect()

    assert await stranger.closed() == CLOSE["not_logged_in"]
    assert not await tab("max", origin="https://evil.example").connect()
    assert node.closed == {"not_logged_in": 1, "foreign_origin": 1}


async def test_a_log_in_without_a_profile_tests_nothing(node: RoomNode) -> None:
    def cookie() -> str:
        client = Client()
        client.force_login(User.objects.create(username="new"), backend="django.contrib.auth.backends.ModelBackend")
        return str(client.cookies["sessionid"].value)

    new = Tab(application(node), None, await in_database(cookie)())
    await new.connect()

    assert await new.closed() == CLOSE["not_yours"]

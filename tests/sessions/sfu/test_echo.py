"""A room for one: what comes back, how often, and to whom it never goes."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sessions.sfu import EchoRoom, MediaNode
from sessions.sfu.member import Member
from tests.sessions.sfu.call import picture, until

SLOTS = 4


@pytest.fixture
def members() -> dict[str, Member]:
    return {}


@pytest_asyncio.fixture
async def echoes(node: MediaNode, members: dict[str, Member]) -> AsyncIterator[dict[str, EchoRoom]]:
    """Max and Pia, each in a room of their own."""
    rooms = {name: node.open_echo(name) for name in ("max", "pia")}
    for name, room in rooms.items():
        members[name] = Member(SLOTS)
        await members[name].connect(await room.join(name, members[name].offer()))
        await until(lambda room=room, name=name: room.peers[name].open)
    yield rooms
    for member in members.values():
        await member.close()


def received(member: Member) -> list[list[bytes]]:
    """What came in the slots that carried anything."""
    return [payloads for payloads in member.received.values() if payloads]


async def test_a_voice_comes_back_once_and_only_to_its_owner(echoes, members) -> None:
    members["max"].send_audio(b"max speaks")
    members["pia"].send_audio(b"pia speaks")

    await until(lambda: received(members["max"]) and received(members["pia"]))
    assert received(members["max"]) == [[b"max speaks"]]
    assert received(members["pia"]) == [[b"pia speaks"]]


async def test_one_audio_slot_is_enough(node) -> None:
    room, member = node.open_echo("lea"), Member(1)
    await member.connect(await room.join("lea", member.offer()))
    await until(lambda: room.peers["lea"].open)

    member.send_audio(b"lea speaks")

    await until(lambda: received(member) == [[b"lea speaks"]])
    await member.close()


@pytest.mark.parametrize(("asked", "copies"), [(0, 0), (1, 1), (3, 3), (9, SLOTS)])
async def test_a_picture_comes_back_as_often_as_asked_and_as_there_are_slots(echoes, members, asked, copies) -> None:
    echoes["max"].send_back(asked)

    members["max"].send_video(picture("max", key=True))
    members["max"].send_audio(b"after it")

    await until(lambda: [b"after it"] in received(members["max"]))
    assert received(members["max"]).count([picture("max", key=True)]) == copies
    assert received(members["pia"]) == []


async def test_fewer_pictures_come_back_from_the_next_packet_on(echoes, members) -> None:
    echoes["max"].send_back(3)
    members["max"].send_video(picture("one", key=True))
    await until(lambda: len(received(members["max"])) == 3)

    echoes["max"].send_back(1)
    members["max"].send_video(picture("two"))
    members["max"].send_audio(b"after it")

    await until(lambda: [b"after it"] in received(members["max"]))
    pictures = [payloads for payloads in received(members["max"]) if payloads != [b"after it"]]
    assert sorted(map(len, pictures)) == [1, 1, 2]


async def test_nobody_else_comes_into_an_echo(echoes, members) -> None:
    with pytest.raises(ValueError):
        await echoes["max"].join("pia", members["pia"].offer())

    assert list(echoes["max"].peers) == ["max"]


async def test_whoever_sends_too_much_is_cut_short(node, echoes, members) -> None:
    for number in range(600):
        members["max"].send_audio(b"%d" % number)

    await until(lambda: node.totals()["flooding"] > 300)
    assert len(received(members["max"])[0]) < 300

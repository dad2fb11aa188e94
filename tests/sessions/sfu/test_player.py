"""A player sends what a browser would: pictures that count on, a voice that begins and ends, key frames when asked."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
import pytest_asyncio

from sessions.sfu.encoded import Clip, encode
from sessions.sfu.member import OPUS, Member
from sessions.sfu.player import Player
from sessions.sfu.reporter import Reporter
from sessions.sfu.rewrite import Header
from sessions.sfu.speech import STANZA_S
from sessions.sfu.vp8 import frame_ids, starts_key_frame
from tests.sessions.sfu.call import Call, until

TICK_S = 0.02


@pytest.fixture(scope="module")
def clip() -> Clip:
    return encode(0)


class Stage:
    """Ada plays, Ben receives. Time is the test's own: two seconds pass in a tenth of one."""

    def __init__(self, call: Call, clip: Clip) -> None:
        self.call = call
        self.ada, self.ben = Reporter(1, rids=("l", "h")), Member(1)
        self.now = 100.0
        self.player = Player(self.ada, clip, self.now)
        self.player.microphone = self.player.camera = True
        self.ada.on_control = lambda control: self.player.answer(control, self.now)
        self.ben.on_packet = self._take
        self.pictures: list[tuple[Header, bytes]] = []
        self.sounds: list[tuple[Header, bytes]] = []

    def _take(self, mid: str, header: Header, payload: bytes) -> None:
        (self.sounds if header.payload_type == OPUS else self.pictures).append((header, payload))

    async def open(self) -> None:
        await self.call.enter("ada", self.ada)
        await self.call.enter("ben", self.ben)
        self.call.room.hear(frozenset({"ada"}))
        self.call.room.show(frozenset({"ada"}))
        await until(lambda: self.call.peer("ben").open)

    async def play(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.now += TICK_S
            self.player.play(self.now, 1e9 + self.now)
            await asyncio.sleep(0.001)
        await self.ada.settle()
        await self.ben.settle()

    def spoken(self) -> int:
        """How many sounds with a voice in them have come since the last call."""
        count = sum(len(payload) > 2 for _, payload in self.sounds)
        self.sounds.clear()
        return count


@pytest_asyncio.fixture
async def stage(call: Call, clip: Clip) -> AsyncIterator[Stage]:
    stage = Stage(call, clip)
    await stage.open()
    yield stage


async def test_a_voice_begins_when_told_and_ends_with_its_sentence(stage: Stage) -> None:
    await stage.play(2)
    before = stage.spoken()
    stage.player.speaks = True
    await stage.play(1 + STANZA_S)
    during = stage.spoken()
    stage.player.speaks = False
    await stage.play(STANZA_S)
    assert not stage.player.sounds
    stage.spoken()
    await stage.play(2)

    assert (before, stage.spoken()) == (0, 0)
    assert during > 60


async def test_silence_is_a_packet_now_and_then(stage: Stage) -> None:
    await stage.play(4)

    gaps = {later.timestamp - earlier.timestamp for (earlier, _), (later, _) in pairwise(stage.sounds)}
    assert gaps == {20 * 960}
    assert {len(payload) for _, payload in stage.sounds} == {1}


async def test_pictures_count_on_from_moment_to_moment(stage: Stage) -> None:
    stage.player.speaks = True
    await stage.play(6)

    frames = {header.timestamp: frame_ids(payload) for header, payload in stage.pictures}
    ids = [each.picture for each in frames.values() if each]
    assert len(ids) > 60
    assert [later - earlier for earlier, later in pairwise(ids)] == [1] * (len(ids) - 1)


async def test_a_key_frame_comes_as_soon_as_it_is_asked_for(stage: Stage) -> None:
    await stage.play(1.5)
    asked_at, before = stage.now, len(stage.pictures)

    stage.ben.send_pli(stage.call.mid("ben", "ada", "video"))
    await stage.ben.settle()
    await stage.ada.settle()
    await stage.play(0.1)

    assert stage.now - asked_at < 0.2
    assert starts_key_frame(stage.pictures[before][1])


async def test_what_is_switched_off_is_not_sent(stage: Stage) -> None:
    stage.player.microphone = stage.player.camera = False
    stage.player.speaks = True

    await stage.play(3)

    assert (stage.sounds, stage.pictures) == ([], [])

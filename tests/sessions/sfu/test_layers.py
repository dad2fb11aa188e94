"""Pictures in two layers: which one goes where, and a switch that nobody sees."""

import asyncio
import math
import struct
import time
from collections.abc import Sequence

import pytest_asyncio

from sessions.sfu import SlotMap
from sessions.sfu.feedback import Nack, Pli
from sessions.sfu.member import Member
from sessions.sfu.node import BEAT_S, TOLD_APART_S
from sessions.sfu.rewrite import ORIENTATION, Header
from sessions.sfu.vp8 import frame_ids
from tests.sessions.sfu.call import Call, picture, until


class Screen:
    """What comes into one slot: (sequence, timestamp, picture id, TL0PICIDX, the text behind them)."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.seen: list[tuple[int, int, int, int, str]] = []
        self.repaired: list[bytes] = []
        member.on_packet = self._see

    def _see(self, mid: str, header: Header, payload: bytes) -> None:
        if header.ssrc == self.member.slot_rtx_ssrcs.get(mid):
            self.repaired.append(payload)
        elif ids := frame_ids(payload):
            self.seen.append((header.sequence, header.timestamp, ids.picture, ids.tl0 or 0, payload[7:].decode()))

    @property
    def texts(self) -> list[str]:
        return [each[-1] for each in self.seen]


class Camera:
    """Sends both layers of a picture, with ids as a browser counts them: each layer its own."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.ids = {"l": 100, "h": 9000}

    def send(self, *texts: str, key: Sequence[str] = ()) -> None:
        """Each text is a layer and a number, such as "l1"."""
        for text in texts:
            rid = text[0]
            self.ids[rid] += 1
            payload = bytearray(picture(text, key=text in key))
            payload[2:5] = struct.pack("!HB", 0x8000 | self.ids[rid], self.ids[rid] & 0xFF)
            self.member.send_video(bytes(payload), rid=rid)


@pytest_asyncio.fixture
async def lea(call: Call) -> Member:
    (lea,) = await call.join("lea")
    return lea


@pytest_asyncio.fixture
async def pia(call: Call, lea: Member) -> Member:
    (pia,) = await call.join("pia", rids=("l", "h"))
    return pia


async def test_without_tiles_everybody_is_sent_the_low_layer(call: Call, lea: Member, pia: Member) -> None:
    screen = Screen(lea)

    Camera(pia).send("l1", "h1", "l2", "h2", key=("l1", "h1"))
    await until(lambda: len(screen.seen) == 2)
    await call.settle("pia")

    assert screen.texts == ["l1", "l2"]


async def test_a_large_tile_is_sent_the_high_layer_from_its_key_frame_on(call: Call, lea: Member, pia: Member) -> None:
    """The low one goes on until then; numbers, ids and clock go on as of one source."""
    screen, camera = Screen(lea), Camera(pia)
    camera.send("l1", "h1", key=("l1", "h1"))
    await until(lambda: screen.seen)

    call.room.watch("lea", {"pia": 240})
    await until(lambda: Pli(pia.layers["h"].ssrc) in pia.asked(Pli))
    camera.send("l2", "h2", "l3", "h3", "l4", "h4", key=("h3",))
    await until(lambda: len(screen.seen) == 5)

    assert screen.texts == ["l1", "l2", "l3", "h3", "h4"]
    sequence, _, ids, tl0, _ = screen.seen[0]
    steps = [((each[0] - sequence) & 0xFFFF, each[2] - ids, (each[3] - tl0) & 0xFF) for each in screen.seen]
    assert steps == [(n, n, n) for n in range(5)]
    clock = [(each[1] - screen.seen[0][1]) & 0xFFFFFFFF for each in screen.seen]
    assert clock == sorted(set(clock))
    assert clock[-1] < 4 * 6000 + 90_000


async def test_many_switches_are_one_source(call: Call, lea: Member, pia: Member) -> None:
    screen, camera = Screen(lea), Camera(pia)
    camera.send("l0", "h0", key=("l0", "h0"))
    await until(lambda: screen.seen)

    for n in range(1, 11):
        rid = "lh"[n % 2]
        call.room.watch("lea", {"pia": 240 if rid == "h" else 100})
        camera.send(f"l{n}", f"h{n}", key=(f"{rid}{n}",))
        await until(lambda last=f"{rid}{n}": screen.texts[-1] == last)

    first = screen.seen[0]
    numbers = [(each[0] - first[0]) & 0xFFFF for each in screen.seen]
    assert numbers == list(range(len(numbers)))
    assert [each[2] - first[2] for each in screen.seen] == numbers
    assert len(screen.seen) == 16


async def test_a_switch_of_which_nothing_left_changes_no_numbers(call: Call, lea: Member, pia: Member) -> None:
    """The high layer's key frame waits for the line, and is given up for the low layer."""
    screen, camera, pacer = Screen(lea), Camera(pia), call.peer("lea").pacer
    call.room.spare_bps = lambda *_: 1_000_000.0
    await until(lambda: pacer.spare_bps is not None)
    camera.send("l1", "h1", key=("l1", "h1"))
    await until(lambda: screen.seen)

    pacer._free_at = math.inf
    for height, rid in ((500, "h"), (100, "l")):
        call.room.watch("lea", {"pia": height})
        camera.send("l2", "h2", key=(f"{rid}2",))
        await call.settle("pia")
    pacer._free_at = 0.0
    await until(lambda: screen.texts[-1] == "l2")

    first, *_, last = screen.seen
    assert [(each - was) & 0xFFFF for was, each in zip(first[2:4], last[2:4], strict=True)] == [1, 1]


async def test_a_line_that_is_full_costs_nobody_else_a_packet(call: Call, lea: Member, pia: Member) -> None:
    """Lea waits for the high layer, when her line gives the low one up."""
    (max_,) = await call.join("max")
    screen, camera, pacer = Screen(max_), Camera(pia), call.peer("lea").pacer
    camera.send("l0", "h0", key=("l0",))
    await until(lambda: screen.seen and call.got("lea", "pia", "video"))
    await call.settle("pia")
    call.room.watch("lea", {"pia": 500})

    pacer.limit = lambda *_: None
    pacer.spare_bps, pacer._free_at = 1.0, math.inf
    camera.send("l1", "l2", "l3")
    await until(lambda: screen.texts[-1] == "l3")

    assert screen.texts == ["l0", "l1", "l2", "l3"]


async def test_what_was_lost_before_a_switch_is_sent_again_after_it(call: Call, lea: Member, pia: Member) -> None:
    screen, camera = Screen(lea), Camera(pia)
    camera.send("l1", "h1", "l2", key=("l1",))
    await until(lambda: len(screen.seen) == 2)
    call.room.watch("lea", {"pia": 500})
    camera.send("h2", "h3", key=("h2",))
    await until(lambda: len(screen.seen) == 4)

    lea.send_nack(call.mid("lea", "pia", "video"), [each[0] for each in screen.seen[1:3]])
    await until(lambda: len(screen.repaired) == 2)

    assert [(int.from_bytes(each[:2], "big"), each[9:].decode()) for each in screen.repaired] == [
        (screen.seen[1][0], "l2"),
        (screen.seen[2][0], "h2"),
    ]


async def test_a_hole_in_a_layer_is_repaired_under_its_name(call: Call, lea: Member, pia: Member) -> None:
    screen, camera = Screen(lea), Camera(pia)
    camera.send("l1", key=("l1",))
    lost = pia.lose("video", "l")
    camera.send("l3")

    await until(lambda: pia.asked(Nack))
    pia.send_repair(lost, picture("l2"), rid="l")
    await until(lambda: len(screen.seen) == 3)

    assert pia.asked(Nack)[0] == Nack(pia.layers["l"].ssrc, (lost,))
    assert sorted(screen.seen)[1][-1] == "l2"


async def test_a_layer_that_nobody_looks_at_is_asked_for_nothing(call: Call, lea: Member, pia: Member) -> None:
    camera = Camera(pia)
    camera.send("l1", "h1", key=("l1",))
    pia.lose("video", "h")
    camera.send("h3", "l2", "l3")
    await call.settle("pia")
    await until(lambda: any(part[1] == 201 for part in pia.control))

    assert {each.ssrc for each in [*pia.asked(Pli), *pia.asked(Nack)]} <= {pia.layers["l"].ssrc}


async def test_when_the_high_layer_ends_the_low_one_takes_over(call: Call, lea: Member, pia: Member) -> None:
    screen, camera = Screen(lea), Camera(pia)
    camera.send("l1", "h1")
    await call.settle("pia")
    call.room.watch("lea", {"pia": 500})
    camera.send("h2", key=("h2",))
    await until(lambda: screen.texts == ["h2"])

    def low_only() -> bool:
        camera.send("l2", key=("l2",))
        return screen.texts[-1] == "l2"

    await until(low_only)


async def test_a_tile_out_of_sight_is_sent_nothing_and_has_no_pause(call: Call, lea: Member, pia: Member) -> None:
    screen, camera = Screen(lea), Camera(pia)
    call.room.expect(frozenset({"pia"}))
    camera.send("l1", key=("l1",))
    await until(lambda: screen.seen)

    call.room.watch("lea", {})
    camera.send("l2", "l3", key=("l3",))
    await call.settle("pia")

    assert screen.texts == ["l1"]
    assert pauses(call, "lea") == {"pia": ""}


async def test_a_slow_line_pauses_the_less_important_and_says_so(call: Call, lea: Member, pia: Member) -> None:
    (max_,) = await call.join("max", rids=("l", "h"))
    call.room.rank(["max", "pia"])
    screen = Screen(lea)
    cameras = Camera(pia), Camera(max_)
    for camera in cameras:
        camera.send("l1", key=("l1",))
    await until(lambda: len(screen.seen) == 2)

    call.room.spare_bps = lambda peer, now: 70_000  # type: ignore[method-assign]
    call.room.rank(["max", "pia"])
    for camera in cameras:
        camera.send("l2")
    await until(lambda: len(screen.seen) == 3)
    await call.settle("pia")

    await until(lambda: pauses(call, "lea") == {"max": "", "pia": "line"})
    assert call.room.strained() == {"lea"}
    assert screen.texts == ["l1", "l1", "l2"]

    call.room.spare_bps = lambda peer, now: None  # type: ignore[method-assign]
    await until(lambda: pauses(call, "lea") == {"max": "", "pia": ""})
    assert call.room.strained() == frozenset()
    cameras[0].send("l3", key=("l3",))
    await until(lambda: screen.texts[-1] == "l3")


async def test_a_picture_that_does_not_come_is_said_to_be_paused_by_its_sender(
    call: Call, lea: Member, pia: Member
) -> None:
    camera = Camera(pia)
    assert pauses(call, "lea") == {"pia": ""}

    call.room.expect(frozenset({"pia"}))
    await until(lambda: pauses(call, "lea") == {"pia": "theirs"})
    assert call.room.strained() == {"pia"}

    camera.send("l1", key=("l1",))
    await until(lambda: pauses(call, "lea") == {"pia": ""})


async def test_a_member_that_leaves_forgets_its_tiles(call: Call, lea: Member, pia: Member) -> None:
    call.room.watch("lea", {})
    call.room.leave("lea")
    await call.join("lea")

    assert call.peer("lea").slots[3].follows is call.peer("pia").tracks["video"].layers["l"]


async def test_a_layer_that_was_not_offered_is_not_taken(call: Call, lea: Member, pia: Member) -> None:
    pia.layers["h"].rid = b"f"

    Camera(pia).send("h1", key=("h1",))
    pia.layers["h"].rid = b""
    Camera(pia).send("h2", key=("h2",))
    await call.settle("pia")

    assert call.room.counters("pia").video_received == 0


async def test_orientation_is_carried_or_told(call: Call, lea: Member, pia: Member) -> None:
    """Max's browser does not read it from the packets."""
    max_ = Member(without=(ORIENTATION,))
    await call.enter("max", max_)
    await until(lambda: call.peer("max").open)
    blocks: dict[str, list[bytes]] = {"lea": [], "max": []}
    lea.on_block = lambda mid, block: blocks["lea"].append(block)
    max_.on_block = lambda mid, block: blocks["max"].append(block)

    pia.send_video(picture("upright?", key=True), rid="l", orientation=0b0001)
    await until(lambda: blocks["lea"] and blocks["max"])
    await until(lambda: turned(call, "max"))

    assert b"\xd0\x01" in blocks["lea"][0]
    assert b"\xd0" not in blocks["max"][0]
    assert (turned(call, "lea"), turned(call, "max")) == ({}, {"pia": 90})


async def test_who_turns_all_the_time_fills_nobodys_line_with_words(call: Call, lea: Member, pia: Member) -> None:
    await call.enter("max", Member(without=(ORIENTATION,)))
    await until(lambda: call.peer("max").open)
    told: list[str] = []
    call.room._on_slots = lambda member, slots: told.append(member)

    began = time.monotonic()
    pia.send_video(picture("0", key=True), rid="l")
    for n in range(20):
        pia.send_video(picture(f"{n}"), rid="l", orientation=n % 4)
        await asyncio.sleep(BEAT_S)

    assert 1 <= told.count("max") <= 2 + (time.monotonic() - began) / TOLD_APART_S


def pauses(call: Call, receiver: str) -> dict[str, str]:
    return {each.member: each.pause for each in pictures(call, receiver)}


def turned(call: Call, receiver: str) -> dict[str, int]:
    return {each.member: each.turn for each in pictures(call, receiver) if each.turn}


def pictures(call: Call, receiver: str) -> list[SlotMap]:
    return [each for each in call.told[receiver] if each.kind == "video" and each.member]

"""Who gets whose media, in which slot."""

import asyncio
import secrets
import time
from itertools import count

import pytest

from sessions.sfu import Counters, MediaNode, Refused, SlotMap
from sessions.sfu.feedback import Pli
from sessions.sfu.member import Member
from tests.sessions.sfu.call import Call, Mute, picture, until


async def test_members_hear_each_other_byte_for_byte(call: Call) -> None:
    names = ("lea", "pia", "max")
    await call.join(*names)
    said = {name: [f"{name} {n}".encode() for n in range(20)] for name in names}

    for n in range(20):
        for name in names:
            call.members[name].send_audio(said[name][n])
    pairs = [(receiver, publisher) for receiver in names for publisher in names if receiver != publisher]
    await until(lambda: all(len(call.got(*pair, "audio")) == 20 for pair in pairs))

    assert {pair: call.got(*pair, "audio") for pair in pairs} == {pair: said[pair[1]] for pair in pairs}


async def test_members_see_each_other(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    shown = [picture("one", key=True), picture("two"), picture("three")]

    for payload in shown:
        lea.send_video(payload)
    await until(lambda: len(call.got("pia", "lea", "video")) == 3)

    assert call.got("pia", "lea", "video") == shown
    assert call.room.counters("lea") == Counters(0, 0, 3, 3)


async def test_nobody_is_heard_or_seen_before_the_room_says_so(call: Call) -> None:
    lea, pia = [await call.enter(name, Member()) for name in ("lea", "pia")]
    await until(lambda: call.peer("pia").open)

    lea.send_audio(b"early")
    lea.send_video(picture("early", key=True))
    await call.settle("lea")

    assert call.room.counters("lea") == Counters(1, 0, 1, 0)


@pytest.mark.parametrize("slots", [1, 2, 15])
async def test_any_pool_of_slots_works(call: Call, slots: int) -> None:
    lea, pia = await call.join("lea", "pia", slots=slots)

    lea.send_audio(b"hello")
    await until(lambda: call.got("pia", "lea", "audio"))

    assert len(call.told["pia"]) == 2 * slots


async def test_who_finds_no_slot_waits_for_one(call: Call) -> None:
    await call.join("lea", "pia", "max", slots=1)
    assert [each.member for each in call.told["max"]] == ["lea", "lea"]

    call.room.leave("lea")

    assert [each.member for each in call.told["max"]] == ["pia", "pia"]


async def test_a_publisher_keeps_its_slot_when_others_leave_and_come(call: Call) -> None:
    await call.join("lea", "pia", "max", "cole")
    before = call.mid("cole", "max", "audio")

    call.room.leave("lea")
    await call.join("otto")

    assert call.mid("cole", "max", "audio") == before
    assert sorted(each.member for each in call.told["cole"] if each.kind == "audio") == ["max", "otto", "pia"]


async def test_leaving_frees_the_slots_at_once(call: Call) -> None:
    await call.join("lea", "pia")

    call.room.leave("pia")

    assert call.told["lea"] == tuple(
        SlotMap(mid, kind, "") for mid, kind in zip("234567", ["audio"] * 3 + ["video"] * 3, strict=True)
    )
    assert call.node.totals()["members"] == 1
    assert call.room.last_packet_at("pia") is None


async def test_a_member_who_only_listens_is_in_no_slot_and_hears_all(call: Call) -> None:
    (lea,) = await call.join("lea")
    await call.join("rae", sends=())

    lea.send_audio(b"hello")
    await until(lambda: call.got("rae", "lea", "audio"))

    assert {each.member for each in call.told["lea"]} == {""}


async def test_the_newest_connection_of_a_member_takes_over(call: Call) -> None:
    lea, former = await call.join("lea", "pia")
    mid = call.mid("lea", "pia", "audio")
    (newer,) = await call.join("pia")

    newer.send_audio(b"from the newer")
    await until(lambda: call.got("lea", "pia", "audio"))
    former.send_audio(b"from the former")
    former.check()
    await call.settle("pia")

    assert call.mid("lea", "pia", "audio") == mid
    assert lea.received[mid] == [b"from the newer"]
    assert call.node.totals()["members"] == 2


async def test_a_rejoin_goes_on_in_numbers_and_counters(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    numbers: list[int] = []
    lea.on_packet = lambda mid, header, payload: numbers.append(header.sequence)

    pia.send_audio(b"before")
    await until(lambda: len(numbers) == 1)
    (pia,) = await call.join("pia")
    pia.send_audio(b"after")
    await until(lambda: len(numbers) == 2)

    assert numbers[1] == numbers[0] + 1
    assert call.room.counters("pia") == Counters(2, 2, 0, 0)


async def test_closing_the_connection_is_leaving(call: Call) -> None:
    _, pia = await call.join("lea", "pia")

    await pia.close()

    await until(lambda: "pia" not in call.room.peers)
    assert {each.member for each in call.told["lea"]} == {""}


async def test_an_ice_restart_keeps_keys_and_slots(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    peer = call.peer("pia")

    await pia.connect(await call.room.join("pia", pia.restart_ice()))
    pia.send_audio(b"same keys")
    await until(lambda: call.got("lea", "pia", "audio"))

    assert call.peer("pia") is peer


async def test_a_repeated_offer_gets_the_same_credentials(call: Call) -> None:
    (lea,) = await call.join("lea")

    first, second = [await call.room.join("lea", lea.offer()) for _ in range(2)]

    ufrags = [[line for line in answer.split("\r\n") if "ufrag" in line] for answer in (first, second)]
    assert ufrags[0] == ufrags[1]


async def test_a_bad_offer_changes_nothing(call: Call) -> None:
    await call.join("lea")
    peer = call.peer("lea")

    with pytest.raises(Refused, match="bad_sdp"):
        await call.room.join("lea", "v=0")

    assert call.peer("lea") is peer


async def test_whose_line_is_quiet_is_in_no_slot_and_sent_nothing_until_back(call: Call) -> None:
    lea, pia = await call.join("lea", "pia", slots=1)
    lea.send_video(picture("before", key=True))
    await until(lambda: call.got("pia", "lea", "video"))
    before = dict(call.told)

    call.peer("pia").last_packet_at -= 4.1
    call.room.reap(time.monotonic())
    away = [each.member for each in call.told["lea"]]
    lea.send_audio(b"to nobody")
    await call.settle("lea")
    unsent = call.room.counters("lea").audio_forwarded
    pia.send_audio(b"back")

    await until(lambda: call.told == before)
    assert (away, unsent) == (["", ""], 0)
    await until(lambda: call.got("lea", "pia", "audio"))
    await until(lambda: lea.asked(Pli))


async def test_who_only_listens_is_back_with_a_check(call: Call) -> None:
    (lea,) = await call.join("lea")
    rae = await call.enter("rae", Mute(sends=()))
    await until(lambda: call.peer("rae").open)

    call.peer("rae").last_packet_at -= 4.1
    call.room.reap(time.monotonic())
    quiet = not call.peer("rae").open
    rae.check()

    await until(lambda: call.peer("rae").open)
    assert quiet


async def test_a_silent_line_is_reaped(call: Call) -> None:
    _, pia = await call.join("lea", "pia")
    await pia.vanish()
    last = call.room.last_packet_at("pia")
    assert last is not None

    call.room.reap(last + 29.9)
    kept = "pia" in call.room.peers
    call.room.reap(last + 30.1)

    assert kept
    assert "pia" not in call.room.peers


async def test_a_moved_member_is_followed_and_asked_for_a_key_frame(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    pia.send_video(picture("one", key=True))
    await until(lambda: call.got("lea", "pia", "video"))
    former = call.peer("pia").address

    pia.move()
    await until(lambda: call.peer("pia").address != former)
    lea.send_audio(b"to the new place")

    await until(lambda: call.got("pia", "lea", "audio"))
    await until(lambda: pia.asked(Pli))


async def test_after_an_outage_key_frames_are_asked_for_both_ways(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    for member in (lea, pia):
        member.send_video(picture("one", key=True))
    await until(lambda: call.got("lea", "pia", "video") and call.got("pia", "lea", "video"))

    call.peer("pia").last_packet_at -= 2.0
    pia.send_audio(b"back again")

    await until(lambda: lea.asked(Pli) and pia.asked(Pli))


async def test_who_never_says_anything_is_sent_media_all_the_same(call: Call) -> None:
    (lea,) = await call.join("lea")
    rae = await call.enter("rae", Mute(sends=()))

    await until(lambda: call.peer("rae").open)
    lea.send_audio(b"hello")

    await until(lambda: call.got("rae", "lea", "audio"))
    assert rae.control == []


async def test_speaking_names_only_who_may_be_heard(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    call.room.hear(frozenset({"lea"}))

    for _ in range(5):
        lea.send_audio(b"loud", level=20)
        pia.send_audio(b"loud too", level=20)
    await until(lambda: call.spoke)

    assert call.spoke[0] == {"lea"}


async def test_media_under_another_m_lines_mid_are_not_taken_for_this_one(call: Call) -> None:
    _, pia = await call.join("lea", "pia")
    pia.sources["audio"].mid = b"9"

    pia.send_audio(b"whose is this?")
    await call.settle("pia")

    assert call.room.counters("pia") == Counters(0, 0, 0, 0)


async def test_two_rooms_of_a_node_are_apart(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    other = call.node.open("other")
    max_ = Member()
    call.all.append(max_)
    await max_.connect(await other.join("max", max_.offer()))
    other.hear(frozenset({"max"}))
    await until(lambda: other.peers["max"].open)

    max_.send_audio(b"elsewhere")
    lea.send_audio(b"here")
    await until(lambda: call.got("pia", "lea", "audio"))
    await until(lambda: other.counters("max").audio_received == 1)

    assert other.counters("max") == Counters(1, 0, 0, 0)
    assert {**pia.received} == {call.mid("pia", "lea", "audio"): [b"here"]}


async def test_closing_a_room_says_good_bye_and_keeps_the_invariant(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    call.room.hear(frozenset())
    pia.send_audio(b"not heard")
    await call.settle("pia")

    call.node.close_room("group")
    await asyncio.sleep(0)

    totals = call.node.totals()
    assert (totals["rooms"], totals["audio_received_unheard"], totals["audio_forwarded_unheard"]) == (0, 1, 0)


async def test_a_fault_in_one_peers_path_is_contained_and_counted() -> None:
    """The room's owner raises when it is told of Max's slots: Lea and Pia do not notice."""
    node = MediaNode(port=0)
    await node.start()
    call = Call(node)
    call.told = FailsFor("max")  # type: ignore[assignment]
    call.room = node.open("fragile", call.told.__setitem__)

    await call.join("lea", "pia", "max")
    call.members["lea"].send_audio(b"hello")
    await until(lambda: call.got("pia", "lea", "audio"))

    assert node.totals()["faults"] == 1
    await call.close()
    await node.stop()


class FailsFor(dict[str, object]):
    def __init__(self, member: str) -> None:
        super().__init__()
        self.member = member

    def __setitem__(self, member: str, slots: object) -> None:
        if member == self.member:
            raise RuntimeError("the owner failed")
        super().__setitem__(member, slots)


async def test_no_two_sources_to_one_member_have_the_same_number(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their packets would be encrypted with the same nonces. Here each number is drawn twice."""
    offer, numbers = Member().offer(), count()

    with monkeypatch.context() as drawn:
        drawn.setattr(secrets, "randbits", lambda bits: next(numbers) // 2)
        await call.room.join("lea", offer)

    slots = call.peer("lea").slots
    assert len({number for slot in slots for number in (slot.ssrc, slot.rtx_ssrc)}) == 2 * len(slots) == 12

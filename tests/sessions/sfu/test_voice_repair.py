"""A voice over lines that lose: redundancy passed on, taken off, used; lost packets asked for and sent again."""

import time

import pytest

from sessions.sfu import Counters
from sessions.sfu.feedback import Nack
from sessions.sfu.member import OPUS, Member
from sessions.sfu.red import Block, write
from tests.sessions.sfu.call import Call, until
from tests.sessions.sfu.redundant import RED, Redundant, chain
from tests.sessions.sfu.test_voice import Ear

WORDS = [f"word {n}".encode() for n in range(5)]


def alone(payload: bytes) -> bytes:
    return write([Block(0, payload)], OPUS)


async def test_redundancy_is_passed_on_where_it_is_known_and_taken_off_elsewhere(call: Call) -> None:
    (pia,) = await call.join("pia", kind=Redundant)
    await call.enter("lea", Redundant())
    await call.join("max")
    lea, max_ = Ear(call, "lea"), Ear(call, "max")

    sent = chain(pia, WORDS)
    await until(lambda: len(lea.said) == len(max_.said) == 5)

    assert lea.said == sent
    assert max_.said == WORDS
    assert {header.payload_type for _, header, _ in lea.packets} == {RED}
    assert {header.payload_type for _, header, _ in max_.packets} == {OPUS}


async def test_who_has_no_redundancy_to_send_is_heard_plain_by_who_knows_it(call: Call) -> None:
    await call.join("lea", kind=Redundant)
    (max_,) = await call.join("max")
    lea = Ear(call, "lea")

    max_.send_audio(b"plain")
    await until(lambda: lea.said)

    assert [(header.payload_type, payload) for _, header, payload in lea.packets] == [(OPUS, b"plain")]


async def test_a_starved_receiver_gets_no_redundancy(call: Call) -> None:
    _, pia = await call.join("lea", "pia", kind=Redundant)
    lea = Ear(call, "lea")

    call.peer("lea").share.update(200_000, 0.0)
    chain(pia, WORDS)
    await until(lambda: len(lea.said) == 5)

    assert lea.said == WORDS


async def test_what_was_lost_on_the_way_up_reaches_in_order_who_knows_no_redundancy(call: Call) -> None:
    (pia,) = await call.join("pia", kind=Redundant)
    await call.join("max")
    max_ = Ear(call, "max")

    pia.say(b"one")
    pia.lose("audio")
    pia.sources["audio"].timestamp += 960
    pia.say(b"three", b"two")
    await until(lambda: len(max_.said) == 3)

    heads = [header for _, header, _ in max_.packets]
    assert max_.said == [b"one", b"two", b"three"]
    assert [(head.sequence - heads[0].sequence) & 0xFFFF for head in heads] == [0, 1, 2]
    assert [(head.timestamp - heads[0].timestamp) & 0xFFFFFFFF for head in heads] == [0, 960, 1920]


async def test_who_knows_redundancy_gets_a_lost_packet_once_and_so_does_who_does_not(call: Call) -> None:
    (pia,) = await call.join("pia", kind=Redundant)
    await call.enter("lea", Redundant())
    await call.join("max")
    lea, max_ = Ear(call, "lea"), Ear(call, "max")

    sent = [pia.say(b"one")]
    lost = pia.lose("audio")
    sent += [pia.say(b"three", b"two")]
    pia.repeat(RED, lost, pia.sources["audio"].timestamp - 960, alone(b"two"))
    sent += [pia.say(b"four", b"three")]
    await until(lambda: len(max_.said) == 4 and len(lea.said) == 3)

    assert lea.said == sent
    assert max_.said == [b"one", b"two", b"three", b"four"]


@pytest.mark.parametrize("whole", [b"", bytes((0x80 | OPUS, 1)), bytes((96,)) + b"x", b"\xff" * 40])
async def test_malformed_redundancy_is_dropped_and_counted(call: Call, whole: bytes) -> None:
    _, pia = await call.join("lea", "pia", kind=Redundant)
    lea = Ear(call, "lea")
    refused = call.node.totals()["refused"]

    pia.send_red(whole)
    sent = pia.say(b"go on")
    await until(lambda: lea.said)

    assert lea.said == [sent]
    assert call.node.totals()["refused"] == refused + 1


async def test_redundancy_from_before_a_return_reaches_nobody(call: Call) -> None:
    """Neither as it comes, nor taken out of a packet, nor to make good a loss."""
    (pia,) = await call.join("pia", kind=Redundant)
    await call.enter("lea", Redundant())
    await call.join("max")
    lea, max_ = Ear(call, "lea"), Ear(call, "max")
    call.room.hear(frozenset({"lea", "max"}))
    chain(pia, [b"silenced 0", b"silenced 1"])
    pia.lose("audio")
    await call.settle("pia")

    call.room.hear(frozenset({"lea", "max", "pia"}))
    pia.say(b"after 0", b"silenced 1", b"silenced 2")
    whole = pia.say(b"after 1", b"after 0")
    pia.say(b"after 2", b"silenced 2", b"after 0", b"after 1")
    await until(lambda: len(lea.said) == len(max_.said) == 3)
    await call.settle("pia")

    both = write([Block(1920, b"after 0"), Block(960, b"after 1"), Block(0, b"after 2")], OPUS)
    assert lea.said == [alone(b"after 0"), whole, both]
    assert max_.said == [b"after 0", b"after 1", b"after 2"]
    assert call.room.counters("pia") == Counters(5, 6, 0, 0)


async def test_a_lead_in_brings_no_redundancy_from_before_it(call: Call) -> None:
    names = "abcdefgh"
    await call.join(*names, kind=Redundant)
    ear, speaker = Ear(call, "a"), call.members["h"]
    assert isinstance(speaker, Redundant)

    for n in range(1, 7):
        speaker.say(f"{n}".encode(), f"{n - 1}".encode(), level=20 if n == 6 else 60)
    await until(lambda: len(ear.said) == 4)

    pairs = [write([Block(960, f"{n - 1}".encode()), Block(0, f"{n}".encode())], OPUS) for n in (4, 5, 6)]
    assert ear.said == [alone(b"3"), *pairs]


async def test_a_lost_voice_is_asked_for_and_passed_on_late(call: Call) -> None:
    _, pia = await call.join("lea", "pia", kind=Redundant)
    lea = Ear(call, "lea")

    pia.say(b"one")
    lost = pia.lose("audio")
    pia.say(b"three")
    await until(lambda: pia.asked(Nack))
    pia.repeat(RED, lost, pia.sources["audio"].timestamp - 960, alone(b"two"))
    await until(lambda: len(lea.said) == 3)

    assert pia.asked(Nack)[0] == Nack(pia.sources["audio"].ssrc, (lost,))
    assert [(header.sequence - lea.packets[0][1].sequence) & 0xFFFF for _, header, _ in lea.packets] == [0, 2, 1]


async def test_what_redundancy_has_mended_is_not_asked_for_nor_what_nobody_hears(call: Call) -> None:
    _, pia, max_ = await call.join("lea", "pia", "max", kind=Redundant)
    call.room.hear(frozenset({"lea", "pia"}))

    for member, former in ((pia, (b"two",)), (max_, ())):
        member.say(b"one")
        member.lose("audio")
        member.say(b"three", *former)
    for name in ("pia", "max"):
        await call.settle(name)
    call.peer("pia").beat(0.0)
    call.peer("max").beat(0.0)

    assert call.peer("pia").tracks["audio"].layers[""].to_ask_for(1e9) == []
    assert pia.asked(Nack) == max_.asked(Nack) == []


async def test_on_a_long_way_a_lost_voice_is_not_asked_for(call: Call) -> None:
    _, pia = await call.join("lea", "pia", kind=Redundant)
    call.peer("pia").downlink._measured_rtt_s = 0.2

    pia.say(b"one")
    pia.lose("audio")
    pia.say(b"three")
    pia.send_video(b"\x00")
    pia.lose("video")
    pia.send_video(b"\x00")
    await until(lambda: pia.asked(Nack))

    assert {each.ssrc for each in pia.asked(Nack)} == {pia.sources["video"].ssrc}


async def test_who_did_not_offer_it_is_not_asked_for_a_lost_voice(call: Call) -> None:
    _, max_ = await call.join("lea", "max")

    max_.send_audio(b"one")
    max_.lose("audio")
    max_.send_audio(b"three")
    max_.send_video(b"\x00")
    max_.lose("video")
    max_.send_video(b"\x00")
    await until(lambda: max_.asked(Nack))

    assert {each.ssrc for each in max_.asked(Nack)} == {max_.sources["video"].ssrc}


async def test_a_voice_that_a_receiver_lost_is_sent_again_byte_for_byte(call: Call) -> None:
    lea, pia = await call.join("lea", "pia", kind=Redundant)
    datagrams = sniffed(lea)

    pia.say(b"once")
    await until(lambda: datagrams)
    sequence = int.from_bytes(datagrams[0][2:4], "big")
    lea.send_nack(call.mid("lea", "pia", "audio"), [sequence - 1 & 0xFFFF, sequence])
    await until(lambda: len(datagrams) == 2)

    assert datagrams[1] == datagrams[0]
    assert call.room.counters("pia") == Counters(1, 2, 0, 0)


async def test_after_the_silence_nothing_is_sent_again(call: Call) -> None:
    lea, pia = await call.join("lea", "pia", kind=Redundant)
    ear = Ear(call, "lea")
    mid = call.mid("lea", "pia", "audio")
    pia.say(b"before")
    await until(lambda: ear.said)
    numbers = [header.sequence for _, header, _ in ear.packets]

    call.room.hear(frozenset({"lea"}))
    lea.send_nack(mid, numbers)
    await call.settle("lea")
    call.room.hear(frozenset({"lea", "pia"}))
    lea.send_nack(mid, numbers)
    await call.settle("lea")

    assert call.room.counters("pia") == Counters(1, 1, 0, 0)


async def test_in_the_silence_nothing_is_sent_again_by_a_wrong_slot(call: Call) -> None:
    """A slot of Lea's carries Pia and keeps a packet of hers."""
    lea, pia = await call.join("lea", "pia", kind=Redundant)
    ear = Ear(call, "lea")
    slot = call.peer("lea").slots[0]
    pia.say(b"before")
    await until(lambda: ear.said)
    ((mid, header, _),) = ear.packets
    call.room.hear(frozenset({"lea"}))
    slot.bind("pia", call.peer("pia").tracks["audio"])
    assert (slot.mid, slot.store is not None) == (mid, True)

    slot.store.put(header.sequence, b"before", time.monotonic())
    lea.send_nack(mid, [header.sequence])
    await call.settle("lea")

    assert call.room.counters("pia") == Counters(1, 1, 0, 0)


async def test_a_voice_is_not_sent_again_when_it_has_long_been_played(call: Call) -> None:
    lea, pia = await call.join("lea", "pia", kind=Redundant)
    ear = Ear(call, "lea")
    pia.say(b"once")
    await until(lambda: ear.said)
    store = next(slot.store for slot in call.peer("lea").slots if slot.member == "pia" and slot.store)
    sequence = ear.packets[0][1].sequence
    sent_at = store._sent[sequence % 16][2]

    assert store.find(sequence, sent_at + 0.29) is not None
    assert store.find(sequence, sent_at + 0.31) is None


async def test_who_did_not_offer_it_is_sent_no_voice_again(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    ear = Ear(call, "lea")
    pia.send_audio(b"once")
    await until(lambda: ear.said)

    lea.send_nack(call.mid("lea", "pia", "audio"), [ear.packets[0][1].sequence])
    await call.settle("lea")

    assert call.room.counters("pia") == Counters(1, 1, 0, 0)


def sniffed(member: Member) -> list[bytes]:
    """The encrypted voices that reach `member`, as they are on the wire."""
    datagrams: list[bytes] = []
    receive = member._receive_media

    def sniff(size: int) -> None:
        datagram = bytes(member._inbox.view[:size])
        if not 192 <= datagram[1] <= 223:
            datagrams.append(datagram)
        receive(size)

    member._receive_media = sniff  # type: ignore[method-assign]
    return datagrams

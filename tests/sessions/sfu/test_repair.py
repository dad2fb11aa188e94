"""Losses both ways, key frames, reports."""

import asyncio
import struct
import time

from sessions.sfu import Counters
from sessions.sfu.feedback import Nack, Pli, SenderReport, read
from sessions.sfu.member import KEY_FRAME, Member
from sessions.sfu.rewrite import Header
from sessions.sfu.stream import PLI_EVERY_S
from tests.sessions.sfu.call import Call, Mute, picture, until


async def test_a_picture_starts_with_a_key_frame(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")

    for text in ("one", "two"):
        pia.send_video(picture(text))
    pia.send_video(picture("three", key=True))
    pia.send_video(picture("four"))
    await until(lambda: len(call.got("lea", "pia", "video")) == 2)

    assert call.got("lea", "pia", "video") == [picture("three", key=True), picture("four")]


async def test_a_slot_that_waits_asks_for_a_key_frame_once(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")

    for _ in range(10):
        pia.send_video(picture("no key"))
    await until(lambda: pia.asked(Pli))

    assert pia.asked(Pli) == [Pli(pia.sources["video"].ssrc)]


async def test_a_late_comer_brings_a_key_frame_about(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    pia.send_video(picture("one", key=True))
    await until(lambda: call.got("lea", "pia", "video"))

    await call.join("max")

    await until(lambda: pia.asked(Pli))


async def test_a_receivers_wish_for_a_key_frame_reaches_the_publisher(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    pia.send_video(picture("one", key=True))
    await until(lambda: call.got("lea", "pia", "video"))

    lea.send_pli(call.mid("lea", "pia", "video"))

    await until(lambda: pia.asked(Pli))


async def test_a_receiver_who_keeps_wishing_for_key_frames_gets_few(call: Call) -> None:
    """Each costs everybody who sees this picture."""
    lea, pia = await call.join("lea", "pia")
    pia.send_video(picture("one", key=True))
    await until(lambda: call.got("lea", "pia", "video"))
    pia.control.clear()

    began = time.monotonic()
    while time.monotonic() - began < 3 * PLI_EVERY_S:
        lea.send_pli(call.mid("lea", "pia", "video"))
        await asyncio.sleep(PLI_EVERY_S / 10)
    await call.settle("lea")
    await call.settle("pia")

    assert len(pia.asked(Pli)) == 1


async def test_what_a_receiver_lost_is_sent_again_by_rtx(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    lost: list[int] = []

    def third_is_lost(header: Header) -> bool:
        seen.append(header.sequence)
        lost.extend(seen[2:3] if len(seen) == 3 else [])
        return len(seen) == 3

    seen: list[int] = []
    lea.loses = third_is_lost
    for n in range(5):
        pia.send_video(picture(f"{n}", key=n == 0))
    await until(lambda: len(seen) == 5)
    again: list[tuple[Header, bytes]] = []
    lea.on_packet = lambda mid, header, payload: again.append((header, payload))
    lea.send_nack(call.mid("lea", "pia", "video"), lost)
    await until(lambda: again)

    header, payload = again[0]
    assert header.ssrc == lea.slot_rtx_ssrcs[call.mid("lea", "pia", "video")]
    assert payload == struct.pack("!H", lost[0]) + picture("2")


async def test_nothing_is_sent_again_from_before_a_receiver_came(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    pia.send_video(picture("early", key=True))
    await until(lambda: call.got("lea", "pia", "video"))
    (max_,) = await call.join("max")
    numbers: list[int] = []
    max_.on_packet = lambda mid, header, payload: numbers.append(header.sequence)
    pia.send_video(picture("late", key=True))
    await until(lambda: numbers)
    before = call.room.counters("pia")

    max_.send_nack(call.mid("max", "pia", "video"), [numbers[0] - 1])
    await call.settle("max")

    assert call.room.counters("pia") == before


async def test_a_hole_on_the_way_up_is_asked_for_and_filled_in_order_of_numbers(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    numbers: dict[bytes, int] = {}
    lea.on_packet = lambda mid, header, payload: numbers.__setitem__(payload[-3:], header.sequence)

    pia.send_video(picture("one", key=True))
    lost = pia.lose("video")
    pia.send_video(picture("tre"))
    await until(lambda: pia.asked(Nack))
    pia.send_repair(lost, picture("two"))
    await until(lambda: len(numbers) == 3)

    assert pia.asked(Nack)[0] == Nack(pia.sources["video"].ssrc, (lost,))
    assert [numbers[text] - numbers[b"one"] for text in (b"two", b"tre")] == [1, 2]


async def test_a_probe_with_an_old_packet_is_not_forwarded(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    pia.send_video(picture("one", key=True))
    await until(lambda: call.got("lea", "pia", "video"))

    pia.send_repair(pia.sources["video"].sequence, picture("one", key=True))
    pia.send_repair(0, b"")
    pia.send_video(picture("two"))
    await until(lambda: len(call.got("lea", "pia", "video")) == 2)

    assert call.got("lea", "pia", "video") == [picture("one", key=True), picture("two")]


async def test_the_publisher_is_told_what_arrived_and_how_much_it_may_send(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    pia.send_video(picture("one", key=True))
    pia.lose("video")
    pia.send_video(picture("three"))

    await until(lambda: any(part[1] == 201 and len(part) >= 32 for part in pia.control))
    report = next(part for part in pia.control if part[1] == 201)
    ssrc, fraction_and_lost, highest = struct.unpack_from("!III", report, 8)

    assert (ssrc, highest) == (pia.sources["video"].ssrc, pia.sources["video"].sequence)
    assert fraction_and_lost == (256 // 3) << 24 | 1
    assert b"REMB" in report


async def test_sender_reports_come_down_under_the_slots_numbers(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    heads: list[Header] = []
    lea.on_packet = lambda mid, header, payload: heads.append(header)
    pia.send_audio(b"hello")
    await until(lambda: heads)
    source = pia.sources["audio"]

    pia.send_control(struct.pack("!BBHIQIII", 0x80, 200, 6, source.ssrc, 7 << 32, source.timestamp + 480, 1, 5))
    reports = lambda: [m for part in lea.control for m in read(part) if isinstance(m, SenderReport)]  # noqa: E731
    await until(reports)

    assert reports() == [SenderReport(heads[0].ssrc, 7 << 32, (heads[0].timestamp + 480) & 0xFFFFFFFF)]


async def test_another_source_in_a_slot_goes_on_in_numbers_and_picture_ids(call: Call) -> None:
    (lea,) = await call.join("lea", slots=1)
    await call.join("pia")
    heads: list[tuple[int, bytes]] = []
    lea.on_packet = lambda mid, header, payload: heads.append((header.sequence, payload[2:5]))
    call.members["pia"].send_video(picture("pia", key=True))
    await until(lambda: len(heads) == 1)

    call.room.leave("pia")
    (max_,) = await call.join("max")
    max_.send_video(KEY_FRAME + b"max")
    await until(lambda: len(heads) == 2)

    assert heads[1] == ((heads[0][0] + 1) & 0xFFFF, bytes((0x80, 0x02, 0x02)))


async def test_with_half_the_packets_lost_every_picture_arrives(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    mid = call.mid("lea", "pia", "video")
    sent = [picture(f"{n}", key=n == 0) for n in range(100)]
    arrived: dict[int, bytes] = {}
    seen: list[int] = []

    def every_other_is_lost(header: Header) -> bool:
        seen.append(header.sequence)
        return len(seen) % 2 == 0

    def note(mid: str, header: Header, payload: bytes) -> None:
        if header.ssrc == lea.slot_ssrcs[mid]:
            arrived[header.sequence] = payload
        else:
            arrived[int.from_bytes(payload[:2], "big")] = payload[2:]

    lea.loses, lea.on_packet = every_other_is_lost, note
    for payload in sent:
        pia.send_video(payload)
    await until(lambda: len(seen) == 100)
    lea.loses = None
    lea.send_nack(mid, seen[1::2])
    await until(lambda: len(arrived) == 100)

    assert [arrived[number] for number in seen[:100]] == sent


async def test_who_has_keys_but_has_not_spoken_yet_is_sent_nothing(call: Call) -> None:
    (lea,) = await call.join("lea")
    await call.enter("rae", Mute(sends=()))
    peer = call.peer("rae")
    await until(lambda: peer.srtp)
    peer._keyed_at += 60.0  # long before it would be sent media all the same

    lea.send_audio(b"too early")
    await call.settle("lea")

    assert call.room.counters("lea") == Counters(1, 0, 0, 0)


async def test_who_has_no_keys_yet_is_sent_nothing(call: Call) -> None:
    (lea,) = await call.join("lea")
    await call.room.join("pia", Member().offer())
    call.room.hear(frozenset({"lea"}))

    lea.send_audio(b"to nobody")
    await call.settle("lea")

    assert call.room.counters("lea").audio_forwarded == 0

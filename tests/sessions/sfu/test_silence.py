"""hear() and show() hold from the call on, for every way in which media could leave; who is silenced keeps sending."""

from sessions.sfu import Counters
from sessions.sfu.floors import Apart
from sessions.sfu.forward import depart, send
from sessions.sfu.member import OPUS, Member
from sessions.sfu.rewrite import Packet
from tests.sessions.sfu.call import Call, picture, until

NO_EXTENSION = bytes.fromhex("bede0000")


async def test_who_is_not_heard_is_forwarded_to_nobody(call: Call) -> None:
    lea, pia, max_ = await call.join("lea", "pia", "max")
    pia.send_audio(b"heard")
    await until(lambda: call.got("lea", "pia", "audio") and call.got("max", "pia", "audio"))

    call.room.hear(frozenset({"lea", "max"}))
    for n in range(50):
        pia.send_audio(f"silenced {n}".encode())
    await call.settle("pia")
    lea.send_audio(b"go on")
    await until(lambda: call.got("max", "lea", "audio") and call.got("pia", "lea", "audio"))

    assert call.room.counters("pia") == Counters(51, 2, 0, 0)
    assert call.got("lea", "pia", "audio") == call.got("max", "pia", "audio") == [b"heard"]
    assert call.node.totals()["audio_received_unheard"] == 50


async def test_hearing_counts_in_the_moment_of_the_call(call: Call) -> None:
    """What has arrived at the socket but was not read yet is silenced too."""
    _, pia = await call.join("lea", "pia")

    pia.send_audio(b"on its way")
    call.room.hear(frozenset({"lea"}))
    await call.settle("pia")

    assert call.room.counters("pia") == Counters(1, 0, 0, 0)


async def test_a_silenced_member_stays_silenced_through_a_rejoin(call: Call) -> None:
    lea, _ = await call.join("lea", "pia")
    call.room.hear(frozenset({"lea"}))
    pia = await call.enter("pia", Member())
    await until(lambda: call.peer("pia").open)
    pia.send_audio(b"from another tab")
    await call.settle("pia")

    assert call.room.counters("pia") == Counters(1, 0, 0, 0)


async def test_a_silenced_picture_is_not_retransmitted(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    lost = []
    lea.loses = lambda header: bool(lost.append(header.sequence) or True)
    pia.send_video(picture("secret", key=True))
    await until(lambda: lost)

    call.room.show(frozenset({"lea"}))
    lea.loses = None
    lea.send_nack(call.mid("lea", "pia", "video"), lost)
    await call.settle("lea")

    assert call.got("lea", "pia", "video") == []
    assert call.room.counters("pia") == Counters(0, 0, 1, 1)


async def test_what_was_lost_before_the_silence_is_not_repaired_after_it(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    numbers: list[int] = []
    lea.on_packet = lambda mid, header, payload: numbers.append(header.sequence)
    pia.send_video(picture("before", key=True))
    await until(lambda: numbers)

    call.room.show(frozenset({"lea"}))
    hidden = pia.lose("video")
    pia.send_video(picture("hidden"))
    await call.settle("pia")
    call.room.show(frozenset({"lea", "pia"}))
    pia.send_video(picture("after", key=True))
    pia.send_repair(hidden, picture("hidden too"))
    await until(lambda: len(numbers) == 2)
    await call.settle("pia")
    lea.send_nack(call.mid("lea", "pia", "video"), [numbers[0]])
    await call.settle("lea")

    assert call.got("lea", "pia", "video") == [picture("before", key=True), picture("after", key=True)]
    assert call.room.counters("pia") == Counters(0, 0, 3, 2)
    assert numbers[1] == numbers[0] + 1


async def test_what_was_lost_in_the_silence_is_no_beginning_after_it(call: Call) -> None:
    """Asked for again, it may come before anything new does."""
    lea, pia = await call.join("lea", "pia")
    await until(lambda: call.peer("lea").open)
    call.room.hear(frozenset({"lea"}))
    call.room.show(frozenset({"lea"}))
    pia.send_video(picture("hidden"))
    pia.send_audio(b"silenced")
    unseen, unheard = pia.lose("video"), pia.lose("audio")
    pia.send_video(picture("hidden"))
    pia.send_audio(b"silenced")
    await call.settle("pia")

    call.room.hear(frozenset({"lea", "pia"}))
    call.room.show(frozenset({"lea", "pia"}))
    pia.send_repair(unseen, picture("hidden", key=True))
    voice = pia.sources["audio"]
    pia.send_packet((OPUS, unheard, voice.timestamp - 960, voice.ssrc), NO_EXTENSION + b"silenced")
    pia.send_audio(b"after")
    pia.send_video(picture("after", key=True))
    await until(lambda: call.got("lea", "pia", "audio") and call.got("lea", "pia", "video"))

    assert call.got("lea", "pia", "audio") == [b"after"]
    assert call.got("lea", "pia", "video") == [picture("after", key=True)]
    assert call.peer("pia").tracks["video"].layers[""].to_ask_for(1e9) == []


async def test_audio_is_never_kept_for_retransmission(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    numbers: list[int] = []
    lea.on_packet = lambda mid, header, payload: numbers.append(header.sequence)
    pia.send_audio(b"once")
    await until(lambda: numbers)

    lea.send_nack(call.mid("lea", "pia", "audio"), numbers)
    await call.settle("lea")

    assert call.room.counters("pia") == Counters(1, 1, 0, 0)


async def test_an_accepted_return_is_heard_without_a_jump(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    heads: list[tuple[int, int]] = []
    lea.on_packet = lambda mid, header, payload: heads.append((header.sequence, header.timestamp))
    pia.send_audio(b"before")
    await until(lambda: len(heads) == 1)

    call.room.hear(frozenset({"lea"}))
    for _ in range(30):
        pia.send_audio(b"silenced")
    await call.settle("pia")
    call.room.hear(frozenset({"lea", "pia"}))
    pia.send_audio(b"after")
    await until(lambda: len(heads) == 2)

    (sequence, timestamp), (later_sequence, later_timestamp) = heads
    assert later_sequence == (sequence + 1) & 0xFFFF
    assert later_timestamp == (timestamp + 31 * 960) & 0xFFFFFFFF


async def test_a_voice_in_a_wrong_slot_does_not_leave(call: Call) -> None:
    """Pia speaks to Lea alone, yet a slot of Max's carries her."""
    _, pia, max_ = await call.join("lea", "pia", "max", slots=5)
    call.room.hear(frozenset(call.members), {"pia": Apart("aside", frozenset({"lea"}))})
    track, slot = call.peer("pia").tracks["audio"], call.peer("max").slots[0]
    slot.bind("pia", track)
    track.slots.append(slot)

    pia.send_audio(b"to Lea")
    await until(lambda: call.got("lea", "pia", "audio") == [b"to Lea"])
    await call.settle("max")

    assert max_.received == {}
    assert call.node.totals()["audio_forwarded_unheard"] == 0


async def test_a_picture_that_is_not_shown_does_not_leave_by_a_wrong_gate(call: Call) -> None:
    lea, _ = await call.join("lea", "pia")
    call.room.shown = frozenset({"lea"})
    track, slot = call.peer("pia").tracks["video"], call.peer("lea").slots[3]
    packet = Packet(1, 0, picture("hidden", key=True))

    run = slot.begin(track.layers[""], packet, 0.0)
    left = send(call.room, slot, run, packet, b"", packet.payload, slot.payload_type, 0.0)
    await call.settle("lea")

    assert (left, lea.received) == (False, {})


async def test_the_count_at_the_place_of_sending_would_show_a_broken_gate(call: Call) -> None:
    await call.join("lea", "pia")
    call.room.heard = frozenset({"lea"})

    depart(call.room, call.peer("pia").tracks["audio"], call.peer("lea").slots[0], b"leak")
    leaked = call.node.totals()["audio_forwarded_unheard"]
    call.room.tally("pia", "audio").forwarded_unheard = 0

    assert leaked == 1

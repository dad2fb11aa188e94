"""Pictures leave at the pace of the receiver's line, and voices pass them by."""

import asyncio
import time

from sessions.sfu.feedback import Pli
from sessions.sfu.member import OPUS, VP8, Member
from sessions.sfu.pace import LONGEST_S
from sessions.sfu.slot import KEY_FRAME_EVERY_S
from tests.sessions.sfu.call import Call, picture, until
from tests.sessions.sfu.test_downlink import Judge, judged

PIECES = 20


async def narrow(call: Call) -> tuple[Member, Judge]:
    """Max sends Lea pictures, on a line that carries 400 kb/s of them."""
    sender, judge = await judged(call)
    call.room.spare_bps = lambda *_: 400_000.0
    sender.send_video(picture("first", key=True))
    await until(lambda: judge.came)
    call.room.allot = lambda *_: None  # the ladder, which would pause so large a picture, has its own tests
    await until(lambda: call.peer("lea").pacer.spare_bps == 400_000)
    return sender, judge


def send_pieces(sender: Member, count: int = PIECES) -> None:
    for number in range(count):
        sender.send_video(picture(f"{number:04}".ljust(1000)), marker=number == count - 1)


def pieces(judge: Judge) -> list[int]:
    return [int(each.payload[7:11]) for each in judge.came if each.payload_type == VP8 and len(each.payload) > 100]


async def test_a_voice_passes_a_large_picture(call: Call) -> None:
    sender, judge = await narrow(call)

    send_pieces(sender)
    sender.send_audio(b"voice")
    await until(lambda: len(pieces(judge)) == PIECES)

    assert pieces(judge) == list(range(PIECES))
    row = [each.payload_type for each in judge.came if each.payload_type in (OPUS, VP8)]  # probes may come between
    assert row.index(OPUS) < PIECES / 2


async def test_what_waits_of_somebody_who_is_hidden_now_never_leaves(call: Call) -> None:
    sender, judge = await narrow(call)
    send_pieces(sender)
    await until(lambda: pieces(judge))

    call.room.show(frozenset())
    await asyncio.sleep(0)
    await call.settle("lea")
    left = len(pieces(judge))
    await asyncio.sleep(PIECES * 8000 / 400_000)

    assert len(pieces(judge)) == left < PIECES


async def test_what_waits_for_a_member_who_leaves_is_forgotten(call: Call) -> None:
    sender, judge = await narrow(call)
    send_pieces(sender)
    pacer = call.peer("lea").pacer
    await until(lambda: pacer._waiting)

    call.room.leave("lea")

    assert not pacer._waiting


async def test_a_queue_without_end_is_cut_and_begun_anew(call: Call) -> None:
    sender, judge = await narrow(call)

    send_pieces(sender, count=round(3 * LONGEST_S * 400_000 / 8000))
    await until(lambda: sender.asked(Pli))
    sender.send_video(picture("a new beginning".ljust(200), key=True))

    await until(lambda: any(b"a new beginning" in each.payload for each in judge.came))


async def test_a_line_that_is_full_again_waits_before_it_asks_again(call: Call) -> None:
    """Each key frame costs everybody who sees this picture."""
    sender, judge = await narrow(call)
    too_much = round(3 * LONGEST_S * 400_000 / 8000)
    send_pieces(sender, too_much)
    await until(lambda: sender.asked(Pli))
    asked_at = time.monotonic()
    sender.control.clear()
    sender.send_video(picture("a new beginning".ljust(200), key=True))

    while not sender.asked(Pli):
        assert time.monotonic() - asked_at < 2 * KEY_FRAME_EVERY_S
        send_pieces(sender, too_much // 10)
        await asyncio.sleep(0.1)

    assert time.monotonic() - asked_at > KEY_FRAME_EVERY_S - 0.5


async def test_nothing_waits_on_a_line_without_limit(call: Call) -> None:
    lea, max_ = await call.join("lea", "max")
    max_.send_video(picture("first", key=True))

    send_pieces(max_)
    await call.settle("max")

    assert not call.peer("lea").pacer._waiting
    await until(lambda: len(call.got("lea", "max", "video")) == PIECES + 1)

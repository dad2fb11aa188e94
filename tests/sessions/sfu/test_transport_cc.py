"""Transport-wide feedback: bytes written by hand, our own both ways, and what strangers may send."""

import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.sfu.transport_cc import KEPT, MAX_STATUSES, Arrivals, Feedback, History, read

MS = 4  # ticks
TICK = 0.00025


def part(base: int, count: int, reference: int, *chunks: int, deltas: bytes = b"") -> bytes:
    body = struct.pack("!IIHHI", 1, 2, base, count, reference << 8)
    body += b"".join(struct.pack("!H", chunk) for chunk in chunks) + deltas
    body += bytes(-len(body) % 4)
    return struct.pack("!BBH", 0x8F, 205, len(body) // 4) + body


def written(arrivals: Arrivals) -> list[Feedback | None]:
    return [read(report) for report in arrivals.write(1, 2)]


# -- read


def test_a_run_is_read() -> None:
    feedback = read(part(7, 3, 2, 1 << 13 | 3, deltas=bytes((4, 8, 12))))

    assert feedback == Feedback(7, (516, 524, 536))  # 2 * 256 ticks of reference, then deltas


def test_a_vector_of_one_bit_is_read() -> None:
    feedback = read(part(7, 4, 0, 0b10_1010_0000_0000_00, deltas=bytes((4, 8))))

    assert feedback == Feedback(7, (4, None, 12, None))


def test_a_vector_of_two_bits_is_read_with_a_delta_back_in_time() -> None:
    feedback = read(part(0xFFFF, 3, 1, 0b11_01_00_10_00_00_00_00, deltas=bytes((40,)) + struct.pack("!h", -10)))

    assert feedback == Feedback(0xFFFF, (296, None, 286))


def test_chunks_of_each_kind_follow_each_other() -> None:
    chunks = (0 << 13 | 2, 0b10_1000_0000_0000_01, 0b11_01_01_00_00_00_00_00)

    feedback = read(part(0, 18, 0, *chunks, deltas=bytes((1, 2, 3, 4))))

    assert feedback == Feedback(0, (None, None, 1, *[None] * 12, 3, 6, 10))


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        part(0, 1, 0)[:19],
        part(0, 0, 0, 1 << 13 | 1),
        part(0, 9, 0, 1 << 13 | 8, deltas=bytes(8)),  # statuses are missing
        part(0, 9, 0, 1 << 13 | 9, deltas=bytes(6)),  # deltas are missing
        part(0, 2, 0, 3 << 13 | 2, deltas=bytes(8)),  # a symbol that nobody has given a meaning
        part(0, MAX_STATUSES + 1, 0, MAX_STATUSES + 1),
        part(0, 65535, 0, *[8191] * 9),
    ],
)
def test_a_contradictory_report_is_none(broken: bytes) -> None:
    assert read(broken) is None


@settings(max_examples=300)
@given(st.binary(max_size=80))
def test_no_bytes_raise(data: bytes) -> None:
    feedback = read(data)
    history = History()
    for _ in range(20):
        history.add(100, 0.0)
    if feedback is not None:
        history.told(feedback)
    assert history.received + history.lost <= 20


def test_mutants_of_a_real_report_never_raise() -> None:
    arrivals, dice, history = Arrivals(), random.Random(5), History()
    for number in range(60):
        history.add(100, 0.0)
        if dice.random() < 0.8:
            arrivals.take(number, number * 0.003)
    (real,) = arrivals.write(1, 2)
    for _ in range(5000):
        mutant = bytearray(real)
        for _ in range(dice.randint(1, 5)):
            mutant[dice.randrange(len(mutant))] = dice.randrange(256)
        feedback = read(bytes(mutant[: dice.randint(0, len(mutant))]))
        if feedback is not None:
            history.told(feedback)


# -- written


def test_a_report_has_the_bytes_of_the_draft() -> None:
    arrivals = Arrivals()
    for number, tick in ((5, 600), (6, 604), (8, 1000)):
        arrivals.take(number, tick * TICK)

    (report,) = arrivals.write(0x11, 0x22)

    # reference 2 (512 ticks); received, received, not, received with a delta of two bytes
    chunk = 0b11_01_01_00_10_00_00_00
    head = struct.pack("!BBHIIHHI", 0xAF, 205, 6, 0x11, 0x22, 5, 4, 2 << 8)
    assert report == head + struct.pack("!HBBH", chunk, 88, 4, 396) + bytes((0, 2))


def test_what_is_written_can_be_read() -> None:
    dice = random.Random(3)
    arrivals, at, expected = Arrivals(), 100.0, []
    for number in range(65500, 65700):
        at += dice.choice((0.0, 0.001, 0.02, 0.5))
        came = dice.random() < 0.85 or number in (65500, 65699)
        expected.append(int(at * 4000) if came else None)
        if came:
            arrivals.take(number & 0xFFFF, at)

    assert written(arrivals) == [Feedback(65500, tuple(expected))]


def test_holes_between_two_reports_are_told() -> None:
    arrivals = Arrivals()
    arrivals.take(1, 1.0)
    assert written(arrivals) == [Feedback(1, (4000,))]

    arrivals.take(4, 1.1)

    assert written(arrivals) == [Feedback(2, (None, None, 4400))]
    assert written(arrivals) == []


def test_a_late_packet_is_told_with_those_around_it() -> None:
    arrivals = Arrivals()
    for number, at in ((1, 1.0), (3, 1.01)):
        arrivals.take(number, at)
    assert written(arrivals) == [Feedback(1, (4000, None, 4040))]

    arrivals.take(2, 1.1)
    arrivals.take(4, 1.11)

    assert written(arrivals) == [Feedback(2, (4400, 4040, 4440))]


def test_a_packet_counts_when_it_came_first() -> None:
    arrivals = Arrivals()
    arrivals.take(1, 1.0)
    arrivals.take(1, 2.0)

    assert written(arrivals) == [Feedback(1, (4000,))]


def test_a_report_never_outgrows_a_packet() -> None:
    arrivals = Arrivals()
    for number in range(1000):
        arrivals.take(number, number * 0.1)  # every delta takes two bytes

    reports = list(arrivals.write(1, 2))

    assert max(map(len, reports)) <= 700
    told = [feedback.base + at for report in reports if (feedback := read(report)) for at in range(len(feedback.ticks))]
    assert told == list(range(1000))


def test_a_wild_jump_costs_one_small_report() -> None:
    arrivals = Arrivals()
    arrivals.take(0, 1.0)
    arrivals.take(32000, 1.1)

    reports = written(arrivals)

    assert [feedback.ticks[-1] for feedback in reports if feedback] == [4400]


def test_an_arrival_too_far_from_its_neighbour_is_left_out() -> None:
    arrivals = Arrivals()
    arrivals.take(1, 1.0)
    arrivals.take(2, 11.0)  # the largest delta is 8.19 s

    assert written(arrivals) == [Feedback(1, (4000, None))]


# -- history


def test_what_was_sent_meets_what_arrived() -> None:
    history = History()
    numbers = [history.add(size, at) for size, at in ((100, 1.0), (1200, 1.5), (80, 2.0))]

    fates = history.told(Feedback(numbers[0], (400, None, 800)))

    assert fates == [(0.1, 1, 1.0, 100), (0.2, 3, 2.0, 80)]
    assert (history.received, history.lost, history.last) == (2, 1, 3)


def test_nothing_counts_twice() -> None:
    history = History()
    for _ in range(2):
        history.add(100, 1.0)

    history.told(Feedback(1, (400, None)))
    assert history.told(Feedback(1, (400, None))) == []

    assert (history.received, history.lost) == (1, 1)


def test_a_packet_told_as_lost_may_still_arrive() -> None:
    history = History()
    for at in range(2):
        history.add(100, float(at))
    history.told(Feedback(1, (None, 400)))

    assert history.told(Feedback(1, (800, 400))) == [(0.2, 1, 0.0, 100)]
    assert (history.received, history.lost) == (2, 0)


def test_numbers_and_ticks_wrap() -> None:
    history = History()
    for _ in range(0x1_0001):
        history.add(10, 1.0)

    (first,) = history.told(Feedback(0xFFFF, (0xFFFFFFFF,)))
    second, third = history.told(Feedback(0, (3, 7)))

    assert [serial for _, serial, _, _ in (first, second, third)] == [0xFFFF, 0x10000, 0x10001]
    assert [round((arrived_at - first[0]) / TICK) for arrived_at, _, _, _ in (second, third)] == [4, 8]


def test_what_was_never_sent_or_is_forgotten_is_nobodys() -> None:
    history = History()
    for _ in range(KEPT + 10):
        history.add(10, 1.0)

    assert history.told(Feedback(5, (4,))) == []
    assert history.told(Feedback((KEPT + 11) & 0xFFFF, (4, 8))) == []
    assert (history.received, history.lost) == (0, 0)

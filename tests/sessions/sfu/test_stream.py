"""Numbers, losses and statistics of an up stream."""

import pytest

from sessions.sfu.feedback import Reception
from sessions.sfu.rewrite import ExtensionIds, Packet
from sessions.sfu.stream import KEPT_PACKETS, LOSS_MEMORY, Stream
from sessions.sfu.tally import Tally
from sessions.sfu.track import Track


def stream(kind: str = "video") -> Stream:
    stream = Stream(Track("pia", kind, ExtensionIds(), Tally()))
    stream.start(7)
    return stream


def test_indices_count_on_past_the_wrap() -> None:
    up = stream()

    assert [up.take(sequence, 0, 0.0) for sequence in (0xFFFE, 0xFFFF, 0, 1)] == [0xFFFE, 0xFFFF, 0x10000, 0x10001]


def test_a_hole_is_asked_for_again_and_again_and_given_up() -> None:
    up = stream()
    up.take(10, 0, 1.0)
    up.take(13, 0, 1.0)

    asked = [up.to_ask_for(now) for now in (1.0, 1.05, 1.1, 1.59, 1.61, 1.7)]

    assert asked == [[11, 12], [], [11, 12], [11, 12], [], []]


def test_a_late_or_repaired_packet_fills_its_hole_once() -> None:
    up = stream()
    up.take(10, 0, 1.0)
    up.take(13, 0, 1.0)

    assert (up.take(12, 0, 1.0), up.take_repair(11)) == (12, 11)
    assert (up.take(12, 0, 1.0), up.take_repair(11), up.take_repair(10)) == (None, None, None)


def test_an_outage_is_not_asked_for() -> None:
    up = stream()
    up.take(10, 0, 1.0)
    up.take(1000, 0, 1.0)

    assert up.to_ask_for(1.0) == []


def test_many_holes_are_an_outage_too() -> None:
    up = stream()
    for sequence in range(0, 60_000, 100):
        up.take(sequence, 0, 1.0)

    assert len(up.to_ask_for(1.0)) <= LOSS_MEMORY["video"]


def test_a_lost_voice_is_asked_for_while_it_can_still_be_played() -> None:
    up = stream("audio")
    up.take(10, 0, 1.0)
    up.take(12, 0, 1.0)

    assert [up.to_ask_for(now) for now in (1.0, 1.1, 1.19, 1.21, 1.3)] == [[11], [11], [11], [], []]
    assert up.take(11, 0, 1.3) is None


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_packets_are_kept_for_a_while(kind: str) -> None:
    up, most = stream(kind), KEPT_PACKETS[kind]
    for index in range(most + 1):
        up.keep(Packet(index, 0, b""))

    assert up.kept(0) is None
    assert [up.kept(index) is not None for index in range(1, most + 1)] == [True] * most


@pytest.mark.parametrize(
    ("timestamps", "led_in"),
    [
        ([0, 960, 1920, 2880], [0, 1, 2]),
        ([0, 19200, 20160, 21120], [1, 2]),
        ([0, 19200, 38400, 57600], []),
        ([0xFFFFFFFF, 959, 1919, 2879], [0, 1, 2]),
        ([None, 960, None, 2880], [1]),
    ],
)
def test_a_lead_in_is_what_was_said_in_the_60_ms_before(timestamps: list[int | None], led_in: list[int]) -> None:
    up = stream("audio")
    packets = [Packet(index, timestamp or 0, b"") for index, timestamp in enumerate(timestamps)]
    for packet, timestamp in zip(packets, timestamps, strict=True):
        if timestamp is not None:
            up.keep(packet)

    assert [each.index for each in up.lead_in(packets[-1])] == led_in


def test_what_is_forgotten_is_kept_no_more() -> None:
    video = stream()
    video.keep(Packet(1, 0, b""))

    video.forget()

    assert video.kept(1) is None


def test_a_report_counts_what_is_new_since_the_last() -> None:
    up = stream()
    for sequence in (100, 101, 103, 104):
        up.take(sequence, 0, 1.0)
    up.note_report(0x1122334455667788, 1.0)

    first, second = up.reception(1.5), up.reception(2.0)

    assert first == Reception(7, 256 // 5, 1, 104, 0, 0x33445566, 0x8000)
    assert second == Reception(7, 0, 1, 104, 0, 0x33445566, 0x10000)


def test_jitter_is_the_smoothed_change_of_transit_time() -> None:
    up = stream("audio")
    for n in range(200):
        up.take(n, n * 960, n * 0.02 + 0.01 * (n % 2))

    received = up.reception(4.0)

    assert received is not None
    assert 470 <= received.jitter <= 490  # 10 ms of 48 kHz


def test_before_the_first_packet_there_is_nothing_to_report() -> None:
    assert stream().reception(1.0) is None


def test_key_frames_are_asked_for_at_most_twice_a_second() -> None:
    up = stream()

    assert [up.wants_key_frame(now) for now in (1.0, 1.4, 1.6, 1.7)] == [True, False, True, False]
    assert not stream("audio").wants_key_frame(1.0)

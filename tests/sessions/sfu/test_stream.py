"""Numbers, losses and statistics of an up stream."""

from sessions.sfu.feedback import Reception
from sessions.sfu.rewrite import ExtensionIds, Packet
from sessions.sfu.stream import KEPT_PACKETS, Stream
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


def test_late_audio_passes_and_is_never_asked_for() -> None:
    up = stream("audio")

    assert [up.take(sequence, 0, 1.0) for sequence in (10, 12, 11)] == [10, 12, 11]
    assert up.to_ask_for(1.0) == []


def test_pictures_are_kept_for_a_while_and_voices_never() -> None:
    video, audio = stream(), stream("audio")
    for index in range(KEPT_PACKETS + 1):
        video.keep(Packet(index, 0, b""))
        audio.keep(Packet(index, 0, b""))

    assert video.kept(0) is None
    assert video.kept(1) is not None
    assert [audio.kept(index) for index in range(KEPT_PACKETS)] == [None] * KEPT_PACKETS


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

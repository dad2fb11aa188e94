"""Who speaks, by levels in -dBov every 20 ms."""

from sessions.sfu.levels import Voice


def heard(*levels: int) -> Voice:
    voice = Voice()
    for n, level in enumerate(levels):
        voice.hear(level, n * 0.02)
    return voice


def test_three_loud_packets_are_speech_and_hold_through_a_pause() -> None:
    voice = heard(20, 20, 20, 127, 127)

    assert voice.speaks(0.1)
    assert voice.speaks(0.5)
    assert not voice.speaks(0.6)


def test_a_click_is_no_speech() -> None:
    assert not heard(10, 10, 127, 10, 127).speaks(0.1)


def test_a_quiet_room_is_no_speech() -> None:
    assert not heard(*[60] * 50).speaks(1.0)


def test_the_voice_bit_is_not_part_of_the_level() -> None:
    assert heard(*[0x80 | 20] * 3).speaks(0.1)


def test_the_senders_detector_is_believed_for_a_soft_voice_only() -> None:
    assert heard(*[0x80 | 53] * 3).speaks(0.1)
    assert not heard(*[53] * 3).speaks(0.1)
    assert not heard(*[0x80 | 60] * 3).speaks(0.1)


def test_loudness_is_that_of_the_speech_not_of_the_pauses() -> None:
    assert heard(30, 30, 30, 127, 127).loudness == 97
    assert heard(127).loudness == 0


def test_when_someone_last_spoke() -> None:
    assert heard(127, 20, 20, 127).spoke_at == 0.04
    assert heard(127).spoke_at == float("-inf")

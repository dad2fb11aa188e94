"""Attendance: minutes present, with short drops of the line bridged."""

from sessions.presence import MOST_DROPS, Presence

MINUTE_MS = 60_000


def test_presence_is_the_time_between_coming_and_going():
    presence = Presence.begun(0).went(45 * MINUTE_MS)

    assert (presence.seconds(90 * MINUTE_MS), presence.drops) == (45 * 60, 0)


def test_whoever_is_still_here_has_been_until_now():
    assert Presence.begun(0).seconds(90 * MINUTE_MS) == 90 * 60


def test_a_gap_under_two_minutes_is_bridged_and_counted():
    presence = Presence.begun(0).went(10 * MINUTE_MS).came(12 * MINUTE_MS - 1).went(30 * MINUTE_MS)

    assert (presence.seconds(0), presence.drops, presence.joined_ms) == (30 * 60, 1, 0)


def test_drops_are_counted_no_further_than_a_row_can_hold():
    """Otherwise one browser that comes and goes would keep everybody's attendance from being written."""
    presence = Presence.begun(0)
    for at in range(40_000):
        presence = presence.went(at).came(at)

    assert presence.drops == MOST_DROPS == 32_767


def test_a_longer_gap_is_absence():
    presence = Presence.begun(0).went(10 * MINUTE_MS).came(12 * MINUTE_MS).went(30 * MINUTE_MS)

    assert (presence.seconds(0), presence.drops, presence.left_ms) == (28 * 60, 0, 30 * MINUTE_MS)


def test_coming_twice_and_going_twice_is_once():
    presence = Presence.begun(0).came(MINUTE_MS).went(2 * MINUTE_MS).went(9 * MINUTE_MS)

    assert (presence.seconds(0), presence.drops) == (2 * 60, 0)


def test_a_stored_presence_is_the_same():
    presence = Presence.begun(0).went(10 * MINUTE_MS).came(20 * MINUTE_MS)

    assert Presence(**presence.to_json()) == presence

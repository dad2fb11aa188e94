from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from sessions.when import Span, city, how_soon, moment
from tests.cast import aware

BERLIN, LISBON, BRISBANE = (ZoneInfo(name) for name in ("Europe/Berlin", "Europe/Lisbon", "Australia/Brisbane"))


@pytest.mark.parametrize(
    ("day", "clock", "at"),
    [
        (date(2027, 1, 14), time(19, 30), "2027-01-14T18:30+00:00"),
        (date(2027, 7, 14), time(19, 30), "2027-07-14T17:30+00:00"),
        (date(2027, 3, 28), time(1, 59), "2027-03-28T00:59+00:00"),
        (date(2027, 3, 28), time(3, 0), "2027-03-28T01:00+00:00"),
    ],
)
def test_a_wall_time_is_a_moment(day, clock, at):
    assert moment(day, clock, BERLIN) == aware(at)


@pytest.mark.parametrize("clock", [time(2, 0), time(2, 30), time(2, 59)])
def test_the_hour_that_is_skipped_does_not_exist(clock):
    assert moment(date(2027, 3, 28), clock, BERLIN) is None


def test_the_hour_that_comes_twice_means_the_first():
    assert moment(date(2027, 10, 31), time(2, 30), BERLIN) == aware("2027-10-31T00:30+00:00")


def span(zone: ZoneInfo, at: str, minutes: int = 90) -> Span:
    return Span(zone, aware(at), aware(at) + timedelta(minutes=minutes))


def test_a_span_speaks_its_zone():
    evening = span(BRISBANE, "2027-01-14T19:30+01:00")

    assert (evening.day, evening.short_day, evening.clock) == ("Friday 15 January", "15 Jan", "04:30")
    assert (evening.hours, evening.city) == ("04:30 to 06:00", "Brisbane")


def test_hours_over_a_change_of_clocks_are_those_on_the_wall():
    assert span(BERLIN, "2027-03-28T01:30+01:00").hours == "01:30 to 04:00"


def test_zones_agree_when_their_clocks_do():
    berlin, paris = (span(zone, "2027-01-14T19:30+01:00") for zone in (BERLIN, ZoneInfo("Europe/Paris")))

    assert berlin.agrees(paris)
    assert not berlin.agrees(span(LISBON, "2027-01-14T19:30+01:00"))


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2027-01-14T19:18+01:00", "Tonight, in 12 minutes"),
        ("2027-01-14T19:29+01:00", "Tonight, in one minute"),
        ("2027-01-14T19:29:30+01:00", "Tonight, in one minute"),
        ("2027-01-14T18:25+01:00", "Tonight, in one hour"),
        ("2027-01-14T09:30+01:00", "Tonight, in 10 hours"),
        ("2027-01-13T23:59+01:00", "Tomorrow"),
        ("2027-01-08T12:00+01:00", "In 6 days"),
        ("2027-01-14T19:30+01:00", "It is time"),
        ("2027-01-14T20:00+01:00", "It is time"),
    ],
)
def test_how_soon_in_words(now, words):
    assert how_soon(aware("2027-01-14T19:30+01:00"), aware(now), BERLIN) == words


def test_how_soon_follows_the_viewers_day():
    start, now = aware("2027-01-14T19:30+01:00"), aware("2027-01-14T12:00+01:00")

    assert how_soon(start, now, BRISBANE) == "Tomorrow"
    assert how_soon(aware("2027-01-14T10:00+01:00"), aware("2027-01-14T08:00+01:00"), BERLIN) == "Today, in 2 hours"


def test_a_zone_is_said_by_its_city():
    assert city("America/Argentina/Buenos_Aires") == "Buenos Aires"
    assert city("UTC") == "UTC"

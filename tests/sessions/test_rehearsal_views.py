"""The page for trying voice and line, what it keeps, and who reads that a line is ready."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from balint.foundation import tokens
from groups.models import Doctor, Group
from sessions.line import Measured
from sessions.models import LineCheck, Session
from tests.cast import link_of, plan
from tests.page import Page, read

GOOD = Measured(up_bps=480_000, down_bps=940_000, rtt_ms=40, jitter_ms=3, loss_pct=0.1)
FOUR = Measured(up_bps=480_000, down_bps=470_000, rtt_ms=40, jitter_ms=3, loss_pct=0.1)
VOICES = Measured(up_bps=480_000, down_bps=210_000, rtt_ms=40, jitter_ms=3, loss_pct=0.1)
SPEAKER = Measured(up_bps=480_000, down_bps=60_000, rtt_ms=40, jitter_ms=3, loss_pct=0.1)
NARROW_UP = Measured(up_bps=100_000, down_bps=940_000, rtt_ms=40, jitter_ms=3, loss_pct=0.1)
NOTHING = Measured(up_bps=0, down_bps=0, rtt_ms=0, jitter_ms=0, loss_pct=100.0)


def post(client: Client, address: str, line: Measured, **changed: object) -> Any:
    return client.post(address, {**vars(line), **changed})


def tags(page: Page) -> list[str]:
    """What stands on a page of lines, in order."""
    said = ("Line ready", "Line may have trouble", "Line not tried yet")
    places = {page.words.find(each, at): each for each in said for at in range(len(page.words))}
    return [each for at, each in sorted(places.items()) if at >= 0]


# -- the page ----------------------------------------------------------------------------------------------------------


def test_the_page_is_open_at_any_time(client_of, otto: Doctor) -> None:
    page = read(client_of(otto).get("/rehearsal/"))

    assert page.headings == ["Try your camera, microphone and line"]
    assert page.values("div", "data-socket") == ["ws://testserver:8001/rehearsal/"]
    assert page.values("div", "data-line-url") == ["/rehearsal/line/"]
    assert (page.inline, page.unlabelled) == ([], [])


def test_home_leads_there_with_and_without_a_session(client_of, otto: Doctor, max_: Doctor, group: Group) -> None:
    plan(group, timedelta(days=2))

    for doctor in (otto, max_):
        assert "/rehearsal/" in read(client_of(doctor).get("/")).values("a", "href")


@pytest.mark.parametrize("starts_in", [timedelta(minutes=5), timedelta(days=1)], ids=["open", "closed"])
def test_a_session_s_doors_have_the_same_test(client_of, max_: Doctor, group: Group, starts_in: timedelta) -> None:
    session = plan(group, starts_in)

    page = read(client_of(max_).get(f"/sessions/{session.pk}/join/"))

    assert page.values("div", "data-line-url") == [f"/sessions/{session.pk}/line/"]
    assert (page.inline, page.unlabelled) == ([], [])


@pytest.mark.parametrize("change", [{"cancelled_at": timezone.now()}, {"ended_at": timezone.now()}])
def test_behind_a_shut_door_there_is_none(client_of, max_: Doctor, group: Group, change: dict[str, object]) -> None:
    session = plan(group, timedelta(minutes=5))
    Session.objects.filter(pk=session.pk).update(**change)

    assert read(client_of(max_).get(f"/sessions/{session.pk}/join/")).values("div", "data-line-url") == []


# -- the verdict -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (GOOD, "All voices and all pictures. Line ready"),
        (FOUR, "All voices, pictures of about four people. Line ready"),
        (VOICES, "All voices, no pictures: choose Voices only. Line ready"),
        (
            SPEAKER,
            "The voice of whoever speaks, no pictures: choose Voices only, or try another network. Line may",
        ),
        (NARROW_UP, "all pictures. Your own picture may rest at times, so that your voice comes through. Line ready"),
        (NOTHING, "Your line may not carry the voices: try another network or telephone. Line may have trouble"),
    ],
)
def test_the_verdict_in_words(client_of, max_: Doctor, line: Measured, words: str) -> None:
    page = read(post(client_of(max_), "/rehearsal/line/", line))

    assert words in page.words
    assert page.count("html") == 0


def test_the_numbers_stand_in_small_print(client_of, max_: Doctor) -> None:
    words = read(post(client_of(max_), "/rehearsal/line/", GOOD)).words

    assert "Up 480 kb/s, down 940 kb/s, round trip 40 ms, jitter 3 ms, lost 0.1 %." in words


def test_whose_line_fails_reads_whom_to_call(client_of, max_: Doctor, otto: Doctor, group: Group) -> None:
    Group.objects.filter(pk=group.pk).update(telephone="+49 30 1234567")
    session = plan(group, timedelta(minutes=5))
    of_the_session = f"/sessions/{session.pk}/line/"
    tests = [(max_, "/rehearsal/line/", NOTHING), (max_, of_the_session, NOTHING), (max_, of_the_session, GOOD)]
    tests += [(otto, "/rehearsal/line/", NOTHING)]

    told = [read(post(client_of(doctor), url, line)).values("a", "href") for doctor, url, line in tests]

    assert told == [["tel:+49301234567"], ["tel:+49301234567"], [], []]


def test_where_there_are_no_doors_no_words_lead_to_them(client_of, max_: Doctor, group: Group) -> None:
    addresses = ["/rehearsal/"] + [
        f"/sessions/{plan(group, starts_in).pk}/join/" for starts_in in (timedelta(days=1), timedelta(minutes=5))
    ]

    pages = [read(client_of(max_).get(address)).words for address in addresses]

    assert ["Or only listen." in words for words in pages] == [False, False, True]
    assert ["Or go in without" in words for words in pages] == [False, False, True]


def test_only_the_newest_test_is_kept_and_the_page_shows_it(client_of, max_: Doctor) -> None:
    browser = client_of(max_)
    post(browser, "/rehearsal/line/", NOTHING)
    post(browser, "/rehearsal/line/", FOUR)

    assert list(LineCheck.objects.values_list("doctor", "down_bps")) == [(max_.pk, FOUR.down_bps)]
    assert "pictures of about four people" in read(browser.get("/rehearsal/")).words


def test_nothing_but_numbers_and_the_time_is_kept() -> None:
    fields = {field.name for field in LineCheck._meta.get_fields()}

    assert fields == {"doctor", "measured_at", *vars(GOOD)}


def test_it_goes_with_the_doctor(client_of, max_: Doctor) -> None:
    post(client_of(max_), "/rehearsal/line/", GOOD)

    max_.user.delete()

    assert LineCheck.objects.count() == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"up_bps": -1},
        {"down_bps": 1_000_000_001},
        {"rtt_ms": 60_001},
        {"jitter_ms": "soon"},
        {"loss_pct": 100.1},
        {"loss_pct": "nan"},
        {"loss_pct": "inf"},
        {"loss_pct": ""},
    ],
)
def test_what_no_page_of_ours_measures_is_refused(client_of, max_: Doctor, changed: dict[str, object]) -> None:
    reply = post(client_of(max_), "/rehearsal/line/", GOOD, **changed)

    assert (reply.status_code, reply.json()) == (400, {"code": "bad_line"})
    assert LineCheck.objects.count() == 0


def test_whoever_came_by_a_link_keeps_their_own_test(max_: Doctor, group: Group) -> None:
    session = plan(group, timedelta(days=1))
    guest = Client()
    guest.post(f"/s/{tokens.make('seat', link_of(max_, session).pk)}/")

    assert post(guest, f"/sessions/{session.pk}/line/", GOOD).status_code == 200
    assert post(guest, "/rehearsal/line/", NOTHING).status_code == 302
    assert [check.doctor for check in LineCheck.objects.all()] == [max_]


# -- who reads it ------------------------------------------------------------------------------------------------------


@pytest.fixture
def tried(lea: Doctor, max_: Doctor, pia: Doctor) -> None:
    LineCheck.keep(max_, GOOD, timezone.now())
    LineCheck.keep(pia, NOTHING, timezone.now())


@pytest.mark.parametrize("page", ["group", "session"])
@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("lea", ["Line not tried yet", "Line ready", "Line not tried yet", "Line may have trouble"]),
        ("cole", ["Line not tried yet", "Line ready", "Line not tried yet", "Line may have trouble"]),
        ("max_", ["Line ready"]),
        ("pia", ["Line may have trouble"]),
    ],
)
def test_leaders_read_everybody_s_and_members_their_own(
    request: pytest.FixtureRequest, tried, client_of, group: Group, page: str, who: str, seen: list[str]
) -> None:
    session = plan(group, timedelta(days=1))
    address = f"/groups/{group.pk}/" if page == "group" else f"/sessions/{session.pk}/"

    shown = read(client_of(request.getfixturevalue(who)).get(address))

    assert tags(shown) == seen
    assert "kb/s" not in shown.words


def test_the_day_stands_beside_it(client_of, lea: Doctor, max_: Doctor, group: Group) -> None:
    LineCheck.keep(max_, GOOD, timezone.now().replace(month=5, day=3, hour=12))

    assert "Line ready 3 May" in read(client_of(lea).get(f"/groups/{group.pk}/")).words


def test_many_lines_cost_no_more_queries(
    client_of, lea: Doctor, max_: Doctor, pia: Doctor, group: Group, django_assert_max_num_queries
) -> None:
    browser, address = client_of(lea), f"/groups/{group.pk}/"
    with django_assert_max_num_queries(40) as before:
        browser.get(address)
    for doctor in (lea, max_, pia):
        LineCheck.keep(doctor, GOOD, timezone.now())

    with django_assert_max_num_queries(len(before)):
        browser.get(address)

"""A group's page, planning, moving and cancelling, and the page of one session."""

from datetime import timedelta

import pytest
from django.utils import timezone

from balint.foundation.models import Mail
from groups.models import Group
from sessions.models import Attendance, Session, Step
from tests.cast import aware, link_of, place_of, plan
from tests.conftest import person
from tests.page import read

EVENING = {"day": "2027-01-14", "clock": "19:30", "minutes": "90"}
NOW = aware("2026-11-20T12:00+00:00")


@pytest.fixture(autouse=True)
def now(monkeypatch) -> None:
    """The clock of pages stands at a Friday noon in November."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def errors(response) -> dict[str, list[str]]:
    return {field: [error.code for error in bad.as_data()] for field, bad in response.context["form"].errors.items()}


def planned(group: Group, begins: str, minutes: int = 90) -> Session:
    return Session.plan(group, aware(begins), minutes)


# -- the group -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "status"), [("lea", 200), ("cole", 200), ("max_", 200), ("otto", 404), ("rae", 404)])
def test_a_group_is_there_for_its_people(group, request, client_of, who, status):
    assert client_of(request.getfixturevalue(who)).get(f"/groups/{group.pk}/").status_code == status


def test_members_see_the_circle_and_leaders_also_who_is_invited(group, lea, max_, client_of):
    group.invite("nora@example.org", "member")
    address = f"/groups/{group.pk}/"

    as_leader, as_member = (client_of(doctor).get(address).content.decode() for doctor in (lea, max_))

    assert [name in as_member for name in ("Lea Example", "Pia Example")] == [True, True]
    assert [sign in as_member for sign in ("nora@example.org", "Plan a session", "End membership")] == [False] * 3
    assert [sign in as_leader for sign in ("nora@example.org", "Plan a session", "End membership")] == [True] * 3


def test_a_group_tells_future_from_past(group, max_, client_of):
    future, past, over, cancelled = (
        planned(group, begins)
        for begins in ("2026-12-01T19:30Z", "2026-11-01T19:30Z", "2026-11-20T08:00Z", "2026-12-08T19:30Z")
    )
    under_way = planned(group, "2026-11-20T11:30Z")
    cancelled.cancel(NOW)

    context = client_of(max_).get(f"/groups/{group.pk}/").context

    assert list(context["ahead"]) == [under_way, future]
    assert list(context["past"]) == [over, past]


def test_a_groups_page_takes_few_queries(group, lea, client_of, django_assert_max_num_queries):
    for number in range(9):
        group.membership_set.create(doctor=person(f"doctor{number}"))
        planned(group, f"2026-12-0{number + 1}T19:30Z")
        group.invite(f"guest{number}@example.org", "member")
    browser = client_of(lea)

    with django_assert_max_num_queries(12):
        browser.get(f"/groups/{group.pk}/")


# -- planning ------------------------------------------------------------------------------------------------------


def test_a_session_is_planned_on_the_groups_clock(group, lea, client_of):
    lea.time_zone = "America/New_York"
    lea.save()

    response = client_of(lea).post(f"/groups/{group.pk}/sessions/new/", EVENING)

    session = Session.objects.get()
    assert (session.starts_at, session.minutes) == (aware("2027-01-14T19:30+01:00"), 90)
    assert response.url == f"/sessions/{session.pk}/"


def test_planning_writes_to_every_member_once(group, cole, client_of):
    client_of(cole).post(f"/groups/{group.pk}/sessions/new/", EVENING)

    written = sorted(Mail.objects.values_list("kind", "to"))
    assert written == [("session_link", f"{name}@example.org") for name in ("cole", "lea", "max", "pia")]


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"day": ""}, {"day": ["required"]}),
        ({"day": "soon"}, {"day": ["invalid"]}),
        ({"day": "2026-11-19"}, {"day": ["past"]}),
        ({"day": "0001-01-01"}, {"day": ["past"]}),
        ({"day": "2026-11-20", "clock": "13:00"}, {"clock": ["past"]}),
        ({"day": "2028-12-01"}, {"day": ["far"]}),
        ({"day": "9999-12-31", "clock": "23:59"}, {"day": ["far"]}),
        ({"clock": "25:00"}, {"clock": ["invalid"]}),
        ({"day": "2027-03-28", "clock": "02:30"}, {"clock": ["missing_hour"]}),
        ({"minutes": "29"}, {"minutes": ["min_value"]}),
        ({"minutes": "241"}, {"minutes": ["max_value"]}),
        ({"minutes": "long"}, {"minutes": ["invalid"]}),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_kept(group, lea, client_of, change, refused):
    response = client_of(lea).post(f"/groups/{group.pk}/sessions/new/", EVENING | change)

    assert errors(response) == refused
    assert {field: response.context["form"][field].value() for field in EVENING} == EVENING | change
    assert Session.objects.count() == 0


def test_the_missing_hour_is_explained(group, lea, client_of):
    missing = {"day": "2027-03-28", "clock": "02:30"}

    page = read(client_of(lea).post(f"/groups/{group.pk}/sessions/new/", EVENING | missing))

    assert "The clocks go forward then, and this time does not exist. Choose one an hour later." in page.words


@pytest.mark.parametrize(("clock", "free"), [("18:00", True), ("18:01", False), ("20:59", False), ("21:00", True)])
def test_a_group_meets_once_at_a_time(group, lea, client_of, clock, free):
    planned(group, "2027-01-14T19:30+01:00")

    response = client_of(lea).post(f"/groups/{group.pk}/sessions/new/", EVENING | {"clock": clock})

    assert (response.status_code == 302) is free
    assert free or errors(response) == {"clock": ["overlap"]}


def test_other_groups_and_cancelled_sessions_are_not_in_the_way(group, lea, client_of):
    planned(group, "2027-01-14T19:30+01:00").cancel(NOW)
    other = Group.found(lea, name="Other", language="English", time_zone="UTC")
    planned(other, "2027-01-14T19:30+01:00")

    assert client_of(lea).post(f"/groups/{group.pk}/sessions/new/", EVENING).status_code == 302


# -- moving and cancelling -----------------------------------------------------------------------------------------


def test_moving_keeps_the_links(group, lea, max_, client_of):
    session = planned(group, "2027-01-14T19:30+01:00")
    link = link_of(max_, session)
    browser, address = client_of(lea), f"/sessions/{session.pk}/move/"

    shown = browser.get(address).context["form"]
    browser.post(address, EVENING | {"clock": "20:00", "minutes": "120"})

    session.refresh_from_db()
    assert [shown[field].value() for field in ("day", "clock")] == [
        aware("2027-01-14T00:00").date(),
        aware("2027-01-14T19:30").time(),
    ]
    assert (session.starts_at, session.minutes, session.revision) == (aware("2027-01-14T20:00+01:00"), 120, 1)
    assert link_of(max_, session) == link
    assert Mail.objects.filter(kind="session_moved").count() == 4


def test_moving_over_another_session_is_refused(group, lea, client_of):
    session = planned(group, "2027-01-14T19:30+01:00")
    planned(group, "2027-01-21T19:30+01:00")

    response = client_of(lea).post(f"/sessions/{session.pk}/move/", EVENING | {"day": "2027-01-21"})

    session.refresh_from_db()
    assert errors(response) == {"clock": ["overlap"]}
    assert session.starts_at == aware("2027-01-14T19:30+01:00")


def test_cancelling_asks_first_and_closes_the_session(group, lea, max_, client_of):
    session = planned(group, "2027-01-14T19:30+01:00")
    browser, address = client_of(lea), f"/sessions/{session.pk}/cancel/"

    browser.get(address)
    untouched = Session.objects.get().cancelled_at
    browser.post(address)

    assert (untouched, Session.objects.get().cancelled_at) == (None, NOW)
    assert Mail.objects.filter(kind="session_cancelled").count() == 4
    assert "Cancelled" in client_of(max_).get(f"/sessions/{session.pk}/").content.decode()


def test_moving_pressed_twice_moves_once(group, lea, client_of):
    session = planned(group, "2027-01-14T19:30+01:00")
    browser, evening = client_of(lea), EVENING | {"clock": "20:00", "minutes": "120"}

    for _ in range(2):
        browser.post(f"/sessions/{session.pk}/move/", evening)

    session.refresh_from_db()
    assert session.revision == 1


@pytest.mark.parametrize("deed", ["move", "cancel"])
@pytest.mark.parametrize(("who", "status"), [("cole", 200), ("max_", 404), ("otto", 404)])
def test_only_leaders_move_and_cancel(group, request, client_of, who, status, deed):
    session = planned(group, "2027-01-14T19:30+01:00")

    assert client_of(request.getfixturevalue(who)).get(f"/sessions/{session.pk}/{deed}/").status_code == status


@pytest.mark.parametrize("deed", ["move", "cancel"])
def test_an_open_room_is_neither_moved_nor_cancelled(group, lea, client_of, deed):
    session = planned(group, "2026-11-20T12:15Z")

    response = client_of(lea).post(f"/sessions/{session.pk}/{deed}/", EVENING, follow=True)

    session.refresh_from_db()
    assert "This session can no longer be changed." in read(response).words
    assert (session.cancelled_at, session.revision) == (None, 0)


# -- one session ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "status"), [("lea", 200), ("max_", 200), ("otto", 404), ("rae", 404)])
def test_a_session_is_there_for_its_group(group, request, client_of, who, status):
    session = planned(group, "2027-01-14T19:30+01:00")

    assert client_of(request.getfixturevalue(who)).get(f"/sessions/{session.pk}/").status_code == status


def test_it_stands_in_the_viewers_zone_and_the_groups(group, max_, client_of):
    max_.time_zone = "Australia/Brisbane"
    max_.save()
    session = planned(group, "2027-01-14T19:30+01:00")

    words = read(client_of(max_).get(f"/sessions/{session.pk}/")).words

    assert "Friday 15 January" in words
    assert "04:30 to 06:00 your time (Brisbane); Thursday 14 January, 19:30 to 21:00 in Berlin" in words


@pytest.mark.parametrize(
    ("begins", "joinable"), [("12:15:01", False), ("12:15:00", True), ("11:00:00", True), ("11:59:59", True)]
)
def test_one_joins_from_fifteen_minutes_before(group, max_, client_of, begins, joinable):
    session = planned(group, f"2026-11-20T{begins}Z")

    page = read(client_of(max_).get(f"/sessions/{session.pk}/"))

    assert (f"/sessions/{session.pk}/join/" in page.values("a", "href")) is joinable
    assert ("You can join from" in page.words) is not joinable


@pytest.fixture
def over(group, lea, max_) -> Session:
    session = planned(group, "2026-11-19T19:30Z")
    Session.objects.filter(pk=session.pk).update(ended_at=aware("2026-11-19T21:00Z"))
    for doctor, minutes in ((lea, 93), (max_, 71)):
        Attendance.objects.create(
            session=session,
            membership=place_of(doctor, session.group),
            joined_at=session.starts_at,
            left_at=session.ends_at,
            seconds=minutes * 60,
        )
    Step.objects.create(session=session, seq=1, phase="push_back", case=1, at=session.starts_at)
    return session


def test_leaders_see_everybodys_minutes_and_the_steps(over, lea, client_of):
    words = read(client_of(lea).get(f"/sessions/{over.pk}/")).words

    assert [said in words for said in ("93", "71", "Max Example", "Push back, case 1")] == [True] * 4


def test_members_see_their_own_minutes_only(over, max_, pia, client_of):
    browser = client_of(max_)
    response = browser.get(f"/sessions/{over.pk}/")

    assert [row.minutes for row in response.context["attendance"]] == [71]
    assert [said in read(response).words for said in ("93", "Push back")] == [False, False]
    assert "You were not in the room." in read(client_of(pia).get(f"/sessions/{over.pk}/")).words


def test_a_session_that_is_over_is_not_joined(over, lea, client_of):
    page = read(client_of(lea).get(f"/sessions/{over.pk}/"))

    assert [address for address in page.values("a", "href") if "join" in address or "move" in address] == []


def test_the_leaders_number_is_on_a_sessions_page_until_it_is_over(over, group, max_, client_of):
    group.telephone = "+49 30 1234567"
    group.save()
    ahead = Session.objects.create(group=group, starts_at=timezone.now())

    pages = [client_of(max_).get(f"/sessions/{session.pk}/") for session in (ahead, over)]

    assert ["tel:+49301234567" in read(page).values("a", "href") for page in pages] == [True, False]


def test_a_page_has_one_lit_button(group, lea, client_of):
    session = planned(group, "2026-11-20T12:00Z")
    browser = client_of(lea)

    for address in (f"/sessions/{session.pk}/", f"/groups/{group.pk}/", "/"):
        assert browser.get(address).content.decode().count("button--lamp") <= 1


def test_unknown_ids_are_not_found(group, lea, client_of):
    browser = client_of(lea)
    plan(group, timedelta(days=1))

    answers = [browser.get(f"/{kind}/{lea.pk}/").status_code for kind in ("groups", "sessions")]
    odd = [browser.get(f"/{kind}/not-a-uuid/").status_code for kind in ("groups", "sessions")]

    assert answers + odd == [404] * 4

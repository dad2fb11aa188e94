"""What leaders keep of a session: theirs alone, whole, and never of a case."""

import logging
import secrets
from datetime import timedelta

import pytest
from django.utils import timezone

from balint.foundation import vault
from sessions import tasks
from sessions.models import Attendance, Case, Debrief, Session, SpeakingTime, Step
from tests.cast import aware, place_of
from tests.page import read

BEGIN = aware("2026-11-19T19:30Z")
NOW = aware("2026-11-19T21:10Z")
PLAN = "Begin with how the long silence was."


@pytest.fixture(autouse=True)
def now(monkeypatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def session(group, lea, cole, max_, pia) -> Session:
    """An hour and a half of two cases; Pia came late, Cole was by telephone and in no room."""
    session = Session.objects.create(group=group, starts_at=BEGIN, ended_at=NOW)
    for seq, phase, minute in ((1, "lobby", -10), (2, "gathering", 0), (9, "closing", 88), (10, "debrief", 90)):
        Step.objects.create(session=session, seq=seq, phase=phase, at=BEGIN + timedelta(minutes=minute))
    for doctor, minutes, drops in ((lea, 95, 0), (max_, 45, 2), (pia, 44, 0)):
        Attendance.objects.create(
            session=session,
            membership=place_of(doctor, group),
            joined_at=BEGIN,
            left_at=BEGIN + timedelta(minutes=minutes),
            seconds=minutes * 60,
            drops=drops,
        )
    Case.objects.create(session=session, number=1, kinds=["dying"])
    Case.objects.create(session=session, number=2, follow_up=True)
    return session


@pytest.fixture
def address(session) -> str:
    return f"/sessions/{session.pk}/debrief/"


@pytest.fixture
def filled(group, lea, cole, max_) -> dict[str, object]:
    return {
        "revision": 0,
        "of_a_member": ["member_time"],
        "of_the_group": ["group_rivalry", "group_scapegoat"],
        "plan": PLAN,
        "there": [str(place_of(doctor, group).pk) for doctor in (lea, cole, max_)],
        "confirmed": "on",
        "kinds_1": ["dying", "bereavement"],
        "kinds_2": ["third_party"],
        "follow_up_1": "on",
    }


BY_FETCH = {"X-Requested-With": "fetch"}


def counted(session: Session) -> dict[str, bool | None]:
    rows = session.attendance_set.values_list("membership__doctor__user__username", "counts")
    return dict(rows)


@pytest.mark.parametrize("who", ["max_", "otto", "rae"])
def test_it_is_there_for_its_leaders_alone(address, request, client_of, who):
    browser = client_of(request.getfixturevalue(who))

    answers = [getattr(browser, method)(address, headers=BY_FETCH).status_code for method in ("get", "post")]

    assert answers == [404, 404]
    assert Debrief.objects.count() == 0


def test_whoever_came_by_a_link_has_none(address, client):
    assert client.get(address, headers=BY_FETCH).status_code == 401
    assert client.get(address).url.startswith("/accounts/login/")


def test_neither_before_the_doors_open_nor_when_cancelled(address, session, lea, client_of):
    browser = client_of(lea)
    Session.objects.update(starts_at=NOW + timedelta(minutes=16), ended_at=None)
    early = browser.get(address).status_code
    Session.objects.update(starts_at=BEGIN, cancelled_at=BEGIN)

    assert (early, browser.get(address).status_code) == (404, 404)


def test_looking_keeps_nothing(address, lea, client_of):
    client_of(lea).get(address)

    assert Debrief.objects.count() == 0


def test_who_was_there_for_half_of_it_is_ticked(address, group, lea, max_, client_of):
    form = client_of(lea).get(address).context["form"]

    assert form["there"].value() == [str(place_of(doctor, group).pk) for doctor in (lea, max_)]
    assert form["confirmed"].value() is False


def test_the_first_beginning_and_the_debrief_say_how_long_it_was(session):
    whole = session.held_s
    session.step_set.filter(phase="debrief").delete()
    ended = session.held_s
    session.step_set.all().delete()

    assert (whole, ended, session.held_s) == (90 * 60, 100 * 60, 90 * 60)


def test_all_that_is_said_is_kept(address, session, group, filled, cole, client_of):
    response = client_of(cole).post(address, filled)

    kept = Debrief.objects.get()
    session.refresh_from_db()
    assert response.url == address
    assert kept.difficulties == ["member_time", "group_rivalry", "group_scapegoat"]
    assert (kept.plan, kept.revision, kept.saved_at, kept.saved_by) == (PLAN, 1, NOW, place_of(cole, group))
    assert counted(session) == {"lea": True, "cole": True, "max": True, "pia": False}
    assert session.attendance_confirmed_at == NOW
    assert list(session.case_set.values_list("kinds", "follow_up")) == [
        (["dying", "bereavement"], True),
        (["third_party"], False),
    ]


def test_who_was_there_without_a_line_has_no_minutes(address, session, filled, lea, cole, client_of):
    client_of(lea).post(address, filled)

    row = session.attendance_set.get(membership__doctor=cole)
    assert (row.seconds, row.joined_at, row.left_at, row.counts) == (0, BEGIN, BEGIN, True)


def test_the_page_shows_again_what_was_kept(address, filled, lea, cole, client_of):
    client_of(lea).post(address, filled)

    form = client_of(cole).get(address).context["form"]

    shown = {name: form[name].value() for name in filled}
    changed = {"revision": 1, "confirmed": True, "follow_up_1": True, "there": sorted(filled["there"])}
    assert shown | {"there": sorted(shown["there"])} == filled | changed


def test_an_attendance_that_is_confirmed_may_be_opened_again(address, session, filled, lea, client_of):
    browser = client_of(lea)
    browser.post(address, filled)

    browser.post(address, {key: value for key, value in filled.items() if key != "confirmed"} | {"revision": 1})

    session.refresh_from_db()
    assert session.attendance_confirmed_at is None


def test_an_attendance_that_nobody_changes_stays_confirmed_as_of_then(
    address, session, filled, lea, client_of, monkeypatch
):
    browser = client_of(lea)
    browser.post(address, filled)
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(hours=1))

    browser.post(address, filled | {"revision": 1, "plan": "Another"})
    kept = Session.objects.get().attendance_confirmed_at
    browser.post(address, filled | {"revision": 2, "there": filled["there"][:1]})

    assert (kept, Session.objects.get().attendance_confirmed_at) == (NOW, NOW + timedelta(hours=1))


def test_nothing_of_the_plan_can_be_read_in_the_database(address, filled, lea, client_of):
    client_of(lea).post(address, filled)

    sealed = bytes(Debrief.objects.get().sealed_plan)
    assert [word.encode() in sealed for word in PLAN.split()] == [False] * len(PLAN.split())


def test_the_plan_is_shown_as_it_was_typed(address, filled, lea, client_of):
    typed = "<script>alert(1)</script> {{ 7 }} 'x'; DROP TABLE"
    browser = client_of(lea)
    browser.post(address, filled | {"plan": typed})

    page = browser.get(address)

    assert page.context["form"]["plan"].value() == typed
    assert typed in read(page).words


def test_a_save_that_missed_anothers_is_refused_and_loses_nothing(address, session, filled, lea, cole, client_of):
    client_of(cole).post(address, filled)
    mine = filled | {"plan": "Mine", "of_a_member": ["member_family"]}

    response = client_of(lea).post(address, mine)

    page = read(response)
    form = response.context["form"]
    assert response.status_code == 409
    assert "Cole Example saved this on 19 November, 22:10, after you had opened it. Nothing of yours" in page.words
    assert "Yours differs from what is saved in: In a member, Plan for the next session" in page.words
    assert PLAN in page.words
    assert (form["plan"].value(), form["of_a_member"].value()) == ("Mine", ["member_family"])
    assert (Debrief.objects.get().plan, Debrief.objects.get().revision) == (PLAN, 1)


def test_saved_again_after_reading_it_counts(address, filled, lea, cole, client_of):
    client_of(cole).post(address, filled)
    refused = read(client_of(lea).post(address, filled | {"plan": "Mine"}))
    (revision,) = [each["value"] for tag, each in refused.tags if each.get("name") == "revision"]

    client_of(lea).post(address, filled | {"plan": "Mine", "revision": revision})

    assert (Debrief.objects.get().plan, Debrief.objects.get().revision) == ("Mine", 2)


@pytest.mark.parametrize("revision", ["", "-1", "no", "99999999999999999999"])
def test_a_save_without_a_revision_counts_as_late(address, filled, lea, client_of, revision):
    response = client_of(lea).post(address, filled | {"revision": revision})

    assert response.status_code == 409
    assert "This has changed since you opened it." in read(response).words


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("of_a_member", ["patient_name"]),
        ("of_the_group", ["member_time"]),
        ("kinds_1", ["a story"]),
        ("there", ["0f0e0d0c-0000-0000-0000-000000000000"]),
        ("plan", "x" * 4001),
    ],
)
def test_what_is_no_choice_is_refused_and_nothing_is_kept(address, session, filled, lea, client_of, field, value):
    response = client_of(lea).post(address, filled | {field: value})

    kept = Debrief.objects.get()
    assert (response.status_code, list(response.context["form"].errors)) == (400, [field])
    assert (kept.revision, kept.difficulties, counted(session)) == (0, [], {"lea": None, "max": None, "pia": None})


def test_the_room_gets_the_form_alone_and_a_saving_answers_with_its_time(address, filled, lea, client_of):
    browser = client_of(lea)

    form = browser.get(address, headers=BY_FETCH).content.decode()
    saved = browser.post(address, filled, headers=BY_FETCH)
    late = browser.post(address, filled, headers=BY_FETCH)

    assert form.startswith("<form")
    assert "csrfmiddlewaretoken" in form
    assert saved.json() == {"saved": "22:10", "revision": 1}  # Lea's clock is Berlin's
    assert (late.status_code, late.content.decode().startswith("<form")) == (409, True)


def test_without_its_key_the_plan_is_neither_shown_nor_lost(address, filled, lea, client_of, settings, caplog):
    browser = client_of(lea)
    browser.post(address, filled)
    keys, settings.MASTER_KEYS = settings.MASTER_KEYS, (secrets.token_urlsafe(48),)
    head = bytes(Debrief.objects.get().sealed_plan)[: vault.HEAD].hex()

    with caplog.at_level(logging.ERROR, "balint.vault"):
        page = read(browser.get(address))
        browser.post(address, filled | {"revision": 1, "plan": "Another", "of_a_member": []})

    kept = Debrief.objects.get()
    settings.MASTER_KEYS = keys
    assert "The plan cannot be opened now. It is kept as it is" in page.words
    assert "plan" not in page.values("textarea", "name")
    assert {record.getMessage() for record in caplog.records} == {
        f"A plan does not open. It needs the master key {head}. Add that one to MASTER_KEY, on a line below."
    }
    assert (kept.plan, kept.difficulties) == (PLAN, ["group_rivalry", "group_scapegoat"])


def test_a_plan_moved_to_another_session_does_not_open(address, session, filled, lea, client_of):
    client_of(lea).post(address, filled)
    other = Session.objects.create(group=session.group, starts_at=BEGIN - timedelta(days=7), ended_at=NOW)
    Debrief.objects.create(session=other, sealed_plan=Debrief.objects.get().sealed_plan)

    page = read(client_of(lea).get(f"/sessions/{other.pk}/debrief/"))

    assert "The plan cannot be opened now." in page.words
    assert PLAN not in page.words


def test_whoever_left_the_group_since_keeps_their_row(address, group, pia, lea, client_of):
    place_of(pia, group).end()

    assert "Pia Example" in read(client_of(lea).get(address)).words


# -- how much each spoke -------------------------------------------------------------------------------------------


@pytest.fixture
def spoken(session, group, lea, max_) -> None:
    """Lea 100 s, Max 11 s and Pia nothing in the circle; what was before and after it does not count."""
    group.speaking_bands = True
    group.save()
    times = ((lea, "call", 60), (lea, "push_back", 40), (max_, "call", 11), (max_, "lobby", 900), (lea, "debrief", 900))
    for doctor, phase, seconds in times:
        place = place_of(doctor, group)
        SpeakingTime.objects.create(session=session, membership=place, phase=phase, seconds=seconds)


def test_leaders_read_everybodys_band_and_no_number(address, session, spoken, lea, client_of):
    browser = client_of(lea)

    debrief, page = read(browser.get(address)).words, read(browser.get(f"/sessions/{session.pk}/")).words

    for words in (debrief, page):
        assert [said in words for said in ("Spoke", "Lea Example", "much", "little", "not at all")] == [True] * 5
        assert [said in words for said in ("100", "111", "900")] == [False] * 3


def test_a_member_reads_their_own_band_only(session, spoken, max_, client_of):
    response = client_of(max_).get(f"/sessions/{session.pk}/")

    words = read(response).words
    assert list(response.context["bands"].values()) == ["little"]
    assert [said in words for said in ("little", "much beside", "not at all", "Debrief")] == [True, False, False, False]


def test_without_the_groups_agreement_nobody_reads_any(address, session, spoken, group, lea, max_, client_of):
    group.speaking_bands = False
    group.save()

    pages = [client_of(lea).get(address), *(client_of(each).get(f"/sessions/{session.pk}/") for each in (lea, max_))]

    assert ["Spoke" in read(page).words for page in pages] == [False] * 3


def test_speech_is_forgotten_after_ninety_days(session, spoken, group):
    older = Session.objects.create(group=group, starts_at=NOW - timedelta(days=90, seconds=1))
    younger = Session.objects.create(group=group, starts_at=NOW - timedelta(days=90))
    SpeakingTime.objects.all().delete()
    for each in (older, younger):
        SpeakingTime.objects.create(session=each, membership=group.members.first(), phase="call", seconds=9)

    tasks.forget_speaking()

    assert list(SpeakingTime.objects.values_list("session", flat=True)) == [younger.pk]


def test_what_a_group_does_not_agree_to_any_more_is_forgotten(session, spoken, group):
    tasks.forget_speaking()
    agreed = SpeakingTime.objects.count()
    group.speaking_bands = False
    group.save()

    tasks.forget_speaking()

    assert (agreed, SpeakingTime.objects.count()) == (5, 0)


def test_forgetting_is_on_the_workers_clock(settings):
    entry = settings.CELERY_BEAT_SCHEDULE["forget_speaking"]

    assert (entry["task"], entry["schedule"]) == (tasks.forget_speaking.name, 24 * 60 * 60)


# -- the session's page --------------------------------------------------------------------------------------------


def test_leaders_read_cases_and_whether_attendance_is_confirmed(address, session, filled, lea, max_, client_of):
    browser, page = client_of(lea), f"/sessions/{session.pk}/"
    before = read(browser.get(page))
    browser.post(address, filled)

    after, members = read(browser.get(page)), read(client_of(max_).get(page))

    assert address in before.values("a", "href")
    assert "Attendance is not confirmed yet" in before.words
    assert [said in before.words for said in ("Case 1", "Dying", "Case 2", "no kind noted", "follow-up")] == [True] * 5
    assert "Attendance was confirmed on 19 November, 22:10." in after.words
    assert "Case 1Dying, Bereavementfollow-upCase 2A third party: family" in after.words
    assert [said in members.words for said in ("Case", "Dying", "confirmed", PLAN)] == [False] * 4
    assert address not in members.values("a", "href")

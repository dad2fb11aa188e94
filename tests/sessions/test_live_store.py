"""What a room node keeps in the database: snapshots, steps, attendance; never names, never what was said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from groups.models import Doctor, Group, Membership
from sessions import store
from sessions.models import Attendance, Case, Debrief, RoomLease, RoomSnapshot, Session, SpeakingTime, Step
from sessions.presence import Presence
from sessions.state import ClosedCase, Phase, Role, Room, Seat
from sessions.store import LeaseLost, Snapshot, StepTaken, Terms
from sessions.vocabulary import CaseKind

MINUTE_MS = 60_000
START_MS = 1_700_000_000_000


@pytest.fixture
def session(group: Group) -> Session:
    session = Session.objects.create(group=group, starts_at=timezone.now())
    assert store.take_over(session.pk, "node-1", "") is not None
    return session


@pytest.fixture
def seat(group: Group, max_: Doctor) -> str:
    return str(Membership.objects.get(group=group, doctor=max_).pk)


def snapshot(seat: str, presence: Presence, minute: int = 0, *steps: StepTaken) -> Snapshot:
    room = Room(seats=(Seat(seat, Role.MEMBER),))
    return Snapshot(5 + minute, room, {seat: presence}, START_MS + minute * MINUTE_MS, steps)


def at(minute: int) -> datetime:
    return datetime.fromtimestamp((START_MS + minute * MINUTE_MS) / 1000, UTC)


def test_a_snapshot_is_read_as_it_was_written(session: Session, seat: str) -> None:
    kept = snapshot(seat, Presence.begun(START_MS).went(START_MS + MINUTE_MS))

    store.save(session.pk, "node-1", kept)

    assert store.load(session.pk) == kept


def test_attendance_is_brought_up_to_date_with_each_snapshot(session: Session, seat: str) -> None:
    presence = Presence.begun(START_MS)
    store.save(session.pk, "node-1", snapshot(seat, presence, 10))
    drop = presence.went(START_MS + 10 * MINUTE_MS).came(START_MS + 11 * MINUTE_MS)

    store.save(session.pk, "node-1", snapshot(seat, drop, 45))

    row = Attendance.objects.get()
    assert (str(row.membership_id), row.minutes, row.drops) == (seat, 45, 1)
    assert (row.joined_at, row.left_at) == (at(0), at(45))


@pytest.mark.parametrize("agreed", [True, False])
def test_speech_is_counted_only_where_the_group_agreed_to_it(
    session: Session, group: Group, seat: str, agreed: bool
) -> None:
    Group.objects.update(speaking_bands=agreed)
    kept = snapshot(seat, Presence.begun(START_MS))
    first = {(seat, Phase.CALL): 61_900, (seat, Phase.PUSH_BACK): 400}
    store.save(session.pk, "node-1", replace(kept, spoken=first))
    later = replace(kept, spoken=first | {(seat, Phase.PUSH_BACK): 12_000})

    store.save(session.pk, "node-1", later)

    rows = set(SpeakingTime.objects.values_list("phase", "seconds"))
    assert rows == ({("call", 61), ("push_back", 12)} if agreed else set())
    assert store.load(session.pk) == (later if agreed else kept)


def test_of_a_closed_case_its_kinds_are_kept_and_nothing_else(session: Session, seat: str) -> None:
    first, second = ClosedCase(1, follow_up=True), ClosedCase(2, follow_up=False)
    noted = replace(first, kinds=(CaseKind.DYING, CaseKind.BEREAVEMENT), noted=True)

    kept = [cases(session, seat, *closed) for closed in ((first,), (noted,), (noted, second), (noted,))]

    assert kept == [
        [(1, [], True)],
        [(1, ["dying", "bereavement"], True)],
        [(1, ["dying", "bereavement"], True), (2, [], False)],
        [(1, ["dying", "bereavement"], True)],  # the second was taken back
    ]


def test_what_leaders_say_in_the_debrief_outlives_the_rooms_snapshots(session: Session, seat: str) -> None:
    first, second = ClosedCase(1, follow_up=False), ClosedCase(2, follow_up=False)
    cases(session, seat, first, second)
    Case.objects.filter(number=1).update(kinds=["demanding"])

    noted = replace(second, kinds=(CaseKind.DYING,), noted=True)

    assert cases(session, seat, first, second) == [(1, ["demanding"], False), (2, [], False)]
    assert cases(session, seat, first, noted) == [(1, ["demanding"], False), (2, ["dying"], False)]


def test_ticks_in_the_room_outdate_a_debrief_that_is_open(session: Session, seat: str) -> None:
    first = ClosedCase(1, follow_up=False)
    cases(session, seat, first)
    before = Debrief.objects.get().revision

    cases(session, seat, first)
    same = Debrief.objects.get().revision
    cases(session, seat, replace(first, noted=True))

    assert (before, same, Debrief.objects.get().revision) == (1, 1, 2)


def cases(session: Session, seat: str, *closed: ClosedCase) -> list[tuple[int, list[str], bool]]:
    """What is kept of the cases once a room with these was saved."""
    kept = snapshot(seat, Presence.begun(START_MS))
    store.save(session.pk, "node-1", replace(kept, room=replace(kept.room, closed=closed)))
    return list(Case.objects.values_list("number", "kinds", "follow_up"))


def test_a_snapshot_of_an_older_version_has_no_speech(session: Session, seat: str) -> None:
    kept = snapshot(seat, Presence.begun(START_MS))
    store.save(session.pk, "node-1", kept)
    row = RoomSnapshot.objects.get()
    del row.state["spoken"]
    row.save()

    assert store.load(session.pk) == kept


def test_a_step_that_is_written_twice_is_there_once(session: Session, seat: str) -> None:
    steps = (StepTaken(1, Phase.LOBBY, 0, START_MS), StepTaken(5, Phase.CALL, 1, START_MS + MINUTE_MS))

    for _ in range(2):
        store.save(session.pk, "node-1", snapshot(seat, Presence.begun(START_MS), 1, *steps))

    assert list(Step.objects.values_list("seq", "phase", "case", "at")) == [
        (1, "lobby", 0, at(0)),
        (5, "call", 1, at(1)),
    ]


def test_who_is_no_member_any_more_stops_nothing(session: Session, seat: str) -> None:
    gone = "00000000-0000-0000-0000-000000000000"
    kept = snapshot(seat, Presence.begun(START_MS))

    store.save(session.pk, "node-1", replace(kept, presences=kept.presences | {gone: Presence.begun(START_MS)}))

    assert [str(row.membership_id) for row in Attendance.objects.all()] == [seat]


def test_a_node_without_the_lease_writes_nothing(session: Session, seat: str) -> None:
    RoomLease.objects.update(node="node-2")

    with pytest.raises(LeaseLost):
        store.save(session.pk, "node-1", snapshot(seat, Presence.begun(START_MS)))

    assert (RoomSnapshot.objects.count(), Attendance.objects.count()) == (0, 0)


def test_a_snapshot_names_nobody(session: Session, seat: str, max_: Doctor) -> None:
    store.save(session.pk, "node-1", snapshot(seat, Presence.begun(START_MS)))

    state = str(RoomSnapshot.objects.get().state)
    assert seat in state
    assert max_.name not in state
    assert max_.name.split()[0].lower() not in state.lower()


def test_a_snapshot_is_the_method_and_presences_and_nothing_else(session: Session, seat: str) -> None:
    store.save(session.pk, "node-1", snapshot(seat, Presence.begun(START_MS)))

    state = RoomSnapshot.objects.get().state
    assert set(state) == {"room", "presences", "at_ms", "spoken"}
    assert set(state["presences"]) == {seat}
    assert set(state["room"]) == {
        "at",
        "before",
        "seats",
        "door",
        "removed",
        "raised",
        "asks_return",
        "hold",
        "offers",
        "spoken",
        "planned",
        "closed",
        "chat_open",
        "asides",
        "to_leaders",
        "targets",
        "terms",
    }
    assert [set(each) for each in state["room"]["seats"]] == [
        {"id", "role", "here", "left", "gone_ms", "browsers", "microphone", "camera", "paused", "ticks"}
    ]


def test_a_look_knows_what_the_group_agreed_on_and_its_other_sessions(session: Session, group: Group) -> None:
    alone = store.look(session.pk).terms
    day = timedelta(days=1)
    for start, field in ((-1, "ended_at"), (1, "cancelled_at"), (2, "ended_at"), (3, "created_at"), (4, "created_at")):
        moment = session.starts_at + start * day
        Session.objects.create(group=group, starts_at=moment, **{field: moment})
    group.presenter_camera, group.speaking_bands = False, True
    group.save()

    terms = store.look(session.pk).terms

    third = session.starts_at + 3 * day
    assert alone == Terms(first_session=True, presenter_shown=True, speaking=False, next_at_ms=0)
    assert terms == Terms(False, False, True, round(third.timestamp() * 1000))


def test_a_session_that_was_planned_or_ended_later_leaves_this_one_the_first(session: Session, group: Group) -> None:
    Session.objects.create(group=group, starts_at=session.starts_at - timedelta(days=1))
    after = session.starts_at + timedelta(days=1)
    Session.objects.create(group=group, starts_at=after, ended_at=after)

    assert store.look(session.pk).terms.first_session


def test_the_circle_is_leaders_first_and_then_by_joining(session: Session) -> None:
    people = store.look(session.pk).people.values()

    assert [(person.name.split()[0], person.role, person.order) for person in people] == [
        ("Lea", Role.LEADER, 0),
        ("Cole", Role.CO_LEADER, 1),
        ("Max", Role.MEMBER, 2),
        ("Pia", Role.MEMBER, 3),
    ]


def test_a_lease_is_kept_by_renewing_it(session: Session) -> None:
    before = RoomLease.objects.get().expires_at

    assert store.renew_leases([session.pk], "node-1") == {session.pk}
    assert store.renew_leases([session.pk], "node-2") == set()
    assert RoomLease.objects.get().expires_at >= before
    assert store.take_over(session.pk, "node-2", "") is None

"""What a room node reads and writes: who belongs to a session, the room's snapshot, and whose lease it is.

A lease says which node has a room. It lasts `LEASE` by the database's clock and is renewed each second.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from groups.models import Membership
from sessions.models import (
    Attendance,
    Case,
    Debrief,
    RoomLease,
    RoomSnapshot,
    Session,
    SessionLink,
    SpeakingTime,
    Step,
)
from sessions.presence import Presence
from sessions.state import ClosedCase, Phase, Role, Room, from_json, to_json

LEASE = timedelta(seconds=3)


class LeaseLost(Exception):
    """Another node has the room: this one may write nothing more about it."""


@dataclass(frozen=True)
class Person:
    """Somebody who belongs to the session's group. `order`: leaders first, the others as they came."""

    seat: str
    name: str
    initials: str
    role: Role
    order: int


@dataclass(frozen=True)
class Terms:
    """What the group agreed on, and where this session stands among its others.

    `presenter_shown`: a pushed-back presenter stays seen. `speaking`: seconds of speech are kept.
    `next_at_ms`: when the group's next planned session begins, 0 when none is planned.
    """

    first_session: bool = False
    presenter_shown: bool = True
    speaking: bool = False
    next_at_ms: int = 0


@dataclass(frozen=True)
class Look:
    """The session as its pages have it: `open` until cancelled, ended or gone; `links` are the links in force."""

    open: bool
    people: dict[str, Person]
    links: frozenset[str]
    terms: Terms = Terms()


@dataclass(frozen=True)
class StepTaken:
    seq: int
    phase: Phase
    case: int
    at_ms: int


@dataclass(frozen=True)
class Snapshot:
    """A room at one sequence number; `steps` are those not written yet.

    `spoken`: milliseconds that each seat spoke in each phase so far; it is kept only where the group agreed to it.
    """

    seq: int
    room: Room
    presences: dict[str, Presence]
    at_ms: int
    steps: tuple[StepTaken, ...] = ()
    spoken: dict[tuple[str, Phase], int] = field(default_factory=dict)


# Looking


def look(session_id: uuid.UUID) -> Look:
    standing = Session.objects.filter(pk=session_id, cancelled_at=None, ended_at=None)
    session = standing.select_related("group").first()
    if session is None:
        return Look(False, {}, frozenset())
    seats = Membership.objects.filter(group=session.group_id, left_at=None).select_related("doctor")
    circle = sorted(seats, key=lambda seat: (Membership.Role.values.index(seat.role), seat.joined_at, seat.pk))
    links = SessionLink.valid(timezone.now()).filter(session=session).values_list("pk", flat=True)
    people = {str(seat.pk): _person(seat, order) for order, seat in enumerate(circle)}
    return Look(True, people, frozenset(map(str, links)), _terms(session))


def _terms(session: Session) -> Terms:
    following = session.next
    return Terms(
        first_session=session.is_first,
        presenter_shown=session.group.presenter_camera,
        speaking=session.group.speaking_bands,
        next_at_ms=_ms(following.starts_at) if following else 0,
    )


def _person(seat: Membership, order: int) -> Person:
    return Person(str(seat.pk), seat.doctor.name, seat.doctor.initials, Role(seat.role), order)


# Snapshots


@transaction.atomic
def take_over(session_id: uuid.UUID, node: str, url: str) -> tuple[Look, Snapshot | None] | None:
    """Take the room's lease and read what there is; None when another node has it, or the session is over."""
    seen = look(session_id)
    if not seen.open or not take_lease(session_id, node, url):
        return None
    return seen, load(session_id)


def load(session_id: uuid.UUID) -> Snapshot | None:
    row = RoomSnapshot.objects.filter(pk=session_id).first()
    if row is None:
        return None
    presences = {seat: Presence(**presence) for seat, presence in row.state["presences"].items()}
    spoken = {(seat, Phase(phase)): ms for seat, phase, ms in row.state.get("spoken", ())}
    return Snapshot(row.seq, from_json(row.state["room"]), presences, row.state["at_ms"], spoken=spoken)


@transaction.atomic
def save(session_id: uuid.UUID, node: str, snapshot: Snapshot) -> None:
    """Keep a snapshot, its steps and the attendance so far; when the room has ended, only what outlives it.

    Raises LeaseLost when another node has the room.
    """
    if not RoomLease.objects.select_for_update().filter(pk=session_id, node=node).exists():
        raise LeaseLost
    Step.objects.bulk_create((_step(session_id, step) for step in snapshot.steps), ignore_conflicts=True)
    known = set(map(str, Membership.objects.filter(pk__in=snapshot.presences).values_list("pk", flat=True)))
    _save_attendance(session_id, snapshot, known)
    spoken = snapshot.spoken if _counts_speaking(session_id) else {}
    _save_speaking(session_id, spoken, known)
    _save_cases(session_id, snapshot.room.closed)
    if snapshot.room.phase is Phase.ENDED:
        Session.objects.filter(pk=session_id, ended_at=None).update(ended_at=_aware(snapshot.at_ms))
        RoomSnapshot.objects.filter(pk=session_id).delete()
        return
    presences = {seat: presence.to_json() for seat, presence in snapshot.presences.items()}
    state = {
        "room": to_json(snapshot.room),
        "presences": presences,
        "at_ms": snapshot.at_ms,
        "spoken": [[seat, phase, ms] for (seat, phase), ms in spoken.items()],
    }
    RoomSnapshot.objects.update_or_create(pk=session_id, defaults={"seq": snapshot.seq, "state": state})


def _step(session_id: uuid.UUID, step: StepTaken) -> Step:
    return Step(session_id=session_id, seq=step.seq, phase=step.phase, case=step.case, at=_aware(step.at_ms))


def _save_attendance(session_id: uuid.UUID, snapshot: Snapshot, known: set[str]) -> None:
    rows = [
        Attendance(
            session_id=session_id,
            membership_id=seat,
            joined_at=_aware(presence.joined_ms),
            left_at=_aware(snapshot.at_ms if presence.left_ms is None else presence.left_ms),
            seconds=presence.seconds(snapshot.at_ms),
            drops=presence.drops,
        )
        for seat, presence in snapshot.presences.items()
        if seat in known
    ]
    Attendance.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["session", "membership"],
        update_fields=["joined_at", "left_at", "seconds", "drops"],
    )


def _save_cases(session_id: uuid.UUID, closed: tuple[ClosedCase, ...]) -> None:
    """What has changed of the closed cases since the last snapshot: leaders may have said more of the others since."""
    row = RoomSnapshot.objects.filter(pk=session_id).first()
    former = from_json(row.state["room"]).closed if row else ()
    if former == closed:
        return
    Case.objects.filter(session=session_id, number__in=[case.number for case in former if case not in closed]).delete()
    for case in closed:
        if case not in former:
            kept = {"kinds": list(case.kinds), "follow_up": case.follow_up}
            Case.objects.create(session_id=session_id, number=case.number, **kept)
    Debrief.outdate(session_id)


def _counts_speaking(session_id: uuid.UUID) -> bool:
    return Session.objects.filter(pk=session_id, group__speaking_bands=True).exists()


def _save_speaking(session_id: uuid.UUID, spoken: dict[tuple[str, Phase], int], known: set[str]) -> None:
    rows = [
        SpeakingTime(session_id=session_id, membership_id=seat, phase=phase, seconds=ms // 1000)
        for (seat, phase), ms in spoken.items()
        if seat in known
    ]
    SpeakingTime.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["session", "membership", "phase"],
        update_fields=["seconds"],
    )


def _aware(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


# Leases


def take_lease(session_id: uuid.UUID, node: str, url: str) -> bool:
    """Take the room, unless another node has it now. A node's own lease is taken again at once."""
    free = Q(node=node) | Q(expires_at__lt=Now())
    if RoomLease.objects.filter(free, pk=session_id).update(node=node, url=url, expires_at=Now() + LEASE):
        return True
    row = RoomLease(session_id=session_id, node=node, url=url, expires_at=Now() + LEASE)
    return RoomLease.objects.bulk_create([row], ignore_conflicts=True) and _holds(session_id, node)


def _holds(session_id: uuid.UUID, node: str) -> bool:
    return RoomLease.objects.filter(pk=session_id, node=node).exists()


def renew_leases(sessions: Iterable[uuid.UUID], node: str) -> set[uuid.UUID]:
    """Those of the sessions that this node still has, for another term."""
    mine = RoomLease.objects.filter(pk__in=list(sessions), node=node)
    mine.update(expires_at=Now() + LEASE)
    return set(mine.values_list("pk", flat=True))


def end_lease(session_id: uuid.UUID, node: str) -> None:
    RoomLease.objects.filter(pk=session_id, node=node).delete()

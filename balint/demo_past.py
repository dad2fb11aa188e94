"""The demonstration's evenings before tonight, and the one to come. Invented, like everything in it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from groups.models import Group, Membership
from sessions.models import Attendance, Case, Debrief, Session, SessionLink, SpeakingTime, Step
from sessions.vocabulary import CaseKind, Difficulty

THURSDAY = 3
BEGINS = time(19, 0)
MINUTES = 90
FORTNIGHT = timedelta(days=14)

Kinds = tuple[CaseKind, ...]

CASE = ((0, "presentation"), (9, "clarifying"), (14, "push_back"), (30, "return"))
SPOKEN = ("call", "presentation", "push_back", "return")


@dataclass(frozen=True)
class Evening:
    cases: tuple[tuple[Kinds, bool], ...]  # the kinds of each, and whether it was a follow-up
    difficulties: tuple[Difficulty, ...]
    plan: str


EVENINGS = (
    Evening(
        (((CaseKind.DIFFICULT_INTERACTION, CaseKind.HEARTSINK), False),),
        (Difficulty.GROUP_FRAMES, Difficulty.MEMBER_APPROVAL),
        "Say once more at the beginning that nobody is asked for advice. Cole greets whoever comes late.",
    ),
    Evening(
        (((CaseKind.DYING, CaseKind.THIRD_PARTY), False), ((CaseKind.MULTIPLE_REFERRALS,), False)),
        (Difficulty.MEMBER_TIME, Difficulty.SURROUNDINGS_ACCEPTANCE),
        "Two who have not presented yet: ask into the circle, not at them. Lea keeps the clock, Cole the hands.",
    ),
    Evening(
        (((CaseKind.PSYCHOSOMATIC,), False), ((CaseKind.DYING, CaseKind.BEREAVEMENT), True)),
        (Difficulty.GROUP_INTERVENTIONS,),
        "Let the silence after the presentation last longer. Cole leads the first case.",
    ),
)


def load(group: Group, now: datetime) -> None:
    """The evenings of the last weeks, a fortnight apart, and the next one."""
    chance = random.Random(1957)  # noqa: S311  invented data, the same on every machine
    week_ago = now.astimezone(group.zone).date() - timedelta(days=7)
    last = week_ago - timedelta(days=(week_ago.weekday() - THURSDAY) % 7)
    members = list(group.members)
    for number, evening in enumerate(EVENINGS, start=1 - len(EVENINGS)):
        session = _session(group, last + number * FORTNIGHT)
        _hold(session, evening)
        _come(session, members, chance)
        _look_back(session, members, evening)
    ahead = _session(group, last + FORTNIGHT)
    for member in members:
        SessionLink.objects.create(session=ahead, membership=member, expires_at=ahead.links_expire_at)


def _session(group: Group, day: date) -> Session:
    return Session.objects.create(
        group=group, starts_at=datetime.combine(day, BEGINS, group.zone).astimezone(UTC), minutes=MINUTES
    )


def _hold(session: Session, evening: Evening) -> None:
    steps = [
        Step(session=session, seq=seq, phase=phase, case=case, at=session.starts_at + timedelta(minutes=minute))
        for seq, (minute, phase, case) in enumerate(_steps(len(evening.cases)), start=1)
    ]
    Step.objects.bulk_create(steps)
    for number, (kinds, follow_up) in enumerate(evening.cases, start=1):
        Case.objects.create(session=session, number=number, kinds=list(kinds), follow_up=follow_up)
    session.ended_at = steps[-1].at
    session.save()


def _steps(cases: int) -> Iterator[tuple[int, str, int]]:
    """Minute, phase and case of each step; a call is that of the case to come."""
    yield from ((-8, "lobby", 0), (0, "gathering", 0), (5, "call", 1))
    for case in range(1, cases + 1):
        begin = 10 + 39 * (case - 1)
        yield from ((begin + minute, phase, case) for minute, phase in CASE)
        yield begin + 37, "call", case + 1
    over = 10 + 39 * cases
    yield from ((over, "closing", 0), (over + 4, "debrief", 0), (over + 15, "ended", 0))


def _come(session: Session, members: list[Membership], chance: random.Random) -> None:
    """All but one, who had to go early; leaders stay until the end. Some speak much, some little."""
    together_s = session.held_s
    early = chance.randrange(4, len(members))
    for order, member in enumerate(members):
        seconds = round(together_s * (0.35 if order == early else 1)) + (660 if member.leads else 0)
        left_at = session.starts_at + timedelta(seconds=seconds)
        Attendance.objects.create(
            session=session,
            membership=member,
            joined_at=session.starts_at,
            left_at=left_at,
            seconds=seconds,
            drops=chance.choice((0, 0, 0, 1, 2)),
        )
        share_s = chance.choice((0.0, 0.3, 1.0, 1.0, 1.0, 2.5)) * together_s / len(members) / len(SPOKEN)
        for phase in SPOKEN:
            SpeakingTime.objects.create(session=session, membership=member, phase=phase, seconds=round(share_s))


def _look_back(session: Session, members: list[Membership], evening: Evening) -> None:
    """As Lea kept it ten minutes after the members had left."""
    at = session.ended_at - timedelta(minutes=1)
    debrief = Debrief(session=session, difficulties=list(evening.difficulties), revision=1, saved_at=at)
    debrief.plan, debrief.saved_by = evening.plan, members[0]
    debrief.save()
    for row in session.attendance_set.all():
        row.counts = row.seconds >= session.held_s / 2
        row.save(update_fields=["counts"])
    session.attendance_confirmed_at = at
    session.save(update_fields=["attendance_confirmed_at"])

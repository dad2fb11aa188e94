"""What tests about people and sessions have in common; the cast itself stands in conftest.py."""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.utils import timezone

from groups.models import Doctor, Group, Membership
from sessions.models import Session, SessionLink


def prove_email(doctor: Doctor) -> None:
    """As if they had opened the link in the confirmation mail."""
    EmailAddress.objects.create(user=doctor.user, email=doctor.email, verified=True, primary=True)


def plan(group: Group, starts_in: timedelta, minutes: int = 90) -> Session:
    """A planned session with its links, so far from now; on a whole second."""
    return Session.plan(group, timezone.now().replace(microsecond=0) + starts_in, minutes)


def place_of(doctor: Doctor, group: Group) -> Membership:
    return Membership.objects.get(doctor=doctor, group=group)


def link_of(doctor: Doctor, session: Session) -> SessionLink:
    return SessionLink.objects.get(membership__doctor=doctor, session=session, revoked_at=None)


def aware(text: str) -> datetime:
    """ "2027-03-01T19:30+01:00" as a moment."""
    return datetime.fromisoformat(text)

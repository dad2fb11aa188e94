"""Who may sit down in a session: a member who is logged in, or whoever holds a personal link to it.

A log-in always wins over a link: somebody who is logged in is never let in as another person.
"""

import uuid

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from groups.models import Doctor, Membership
from sessions.models import Session, SessionLink

PASSES = "seat_pass"


def seat_for(
    http_session: SessionBase, user: AbstractBaseUser | AnonymousUser, session_id: uuid.UUID
) -> Membership | None:
    """The seat this browser has in a session (with its doctor and group), or None: not theirs, cancelled, or left."""
    session = Session.objects.filter(pk=session_id, cancelled_at=None).first()
    if session is None:
        return None
    seats = Membership.objects.filter(group=session.group_id, left_at=None).select_related("doctor", "group")
    if user.is_authenticated:
        return seats.filter(doctor__user_id=user.pk).first()
    valid = SessionLink.valid(timezone.now()).filter(pk=pass_to(http_session, session_id), session=session)
    return seats.filter(pk__in=valid.values("membership")).first()


def person_of(http_session: SessionBase, user: AbstractBaseUser | AnonymousUser) -> Doctor | None:
    """Who sits at this browser: whoever is logged in, else whose personal link it holds."""
    if user.is_authenticated:
        return Doctor.of(user)
    mine = http_session.get(PASSES, {}).values()
    links = SessionLink.valid(timezone.now()).filter(pk__in=mine).select_related("membership__doctor")
    link = links.order_by("expires_at", "pk").first()
    return link.membership.doctor if link else None


def pass_to(http_session: SessionBase, session_id: uuid.UUID) -> str | None:
    """The personal link by which this browser came to a session, if it did; it may be void by now."""
    return http_session.get(PASSES, {}).get(str(session_id))


def grant(http_session: SessionBase, link: SessionLink) -> None:
    """Exchange a link for a pass to its one session, under a fresh cookie."""
    http_session.cycle_key()
    http_session[PASSES] = http_session.get(PASSES, {}) | {str(link.session_id): str(link.pk)}

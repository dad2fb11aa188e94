"""Who may sit down in a session: a member who is logged in, or whoever holds a personal link to it.

A log-in always wins over a link: somebody who is logged in is never let in as another person.
"""

import uuid
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from groups.models import Doctor, Membership
from sessions.models import Session, SessionLink

PASSES = "seat_pass"


@dataclass(frozen=True)
class Pass:
    """The personal link by which a browser came; `browser` counts those that came by it, from 1."""

    link: str
    browser: int


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
    held = pass_to(http_session, session_id)
    valid = SessionLink.valid(timezone.now()).filter(pk=held.link if held else None, session=session)
    return seats.filter(pk__in=valid.values("membership")).first()


def person_of(http_session: SessionBase, user: AbstractBaseUser | AnonymousUser) -> Doctor | None:
    """Who sits at this browser: whoever is logged in, else whose personal link it holds."""
    if user.is_authenticated:
        return Doctor.of(user)
    mine = [_pass(kept).link for kept in http_session.get(PASSES, {}).values()]
    links = SessionLink.valid(timezone.now()).filter(pk__in=mine).select_related("membership__doctor")
    link = links.order_by("expires_at", "pk").first()
    return link.membership.doctor if link else None


def pass_to(http_session: SessionBase, session_id: uuid.UUID) -> Pass | None:
    """How this browser came to a session, if by a personal link; it may be void by now."""
    kept = http_session.get(PASSES, {}).get(str(session_id))
    return _pass(kept) if kept else None


def _pass(kept: str | list[str | int]) -> Pass:
    """A pass as a cookie's row holds it; older ones are the link alone."""
    return Pass(kept, 1) if isinstance(kept, str) else Pass(*kept)


def grant(http_session: SessionBase, link: SessionLink) -> None:
    """Exchange a link for a pass to its one session, under a fresh cookie. The same browser counts once."""
    http_session.cycle_key()
    held = pass_to(http_session, link.session_id)
    if held is None or held.link != str(link.pk):
        passes = {str(link.session_id): [str(link.pk), link.count_browser()]}
        http_session[PASSES] = http_session.get(PASSES, {}) | passes

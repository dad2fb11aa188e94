"""The mails that sessions send: to one person, about their own link."""

import uuid

from django.urls import reverse
from django.utils.translation import gettext as _

from balint.foundation.mail import Letter, letter, site_link
from sessions.models import SessionLink
from sessions.when import Span


@letter("session_link")
def planned(about: uuid.UUID) -> Letter | None:
    """Nothing is sent when by now the link is replaced, the session cancelled or the person gone."""
    return _letter(about, _("Your Balint session on %(day)s"), "session_link")


@letter("session_moved")
def moved(about: uuid.UUID) -> Letter | None:
    return _letter(about, _("Your Balint session has moved to %(day)s"), "session_moved")


@letter("session_cancelled")
def cancelled(about: uuid.UUID) -> Letter | None:
    return _letter(about, _("Your Balint session on %(day)s is cancelled"), "session_cancelled", cancelled=True)


def _letter(about: uuid.UUID, subject: str, template: str, cancelled: bool = False) -> Letter | None:
    links = SessionLink.objects.select_related("session__group", "membership__doctor").filter(SessionLink.UNREVOKED)
    link = links.filter(pk=about, session__cancelled_at__isnull=not cancelled).first()
    if link is None:
        return None
    session, doctor = link.session, link.membership.doctor
    own, there = (Span(zone, session.starts_at, session.ends_at) for zone in (doctor.zone, session.group.zone))
    context = {
        "name": doctor.name,
        "own": own,
        "there": None if own.agrees(there) else there,
        "link": site_link(reverse("seat_link", args=[link.token])),
    }
    return Letter(subject % {"day": own.day}, template, context)

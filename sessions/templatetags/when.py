"""Times of sessions in templates: in the viewer's own zone, and in the group's where that differs."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions import room as rules
from sessions.models import Session
from sessions.when import Span, city, how_soon

register = template.Library()
register.filter(city)

PHASES = {
    "lobby": _("Arriving"),
    "gathering": _("Gathering"),
    "call": _("Call"),
    "presentation": _("Presentation"),
    "clarifying": _("Clarifying"),
    "push_back": _("Push back"),
    "return": _("Return"),
    "closing": _("Closing"),
    "debrief": _("Debrief"),
    "ended": _("End"),
}


@register.inclusion_tag("sessions/when.html")
def when(session: Session, zone: ZoneInfo | None = None, with_day: bool = True) -> dict[str, object]:
    """Day and hours in the viewer's zone (or the one given), with the group's beside them."""
    spans = [Span(each, session.starts_at, session.ends_at) for each in (zone or _own_zone(), session.group.zone)]
    own, there = spans
    return {
        "own": own,
        "there": None if own.agrees(there) else there,
        "starts_at": session.starts_at,
        "with_day": with_day,
    }


@register.simple_tag
def own(session: Session) -> Span:
    """The session as the viewer's own clocks show it."""
    return Span(_own_zone(), session.starts_at, session.ends_at)


@register.filter
def phase_name(phase: str) -> str:
    return PHASES.get(phase, phase)


@register.filter
def in_case(phase: str) -> bool:
    """Does this step belong to one case?"""
    return phase in rules.CASE


@register.filter
def soon(session: Session) -> str:
    return how_soon(session.starts_at, timezone.now(), _own_zone())


@register.filter
def joinable(session: Session) -> bool:
    """May people enter now?"""
    return session.is_open(timezone.now())


@register.filter
def doors_open_at(session: Session) -> datetime:
    return session.starts_at - session.DOORS_OPEN


def _own_zone() -> ZoneInfo:
    return ZoneInfo(str(timezone.get_current_timezone()))

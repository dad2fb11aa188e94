"""A tested line in words."""

import uuid
from collections.abc import Mapping

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from groups.models import Membership
from sessions.line import MOST_PICTURES, Verdict, Voices
from sessions.models import LineCheck

register = template.Library()

PEOPLE = (
    _("one person"),
    _("two people"),
    _("three people"),
    _("four people"),
    _("five people"),
    _("six people"),
    _("seven people"),
    _("eight people"),
    _("nine people"),
    _("ten people"),
)
KILO, MEGA = 1_000, 1_000_000


@register.filter
def sentence(verdict: Verdict) -> str:
    if verdict.voices is Voices.TROUBLE:
        return gettext("Your line may not carry the voices: try another network or telephone.")
    if verdict.voices is Voices.SPEAKER:
        return gettext("The voice of whoever speaks, no pictures: choose Voices only, or try another network.")
    if verdict.pictures == 0:
        return gettext("All voices, no pictures: choose Voices only.")
    if verdict.pictures == MOST_PICTURES:
        return gettext("All voices and all pictures.")
    return gettext("All voices, pictures of about %(people)s.") % {"people": PEOPLE[verdict.pictures - 1]}


@register.filter
def faces(verdict: Verdict) -> list[bool]:
    """A face for each of the others in a full circle: does its picture come?"""
    return [number < verdict.pictures for number in range(MOST_PICTURES)]


@register.filter
def rate(bps: int) -> str:
    if bps < MEGA:
        return gettext("%(rate)d kb/s") % {"rate": bps // KILO}
    return gettext("%(rate).1f Mb/s") % {"rate": bps / MEGA}


@register.inclusion_tag("sessions/line_tag.html")
def line_of(member: Membership, lines: Mapping[uuid.UUID, LineCheck | None]) -> dict[str, object]:
    """Whether this member's line is ready, for who may know it."""
    return {"known": member.doctor_id in lines, "check": lines.get(member.doctor_id)}

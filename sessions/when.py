"""Saying when: wall times that exist, and the words for how far off something is. The clock is passed in."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def moment(day: date, clock: time, zone: ZoneInfo) -> datetime | None:
    """The moment a clock on the wall shows this; None in the hour that is skipped when clocks go forward.

    An hour that comes twice, when clocks go back, means the first (PEP 495, fold=0).
    """
    wall = datetime.combine(day, clock)
    at = wall.replace(tzinfo=zone).astimezone(UTC)
    return at if at.astimezone(zone).replace(tzinfo=None) == wall else None


def city(zone: str) -> str:
    """How people say a time zone: "America/Argentina/Buenos_Aires" is Buenos Aires."""
    return zone.rpartition("/")[2].replace("_", " ")


@dataclass(frozen=True)
class Span:
    """A stretch of time as one zone's clocks show it."""

    zone: ZoneInfo
    starts_at: datetime
    ends_at: datetime

    @property
    def day(self) -> str:
        return date_format(self.starts_at.astimezone(self.zone), "l j F")

    @property
    def short_day(self) -> str:
        return date_format(self.starts_at.astimezone(self.zone), "j M")

    @property
    def clock(self) -> str:
        return f"{self.starts_at.astimezone(self.zone):%H:%M}"

    @property
    def hours(self) -> str:
        begin, end = (f"{at.astimezone(self.zone):%H:%M}" for at in (self.starts_at, self.ends_at))
        return _("%(begin)s to %(end)s") % {"begin": begin, "end": end}

    @property
    def city(self) -> str:
        return city(self.zone.key)

    def agrees(self, other: "Span") -> bool:
        """Do both zones show the same day and hours?"""
        return (self.day, self.hours) == (other.day, other.hours)


def how_soon(starts_at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """ "Tonight, in 12 minutes", as a person in this zone would say it."""
    start, today = starts_at.astimezone(zone), now.astimezone(zone)
    if starts_at <= now:
        return _("It is time")
    if start.date() == today.date():
        day = _("Tonight") if start.hour >= 18 else _("Today")
        return _("%(day)s, %(distance)s") % {"day": day, "distance": _distance(starts_at - now)}
    days = (start.date() - today.date()).days
    return _("Tomorrow") if days == 1 else _("In %(days)d days") % {"days": days}


def _distance(wait: timedelta) -> str:
    minutes = -(-wait // timedelta(minutes=1))
    if minutes < 60:
        return ngettext("in one minute", "in %(minutes)d minutes", minutes) % {"minutes": minutes}
    hours = round(minutes / 60)
    return ngettext("in one hour", "in %(hours)d hours", hours) % {"hours": hours}

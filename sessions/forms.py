"""Planning and moving a session: day and time on the group's clock."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from groups.models import Group
from sessions.models import Session
from sessions.when import moment

FURTHEST = timedelta(days=2 * 366)
MINUTES = {"least": Session.SHORTEST_MINUTES, "most": Session.LONGEST_MINUTES}


class LineForm(forms.Form):
    """What a page measured. Whoever makes it up deceives only themselves."""

    FASTEST_BPS = 1_000_000_000
    LONGEST_MS = 60_000

    up_bps = forms.IntegerField(min_value=0, max_value=FASTEST_BPS)
    down_bps = forms.IntegerField(min_value=0, max_value=FASTEST_BPS)
    rtt_ms = forms.IntegerField(min_value=0, max_value=LONGEST_MS)
    jitter_ms = forms.IntegerField(min_value=0, max_value=LONGEST_MS)
    loss_pct = forms.FloatField(min_value=0, max_value=100)


class SessionForm(forms.Form):
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    clock = forms.TimeField(
        label=_("Begins at"),
        input_formats=["%H:%M"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _("Write the time as hours and minutes, such as 19:30.")},
    )
    minutes = forms.IntegerField(
        label=_("Length in minutes"),
        min_value=Session.SHORTEST_MINUTES,
        max_value=Session.LONGEST_MINUTES,
        initial=90,
        error_messages=dict.fromkeys(
            ("min_value", "max_value"), format_lazy(_("Between {least} and {most} minutes, please."), **MINUTES)
        ),
        help_text=format_lazy(_("About 45 minutes for a case. {least} to {most}."), **MINUTES),
    )

    def __init__(self, *args: Any, group: Group, session: Session | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group, self.session = group, session
        if session:
            local = session.starts_at.astimezone(group.zone)
            self.initial |= {"day": local.date(), "clock": local.time(), "minutes": session.minutes}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "day" in data and "clock" in data:
            data["starts_at"] = self._starts_at()
        if data.get("starts_at") and "minutes" in data:
            self._check_free(data["starts_at"], data["minutes"])
        return data

    def _starts_at(self) -> datetime | None:
        day, clock, now = self.cleaned_data["day"], self.cleaned_data["clock"], timezone.now()
        today = now.astimezone(self.group.zone).date()
        if day < today:
            return self.add_error("day", ValidationError(_("This day is past. Choose a later one."), code="past"))
        if day > today + FURTHEST:
            return self.add_error("day", ValidationError(_("Plan at most two years ahead."), code="far"))
        at = moment(day, clock, self.group.zone)
        if at is None:
            skipped = _("The clocks go forward then, and this time does not exist. Choose one an hour later.")
            self.add_error("clock", ValidationError(skipped, code="missing_hour"))
        elif at <= now:
            self.add_error("clock", ValidationError(_("This time is past. Choose a later one."), code="past"))
        return at

    def _check_free(self, starts_at: datetime, minutes: int) -> None:
        taken = [session for session in Session.overlapping(self.group, starts_at, minutes) if session != self.session]
        if taken:
            begin = f"{taken[0].starts_at.astimezone(self.group.zone):%H:%M}"
            sentence = _("The group meets at %(begin)s that day. Choose a time before or after it.")
            self.add_error("clock", ValidationError(sentence % {"begin": begin}, code="overlap"))

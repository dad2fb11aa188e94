"""What leaders say of a session afterwards: difficulties, a plan, who was there, kinds of case. Nothing of a case."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from balint.foundation.vault import Unreadable
from groups.models import Membership
from sessions.bands import Band
from sessions.models import Attendance, Case, Debrief, Session, SpeakingTime
from sessions.words import CASE_KINDS, OF_A_MEMBER, OF_THE_GROUP, OF_THE_SURROUNDINGS, Words

logger = logging.getLogger("balint.vault")

FAMILIES = {"of_a_member": OF_A_MEMBER, "of_the_group": OF_THE_GROUP, "of_the_surroundings": OF_THE_SURROUNDINGS}


def ticks(label: Any, words: Words) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=list(words.items()), required=False, widget=forms.CheckboxSelectMultiple
    )


@dataclass(frozen=True)
class Guest:
    """Somebody of the circle, and what is known of their time in the session."""

    member: Membership
    attendance: Attendance | None
    band: Band | None

    @property
    def key(self) -> str:
        return str(self.member.pk)

    def was_there(self, held_s: float) -> bool:
        """As a leader said; until then, whether they were in the room for half of the time or longer."""
        if self.attendance is None:
            return False
        if self.attendance.counts is None:
            return self.attendance.seconds >= held_s / 2
        return self.attendance.counts


def guests(session: Session) -> list[Guest]:
    """The circle in its order, then those who have left the group since."""
    attended = {row.membership_id: row for row in session.attendance_set.select_related("membership__doctor")}
    circle = session.group.circle()
    left = [row.membership for pk, row in attended.items() if pk not in {member.pk for member in circle}]
    bands = SpeakingTime.bands(session)
    return [Guest(member, attended.get(member.pk), bands.get(member.pk)) for member in [*circle, *left]]


class DebriefForm(forms.Form):
    """`differences` names what a refused save would have changed; `saved_plan` is the plan as it stands."""

    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    of_a_member = ticks(_("In a member"), OF_A_MEMBER)
    of_the_group = ticks(_("In the group"), OF_THE_GROUP)
    of_the_surroundings = ticks(_("Around it"), OF_THE_SURROUNDINGS)
    plan = forms.CharField(
        label=_("Plan for the next session"),
        max_length=4000,
        required=False,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    there = forms.MultipleChoiceField(label=_("Attendance"), required=False, widget=forms.CheckboxSelectMultiple)
    confirmed = forms.BooleanField(label=_("This is who was there"), required=False)

    def __init__(self, *args: Any, session: Session, debrief: Debrief, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="debrief_%s", **kwargs)
        self.session, self.debrief = session, debrief
        self.guests, self.cases = guests(session), list(session.case_set.all())
        self.saved_plan = self._read_plan()
        if self.saved_plan is None:
            del self.fields["plan"]
        self.fields["there"].choices = [(guest.key, guest.member.doctor.name) for guest in self.guests]
        for case in self.cases:
            label = _("Case %(number)s") % {"number": case.number}
            self.fields[kinds_of(case)] = ticks(label, CASE_KINDS)
            self.fields[follow_up_of(case)] = forms.BooleanField(label=label, required=False)
        self.initial = self._saved()

    def _read_plan(self) -> str | None:
        """None when it does not open."""
        try:
            return self.debrief.plan
        except Unreadable as error:
            logger.error("A plan does not open. %s", error)
            return None

    def _saved(self) -> dict[str, Any]:
        held_s = self.session.held_s
        ticked = {
            name: [code for code in words if code in self.debrief.difficulties] for name, words in FAMILIES.items()
        }
        return ticked | {
            "revision": self.debrief.revision,
            "plan": self.saved_plan,
            "there": [guest.key for guest in self.guests if guest.was_there(held_s)],
            "confirmed": self.session.attendance_confirmed_at is not None,
            **{kinds_of(case): case.kinds for case in self.cases},
            **{follow_up_of(case): case.follow_up for case in self.cases},
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("revision") != self.debrief.revision:
            self.add_error(None, ValidationError(self._whose(), code="stale"))
        return data

    def _whose(self) -> str:
        if self.debrief.saved_by is None:
            return _("This has changed since you opened it. Nothing of yours is saved yet; all of it is still here.")
        sentence = _(
            "%(name)s saved this on %(moment)s, after you had opened it. "
            "Nothing of yours is saved yet; all of it is still here."
        )
        moment = date_format(localtime(self.debrief.saved_at), "j F, H:i")
        return sentence % {"name": self.debrief.saved_by.doctor.name, "moment": moment}

    @property
    def is_stale(self) -> bool:
        return self.has_error(NON_FIELD_ERRORS, "stale")

    @property
    def differences(self) -> list[str]:
        labels = [self[name].label for name in self.changed_data if name != "revision"]
        return list(dict.fromkeys(labels))

    # What the template draws

    def families(self) -> list[forms.BoundField]:
        return [self[name] for name in FAMILIES]

    def people(self) -> Iterator[tuple[Guest, forms.boundfield.BoundWidget]]:
        """Each with the tick that says they were there."""
        return zip(self.guests, self["there"], strict=True)

    def ticked_cases(self) -> Iterator[tuple[Case, forms.BoundField, forms.BoundField]]:
        """Each with its ticks: the kinds, and whether it is a follow-up."""
        return ((case, self[kinds_of(case)], self[follow_up_of(case)]) for case in self.cases)

    def shows_speaking(self) -> bool:
        return any(guest.band for guest in self.guests)

    # Saving

    def save(self, by: Membership, now: datetime) -> None:
        """Within a transaction that holds the debrief's row."""
        self._save_attendance(now)
        for case in self.cases:
            case.kinds, case.follow_up = (self.cleaned_data[name(case)] for name in (kinds_of, follow_up_of))
        Case.objects.bulk_update(self.cases, ["kinds", "follow_up"])
        kept = self.debrief
        kept.difficulties = [code for name in FAMILIES for code in self.cleaned_data[name]]
        if self.saved_plan is not None:
            kept.plan = self.cleaned_data["plan"]
        kept.revision, kept.saved_at, kept.saved_by = kept.revision + 1, now, by
        kept.save()

    def _save_attendance(self, now: datetime) -> None:
        """Who was there by telephone has no minutes."""
        there = set(self.cleaned_data["there"])
        for guest in self.guests:
            if guest.attendance is not None:
                Attendance.objects.filter(pk=guest.attendance.pk).update(counts=guest.key in there)
        at = dict.fromkeys(("joined_at", "left_at"), self.session.starts_at)
        unseen = [guest.member for guest in self.guests if guest.attendance is None and guest.key in there]
        rows = [Attendance(session=self.session, membership=each, seconds=0, counts=True, **at) for each in unseen]
        Attendance.objects.bulk_create(rows)
        if {"there", "confirmed"} & set(self.changed_data):
            self.session.attendance_confirmed_at = now if self.cleaned_data["confirmed"] else None
        self.session.save(update_fields=["attendance_confirmed_at"])


def kinds_of(case: Case) -> str:
    """The name of the field with this case's kinds."""
    return f"kinds_{case.number}"


def follow_up_of(case: Case) -> str:
    return f"follow_up_{case.number}"

"""What people type about themselves and their groups."""

import re
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from groups.models import Doctor, Group, Invitation, Membership

REGIONS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")

# An address as mail programs copy it, with a name before it: Nora Haas <nora@example.org>
NAMED = re.compile(r'(?:"[^"]*"|[^,;\n<>"@])*<([^<>]*)>')


def zone_choices() -> list[tuple[str, object]]:
    """Every place of the zone database by region, as a select shows it."""
    names = sorted(available_timezones())
    regions = [(region, [name for name in names if name.startswith(f"{region}/")]) for region in REGIONS]
    places = [(region, [(name, _place(name)) for name in zones]) for region, zones in regions]
    return [("UTC", _("World time (UTC)")), *places]


def _place(zone: str) -> str:
    """ "America/Argentina/Buenos_Aires" is "Argentina, Buenos Aires" within America."""
    return ", ".join(zone.split("/")[1:]).replace("_", " ")


class DoctorForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        label=_("Your time zone"), choices=zone_choices, help_text=_("Every time is shown to you in this zone.")
    )

    class Meta:
        model = Doctor
        fields = ["name", "level", "time_zone"]
        labels = {"name": _("Your name"), "level": _("You work as")}
        help_texts = {"name": _("As your group shall see it.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        if self.instance._state.adding and not self.is_bound:
            self.fields["time_zone"].widget.attrs["data-guess-zone"] = True


class SearchForm(forms.Form):
    q = forms.CharField(label=_("Name or e-mail"), max_length=100, required=False)


class GroupForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        label=_("Time zone of the group"), choices=zone_choices, help_text=_("Sessions are planned in this zone.")
    )

    class Meta:
        model = Group
        fields = ["name", "language", "time_zone", "telephone"]
        help_texts = {
            "telephone": _("Only your group sees it: on a session’s pages, and where the room cannot be reached.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["telephone"].widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "maxlength": 32})


class EditForm(GroupForm):
    """What a group agrees on besides, once it has met."""

    class Meta(GroupForm.Meta):
        fields = [*GroupForm.Meta.fields, "presenter_camera", "speaking_bands"]
        help_texts = GroupForm.Meta.help_texts | {
            "presenter_camera": _("Without it, their picture rests until they are back in the ring."),
            "speaking_bands": _(
                "In four words, never in numbers, and only for the leaders; each member sees their own. "
                "Agree on it with the group first."
            ),
        }


class FoundForm(GroupForm):
    """A new group; the founder leads it."""

    second_leader = forms.EmailField(
        label=_("E-mail of the second leader"), required=False, help_text=_("They get an invitation.")
    )

    def __init__(self, *args: Any, founder: Doctor, **kwargs: Any) -> None:
        super().__init__(*args, initial={"time_zone": founder.time_zone}, **kwargs)
        self.founder = founder

    def clean_second_leader(self) -> str:
        email = self.cleaned_data["second_leader"].lower()
        if email == self.founder.email.lower():
            raise ValidationError(_("This is your own address. You lead the group already."), code="own_address")
        return email

    def save(self) -> Group:
        fields = {name: self.cleaned_data[name] for name in self.Meta.fields}
        group = Group.found(self.founder, **fields)
        if self.cleaned_data["second_leader"]:
            group.invite(self.cleaned_data["second_leader"], Membership.Role.CO_LEADER)
        return group


class InviteForm(forms.Form):
    """One address or several, for members or for the one second leader."""

    emails = forms.CharField(
        label=_("E-mail addresses"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("One on each line, or with commas between them."),
    )
    role = forms.ChoiceField(
        label=_("They come as"),
        choices=[(Membership.Role.MEMBER, _("Members")), (Membership.Role.CO_LEADER, _("Second leader"))],
        initial=Membership.Role.MEMBER,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, group: Group, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group

    def clean_emails(self) -> list[str]:
        bare = NAMED.sub(r" \1 ", self.cleaned_data["emails"].lower())
        emails = list(dict.fromkeys(filter(None, re.split(r"[\s,;]+", bare))))
        here = {member.doctor.email.lower() for member in self.group.members}
        invited = set(Invitation.waiting(self.group).values_list("email", flat=True))
        refusals = [refusal for email in emails if (refusal := _refusal(email, here, invited))]
        if refusals:
            raise ValidationError(refusals)
        if len(here) + len(invited) + len(emails) > Group.MOST_PEOPLE:
            raise ValidationError(
                _("A group has at most %(most)s people. With those invited there are %(free)s free chairs."),
                code="full",
                params={"most": Group.MOST_PEOPLE, "free": max(0, Group.MOST_PEOPLE - len(here) - len(invited))},
            )
        return emails

    def clean_role(self) -> str:
        role = self.cleaned_data["role"]
        if role == Membership.Role.CO_LEADER:
            self._check_second_leader()
        return role

    def _check_second_leader(self) -> None:
        if len(self.cleaned_data.get("emails", [])) > 1:
            raise ValidationError(_("There is one second leader. Give one address."), code="one_co_leader")
        if self.group.members.filter(role=Membership.Role.CO_LEADER).exists():
            raise ValidationError(_("The group has a second leader already."), code="co_leader_taken")
        if Invitation.waiting(self.group).filter(role=Membership.Role.CO_LEADER).exists():
            raise ValidationError(_("A second leader is invited already. Withdraw that first."), code="co_leader_asked")

    def save(self) -> list[Invitation]:
        return [self.group.invite(email, self.cleaned_data["role"]) for email in self.cleaned_data["emails"]]


def _refusal(email: str, here: set[str], invited: set[str]) -> ValidationError | None:
    """Why this address cannot be invited, if so."""
    try:
        validate_email(email)
    except ValidationError:
        sentence = _("%(email)s is not an e-mail address. Look for a missing letter.")
    else:
        if email in here:
            sentence = _("%(email)s belongs to the group already.")
        elif email in invited:
            sentence = _("%(email)s is invited already. On the group’s page you can send the mail again.")
        else:
            return None
    return ValidationError(sentence, code="bad_address", params={"email": email})

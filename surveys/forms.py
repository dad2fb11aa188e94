"""What operators and researchers fill in."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from groups.models import Doctor
from surveys.models import Arm, Trial


class LineField(forms.CharField):
    """A line that is printed: letters without a shape, typed by accident, are left out. PDF/UA and XML refuse some."""

    def to_python(self, value: str | None) -> str:
        return "".join(letter for letter in super().to_python(value) if letter.isprintable()).strip()


class TrialForm(forms.Form):
    title = LineField(label=_("Title"), max_length=120, help_text=_("Everyone who takes part reads it, in either arm."))
    control = LineField(label=_("Name of the control arm"), max_length=40, initial=_("Control"))
    intervention = LineField(label=_("Name of the other arm"), max_length=40, initial=_("Balint group"))
    allocation = forms.ChoiceField(
        label=_("How do people come into an arm?"),
        choices=Trial.Allocation,
        widget=forms.RadioSelect,
        help_text=_("A trial that is not randomised says so on every page and in its report."),
    )

    def clean(self) -> dict[str, str]:
        names = [self.cleaned_data.get(name, "").casefold() for name in ("control", "intervention")]
        if all(names) and names[0] == names[1]:
            self.add_error("intervention", ValidationError(_("Both arms have this name. Choose another."), "same_name"))
        return self.cleaned_data


class PersonField(forms.EmailField):
    """The e-mail address of somebody who has a profile here; cleaned, it is the Doctor."""

    def __init__(self) -> None:
        super().__init__(label=_("E-mail"))

    def clean(self, value: str) -> Doctor:
        email = super().clean(value)
        doctor = Doctor.objects.filter(user__email__iexact=email).first()
        if doctor is None:
            raise ValidationError(NOBODY, code="nobody")
        return doctor


NOBODY = _("Nobody with this address has a profile here. Ask them to sign up, or look for a typing mistake.")


class EnrolForm(forms.Form):
    email = PersonField()
    arm = forms.ModelChoiceField(Arm.objects.none(), label=_("Arm"), widget=forms.RadioSelect, empty_label=None)

    def __init__(self, trial: Trial, data: object = None) -> None:
        super().__init__(data, prefix="enrol")
        self.fields["arm"].queryset = trial.arm_set.all()


class ResearcherForm(forms.Form):
    email = PersonField()

    def __init__(self, data: object = None) -> None:
        super().__init__(data, prefix="researcher")


class OpeningForm(forms.Form):
    """The express waiver, needed the first time."""

    waives = forms.BooleanField(
        required=False,
        label=_("The wording is working wording, not validated. The trial goes ahead with it."),
        help_text=_("The report prints this, with the date."),
    )

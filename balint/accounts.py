"""allauth in our words: labels instead of placeholders, refusals that say what to do next."""

from typing import Any

from allauth.account import forms
from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.forms import Field
from django.utils.translation import gettext_lazy as _

GOOD_PASSWORD = _("At least eight characters, and nothing that everyone uses.")
MISMATCH = _("That password and e-mail do not belong together. Try again, or set a new one.")


class Adapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This log-in is switched off. Ask the people who run this place."),
        "email_password_mismatch": MISMATCH,
        "email_taken": _("This e-mail has a log-in already. Log in, or set a new password."),
        "enter_current_password": _("This is not your present password. Try again."),
        "incorrect_password": _("That is not your password. Try again."),
        "too_many_login_attempts": _("That was tried too often. Wait five minutes, or set a new password."),
        "rate_limited": _("That was tried too often. Wait a few minutes."),
    }


class Plain:
    """Fields whose words stand above them, where they stay while one types."""

    fields: dict[str, Field]
    words = {
        "login": (_("E-mail"), ""),
        "email": (_("E-mail"), ""),
        "password": (_("Password"), ""),
        "remember": (_("Stay logged in on this device"), ""),
        "oldpassword": (_("Present password"), ""),
        "password1": (_("New password"), GOOD_PASSWORD),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label, field.help_text = self.words.get(name, (field.label, field.help_text))


class LoginForm(Plain, forms.LoginForm):
    def clean(self) -> dict[str, Any]:
        """A refusal stands at the password, where the next try begins."""
        try:
            return super().clean()
        except ValidationError as refusal:
            self.add_error("password", refusal)
            return self.cleaned_data


class SignupForm(Plain, forms.SignupForm):
    words = Plain.words | {"password1": (_("Password"), GOOD_PASSWORD)}


class ChangePasswordForm(Plain, forms.ChangePasswordForm):
    pass


class ResetPasswordForm(Plain, forms.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(Plain, forms.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(Plain, forms.ReauthenticateForm):
    pass

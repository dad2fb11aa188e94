"""The parts that pages are made of: one form field of any kind, a message."""

from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import HttpResponse
from django.template.loader import render_to_string

from tests.page import Page, read


class EveryKind(forms.Form):
    name = forms.CharField(help_text="As the others shall see it.")
    address = forms.EmailField(required=False)
    secret = forms.CharField(widget=forms.PasswordInput)
    minutes = forms.IntegerField()
    day = forms.DateField(widget=forms.DateInput({"type": "date"}))
    hour = forms.TimeField(widget=forms.TimeInput({"type": "time"}))
    zone = forms.ChoiceField(choices=[("UTC", "UTC")])
    note = forms.CharField(widget=forms.Textarea, required=False)
    level = forms.ChoiceField(choices=[("gp", "GP"), ("registrar", "Registrar")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(help_text="You can change this later.")
    token = forms.CharField(widget=forms.HiddenInput)


def field(name: str, data: dict[str, str] | None = None, **words: str) -> Page:
    form = EveryKind(data)
    return read(HttpResponse(render_to_string("field.html", {"field": form[name], **words})))


def control(page: Page) -> dict[str, str]:
    return next(attributes for tag, attributes in page.tags if tag in ("input", "select", "textarea"))


def test_every_kind_of_field_has_its_label():
    assert [name for name in EveryKind.base_fields if field(name).unlabelled] == []


def test_help_and_error_are_tied_to_their_control():
    page = field("name", {"name": ""})

    assert control(page)["aria-describedby"] == "id_name_helptext id_name_error"
    assert control(page)["aria-invalid"] == "true"
    assert {"id_name_helptext", "id_name_error"} <= set(page.values("div", "id") + page.values("ul", "id"))


def test_what_was_typed_stays_except_a_password():
    data = {"address": "not an address", "secret": "a-quiet-evening"}

    assert control(field("address", data))["value"] == "not an address"
    assert "value" not in control(field("secret", data))


def test_choices_are_a_group_under_their_question():
    page = field("level", {"level": ""})

    assert page.values("fieldset", "aria-describedby") == ["id_level_error"]
    assert page.words == "Level GP Registrar This field is required."


def test_a_field_that_may_stay_empty_says_so():
    assert field("address").words == "Address (optional)"
    assert field("name").words == "Name As the others shall see it."


def test_a_caller_may_say_the_label_better():
    assert field("address", label="Their e-mail").words == "Their e-mail (optional)"


def test_a_hidden_field_shows_nothing():
    page = field("token")

    assert (page.words, page.values("input", "type")) == ("", ["hidden"])


def test_a_message_is_a_sentence_in_a_banner():
    message = Message(constants.ERROR, "This link was <used>.")

    html = render_to_string("messages.html", {"messages": [message]})

    assert 'class="banner banner--stop"' in html
    assert "This link was &lt;used&gt;." in html
    assert render_to_string("messages.html", {"messages": []}).strip() == ""

"""What members fill in about themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import codes, dossiers
from accounts.models import User

_WEAK = {
    codes.Weakness.NOT_SIX_DIGITS: _("The secret code is six digits."),
    codes.Weakness.REPEATED: _("Too easy to guess: it repeats itself."),
    codes.Weakness.RUN: _("Too easy to guess: the digits follow each other."),
    codes.Weakness.PHONE: _("Too easy to guess: it is part of your mobile number."),
    codes.Weakness.YEAR: _("Too easy to guess: it holds a year."),
}


class SignupExtra(forms.Form):
    """What sign-up asks beside the number."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=80,
        help_text=_("As those who pay you know it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["name", "phone"]

    def signup(self, request: HttpRequest, user: User) -> None:
        """Nothing is left to do: the adapter has saved it all. The hook is allauth's."""


class DigitsField(forms.CharField):
    """Six digits that are typed and not shown."""

    def __init__(self, *, autocomplete: str = "off", **kwargs: Any) -> None:
        attrs = {
            "inputmode": "numeric",
            "autocomplete": autocomplete,
            "maxlength": codes.LENGTH,
            "pattern": "[0-9]{6}",
        }
        widget = (
            forms.TextInput(attrs=attrs)
            if autocomplete == "one-time-code"
            else forms.PasswordInput(attrs=attrs)
        )
        super().__init__(**{"widget": widget, "max_length": 20} | kwargs)

    def clean(self, value: Any) -> str:
        return str(super().clean(value)).replace(" ", "")


class ChooseCodeForm(forms.Form):
    """A secret code, twice."""

    code = DigitsField(
        label=_("Secret code"), help_text=_("Six digits, for each payment. Nobody at S-Money asks for them.")
    )
    again = DigitsField(label=_("The same code again"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if weakness := codes.weakness(self.user, code):
            raise ValidationError(_WEAK[weakness], code=weakness.name)
        return code

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if {"code", "again"} <= cleaned.keys() and cleaned["code"] != cleaned["again"]:
            self.add_error("again", ValidationError(_("The two codes differ."), code="differ"))
        return cleaned


class ChangeCodeForm(ChooseCodeForm):
    old = DigitsField(label=_("Your secret code now"))
    field_order = ["old", "code", "again"]


class UnlockForm(ChooseCodeForm):
    sent = DigitsField(label=_("The code that we sent you by SMS"), autocomplete="one-time-code")
    field_order = ["sent", "code", "again"]


class SentCodeForm(forms.Form):
    """What was sent by SMS, to make a device known."""

    sent = DigitsField(label=_("The code that we sent you by SMS"), autocomplete="one-time-code")


class SecretCodeForm(forms.Form):
    """The secret code, to sign in by SMS."""

    code = DigitsField(label=_("Secret code"))


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """An e-mail address is changed on its own page, where it is confirmed."""

    class Meta:
        model = User
        fields = ["name", "language"]

    def clean_name(self) -> str:
        """Not another one than their identity is checked by."""
        name: str = self.cleaned_data["name"]
        if "name" in self.changed_data and dossiers.settles_name(self.instance):
            raise ValidationError(
                _("Your identity is checked by this name. If it has changed, write to us."), code="checked"
            )
        return name

    def save(self, commit: bool = True) -> User:  # noqa: ARG002  # Django's signature
        """Write these alone: all else of the member may have changed since it was read."""
        self.instance.save(update_fields=self.Meta.fields)
        member: User = self.instance
        return member


class DocumentForm(forms.Form):
    """A picture or PDF of who the member is; `dossiers` looks at what it holds."""

    document = forms.FileField(
        label=_("Add a document"),
        max_length=255,
        help_text=_("JPEG, PNG or PDF, at most 8 MB."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf", "data-files": ""}),
    )

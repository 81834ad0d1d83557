"""What members fill in about an organisation: who it is, what may change of it, who acts for it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from accounts import organisations, registers
from accounts.fields import PostcodeField
from accounts.models import Organisation, Role

_WEB = URLValidator(schemes=["http", "https"])


class DetailsForm(forms.Form):
    """What an organisation may change of itself, also when it was reviewed."""

    purpose = forms.CharField(
        label=_("What it is for"),
        max_length=500,
        help_text=_("A few sentences, which its page shows to everybody."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    street = forms.CharField(
        label=_("Street and number"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    postcode = PostcodeField()
    city = forms.CharField(
        label=_("Town"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "address-level2"})
    )
    website = forms.URLField(
        label=_("Website, if it has one"),
        max_length=200,
        required=False,
        assume_scheme="https",
        validators=[_WEB],
    )

    def details(self) -> organisations.Details:
        """What was filled in, where it is valid."""
        return organisations.Details(**{name: self.cleaned_data[name] for name in DetailsForm.base_fields})


class OrganisationForm(DetailsForm):
    """An organisation that is signed up, with its number in a register."""

    name = forms.CharField(
        label=_("Its name"), max_length=80, help_text=_("As the register has it: we compare them.")
    )
    kind = forms.ChoiceField(label=_("What it is"), choices=Organisation.Kind.choices)
    siren = forms.CharField(
        label=_("SIREN"),
        max_length=20,
        required=False,
        help_text=_("Nine digits. INSEE gives one to whoever employs, trades or is subsidised."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    rna = forms.CharField(
        label=_("RNA, if it is an association"),
        max_length=20,
        required=False,
        help_text=_("W and nine digits, as on the receipt of its declaration."),
    )
    field_order = ["name", "kind", "siren", "rna", "purpose", "street", "postcode", "city", "website"]

    def clean_siren(self) -> str:
        """Also where its digits were grouped."""
        try:
            return registers.siren(written) if (written := self.cleaned_data["siren"]) else ""
        except registers.NotANumber as problem:
            raise forms.ValidationError(
                _("This is no SIREN: it has nine digits, and the last one checks the others."), code="siren"
            ) from problem

    def clean_rna(self) -> str:
        try:
            return registers.rna(written) if (written := self.cleaned_data["rna"]) else ""
        except registers.NotANumber as problem:
            raise forms.ValidationError(
                _("This is no RNA number: it is W and nine digits, such as W751234567."), code="rna"
            ) from problem

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if {"siren", "rna"} <= said.keys() and not said["siren"] and not said["rna"]:
            self.add_error("siren", _("Fill in one of the two: SIREN or RNA."))
        if said.get("rna") and said.get("kind") != Organisation.Kind.ASSOCIATION:
            self.add_error("rna", _("Only associations have an RNA number. Leave it empty."))
        return said

    def facts(self) -> organisations.Facts:
        """What was filled in, where it is valid."""
        said = {name: self.cleaned_data[name] for name in self.field_order}
        return organisations.Facts(**said | {"kind": Organisation.Kind(said["kind"])})


class RoleForm(forms.Form):
    """What somebody may do for the organisation."""

    role = forms.ChoiceField(
        label=_("Role"), choices=Role.choices, initial=Role.READER, widget=forms.RadioSelect
    )

    def role_(self) -> Role:
        return Role(self.cleaned_data["role"])

"""What givers and organisations type for receipts, checked before the domain is asked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import PostcodeField
from giving import issuers
from giving.givers import Details
from giving.models import GiverAddress, Receipt, ReceiptIssuer
from payments import papers

Quality = ReceiptIssuer.Quality


class PrintedField(forms.CharField):
    """One line of letters that a receipt can be written with."""

    def clean(self, value: object) -> str:
        text = " ".join(str(super().clean(value)).split())
        if not papers.prints(text):
            raise forms.ValidationError(_("Write it in Latin, Greek or Cyrillic letters."), code="letters")
        return text


class GiverForm(forms.Form):
    """Who they are to the tax office, and how they want their receipts."""

    name = PrintedField(label=_("First and last name"), max_length=120, help_text=_("As on your tax notice."))
    street = PrintedField(label=_("Street and number"), max_length=120)
    postcode = PostcodeField()
    city = PrintedField(label=_("Town"), max_length=80)
    rhythm = forms.ChoiceField(
        label=_("Receipts"),
        choices=GiverAddress.Rhythm.choices,
        initial=GiverAddress.Rhythm.EACH,
        widget=forms.RadioSelect,
    )

    def details(self) -> Details:
        said = self.cleaned_data
        return Details(name=said["name"], street=said["street"], postcode=said["postcode"], city=said["city"])

    def rhythm_wished(self) -> GiverAddress.Rhythm:
        return GiverAddress.Rhythm(self.cleaned_data["rhythm"])


class IssuerForm(forms.Form):
    """What an organisation says of itself, to issue receipts."""

    quality = forms.ChoiceField(label=_("What you are"), choices=Quality.choices, widget=forms.RadioSelect)
    decreed_on = forms.DateField(
        label=_("Date of the decree"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("For public utility alone: as published in the Journal officiel."),
    )
    articles = forms.MultipleChoiceField(
        label=_("Gifts to you lower, by article of the tax code"),
        choices=ReceiptIssuer.Article.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    signatory_name = PrintedField(label=_("Who signs your receipts"), max_length=80)
    signatory_office = PrintedField(
        label=_("As what they sign"), max_length=80, help_text=_("Such as treasurer or president.")
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("quality") == Quality.PUBLIC_UTILITY and not said.get("decreed_on"):
            self.add_error("decreed_on", _("Public utility is by decree: write its date."))
        return said

    def facts(self) -> issuers.Facts:
        said = self.cleaned_data
        is_by_decree = said["quality"] == Quality.PUBLIC_UTILITY
        return issuers.Facts(
            quality=Quality(said["quality"]),
            decreed_on=said["decreed_on"] if is_by_decree else None,
            articles=sorted(said["articles"]),
            signatory_name=said["signatory_name"],
            signatory_office=said["signatory_office"],
        )


_BY_HAND = [reason for reason in Receipt.VoidReason if reason != Receipt.VoidReason.REFUNDED]


class VoidForm(forms.Form):
    """Why a receipt is void."""

    reason = forms.ChoiceField(
        label=_("Why it is void"),
        choices=[(reason, reason.label) for reason in _BY_HAND],
        widget=forms.RadioSelect,
    )

    def chosen(self) -> Receipt.VoidReason:
        return Receipt.VoidReason(self.cleaned_data["reason"])


class RegisterForm(forms.Form):
    """Which page of the register."""

    year = forms.IntegerField(required=False, min_value=2000, max_value=9999)
    below = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)

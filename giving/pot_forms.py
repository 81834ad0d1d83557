"""What is typed about money pots, checked before the domain is asked."""

from __future__ import annotations

import re
from datetime import date, datetime
from uuid import uuid4

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.forms import AmountField, OwnLimitField

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class DayField(forms.DateField):
    """A day as browsers send it: no digits of another script, no other order."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    input_formats = ["%Y-%m-%d"]

    def to_python(self, value: str | datetime | date | None) -> date | None:
        if isinstance(value, str) and value and not _DAY.fullmatch(value):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class PotForm(forms.Form):
    """What a pot is for, until when, and how much it aims at."""

    title = forms.CharField(label=_("What is it for?"), max_length=80)
    story = forms.CharField(
        label=_("Your words to everybody who gives"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    closes_on = DayField(
        label=_("Last day"), help_text=_("Within twelve months. You may close the pot before.")
    )
    goal = OwnLimitField(label=_("Goal, if there is one"))
    hides_total = forms.BooleanField(label=_("I alone see how much is in it"), required=False)

    def clean_goal(self) -> int | None:
        """Nought is none."""
        return self.cleaned_data["goal"] or None


class ContributionForm(forms.Form):
    """How much somebody gives, with which words, and what of it the others see."""

    amount = AmountField(label=_("Amount"), max_length=20)
    message = forms.CharField(
        label=_("A word, which everybody with the link reads"), max_length=280, required=False
    )
    hides_name = forms.BooleanField(label=_("Hide my name from the others"), required=False)
    hides_amount = forms.BooleanField(label=_("Hide my amount from the others"), required=False)
    key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)


class Ending(models.TextChoices):
    """What an organiser may do with what is in a pot."""

    WALLET = "wallet", _("To my wallet")
    BANK = "bank", _("To my bank account, by way of my wallet")
    BACK = "back", _("Back to everybody who gave")


class ClosingForm(forms.Form):
    """Where the money of a pot goes."""

    ending = forms.ChoiceField(
        label=_("Where does the money go?"), choices=Ending.choices, widget=forms.RadioSelect
    )

"""What borrowers and lenders fill in."""

from __future__ import annotations

import re
from datetime import datetime, time
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from giving import loans
from giving.models import Loan
from giving.models.loans import HIGHEST_RATE, LARGEST, LONGEST_MONTHS, SMALLEST
from payments import proofs, wording
from payments.forms import AgreedForm, AmountField

_PERCENT = re.compile(r"([0-9]{1,2})(?:[.,]([0-9]{1,2}))?")
_DECIMAL = {"inputmode": "decimal", "autocomplete": "off"}


class PercentField(forms.CharField):
    """A rate as people write it, `4,5`, read to basis points."""

    def clean(self, value: object) -> int:
        written = str(super().clean(value)).removesuffix("%").strip()
        found = _PERCENT.fullmatch(written)
        if found is None:
            raise forms.ValidationError(_("Write a rate such as 4 or 4,5."), code="rate")
        rate = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
        if rate > HIGHEST_RATE:
            raise forms.ValidationError(_("A loan may cost 20 percent a year at most."), code="rate")
        return rate


class LoanForm(forms.Form):
    """What an organisation asks lenders for."""

    title = forms.CharField(label=_("Title"), max_length=80)
    story = forms.CharField(
        label=_("What it is for"),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("What you do with it, and out of what you repay it. Lenders decide by these words."),
    )
    goal = AmountField(
        label=_("Goal"),
        max_length=20,
        widget=forms.TextInput(attrs=_DECIMAL),
        help_text=_("All of it comes together, or nothing is lent."),
    )
    rate = PercentField(
        label=_("Interest a year, in percent"), max_length=8, widget=forms.TextInput(attrs=_DECIMAL)
    )
    term_months = forms.IntegerField(
        label=_("Months to repay it in"), min_value=1, max_value=LONGEST_MONTHS, initial=24
    )
    deadline = forms.DateField(
        label=_("Last day to lend"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean_goal(self) -> int:
        goal = int(self.cleaned_data["goal"])
        if not SMALLEST <= goal <= LARGEST:
            words = _("A loan is %(least)s at least, and %(most)s at most.")
            raise forms.ValidationError(
                words, params={"least": wording.amount(SMALLEST), "most": wording.amount(LARGEST)}
            )
        return goal

    def clean_deadline(self) -> datetime:
        """The end of that day, in Paris."""
        day = self.cleaned_data["deadline"]
        days = (day - timezone.localdate()).days
        if not loans.SHORTEST_SEARCH_DAYS <= days <= loans.LONGEST_SEARCH_DAYS:
            raise forms.ValidationError(_("Leave lenders two days at least, and 90 at most."))
        return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))

    def terms(self) -> loans.Terms:
        """What was filled in, where it is valid."""
        return loans.Terms(**self.cleaned_data)


class LendForm(forms.Form):
    """How much to lend; confirmed on the page of the code."""

    amount = AmountField(label=_("Amount"), max_length=20)
    risk = forms.BooleanField(
        label=loans.RISK,
        error_messages={"required": _("Say that you have understood the risk.")},
    )
    key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)


class RepayForm(AgreedForm):
    """The code, and what the page said that it costs."""

    amount = forms.IntegerField(min_value=1, max_value=2 * LARGEST, widget=forms.HiddenInput)

    def __init__(self, *args: object, loan: Loan, **kwargs: object) -> None:
        super().__init__(*args, wants_code=True, **kwargs)
        self.loan = loan

    def terms(self) -> str:
        return proofs.of_repayment(self.loan.pk, amount=self.cleaned_data["amount"])

"""A card as it is typed on the hosted page; the number is checked, used and forgotten."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from sandbox.processor import cards
from sandbox.processor.sessions import Entry

SHORTEST = 13
NOT_DIGITS = re.compile("[^0-9]")


class CardForm(forms.Form):
    number = forms.CharField(max_length=30)
    expiry = forms.CharField(max_length=9)
    cvc = forms.CharField(max_length=4)
    holder = forms.CharField(max_length=120)

    def __init__(self, *args: Any, words: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words
        for field in self.fields.values():
            field.error_messages["required"] = words["required"]

    def clean_number(self) -> str:
        number = re.sub("[ \u00a0\u202f-]", "", self.cleaned_data["number"])
        if len(NOT_DIGITS.sub("", number)) < SHORTEST:
            raise forms.ValidationError(self.words["number_short"])
        if not cards.is_valid(number):
            raise forms.ValidationError(self.words["number_wrong"])
        return number

    def clean_expiry(self) -> tuple[int, int]:
        typed = re.fullmatch("(0?[1-9]|1[0-2]) ?/? ?(?:20)?([0-9]{2})", self.cleaned_data["expiry"].strip())
        if typed is None:
            raise forms.ValidationError(self.words["expiry_wrong"])
        month, year = int(typed[1]), 2000 + int(typed[2])
        today: date = timezone.localdate()
        if (year, month) < (today.year, today.month):
            raise forms.ValidationError(self.words["expiry_past"])
        return month, year

    def clean_cvc(self) -> str:
        if not re.fullmatch("[0-9]{3}", self.cleaned_data["cvc"].strip()):
            raise forms.ValidationError(self.words["cvc_wrong"])
        return ""  # checked, and not kept for a moment

    def entry(self) -> Entry:
        month, year = self.cleaned_data["expiry"]
        card = cards.find(self.cleaned_data["number"])
        return Entry(card, exp_month=month, exp_year=year, holder=self.cleaned_data["holder"])

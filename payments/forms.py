"""What members type, checked before the domain is asked."""

from __future__ import annotations

from uuid import uuid4

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from payments import money
from payments.models import Card

SIX_DIGITS = RegexValidator(r"\A[0-9]{6}\Z", _("Enter the six digits of your secret code."))


class CodeForm(forms.Form):
    """The secret code that confirms an order."""

    code = forms.CharField(
        label=_("Secret code"),
        max_length=6,
        validators=[SIX_DIGITS],
        widget=forms.PasswordInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 6, "pattern": "[0-9]{6}"}
        ),
    )


class AmountField(forms.CharField):
    """An amount as people write it, read to cents."""

    def clean(self, value: object) -> int:
        text = str(super().clean(value))
        try:
            return money.read(text, is_bare=True)
        except money.Unreadable as problem:
            raise forms.ValidationError(_("Write an amount such as 20 or 12,99."), code="amount") from problem


class OwnLimitField(AmountField):
    """Nothing is no limit, and a nought lets nothing pass."""

    def __init__(self, **kwargs: object) -> None:
        box = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(**{"required": False, "max_length": 20, "widget": box} | kwargs)  # type: ignore[arg-type]  # Django's own arguments

    def clean(self, value: object) -> int | None:  # type: ignore[override]  # nothing is an answer here
        text = str(value or "").strip()
        if not text:
            return None
        return 0 if text == "0" else super().clean(text)


class OwnLimitsForm(forms.Form):
    """What a member allows themselves; fields are named as the limits are."""

    ORDER = OwnLimitField(label=_("For one order"))
    DAY = OwnLimitField(label=_("In 24 hours"))
    MONTH = OwnLimitField(label=_("In 30 days"))
    code = forms.CharField(
        label=_("Secret code, if you raise one"),
        required=False,
        max_length=6,
        validators=[SIX_DIGITS],
        widget=forms.PasswordInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 6, "pattern": "[0-9]{6}"}
        ),
    )


class LoadForm(forms.Form):
    """How much to load, and from which card."""

    amount = AmountField(label=_("Amount"), max_length=20)
    card = forms.ModelChoiceField(
        label=_("Card"), queryset=Card.objects.none(), empty_label=None, widget=forms.RadioSelect
    )
    order = forms.SlugField(required=False, max_length=8, widget=forms.HiddenInput)
    key = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)

    def __init__(self, *args: object, cards: list[Card], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments
        field = self.fields["card"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Card.objects.filter(pk__in=[card.pk for card in cards]).order_by("-pk")
        field.initial = cards[0].pk if cards else None


class HistoryForm(forms.Form):
    """Which page of the history, and what is looked for."""

    q = forms.CharField(required=False, max_length=80, strip=True)
    before = forms.UUIDField(required=False)

"""What members type, checked before the domain is asked."""

from __future__ import annotations

from uuid import uuid4

from django import forms
from django.core.validators import RegexValidator
from django.db.models import BigIntegerField
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from payments import bank_accounts, money, proofs
from payments.models import BankAccount, Card, PayoutPlan

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
    # What a passkey answered, and what it was asked: `payments.views.factors`.
    passkey = forms.CharField(required=False, max_length=8000)
    asked = forms.CharField(required=False, max_length=400)


class ConfirmForm(CodeForm):
    """The code, and the card that pays what the wallet lacks, as the page said how much that is."""

    card = forms.ModelChoiceField(
        label=_("Card"), queryset=Card.objects.none(), required=False, widget=forms.RadioSelect
    )
    at_most = forms.IntegerField(required=False, min_value=0, max_value=10_000_00, widget=forms.HiddenInput)

    def __init__(self, *args: object, cards: list[Card], agreement: str = "", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments
        if agreement:
            asked = {"required": _("Tick that you agree, then enter your code.")}
            self.fields["agreed"] = forms.BooleanField(label=agreement, error_messages=asked)
        field = self.fields["card"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Card.objects.filter(pk__in=[card.pk for card in cards])


class AmountField(forms.CharField):
    """An amount as people write it, read to cents."""

    def clean(self, value: object) -> int:
        text = str(super().clean(value))
        try:
            return money.read(text, is_bare=True)
        except money.Unreadable as problem:
            raise forms.ValidationError(_("Write an amount such as 20 or 12,99."), code="amount") from problem


class GiveForm(forms.Form):
    """How much to give to an organisation, and a word with it; confirmed on the page of the code."""

    amount = AmountField(label=_("Amount"), max_length=20)
    note = forms.CharField(label=_("A word with it, if you like"), max_length=140, required=False)
    key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)


class FigureField(AmountField):
    """What is allowed: a nought lets nothing pass."""

    def clean(self, value: object) -> int:
        return 0 if str(value or "").strip() == "0" else super().clean(value)


class OwnLimitField(FigureField):
    """Nothing is no limit."""

    def __init__(self, **kwargs: object) -> None:
        box = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(**{"required": False, "max_length": 20, "widget": box} | kwargs)  # type: ignore[arg-type]  # Django's own arguments

    def clean(self, value: object) -> int | None:  # type: ignore[override]  # nothing is an answer here
        text = str(value or "").strip()
        return super().clean(text) if text else None


class OwnLimitsForm(forms.Form):
    """What a member allows themselves; fields are named as the limits are."""

    ORDER = OwnLimitField(label=_("For one order"))
    DAY = OwnLimitField(label=_("In 24 hours"))
    MONTH = OwnLimitField(label=_("In 30 days"))
    PAYOUT_DAY = OwnLimitField(label=_("To my bank, in 24 hours"))
    PAYOUT_MONTH = OwnLimitField(label=_("To my bank, in 30 days"))
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


class RefundForm(CodeForm):
    """How much of a received payment goes back, and the payee's secret code."""

    amount = AmountField(label=_("Amount"), max_length=20)
    key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)

    def __init__(self, *args: object, left: int, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments
        self.fields["amount"].initial = money.write(left, get_language() or "fr").strip("€")


_SLIPS = {
    bank_accounts.Slip.LETTERS: _("An IBAN begins with two letters and two digits, such as FR76."),
    bank_accounts.Slip.COUNTRY: _("No country’s IBANs begin with these two letters."),
    bank_accounts.Slip.LENGTH: _("This IBAN is too short or too long. A French one has 27 characters."),
    bank_accounts.Slip.STRUCTURE: _("This IBAN holds characters that its country’s do not have."),
    bank_accounts.Slip.CHECK: _("A digit of this IBAN is wrong. Compare it with your bank’s statement."),
    bank_accounts.Slip.ZONE: _("This country is not in the euro payments area (SEPA)."),
}


class IbanField(forms.CharField):
    """An account number as people write it, read to its letters and digits."""

    def clean(self, value: object) -> str:
        try:
            return bank_accounts.read(str(super().clean(value)))
        except bank_accounts.NotAnIban as problem:
            raise forms.ValidationError(_SLIPS[problem.slip], code="iban") from problem


class AgreedForm(CodeForm):
    """Terms that are filled in, and the code; on a device that is not known, the terms come first."""

    def __init__(self, *args: object, wants_code: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments
        self.fields["code"].required = wants_code

    def has_terms(self) -> bool:
        """Whether all but the code is filled in as it should be."""
        return self.is_bound and not set(self.errors) - {"code"}


class BankAccountForm(AgreedForm):
    """Where money is to go, in whose name, and the code that confirms it."""

    field_order = ["number", "holder_name", "code"]

    number = IbanField(
        label=_("IBAN"),
        max_length=50,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        help_text=_("On your bank’s site or statement; spaces do not matter."),
    )
    holder_name = forms.CharField(
        label=_("Account holder"),
        max_length=bank_accounts.LONGEST_NAME,
        help_text=_("As your bank knows them: we ask it."),
    )

    def __init__(self, *args: object, owner: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # the form's own
        self.owner = owner
        self.fields["holder_name"].initial = owner.name

    def terms(self) -> str:
        return proofs.of_account(self.owner, iban=self.cleaned_data["number"])


class CashOutForm(AgreedForm):
    """How much, to which bank account, and the code that confirms it."""

    amount = AmountField(label=_("Amount"), max_length=20)
    account = forms.ModelChoiceField(
        label=_("Bank account"), queryset=BankAccount.objects.none(), empty_label=None
    )
    key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)

    def __init__(self, *args: object, accounts: list[BankAccount], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments
        field = self.fields["account"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = BankAccount.objects.filter(pk__in=[account.pk for account in accounts])
        field.initial = accounts[0].pk if accounts else None

    def terms(self) -> str:
        return proofs.of_payout(self.cleaned_data["account"], amount=self.cleaned_data["amount"])


class PlanForm(AgreedForm):
    """When, to which bank account and from how much on an organisation is paid out, and the code."""

    period = forms.ChoiceField(
        label=_("When"), choices=PayoutPlan.Period.choices, initial="WEEK", widget=forms.RadioSelect
    )
    account = forms.ModelChoiceField(
        label=_("To this account"), queryset=BankAccount.objects.none(), empty_label=None
    )
    minimum = AmountField(
        label=_("From this amount on"),
        max_length=20,
        initial="20",
        help_text=_("With less in the wallet nothing is paid out that day."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    field_order = ["period", "account", "minimum", "code"]

    def __init__(self, *args: object, accounts: list[BankAccount], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # the form's own
        field = self.fields["account"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = BankAccount.objects.filter(pk__in=[account.pk for account in accounts])

    def terms(self) -> str:
        said = self.cleaned_data
        return proofs.of_plan(said["account"], period=said["period"], minimum=said["minimum"])


class FeedForm(forms.Form):
    """Which page of the public feed."""

    before = forms.RegexField(r"^[1-9][0-9]{0,17}\Z", required=False)


class HistoryForm(forms.Form):
    """Which page of the history, and what is looked for."""

    q = forms.CharField(required=False, max_length=80, strip=True)
    before = forms.IntegerField(required=False, min_value=1, max_value=BigIntegerField.MAX_BIGINT)

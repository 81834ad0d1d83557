"""What those who act for an organisation ask of its figures, and type for its programs."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from payments import figures, money, receiver
from payments.models import Callback

BIGGEST_NUMBER = 2**63 - 1  # Of a bigint.


class FiguresForm(forms.Form):
    """A period, and the steps in which it is shown; whatever is none is the first there is."""

    period = forms.ChoiceField(
        label=_("Period"),
        required=False,
        choices=[
            (figures.Period.DAYS.value, _("30 days")),
            (figures.Period.MONTHS.value, _("12 months")),
            (figures.Period.ALL.value, _("since the beginning")),
        ],
    )
    step = forms.ChoiceField(
        label=_("By"),
        required=False,
        choices=[
            (figures.Step.DAY.value, _("day")),
            (figures.Step.WEEK.value, _("week")),
            (figures.Step.MONTH.value, _("month")),
        ],
    )

    @property
    def wanted(self) -> tuple[figures.Period, figures.Step]:
        data = self.cleaned_data if self.is_valid() else {}
        period = figures.Period(data.get("period") or figures.Period.DAYS)
        steps = figures.STEPS[period]
        step = figures.Step(data.get("step") or steps[0])
        return period, step if step in steps else steps[0]


class TakingsForm(forms.Form):
    """What to look for among payments, and before which."""

    q = forms.CharField(required=False, max_length=60)
    before = forms.IntegerField(required=False, min_value=1, max_value=BIGGEST_NUMBER)

    @property
    def wanted(self) -> tuple[str, int | None, int | None]:
        """The words, the cents that they are if they are an amount, and the number."""
        data = self.cleaned_data if self.is_valid() else {}
        query: str = data.get("q") or ""
        try:
            cents = money.read(query, is_bare=True)
        except money.Unreadable:
            cents = None
        return query, cents, data.get("before")


class ApiKeyForm(forms.Form):
    """What a key is for."""

    name = forms.CharField(
        label=_("What the key is for"), max_length=60, help_text=_("Such as “accounting”: no person’s name.")
    )


class CallbackForm(forms.Form):
    """An address that is told, and of what."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("It begins with https://, and can be reached from the Internet."),
        widget=forms.URLInput(attrs={"placeholder": "https://example.org/s-money", "autocomplete": "off"}),
    )
    events = forms.MultipleChoiceField(
        label=_("Told when"),
        choices=Callback.Event.choices,
        initial=Callback.Event.values,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        try:
            receiver.check(url, may_be_here=settings.IS_LOCAL)
        except receiver.Forbidden as problem:
            raise forms.ValidationError(
                _("We call addresses on the Internet only, by https, without a password in them."),
                code="forbidden",
            ) from problem
        return url

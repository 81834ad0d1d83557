"""What is typed about campaigns and gifts, checked before the domain is asked."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from giving import campaigns, pictures
from giving.models import Campaign
from payments.forms import AmountField
from payments.pictures import NotAPicture, Picture, TooLarge, TooLong

_MOST = 10_000_000_00  # Cents: what nobody means to collect here.


class GoalField(AmountField):
    """An amount, or nothing."""

    def clean(self, value: object) -> int | None:  # type: ignore[override]  # nothing is an answer here
        text = str(value or "").strip()
        if not text:
            return None
        goal = super().clean(text)
        if goal > _MOST:
            raise forms.ValidationError(_("A goal is 10 million euros at most."), code="goal")
        return goal


class CampaignForm(forms.Form):
    """What an organisation says of a campaign."""

    title = forms.CharField(label=_("Title"), max_length=80)
    story = forms.CharField(
        label=_("What it is for"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6})
    )
    hashtag = forms.CharField(
        label=_("Hashtag"),
        max_length=31,
        help_text=_("By which a post gives to it. Letters and digits, such as #well."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
    )
    goal = GoalField(
        label=_("Goal, in euros"),
        required=False,
        max_length=20,
        help_text=_("Leave it empty if there is none."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("It ends at midnight, in Paris. Leave it empty if it goes on."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    is_all_or_nothing = forms.BooleanField(
        label=_("All or nothing"),
        required=False,
        help_text=_("If the goal is missed, everybody has their money back."),
    )
    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("JPEG or PNG, at most 2 MB."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
    )

    def clean_last_day(self) -> date | None:
        day: date | None = self.cleaned_data["last_day"]
        if day and day > timezone.localdate() + campaigns.LONGEST:
            raise forms.ValidationError(_("A campaign goes on for a year at most."))
        return day

    def clean_hashtag(self) -> str:
        try:
            return campaigns.hashtag(self.cleaned_data["hashtag"])
        except campaigns.NotAHashtag as problem:
            raise forms.ValidationError(
                _("Write one word of letters and digits, such as #well.")
            ) from problem

    def clean_picture(self) -> Picture | None:
        sent: UploadedFile[bytes] | None = self.cleaned_data["picture"]
        content = sent.read(pictures.LARGEST + 1) if sent else b""
        try:
            return pictures.read(content) if content else None
        except TooLong as problem:
            raise forms.ValidationError(_("A side of this picture is longer than 4096 pixels.")) from problem
        except TooLarge as problem:
            raise forms.ValidationError(_("This picture is larger than 2 MB.")) from problem
        except NotAPicture as problem:
            raise forms.ValidationError(_("This is neither a JPEG nor a PNG picture.")) from problem

    def clean(self) -> None:
        said = self.cleaned_data
        if said.get("is_all_or_nothing") and not (said.get("goal") and said.get("last_day")):
            self.add_error(
                "is_all_or_nothing", _("All or nothing needs a goal, and a last day to reach it by.")
            )

    def terms(self) -> campaigns.Terms:
        said = self.cleaned_data
        names = ("title", "story", "hashtag", "goal", "is_all_or_nothing")
        last_day: date | None = said["last_day"]
        return campaigns.Terms(
            **{name: said[name] for name in names},
            deadline=_midnight_after(last_day) if last_day else None,
        )


def written(campaign: Campaign) -> dict[str, object]:
    """What the form shows of a campaign that is there."""
    last = campaign.deadline and timezone.localtime(campaign.deadline) - timedelta(seconds=1)
    names = ("title", "story", "hashtag", "is_all_or_nothing")
    goal = None if campaign.goal is None else f"{campaign.goal // 100},{campaign.goal % 100:02}"
    return {name: getattr(campaign, name) for name in names} | {
        "goal": goal,
        "last_day": last and last.date(),
    }


class ShownField(forms.ChoiceField):
    """Whether the page shows who gives."""

    def __init__(self, *, initial: str) -> None:
        super().__init__(
            label=_("On the page"),
            choices=[("anonymous", _("without my name")), ("named", _("with my name"))],
            initial=initial,
            widget=forms.RadioSelect,
            help_text=_("The organisation sees your name in either case."),
        )


class GiftForm(forms.Form):
    """How much, how often, and what everybody reads of it."""

    amount = AmountField(label=_("Amount"), max_length=20)
    rhythm = forms.ChoiceField(
        label=_("How often"),
        choices=[("once", _("once")), ("monthly", _("each month"))],
        help_text=_("Each month we ask you for your code again: nothing is paid without it."),
        initial="once",
        widget=forms.RadioSelect,
    )
    shown = ShownField(initial="anonymous")
    message = forms.CharField(
        label=_("Message"),
        required=False,
        max_length=140,
        help_text=_("Everybody reads it on the page."),
    )
    key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)


class PromiseForm(forms.Form):
    """What a sponsor gives, if so much comes together without them."""

    amount = AmountField(label=_("I give"), max_length=20)
    threshold = AmountField(label=_("if others give together"), max_length=20)
    shown = ShownField(initial="named")
    key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)


def _midnight_after(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))

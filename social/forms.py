"""What somebody types to try it."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from social import examples

LONGEST = 1000


class RehearsalForm(forms.Form):
    """A text, and where it would be written."""

    PUBLIC, PRIVATE = "public", "private"

    text = forms.CharField(
        label=_("Your text"),
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocapitalize": "none", "spellcheck": "false"}),
    )
    channel = forms.ChoiceField(
        label=_("Where you write it"),
        choices=[(PUBLIC, _("In a post on X")), (PRIVATE, _("In a private message, or an SMS"))],
        initial=PUBLIC,
        widget=forms.RadioSelect,
    )

    @property
    def is_private(self) -> bool:
        return bool(self.cleaned_data["channel"] == self.PRIVATE)

    @staticmethod
    def example() -> str:
        """In the language of whoever looks."""
        return examples.sending(get_language() or settings.LANGUAGE_CODE)

"""Fields that forms of several apps have."""

from __future__ import annotations

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _


class PostcodeField(forms.CharField):
    """A French postcode."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Postcode"),
            max_length=5,
            validators=[RegexValidator(r"\A[0-9]{5}\Z", _("A French postcode has five digits."))],
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code"}),
        )

"""What a French mobile number is: mobile, and of France or one of its territories that use the euro."""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Guadeloupe, Martinique, Guyane, La Réunion and Mayotte are départements, Saint-Barthélemy,
# Saint-Martin and Saint-Pierre-et-Miquelon collectivities: all France, all euro. In the Pacific the
# money is the CFP franc, so their numbers do not count.
REGIONS = ("FR", "GP", "MQ", "GF", "RE", "YT", "BL", "MF", "PM")

_WRITTEN = re.compile(r"[+0-9 .()/\-\u00A0\u202F\u2009]{4,40}")


class NotAFrenchMobile(ValueError):
    """It is not the number of a French mobile."""


def parse(written: str) -> str:
    """The number in E.164; what is written without a country code is read as people in France would.

    :raises NotAFrenchMobile: if it is no French mobile number
    """
    if not _WRITTEN.fullmatch(written):
        raise NotAFrenchMobile
    digits = re.sub(r"[^+0-9]", "", written)
    for region in REGIONS:
        try:
            number = phonenumbers.parse(digits, region)
        except phonenumbers.NumberParseException:
            continue
        if _is_french_mobile(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    raise NotAFrenchMobile


def _is_french_mobile(number: phonenumbers.PhoneNumber) -> bool:
    return (
        phonenumbers.region_code_for_number(number) in REGIONS
        and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    )


class PhoneField(forms.CharField):
    """Cleans to E.164."""

    default_error_messages = {
        "required": _("Enter your mobile number."),
        "not_a_french_mobile": _("Enter a French mobile number, such as 06 12 34 56 78."),
    }

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})
        options: dict[str, Any] = {"label": _("Mobile number"), "max_length": 40, "widget": widget}
        super().__init__(**options | kwargs)

    def clean(self, value: Any) -> str:
        written = super().clean(value)
        if not written:
            return ""
        try:
            return parse(written)
        except NotAFrenchMobile:
            raise ValidationError(
                self.error_messages["not_a_french_mobile"], code="not_a_french_mobile"
            ) from None

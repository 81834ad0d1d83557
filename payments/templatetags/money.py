"""Amounts in templates: cents in, printed the language's way; nothing is worked out but a difference."""

from __future__ import annotations

import re

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from payments import money

register = template.Library()

_PARTS = re.compile(r"(?P<whole>.*[0-9])(?P<cents>[.,][0-9]{2})(?P<rest>.*)", re.DOTALL)


@register.filter
def amount(cents: int) -> str:
    """`12,99 €`, or `€12.99` in English."""
    return money.show(cents, get_language() or "fr")


@register.filter
def share(hundredths: int) -> str:
    """Hundredths of a percent: `4,5 %`, or `4.5%` in English."""
    return money.share(hundredths, get_language() or "fr")


@register.filter
def amount_short(cents: int) -> str:
    """The amount without its cents where there are none: `250 €`, for figures of the policy."""
    return re.sub(r"[.,]00(?![0-9])", "", amount(cents))


@register.filter
def amount_signed(cents: int) -> str:
    """`+12,99 €` for money that came, `−12,99 €` (a real minus) for money that went."""
    return f"+{amount(cents)}" if cents > 0 else amount(cents)


@register.filter
def amount_large(cents: int) -> SafeString:
    """The amount as a headline: its cents smaller than its euros, read aloud as one."""
    printed = amount(cents)
    parts = _PARTS.fullmatch(printed)
    if not parts:
        return format_html('<span class="amount amount-large">{}</span>', printed)
    return format_html(
        '<span class="amount amount-large">{}<span class="amount-cents">{}</span>{}</span>',
        parts["whole"],
        parts["cents"],
        parts["rest"],
    )


@register.filter
def amount_bare(cents: int) -> str:
    """The amount as a person types it into a field that shows the sign itself: `62,55`."""
    return money.write(cents, get_language() or "fr").strip("€")


@register.filter
def amount_plain(cents: int) -> str:
    """The amount for machines that read a page: `12.99`."""
    euros, rest = divmod(cents, 100)
    return f"{euros}.{rest:02}"

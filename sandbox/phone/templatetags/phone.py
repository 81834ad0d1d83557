"""Texts as a phone shows them: codes that a touch copies, links that open, numbers in pairs."""

from __future__ import annotations

import re

import phonenumbers
from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Longest first: a link may hold digits, a code is 4 to 8 digits that stand alone.
FOUND = re.compile(
    r"(?P<link>https?://[^\s<>\"']+[^\s<>\"'.,;:!?)])"
    r"|(?<![\w,.+])(?P<code>[0-9]{4,8})(?![\w,€]|[.,][0-9]|[ \u00a0\u202f]?€)"
)


@register.filter
def touchable(text: str) -> SafeString:
    out, end = [], 0
    for found in FOUND.finditer(text):
        out += [escape(text[end : found.start()]), _touch(found)]
        end = found.end()
    return mark_safe("".join([*out, escape(text[end:])]))  # noqa: S308 (every piece is escaped)


@register.filter
def international(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _touch(found: re.Match[str]) -> str:
    if found["link"]:
        link = escape(found["link"])
        return f'<a href="{link}">{link}</a>'
    attributes = f'class="code" data-copy="{found["code"]}" title="Copy"'
    return f'<button type="button" {attributes}>{found["code"]}</button>'

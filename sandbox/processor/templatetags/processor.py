"""Amounts and states, as the log shows them."""

from __future__ import annotations

import json
from typing import Any

from django import template

from sandbox.processor import wording

register = template.Library()

TONES = {
    "succeeded": "is-good",
    "complete": "is-good",
    "processing": "is-warn",
    "pending": "is-warn",
    "requires_action": "is-warn",
    "open": "is-warn",
    "canceled": "",
    "expired": "",
}


@register.filter
def euros(cents: int) -> str:
    return wording.amount(cents, "en")


@register.filter
def tone(status: str) -> str:
    return TONES.get(status, "is-bad")


@register.filter
def spaced(name: str) -> str:
    return name.replace("_", " ")


@register.filter
def pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)

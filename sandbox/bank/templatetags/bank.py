"""How the bank's pages print amounts."""

from __future__ import annotations

from django import template

from sandbox.bank import files

register = template.Library()


@register.filter
def euros(cents: int) -> str:
    return f"€{files.money(cents)}"

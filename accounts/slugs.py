"""Addresses of pages, made of names and titles: each has one of its own, also where two begin at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts import constraints

LONGEST = 40
# Words of addresses of ours, and names that nobody shall take for ours.
_TAKEN = {"new", "join", "s-money", "smoney", "smoneyfr", "staff", "admin"}


def keep(row: Any, title: str, save: Callable[[], object], *, otherwise: str, longest: int = LONGEST) -> None:
    """Keep a new row by `save`: its `slug` is the first free of its title, of `otherwise` if that is empty.

    :raises Exception: what `save` does, but for an address that somebody has just taken
    """
    while True:
        row.slug = _free(row, slugify(title)[:longest].strip("-") or otherwise, longest)
        try:
            with transaction.atomic():
                save()
        except IntegrityError as problem:
            if "_slug_" not in constraints.broken(problem):
                raise
        else:
            return


def _free(row: Any, plain: str, longest: int) -> str:
    """That, with a number where it is another's already."""
    slug: str = plain
    number = 1
    while slug in _TAKEN or type(row).objects.filter(slug=slug).exists():
        number += 1
        slug = f"{plain[: longest - len(str(number)) - 1]}-{number}"
    return slug

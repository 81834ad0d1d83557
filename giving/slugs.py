"""Addresses of pages, made of their titles: each has one of its own, also where two begin at once."""

from __future__ import annotations

from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from giving.models import Campaign, Loan

LONGEST = 40
_TAKEN = {"new"}  # Words of addresses of ours.


def keep(row: Campaign | Loan, save: Callable[[], None], *, otherwise: str) -> None:
    """Keep a new row by `save`, at the first free address of its title; `otherwise` if that has no letters.

    :raises Exception: what `save` does, but for an address that somebody has just taken
    """
    while True:
        row.slug = _free(row, otherwise)
        try:
            with transaction.atomic():
                return save()
        except IntegrityError as problem:
            if "_slug_" not in str(problem):
                raise


def _free(row: Campaign | Loan, otherwise: str) -> str:
    """The title as an address, with a number where it is another's already."""
    plain = slugify(row.title)[:LONGEST].strip("-") or otherwise
    slug, number = plain, 1
    while slug in _TAKEN or type(row).objects.filter(slug=slug).exists():
        number += 1
        slug = f"{plain[: LONGEST - len(str(number)) - 1]}-{number}"
    return slug

"""The outside's clients, made from settings: the product's only door to card processor and bank."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from payments.acquirer import Acquirer
from payments.bank import Bank


@cache
def acquirer() -> Acquirer:
    return Acquirer(
        url=settings.ACQUIRER_API_URL,
        key=settings.ACQUIRER_API_KEY,
        webhook_secret=settings.ACQUIRER_WEBHOOK_SECRET,
    )


@cache
def bank() -> Bank:
    return Bank(url=settings.BANK_API_URL, key=settings.BANK_API_KEY)

"""The outside's clients, made from settings: the product's only door to the card processor."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from payments.acquirer import Acquirer


@cache
def acquirer() -> Acquirer:
    return Acquirer(
        url=settings.ACQUIRER_API_URL,
        key=settings.ACQUIRER_API_KEY,
        webhook_secret=settings.ACQUIRER_WEBHOOK_SECRET,
    )

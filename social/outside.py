"""The outside's client, made from settings: the product's only door to X."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from social.x import X


@cache
def x() -> X:
    return X(
        settings.X_API_URL,
        bearer=settings.X_BEARER_TOKEN,
        client_id=settings.X_CLIENT_ID,
        client_secret=settings.X_CLIENT_SECRET,
    )


@cache
def hurried_x() -> X:
    """The same, for what a page waits for."""
    return X(settings.X_API_URL, bearer=settings.X_BEARER_TOKEN, is_hurried=True)

"""The outside's clients, made from settings: the product's only doors to X and Messenger."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from social.graph import Graph
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
def graph() -> Graph:
    return Graph(
        settings.MESSENGER_API_URL, page_id=settings.MESSENGER_PAGE_ID, token=settings.MESSENGER_PAGE_TOKEN
    )


@cache
def hurried_x() -> X:
    """X's, for what a page waits for."""
    return X(settings.X_API_URL, bearer=settings.X_BEARER_TOKEN, is_hurried=True)

"""What every answer tells a browser beside what Django's middleware says: who may use it, who may keep it.

Whatever is answered to somebody who is signed in is theirs: no cache and no back button shows it to the next.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import Error
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control

from accounts.models import User

_ALWAYS = {
    "Cross-Origin-Resource-Policy": "same-origin",  # No other site reads our pictures, pages or data.
    "X-Permitted-Cross-Domain-Policies": "none",
}


class HeadersMiddleware:
    """Stands before all that answers; who is signed in is known when the answer comes back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        if _may_be_somebodys(request):
            patch_cache_control(response, private=True, no_store=True)
        return response


def _may_be_somebodys(request: HttpRequest) -> bool:
    """Whether somebody is signed in; if the database cannot say, they might be."""
    try:
        return isinstance(getattr(request, "user", None), User)
    except Error:
        return True

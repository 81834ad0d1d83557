"""The words in which somebody is spoken to: a member's own choice, else what the browser asks for."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts.models import User


class LanguageMiddleware:
    """Stands after authentication; LocaleMiddleware before it has read the cookie and the browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, User):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        # Who is signed in and the language's cookie are both in it.
        patch_vary_headers(response, ("Cookie",))
        return response

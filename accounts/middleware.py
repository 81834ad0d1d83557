"""What stands around every page: the words that its reader is spoken to in, and proving who one is."""

from __future__ import annotations

from collections.abc import Callable

from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts import access
from accounts.models import User


class LanguageMiddleware:
    """A member's own choice, else what the browser asks for.

    Stands after authentication; LocaleMiddleware before it has read the cookie and the browser.
    """

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


class ReauthenticationMiddleware:
    """Asks who they are where allauth would, and keeps nothing of what was sent.

    allauth keeps all of it in the session until then: codes, passwords and cookies in clear.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return access.asked_who(request) if isinstance(exception, ReauthenticationRequired) else None

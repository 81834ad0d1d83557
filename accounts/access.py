"""Who may come in: pages of money are for members who have finished signing up, and who are there.

A session of 30 days lets its member look. After five minutes without a page opened it lets nobody act
(PSD2 RTS, article 4(3)(d)): what moves money asks for code and device (`payments.views.factors`), all else
for the password or passkey once more. What gives others power is proved each time (`proof_required`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from accounts import browsers, members
from accounts.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
_LOOKING = {"GET", "HEAD"}


def member_required(view: View[P]) -> View[P]:
    """Send whoever is signed out to sign in, and whoever has no secret code yet to choose one."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if members.step(member(request)) is not members.Step.DONE:
            return redirect("onboarding")
        response = view(request, *args, **kwargs)
        # Not for the next who sits at this browser, neither from its cache nor by its back button.
        patch_cache_control(response, private=True, no_store=True)
        browsers.note_page(request, response)
        return response

    return cast("View[P]", login_required(guarded))


def attended_required(*, to_look: bool = False) -> Callable[[View[P]], View[P]]:
    """Ask whoever was away who they are, before anything is done; `to_look`, before it is filled in.

    What they sent meanwhile is not kept: it may be the number of their bank account.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            is_looking = request.method in _LOOKING
            if (is_looking and not to_look) or browsers.is_attended(request):
                return view(request, *args, **kwargs)
            return asked_who(request)

        return cast("View[P]", guarded)

    return decorate


def proof_required(view: View[P]) -> View[P]:
    """Ask for the password or passkey before anything is done, unless it was shown just now.

    For what a session that somebody left open is not enough, nor being there.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method in _LOOKING or browsers.has_just_authenticated(request):
            return view(request, *args, **kwargs)
        return asked_who(request, says=_("Show who you are, then do it once more: nothing was done yet."))

    return cast("View[P]", guarded)


def asked_who(request: HttpRequest, *, says: str = "") -> HttpResponse:
    """Send them to show who they are, and back to where they are."""
    is_looking = request.method in _LOOKING
    if not is_looking:
        away = _("You were away, so nothing was done. Please do it once more.")
        messages.info(request, says or away)
    next_page = urlencode({"next": request.get_full_path() if is_looking else _came_from(request)})
    return redirect(f"{reverse('account_reauthenticate')}?{next_page}")


def member(request: HttpRequest) -> User:
    """Who is signed in, where a decorator has made sure that somebody is."""
    assert isinstance(request.user, User)
    return request.user


def _came_from(request: HttpRequest) -> str:
    """The page of ours that sent a form, as the browser says; else the first one."""
    said = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(said, allowed_hosts={request.get_host()})
    return said if is_ours else "/"

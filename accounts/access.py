"""Who may come in: pages of money are for members who have finished signing up."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control

from accounts import browsers, members
from accounts.models import User

P = ParamSpec("P")


def member_required(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
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

    return cast("Callable[Concatenate[HttpRequest, P], HttpResponseBase]", login_required(guarded))


def member(request: HttpRequest) -> User:
    """Who is signed in, where a decorator has made sure that somebody is."""
    assert isinstance(request.user, User)
    return request.user

"""Pages that anybody may read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


def home(request: HttpRequest) -> HttpResponse:
    """What S-Money is; a member is taken to their wallet."""
    if request.user.is_authenticated:
        return redirect("wallet")
    return render(request, "home.html")

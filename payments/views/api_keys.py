"""The keys by which an organisation's programs read, and how they do."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access, organisation_access
from accounts.models import Role, Seat
from payments import api_keys
from payments.organisation_forms import ApiKeyForm


@organisation_access.seat_required()
def api_(request: HttpRequest, seat: Seat) -> HttpResponse:
    """How a program reads, and the keys there are."""
    return _page(request, seat, ApiKeyForm())


@require_POST
@organisation_access.seat_required(Role.OWNER)
def make(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The page shows the new key, and never again: so it is no redirect."""
    form = ApiKeyForm(request.POST)
    if not form.is_valid():
        return _page(request, seat, form, status=422)
    try:
        _made, key = api_keys.make(
            seat.organisation, name=form.cleaned_data["name"], by=access.member(request)
        )
    except api_keys.TooMany:
        form.add_error(None, _("Ten keys are all that an organisation has. Revoke one first."))
        return _page(request, seat, form, status=422)
    return _page(request, seat, ApiKeyForm(), key=key)


@require_POST
@organisation_access.seat_required(Role.OWNER)
def revoke(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    api_keys.revoke(get_object_or_404(api_keys.of(seat.organisation), pk=pk))
    messages.success(request, _("Revoked: it opens nothing any more."))
    return redirect("api_keys", slug=seat.organisation.slug)


def _page(
    request: HttpRequest, seat: Seat, form: ApiKeyForm, *, key: str = "", status: int = 200
) -> HttpResponse:
    about = {
        "organisation": seat.organisation,
        "is_owner": seat.role == Role.OWNER,
        "form": form,
        "key": key,
        "keys": api_keys.of(seat.organisation),
        "site": settings.SITE_URL,
    }
    return render(request, "organisation_api.html", about, status=status)

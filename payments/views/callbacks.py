"""The addresses of an organisation's that are told, and what each was told."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access, organisation_access
from accounts.models import Role, Seat
from payments import callbacks, calls, hints
from payments.models import Callback
from payments.organisation_forms import CallbackForm, TakingsForm

PAGE = 25


@organisation_access.seat_required()
def callbacks_(request: HttpRequest, seat: Seat) -> HttpResponse:
    return _page(request, seat, CallbackForm())


@require_POST
@organisation_access.seat_required(Role.OWNER)
def add(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The page shows the address's secret, and never again: so it is no redirect."""
    form = CallbackForm(request.POST)
    if not form.is_valid():
        return _page(request, seat, form, status=422)
    wanted = form.cleaned_data
    try:
        _made, secret = callbacks.add(
            seat.organisation, wanted["url"], events=wanted["events"], by=access.member(request)
        )
    except (callbacks.TooMany, callbacks.KnownAlready, callbacks.NotReviewed) as problem:
        form.add_error("url", _why_not(problem))
        return _page(request, seat, form, status=422)
    return _page(request, seat, CallbackForm(), secret=secret)


@organisation_access.seat_required()
def callback(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    """What the address was told, and how it answered."""
    return _log(request, seat, _theirs(seat, pk))


@require_POST
@organisation_access.seat_required(Role.OWNER)
def replace_secret(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    """The page shows the new secret, and never again: so it is no redirect."""
    found = _theirs(seat, pk)
    try:
        secret = callbacks.replace_secret(found, by=access.member(request))
    except callbacks.ReplacedTooOften as problem:
        messages.error(request, _why_not(problem))
        return redirect("callback", slug=seat.organisation.slug, pk=pk)
    return _log(request, seat, found, secret=secret)


@require_POST
@organisation_access.seat_required(Role.OWNER)
def test(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    try:
        callbacks.test(_theirs(seat, pk))
    except (callbacks.TestUnderWay, callbacks.NotReviewed) as problem:
        messages.error(request, _why_not(problem))
    else:
        hints.run("payments.call_back")
        messages.success(request, _("A test is on its way. Look here again in a moment."))
    return redirect("callback", slug=seat.organisation.slug, pk=pk)


@require_POST
@organisation_access.seat_required(Role.OWNER)
def send_again(request: HttpRequest, seat: Seat, pk: int, delivery: int) -> HttpResponse:
    callbacks.send_again(get_object_or_404(_theirs(seat, pk).deliveries, pk=delivery))
    hints.run("payments.call_back")
    messages.success(request, _("It is sent again."))
    return redirect("callback", slug=seat.organisation.slug, pk=pk)


@require_POST
@organisation_access.seat_required(Role.OWNER)
def pause(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    callbacks.pause(_theirs(seat, pk))
    messages.success(request, _("Paused: what happens meanwhile is told when you go on."))
    return redirect("callback", slug=seat.organisation.slug, pk=pk)


@require_POST
@organisation_access.seat_required(Role.OWNER)
def resume(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    callbacks.resume(_theirs(seat, pk))
    messages.success(request, _("The address is told again, also of what happened meanwhile."))
    return redirect("callback", slug=seat.organisation.slug, pk=pk)


@require_POST
@organisation_access.seat_required(Role.OWNER)
def remove(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    callbacks.remove(_theirs(seat, pk))
    messages.success(request, _("Removed: it is told nothing more."))
    return redirect("callbacks", slug=seat.organisation.slug)


def _theirs(seat: Seat, pk: int) -> Callback:
    return get_object_or_404(callbacks.of(seat.organisation).select_related("organisation__account"), pk=pk)


def _why_not(problem: Exception) -> str:
    if isinstance(problem, callbacks.KnownAlready):
        return _("That address is told already.")
    if isinstance(problem, callbacks.NotReviewed):
        return _("We call addresses of an organisation once we have looked at it.")
    if isinstance(problem, callbacks.TestUnderWay):
        return _("A test is on its way still: it arrives, or is given up after ten minutes.")
    if isinstance(problem, callbacks.ReplacedTooOften):
        return _("The secret was changed twice in a day: the ones before sign still. Come back tomorrow.")
    return _("Ten addresses are all that an organisation has. Remove one first.")


def _log(request: HttpRequest, seat: Seat, found: Callback, *, secret: str = "") -> HttpResponse:
    _query, _cents, before = TakingsForm(request.GET).wanted
    log = callbacks.log(found, before=before, limit=PAGE + 1)
    about = {
        "organisation": seat.organisation,
        "is_owner": seat.role == Role.OWNER,
        "callback": found,
        "secret": secret,
        "signs_on_until": callbacks.signs_on_until(found),
        "log": [(each, calls.in_words(each.problem)) for each in log[:PAGE]],
        "older": log[PAGE - 1].pk if len(log) > PAGE else None,
    }
    return render(request, "organisation_callback.html", about)


def _page(
    request: HttpRequest, seat: Seat, form: CallbackForm, *, secret: str = "", status: int = 200
) -> HttpResponse:
    about = {
        "organisation": seat.organisation,
        "is_owner": seat.role == Role.OWNER,
        "form": form,
        "secret": secret,
        "callbacks": callbacks.of(seat.organisation),
    }
    return render(request, "organisation_callbacks.html", about, status=status)

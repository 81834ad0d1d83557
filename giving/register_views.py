"""An organisation's receipts: its register, also for a spreadsheet, void ones, and leave to issue them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import seats
from accounts.models import Organisation, Role, Seat
from accounts.organisation_access import seat_required
from giving import issuers, receipt_register, receipts
from giving.models import Receipt
from giving.receipt_forms import IssuerForm, RegisterForm, VoidForm
from giving.receipt_views import paper
from payments.views import downloads


@seat_required()
def register(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What was issued in a year, the last first."""
    wanted = RegisterForm(request.GET)
    if not wanted.is_valid():
        raise Http404
    year = wanted.cleaned_data["year"] or timezone.localdate().year
    organisation = seat.organisation
    lines = receipt_register.lines(organisation, year=year, below=wanted.cleaned_data["below"])
    about = {
        "seat": seat,
        "organisation": organisation,
        "issuer": issuers.of(organisation),
        "year": year,
        "years": receipt_register.years(organisation),
        "lines": lines,
        "totals": receipt_register.totals(organisation, year=year),
        "next": lines[-1].receipt.number if len(lines) == receipt_register.PAGE else None,
        "may_change": seat.role in seats.TREASURY,
        "is_owner": seat.role == Role.OWNER,
    }
    return render(request, "receipt_register.html", about)


@seat_required(*seats.TREASURY)
@downloads.rationed
def export(_request: HttpRequest, seat: Seat, year: int) -> HttpResponseBase:
    """The register of a year, with names and addresses; whole, since the tax office may ask for any of it."""
    lines = receipt_register.sheet(seat.organisation, year=year)
    return downloads.sheet([lines], name=f"recus-{seat.organisation.slug}-{year}")


@seat_required()
def receipt(_request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """One of its receipts, as its giver has it."""
    return paper(_one(seat.organisation, pk))


@seat_required(*seats.TREASURY, to_look=True)
def void(request: HttpRequest, seat: Seat, pk: UUID) -> HttpResponse:
    """Make one void; its number stays used."""
    found = _one(seat.organisation, pk)
    form = VoidForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            receipts.void(found, by=seat.user, reason=form.chosen())
            messages.success(request, _after(form.chosen()))
        except receipts.IsVoid:
            messages.info(request, _("The receipt was void already."))
        return redirect("receipt_register", slug=seat.organisation.slug)
    about = {"form": form, "receipt": found, "organisation": seat.organisation}
    return render(request, "receipt_void.html", about, status=422 if form.errors else 200)


@seat_required(Role.OWNER, to_look=True)
def settings_(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Ask for leave to issue receipts, or say who signs them."""
    issuer = issuers.of(seat.organisation)
    form = IssuerForm(request.POST or None, initial=vars(issuer) if issuer else {})
    if request.method == "POST" and form.is_valid() and _is_asked(form, seat):
        messages.success(request, _("Saved."))
        return redirect("receipt_settings", slug=seat.organisation.slug)
    about = {"form": form, "issuer": issuer, "organisation": seat.organisation}
    return render(request, "receipt_settings.html", about, status=422 if form.errors else 200)


def _is_asked(form: IssuerForm, seat: Seat) -> bool:
    try:
        issuers.ask(seat.organisation, form.facts(), by=seat.user)
    except issuers.NotOfGeneralInterest:
        form.add_error(
            None, _("Only an organisation of general interest that we have accepted issues receipts.")
        )
    except issuers.AllowedAsItIs:
        words = _("We looked at this, so it stays. Who signs may change; write to us for anything else.")
        form.add_error(None, words)
    return not form.errors


def _after(reason: Receipt.VoidReason) -> str:
    """What becomes of the gifts of a receipt that is void."""
    if reason in receipts.FOR_GOOD:
        return _("The receipt is void. What it was for has no other one.")
    if reason == Receipt.VoidReason.WRONG_GIVER:
        return _("The receipt is void. Its giver has another one once they have changed their address.")
    return _("The receipt is void. Its giver can have another one.")


def _one(organisation: Organisation, pk: UUID) -> Receipt:
    found = receipt_register.one(organisation, pk)
    if found is None:
        raise Http404
    return found

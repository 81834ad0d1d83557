"""A giver's receipts: those they have, gifts without one, and where they live."""

from __future__ import annotations

from dataclasses import asdict
from datetime import MAXYEAR, MINYEAR
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import access, organisations
from giving import givers, receipt_contents, receipt_papers, receipts
from giving.models import Receipt
from giving.receipt_forms import GiverForm
from payments.models import Order


@access.member_required
def receipts_(request: HttpRequest) -> HttpResponse:
    """The receipts that the member has, and their gifts without one, by organisation and year."""
    user = access.member(request)
    about = {
        "receipts": receipts.of(user),
        "missing": receipts.by_year(receipts.missing(user)),
        "has_address": givers.rhythm(user) is not None,
    }
    return render(request, "gift_receipts.html", about)


@access.member_required
@access.attended_required(to_look=True)
@sensitive_post_parameters()
def address(request: HttpRequest) -> HttpResponse:
    """Where the member lives, and how they want their receipts."""
    user = access.member(request)
    known = givers.details(user)
    initial = {"name": user.name} | (asdict(known) if known else {}) | {"rhythm": givers.rhythm(user)}
    form = GiverForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        _say(request, receipts.take_address(user, form.details(), rhythm=form.rhythm_wished()))
        return redirect("gift_receipts")
    about = {"form": form, "is_known": known is not None}
    return render(request, "giver_address.html", about, status=422 if form.errors else 200)


@access.member_required
@require_POST
@access.attended_required()
def issue(request: HttpRequest, reference: str) -> HttpResponse:
    """A receipt for one gift."""
    user = access.member(request)
    order = get_object_or_404(Order, reference=reference, payer=user)
    try:
        receipts.issue(order, giver=user)
        messages.success(request, _("Your receipt is here."))
    except receipts.NoAddress:
        return redirect("giver_address")
    except receipts.NoGift:
        messages.info(request, _("This gift has a receipt already, or can have none."))
    return redirect("gift_receipts")


@access.member_required
@require_POST
@access.attended_required()
def issue_for_year(request: HttpRequest, slug: str, year: int) -> HttpResponse:
    """One receipt for all gifts of a year that have none."""
    organisation = organisations.public(slug)
    if organisation is None or not MINYEAR <= year <= MAXYEAR:
        raise Http404
    try:
        receipts.issue_for_year(organisation, giver=access.member(request), year=year)
        messages.success(request, _("Your receipt is here."))
    except receipts.NoAddress:
        return redirect("giver_address")
    except receipts.NoGift:
        messages.info(request, _("All gifts of that year have a receipt already, or can have none."))
    return redirect("gift_receipts")


@access.member_required
def receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A receipt of theirs, as a file."""
    return paper(get_object_or_404(Receipt, pk=pk, giver=access.member(request)))


def paper(receipt: Receipt) -> HttpResponse:
    """The receipt as a PDF; it says so if it is void by now."""
    if receipts.void_refunded(only=receipt):
        receipt.refresh_from_db()
    try:
        content = receipt_papers.pdf(receipt)
    except receipt_contents.Forgotten:
        raise Http404 from None
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="recu-{receipt}.pdf"'},
    )


def _say(request: HttpRequest, issued: int) -> None:
    messages.success(request, _("Saved. What was issued before stays as it is."))
    if issued:
        text = ngettext("%(count)s receipt was issued.", "%(count)s receipts were issued.", issued)
        messages.success(request, text % {"count": issued})

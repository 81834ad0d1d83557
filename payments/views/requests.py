"""Money that is asked for: answered by who is asked; reminded of, or taken back, by who asked."""

from __future__ import annotations

import contextlib

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access, freezes
from payments import limits, orders, reasons, requests, settlement, strangers
from payments.models import Order, Request, Split

_PEOPLE = Request.objects.select_related("asker", "payee", "payer", "split", "order")
_CANNOT = (
    orders.TooMany,
    limits.OverLimit,
    freezes.Frozen,
    settlement.PayeeRefuses,
    requests.AskerChanged,
    requests.RequestClosed,
)


@access.member_required
def requests_(request: HttpRequest) -> HttpResponse:
    """What the member is asked for, and what they asked for."""
    user = access.member(request)
    about = {
        "asked": requests.asked_of(user),
        "own": requests.asked_by(user),
        "bills": requests.bills_of(user),
    }
    return render(request, "requests.html", about)


@access.member_required
def request_(request: HttpRequest, reference: str) -> HttpResponse:
    """A request as its asker or who is asked sees it."""
    user = access.member(request)
    found = get_object_or_404(_PEOPLE.filter(Q(asker=user) | Q(payer__user=user)), reference=reference)
    viewer_is_asker = found.asker_id == user.pk
    about = {
        "asked": found,
        "events": found.events.all(),
        "viewer_is_asker": viewer_is_asker,
        "is_stranger": not viewer_is_asker and strangers.are(user, found.asker),
        "is_being_paid": requests.is_being_paid(found),
    }
    return render(request, "request.html", about)


@access.member_required
@require_POST
def pay(request: HttpRequest, reference: str) -> HttpResponse:
    """To the page of the code, where it is paid."""
    asked = _asked_of_me(request, reference)
    try:
        order = requests.pay(asked, payer=access.member(request))
    except _CANNOT as why:
        messages.error(request, _why_not(why, asked))
        return redirect("request", reference=reference)
    return redirect("confirm", reference=order.reference)


@access.member_required
@require_POST
def decline(request: HttpRequest, reference: str) -> HttpResponse:
    asked = _asked_of_me(request, reference)
    try:
        requests.decline(asked)
        messages.success(request, _("Declined: nothing was paid."))
    except (requests.RequestClosed, requests.BeingPaid):
        messages.info(request, _("Too late: this request was answered already."))
    return redirect("request", reference=reference)


@access.member_required
@require_POST
@access.attended_required()
def remind(request: HttpRequest, reference: str) -> HttpResponse:
    asked = _asked_by_me(request, reference)
    try:
        requests.remind(asked)
        messages.success(request, _("They are reminded."))
    except (requests.RequestClosed, requests.RemindedAlready):
        messages.info(request, _("One reminder is all that a request has."))
    return redirect("request", reference=reference)


@access.member_required
@require_POST
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    asked = _asked_by_me(request, reference)
    try:
        requests.cancel(asked)
        messages.success(request, _("Taken back: nobody is asked any more."))
    except (requests.RequestClosed, requests.BeingPaid):
        messages.info(request, _("Too late: this request was answered already."))
    return redirect("request", reference=reference)


@access.member_required
def bill(request: HttpRequest, reference: str) -> HttpResponse:
    """A bill, and who of all has paid their share."""
    found = _my_bill(request, reference)
    shares = found.shares.select_related("payer").order_by("pk")
    paid = found.own_share + sum(share.amount for share in shares if share.status == Request.Status.PAID)
    still_open = [share for share in shares if share.status == Request.Status.OPEN]
    about = {
        "bill": found,
        "shares": shares,
        "paid": paid,
        "missing": found.amount - paid,
        "is_open": bool(still_open),
        "may_remind": any(share.reminded_at is None for share in still_open),
    }
    return render(request, "bill.html", about)


@access.member_required
@require_POST
@access.attended_required()
def bill_remind(request: HttpRequest, reference: str) -> HttpResponse:
    """Remind all who have not answered."""
    for share in _my_bill(request, reference).shares.filter(status=Request.Status.OPEN, reminded_at=None):
        with contextlib.suppress(requests.RequestClosed, requests.RemindedAlready):
            requests.remind(share)
    messages.success(request, _("They are reminded."))
    return redirect("bill", reference=reference)


@access.member_required
@require_POST
def bill_cancel(request: HttpRequest, reference: str) -> HttpResponse:
    """Take back what is not paid of it."""
    requests.cancel_all(Request.objects.filter(split=_my_bill(request, reference)))
    messages.success(request, _("Taken back: nobody is asked any more."))
    return redirect("bill", reference=reference)


@access.member_required
@access.attended_required()
def settings_(request: HttpRequest) -> HttpResponse:
    """Who may ask the member for money."""
    user = access.member(request)
    if request.method == "POST":
        strangers.shut_out(user) if request.POST.get("wish") == "known" else strangers.let_in(user)
        messages.success(request, _("Saved."))
        return redirect("request_settings")
    return render(request, "request_settings.html", {"no_strangers": strangers.are_shut_out(user)})


def _asked_of_me(request: HttpRequest, reference: str) -> Request:
    return get_object_or_404(_PEOPLE, reference=reference, payer__user=access.member(request))


def _asked_by_me(request: HttpRequest, reference: str) -> Request:
    return get_object_or_404(_PEOPLE, reference=reference, asker=access.member(request))


def _my_bill(request: HttpRequest, reference: str) -> Split:
    return get_object_or_404(Split, reference=reference, asker=access.member(request))


def _why_not(why: Exception, asked: Request) -> str:
    """Why it cannot be paid now, to who is asked."""
    match why:
        case limits.OverLimit():
            return reasons.over_limit(why, order=Order(payee=asked.payee))
        case orders.TooMany():
            return reasons.too_many(why)
        case freezes.Frozen():
            return reasons.frozen()
        case settlement.PayeeRefuses():
            return _("%(asker)s does not wish to be paid at the moment.") % {"asker": asked.payee}
        case requests.AskerChanged():
            return _("This X account is not the asker’s any more. Ask them before you pay.")
        case _:
            return _("Too late: this request was answered already, or its time is over.")

"""What organisations pay: the brackets, for everybody; what was charged, for those who act for one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import organisation_access
from accounts.models import Seat
from payments import fees, ledger, wording


def fees_(request: HttpRequest) -> HttpResponse:
    """The brackets that count this month."""
    return render(request, "fees.html", {"brackets": _brackets()})


@organisation_access.seat_required()
def of_organisation(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What it was charged for, day by day."""
    about = {
        "organisation": seat.organisation,
        "charges": fees.of(seat.organisation),
        "balance": ledger.balance(ledger.wallet(seat.organisation.account)),
        "brackets": _brackets(),
    }
    return render(request, "organisation_fees.html", about)


def _brackets() -> list[dict[str, object]]:
    """Each with its share in words, and the amount to which it goes; the last goes on."""
    found = fees.brackets(timezone.localdate())
    tops = [*(bracket.above for bracket in found[1:]), None]
    return [
        {"above": bracket.above, "top": top, "share": wording.share(bracket.rate)}
        for bracket, top in zip(found, tops, strict=True)
    ]

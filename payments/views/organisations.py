"""An organisation's pages of money: its own, for those who act for it, and the public one."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access, dossiers, freezes, identities, organisation_access, organisations
from accounts.models import Identity, Organisation, Role, Seat
from payments import ledger, limits, orders, qr_codes, reasons, settlement
from payments.forms import GiveForm
from payments.models import Order

_CANNOT = (orders.TooMany, limits.OverLimit, freezes.Frozen, settlement.PayeeRefuses)


@organisation_access.seat_required()
def organisation(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Where it stands, what it holds, and the way to all that is done for it."""
    own = seat.organisation
    about = {
        "organisation": own,
        "seat": seat,
        "is_owner": seat.role == Role.OWNER,
        "is_reviewed": organisations.is_reviewed(own),
        "dossier": dossiers.latest(own.account),
        "balance": ledger.balance(ledger.wallet(own.account)),
        "identity": identities.of(own.account, network=Identity.Network.X),
    }
    return render(request, "organisation.html", about)


def public(request: HttpRequest, slug: str) -> HttpResponse:
    """What everybody may know of it, and how to give."""
    return _page(request, _reviewed(slug), GiveForm())


@access.member_required
def give(request: HttpRequest, slug: str) -> HttpResponse:
    """To the page of the code; whoever had to sign in first comes back to the page."""
    found, form = _reviewed(slug), GiveForm(request.POST or None)
    if request.method != "POST":
        return redirect("organisation_public", slug=slug)
    if form.is_valid() and (order := _given(request, found, form)):
        return redirect("confirm", reference=order.reference)
    return _page(request, found, form)


def _reviewed(slug: str) -> Organisation:
    found = organisations.public(slug)
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, found: Organisation, form: GiveForm) -> HttpResponse:
    identity = identities.of(found.account, network=Identity.Network.X)
    said = {"service": settings.X_SERVICE_HANDLE, "handle": identity.handle if identity else ""}
    address = settings.SITE_URL + reverse("organisation_public", args=[found.slug])
    about = {
        "organisation": found,
        "identity": identity,
        "line": _("@%(service)s #give €20 @%(handle)s") % said if identity else "",
        "address": address,
        "code": qr_codes.drawn(address),
        "form": form,
    }
    return render(request, "organisation_public.html", about, status=422 if form.errors else 200)


def _given(request: HttpRequest, found: Organisation, form: GiveForm) -> Order | None:
    """The order; its form sent twice makes one."""
    payer, said = access.member(request), form.cleaned_data
    try:
        return orders.place(
            payer,
            payee=organisations.identity(found),
            amount=said["amount"],
            note=said["note"],
            words="",
            channel="site",
            channel_id=str(said["key"]),
            at=timezone.now(),
        )
    except orders.AlreadyPlaced:
        return Order.objects.filter(payer=payer, channel="site", channel_id=str(said["key"])).first()
    except _CANNOT as why:
        form.add_error("amount" if isinstance(why, limits.OverLimit) else None, _why_not(why, found))
    return None


def _why_not(why: Exception, found: Organisation) -> str:
    match why:
        case limits.OverLimit():
            return reasons.over_limit(why, order=Order(payee=organisations.identity(found)))
        case orders.TooMany():
            return reasons.too_many(why)
        case freezes.Frozen():
            return reasons.frozen()
        case _:
            return _("It does not wish to be paid at the moment.")

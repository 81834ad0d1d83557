"""What members bought of an organisation: where it goes, that it left, and money back. Never their card."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts import access, freezes
from accounts.models import Seat
from accounts.organisation_access import seat_required
from payments import ledger, reasons, refunds, sheets, standstill, wording
from payments.views import downloads
from payments.views.codes import REFUSED, refusal
from shop import addresses, purchases
from shop.forms import DispatchForm, GiveBackForm
from shop.models import Purchase
from shop.views.shelves import SELLERS

PAGE = 50
READ_AT_ONCE = 500


@seat_required(*SELLERS)
def sales_(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What was paid, the newest first; what waits to be sent is said."""
    paid = purchases.at(seat.organisation)
    about = {
        "organisation": seat.organisation,
        "page": Paginator(paid, PAGE).get_page(request.GET.get("page")),
        "to_dispatch": purchases.to_dispatch(seat.organisation).count(),
    }
    return render(request, "sales.html", about)


@seat_required(*SELLERS)
@require_safe
@downloads.rationed
def sheet(_request: HttpRequest, seat: Seat) -> HttpResponseBase:
    """The same for a spreadsheet, line by line."""
    paid = purchases.at(seat.organisation).iterator(chunk_size=READ_AT_ONCE)
    heads = (
        _("Reference"), _("Paid on"), _("What"), _("Pieces"), _("Amount"), _("Given back"),
        _("Dispatched on"), _("Buyer"), _("Name"), _("Number and street"),
        _("Building, floor, c/o"), _("Postcode"), _("Town"),
    )  # fmt: skip
    beyond = _("Only the newest %(lines)d purchases: the site shows all of them.")
    lines = sheets.stream(heads, map(_line, paid), beyond=beyond)
    return downloads.sheet(lines, name=f"{seat.organisation.slug}-purchases")


@seat_required(*SELLERS)
def sale(request: HttpRequest, seat: Seat, reference: str) -> HttpResponse:
    return _page(request, seat, _own(seat, reference), DispatchForm())


@seat_required(*SELLERS)
@require_POST
def dispatch(request: HttpRequest, seat: Seat, reference: str) -> HttpResponse:
    found, form = _own(seat, reference), DispatchForm(request.POST)
    if not form.is_valid():
        return _page(request, seat, found, form)
    try:
        purchases.dispatch(found, tracking=form.cleaned_data["tracking"])
        messages.success(request, _("Noted, and its buyer is told."))
    except purchases.GivenBack:
        messages.error(request, _("All of its money went back to its buyer, so it is not sent."))
    except purchases.NotToDispatch:
        messages.info(request, _("This was noted already."))
    return redirect("sale", slug=seat.organisation.slug, reference=reference)


@seat_required(*SELLERS, to_look=True)
@sensitive_post_parameters("code")
def refund(request: HttpRequest, seat: Seat, reference: str) -> HttpResponse:
    """What is left of it, whole or in part, by the code of who acts for the organisation."""
    found = _own(seat, reference)
    left = refunds.left(found.order)
    form = GiveBackForm(request.POST or None, left=left)
    if left == 0 or (form.is_valid() and _given(request, found, form)):
        return redirect("sale", slug=seat.organisation.slug, reference=reference)
    balance = ledger.balance(ledger.wallet(seat.organisation.account))
    about = {
        "organisation": seat.organisation,
        "order": found.order,
        "form": form,
        "left": left,
        "balance": balance,
    }
    return render(request, "sale_refund.html", about, status=422 if form.errors else 200)


def _given(request: HttpRequest, purchase: Purchase, form: GiveBackForm) -> bool:
    """Give it back, and put what stands against it in words."""
    said = {name: form.cleaned_data[name] for name in ("amount", "code", "key", "restocks")}
    try:
        purchases.refund(purchase, by=access.member(request), **said)
    except REFUSED as problem:
        form.add_error("code", refusal(problem))
    except (refunds.TooMuch, refunds.NotPaid):
        left = wording.amount(refunds.left(purchase.order))
        form.add_error("amount", _("At most %(amount)s.") % {"amount": left})
    except refunds.InsufficientFunds as short:
        missing = wording.amount(short.missing)
        form.add_error("amount", _("The organisation’s wallet lacks %(missing)s.") % {"missing": missing})
    except freezes.Frozen:
        form.add_error(None, _("This wallet is frozen. Write to us."))
    except standstill.MoneyStandsStill:
        form.add_error(None, reasons.halted())
    else:
        facts = {"amount": wording.amount(said["amount"]), "name": purchase.order.payer.get_short_name()}
        messages.success(request, _("%(amount)s went back to %(name)s.") % facts)
    return not form.errors


def _page(request: HttpRequest, seat: Seat, found: Purchase, form: DispatchForm) -> HttpResponse:
    about = {
        "organisation": seat.organisation,
        "purchase": found,
        "address": addresses.of(found),
        "refunds": refunds.of(found.order),
        "left": refunds.left(found.order),
        "form": form,
    }
    return render(request, "sale.html", about, status=422 if form.errors else 200)


def _line(purchase: Any) -> list[object]:
    """A purchase of `purchases.at`, which knows what of it was given back."""
    address = addresses.of(purchase) or addresses.Address("", "", "", "", "")
    return [
        purchase.order.reference,
        _day(purchase.bought_at),
        purchase.title,
        purchase.quantity,
        sheets.euros(purchase.order.amount),
        sheets.euros(purchase.given) if purchase.given else "",
        _day(purchase.dispatched_at),
        purchase.order.payer.get_full_name(),
        address.name,
        address.street,
        address.more,
        address.postcode,
        address.city,
    ]


def _day(at: object) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""  # type: ignore[arg-type]  # a moment


def _own(seat: Seat, reference: str) -> Purchase:
    found: Purchase = get_object_or_404(purchases.at(seat.organisation), order__reference=reference)
    return found

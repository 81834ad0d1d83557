"""An order: looked at, confirmed with the secret code, or declined by its payer."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import access, codes
from payments import claims, fundings, ledger, limits, orders, reasons, settlement, wording
from payments.forms import CodeForm
from payments.models import Order


@access.member_required
def order(request: HttpRequest, reference: str) -> HttpResponse:
    """An order as its payer or its payee sees it; one that waits for the payer's code goes there."""
    user = access.member(request)
    mine = Q(payer=user) | Q(payee_user=user, status=Order.Status.PAID)
    found = get_object_or_404(
        Order.objects.select_related("payer", "payee").filter(mine), reference=reference
    )
    if found.status == Order.Status.PENDING:
        return redirect("confirm", reference=reference)
    return render(
        request,
        "order.html",
        {"order": found, "events": found.events.all(), "viewer_is_payer": found.payer_id == user.pk},
    )


@access.member_required
@sensitive_post_parameters("code")
def confirm(request: HttpRequest, reference: str) -> HttpResponse:
    """The words that were posted, the payee, the amount, and six boxes for the code."""
    found = _own(request, reference)
    form = CodeForm(request.POST or None)
    if form.is_valid() and _confirmed(found, form):
        return redirect("paid", reference=reference)
    if form.is_bound:
        found = _own(request, reference)  # The try may have changed it.
        found.payer.refresh_from_db()  # Or locked the code.
    if found.status != Order.Status.PENDING:
        return redirect("order", reference=reference)
    return render(request, "confirm.html", _about(found) | {"form": form}, status=422 if form.errors else 200)


@access.member_required
def paid(request: HttpRequest, reference: str) -> HttpResponse:
    found = _own(request, reference, status__in=[Order.Status.PAID, Order.Status.HELD])
    return render(
        request, "paid.html", {"order": found, "balance": ledger.balance(ledger.wallet(found.payer))}
    )


@access.member_required
@require_POST
def decline(request: HttpRequest, reference: str) -> HttpResponse:
    found = _own(request, reference)
    try:
        orders.decline(found)
        messages.success(request, _("Declined: nothing was paid."))
    except orders.OrderClosed:
        messages.info(request, _("This order was closed already."))
    return redirect("order", reference=reference)


@access.member_required
@require_POST
def take_back(request: HttpRequest, reference: str) -> HttpResponse:
    found = _own(request, reference)
    try:
        claims.take_back(found)
        messages.success(request, _("The money is back in your wallet."))
    except orders.OrderClosed:
        messages.info(request, _("Too late: this order has ended already."))
    return redirect("order", reference=reference)


def _confirmed(order: Order, form: CodeForm) -> bool:
    """Confirm, and put what stands against it in words; paid already is fine."""
    try:
        orders.confirm(order, code=form.cleaned_data["code"])
    except orders.OrderClosed as closed:
        if closed.order.status in {Order.Status.PAID, Order.Status.HELD}:
            return True
        form.add_error(None, _("This order can no longer be confirmed."))
    except codes.WrongCode as wrong:
        form.add_error("code", reasons.wrong_code(wrong.tries_left))
    except (codes.CodeLocked, codes.NoCode):
        form.add_error("code", _("Your secret code is locked. Unlock it in your settings."))
    except limits.OverLimit as over:
        form.add_error(None, reasons.over_limit(over, order=order))
    except orders.InsufficientFunds as short:
        form.add_error(None, _("Your wallet lacks %(missing)s.") % {"missing": wording.amount(short.missing)})
    except settlement.PayeeRefuses:
        form.add_error(None, _("The payee does not wish to be paid, so this order is void."))
    except (settlement.PayeeChanged, settlement.PayeeIsPayer):
        form.add_error(None, _("The payee's account changed hands, so this order is void."))
    return not form.errors


def _obstacle(order: Order) -> str:
    """Why it cannot be paid now, said before a code is entered for nothing."""
    try:
        limits.check_order(order)
    except limits.OverLimit as over:
        return reasons.over_limit(over, order=order)
    return ""


def _about(order: Order) -> dict[str, object]:
    balance = ledger.balance(ledger.wallet(order.payer))
    missing = max(0, order.amount - balance)
    code = getattr(order.payer, "secret_code", None)
    return {
        "order": order,
        "obstacle": _obstacle(order),
        "balance": balance,
        "missing": missing,
        "to_load": max(missing, fundings.SMALLEST),
        "balance_after": balance - order.amount,
        "is_locked": code is not None and code.is_locked,
        "warnings": [],
    }


def _own(request: HttpRequest, reference: str, **facts: object) -> Order:
    """The order, if who is signed in is its payer."""
    payer = access.member(request)
    found = get_object_or_404(
        Order.objects.select_related("payee"), reference=reference, payer=payer, **facts
    )
    found.payer = payer
    return found

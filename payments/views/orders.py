"""An order: looked at, confirmed with the secret code, or declined by its payer."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import access, browsers
from payments import cautions, claims, fundings, ledger, limits, orders, reasons, risk
from payments.forms import CodeForm
from payments.models import Order
from payments.views import factors, words

CONFIRMED = frozenset({Order.Status.PAID, Order.Status.HELD, Order.Status.REVIEW})


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
@sensitive_post_parameters("code", "passkey")
def confirm(request: HttpRequest, reference: str) -> HttpResponse:
    """The words that were posted, the payee, the amount, six boxes for the code, and what else is needed."""
    found = _own(request, reference)
    form = CodeForm(request.POST or None)
    if form.is_valid() and _confirmed(request, found, form):
        return _went_through(request, found)
    if form.is_bound:
        found = _own(request, reference)  # The try may have changed it.
        found.payer.refresh_from_db()  # Or locked the code.
    if found.status != Order.Status.PENDING:
        return redirect("order", reference=reference)
    about = _about(request, found) | {"form": form}
    return render(request, "confirm.html", about, status=422 if form.errors else 200)


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


def _went_through(request: HttpRequest, order: Order) -> HttpResponse:
    """To what became of it; whoever has just confirmed is there."""
    order.refresh_from_db(fields=["status"])
    view = "order" if order.status == Order.Status.REVIEW else "paid"
    response = redirect(view, reference=order.reference)
    browsers.attend(request, response)
    return response


def _confirmed(request: HttpRequest, order: Order, form: CodeForm) -> bool:
    """Confirm, and put what stands against it in words; confirmed already is fine."""
    said = form.cleaned_data
    try:
        proof = factors.shown(request, order, answer=said["passkey"], asked=said["asked"])
        orders.confirm(order, code=said["code"], proof=proof)
    except orders.OrderClosed as closed:
        if closed.order.status in CONFIRMED:
            return True
        form.add_error(None, _("This order can no longer be confirmed."))
    except words.REFUSALS as refusal:
        form.add_error(*words.refusal(refusal, order=order))
    return not form.errors


def _obstacle(order: Order) -> str:
    """Why it cannot be paid now, said before a code is entered for nothing."""
    try:
        limits.check_order(order)
    except limits.OverLimit as over:
        return reasons.over_limit(over, order=order)
    return ""


def _about(request: HttpRequest, order: Order) -> dict[str, object]:
    device = browsers.device(request)
    assessment = risk.assess(order, device_id=device.pk if device else None)
    step = None if device else factors.step(request, order, assessment)
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
        "warnings": [words.caution(one) for one in cautions.of(order, assessment.facts)],
        "step": step,
        "why": words.REASONS[step.reason] if step else "",
    }


def _own(request: HttpRequest, reference: str, **facts: object) -> Order:
    """The order, if who is signed in is its payer."""
    payer = access.member(request)
    found = get_object_or_404(
        Order.objects.select_related("payee"), reference=reference, payer=payer, **facts
    )
    found.payer = payer
    return found

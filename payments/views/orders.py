"""An order: looked at, confirmed with the secret code, or declined by its payer."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import access, browsers, lookups
from payments import (
    cards,
    cautions,
    claims,
    fundings,
    ledger,
    limits,
    orders,
    purposes,
    reasons,
    refunds,
    requests,
    risk,
)
from payments.forms import ConfirmForm
from payments.models import Order
from payments.views import factors, order_cards, words


@access.member_required
def order(request: HttpRequest, reference: str) -> HttpResponse:
    """An order as its payer or its payee sees it; one that waits for the payer's code goes there."""
    user = access.member(request)
    mine = Q(payer=user) | Q(payee_user=user, status=Order.Status.PAID)
    found = get_object_or_404(
        Order.objects.select_related("payer", "payee", "request").filter(mine), reference=reference
    )
    if found.status == Order.Status.FUNDING:
        found = order_cards.looked_up(found)
    if found.status == Order.Status.PENDING:
        return redirect("confirm", reference=reference)
    about = {
        "order": found,
        "events": found.events.all(),
        "viewer_is_payer": found.payer_id == user.pk,
        "funding": fundings.asked_for(found),
        "refunds": refunds.of(found),
        "left": refunds.left(found),
        "purpose": purposes.shown(found),
    }
    return render(request, "order.html", about)


@access.member_required
@sensitive_post_parameters("code", "passkey")
def confirm(request: HttpRequest, reference: str) -> HttpResponse:
    """The words that were posted, the payee, the amount, six boxes for the code, and what else is needed."""
    found = _own(request, reference)
    agreement = purposes.of(found).agreement(found)
    form = ConfirmForm(request.POST or None, cards=cards.of(found.payer), agreement=agreement)
    if form.is_valid() and (url := _confirmed(request, found, form)):
        return _went_through(request, url)
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
    about = {
        "order": found,
        "balance": ledger.balance(ledger.wallet(found.payer)),
        "purpose": purposes.shown(found),
    }
    return render(request, "paid.html", about)


@access.member_required
@require_POST
def decline(request: HttpRequest, reference: str) -> HttpResponse:
    found = _own(request, reference)
    try:
        if found.request is None:
            orders.decline(found)
        else:
            requests.decline(found.request)  # The order ends with it.
        messages.success(request, _("Declined: nothing was paid."))
    except (orders.OrderClosed, requests.RequestClosed, requests.BeingPaid):
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


def _went_through(request: HttpRequest, url: str) -> HttpResponse:
    """To what became of it; whoever has just confirmed is there."""
    response = redirect(url)
    browsers.attend(request, response)
    return response


def _confirmed(request: HttpRequest, order: Order, form: ConfirmForm) -> str:
    """Confirm, and put what stands against it in words; confirmed already is fine. Where to go next."""
    said = form.cleaned_data
    back = settings.SITE_URL + reverse("order_back", args=[order.reference])
    try:
        if said.get("agreed"):
            purposes.of(order).agree(order)
        proof = factors.shown(request, order, answer=said["passkey"], asked=said["asked"])
        order, bank_url = fundings.pay(
            order,
            code=said["code"],
            proof=proof,
            card=said["card"],
            at_most=said["at_most"] or 0,
            return_url=back,
        )
    except orders.OrderClosed as closed:
        if closed.order.status in {*order_cards.NEXT_PAGE, Order.Status.FUNDING}:
            return order_cards.next_page(closed.order)
        form.add_error(None, _("This order can no longer be confirmed."))
    except words.REFUSALS as refusal:
        form.add_error(*words.refusal(refusal, order=order))
    else:
        return bank_url or order_cards.next_page(order)
    return ""


def _obstacle(order: Order) -> str:
    """Why it cannot be paid now, said before a code is entered for nothing."""
    try:
        limits.check_order(order)
    except limits.OverLimit as over:
        return reasons.over_limit(over, order=order)
    return ""


def _about(request: HttpRequest, order: Order) -> dict[str, object]:
    is_asked = lookups.refresh(order.payee, at=timezone.now())
    device = browsers.device(request)
    assessment = risk.assess(order, device_id=device.pk if device else None)
    step = None if device else factors.step(request, order, assessment)
    balance = ledger.balance(ledger.wallet(order.payer))
    missing = max(0, order.amount - balance)
    card_part = orders.card_part(order)
    code = getattr(order.payer, "secret_code", None)
    return {
        "order": order,
        "purpose": purposes.shown(order),
        "obstacle": _obstacle(order),
        "balance": balance,
        "missing": missing,
        "to_load": max(missing, fundings.SMALLEST),
        "wallet_part": order.amount - missing,
        "card_part": card_part,
        "balance_after": balance + card_part - order.amount,
        "cards": cards.of(order.payer),
        "problem": order_cards.problem(order),
        "is_locked": code is not None and code.is_locked,
        "warnings": [words.caution(one) for one in cautions.of(order, assessment.facts, is_asked=is_asked)],
        "step": step,
        "why": words.REASONS[step.reason] if step else "",
    }


def _own(request: HttpRequest, reference: str, **facts: object) -> Order:
    """The order, if who is signed in is its payer."""
    payer = access.member(request)
    found = get_object_or_404(
        Order.objects.select_related("payee", "request"), reference=reference, payer=payer, **facts
    )
    found.payer = payer
    return found

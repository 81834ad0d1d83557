"""An order whose card is being asked: back from the bank, off to it again, or no further."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST

from accounts import access
from payments import acquirer, fundings
from payments.models import Funding, Order

# The processor's words for why, where they tell the cardholder what to do.
PROBLEMS: dict[str, Promise] = {
    "insufficient_funds": _lazy("There is not enough money on the account of this card."),
    "expired_card": _lazy("This card has expired. Register the new one."),
    "authentication_required": _lazy("Your bank did not recognise you. Try again, and approve it."),
    "payment_intent_authentication_failure": _lazy("You did not approve it at your bank. Nothing was taken."),
    "not_received": _lazy("The card processor never got our request. Nothing was taken."),
}
NEXT_PAGE = {Order.Status.PAID: "paid", Order.Status.HELD: "paid", Order.Status.REVIEW: "order"}


@access.member_required
def back(request: HttpRequest, reference: str) -> HttpResponse:
    """Back from the bank, to the same order: paid, or its code is asked for again, or still asking."""
    return redirect(next_page(looked_up(_own(request, reference))))


@access.member_required
@require_POST
def approve(request: HttpRequest, reference: str) -> HttpResponse:
    """Off to the bank's page once more."""
    funding = fundings.asked_for(_own(request, reference))
    try:
        url = fundings.bank_page(funding) if funding else ""
    except (acquirer.Unreachable, acquirer.Refused):
        messages.error(request, _("The card processor does not answer. Try again in a minute."))
        url = ""
    return redirect(url or reverse("order", args=[reference]))


@access.member_required
@require_POST
def give_up(request: HttpRequest, reference: str) -> HttpResponse:
    """Not by this card: the order waits for its code again."""
    order = _own(request, reference)
    funding = fundings.asked_for(order)
    if funding:
        fundings.give_up(funding)
        order.refresh_from_db()
    return redirect(next_page(order))


def looked_up(order: Order) -> Order:
    """The order, after its card was asked about."""
    funding = fundings.asked_for(order)
    if funding:
        fundings.refresh(funding)
    return Order.objects.select_related("payer", "payee").get(pk=order.pk)


def next_page(order: Order) -> str:
    """Where an order goes on: it is paid, it waits for the code, or one waits with it."""
    status = Order.Status(order.status)
    name = "confirm" if status == Order.Status.PENDING else NEXT_PAGE.get(status, "order")
    return reverse(name, args=[order.reference])


def problem(order: Order) -> str:
    """Why the card that was asked last for it did not pay; nothing if none was asked."""
    last = order.fundings.order_by("-pk").first()
    if last is None:
        return ""
    if last.status == Funding.Status.SUCCEEDED:
        return _("The order could not be paid any more, so what your card paid goes back to it.")
    return str(PROBLEMS.get(last.problem) or _("Your bank refused the card. Nothing was taken."))


def _own(request: HttpRequest, reference: str) -> Order:
    mine = Order.objects.select_related("payer", "payee").filter(payer=access.member(request))
    return get_object_or_404(mine, reference=reference)

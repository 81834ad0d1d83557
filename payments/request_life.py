"""A request's life: it waits, and ends once. The only writer of its status, and of the history of that.

Its row is locked after its order's, never before: whoever pays holds the order already. So does whoever ends
it; an order that was begun meanwhile pays nothing, and is void afterwards (`requests`).
"""

from __future__ import annotations

from uuid import UUID

from django.db.models.functions import Now

from payments import notices
from payments.models import Notification, Order, Request, RequestEvent, Split

Status = Request.Status
NEXT: dict[Request.Status, frozenset[Request.Status]] = {
    Status.OPEN: frozenset({Status.PAID, Status.DECLINED, Status.EXPIRED, Status.CANCELLED}),
    Status.PAID: frozenset(),
    Status.DECLINED: frozenset(),
    Status.EXPIRED: frozenset(),
    Status.CANCELLED: frozenset(),
}
# An order in one of these was confirmed: what is on its way is not called back.
UNDER_WAY = (Order.Status.FUNDING, Order.Status.REVIEW, Order.Status.HELD)


class RequestClosed(Exception):
    """It was answered, ended or taken back."""

    def __init__(self, request: Request) -> None:
        super().__init__(request.status)
        self.request = request


def begin(request: Request) -> None:
    """Keep a new request, for seven days by the database's clock.

    :raises django.db.IntegrityError: `message_makes_one_request`
    """
    request.save(force_insert=True)
    RequestEvent.objects.create(request=request, status=request.status)


def lock(request: Request) -> Request:
    """The request as it is now, for this transaction alone."""
    found = Request.objects.select_related("payee__user", "payer__user", "asker")
    return found.select_for_update(no_key=True, of=("self",)).get(pk=request.pk)


def step(request: Request, status: Request.Status, *, detail: str = "") -> None:
    """Change a locked request's status; the only code that does.

    :raises RequestClosed: if it has ended
    """
    if status not in NEXT[Status(request.status)]:
        raise RequestClosed(request)
    request.status = status
    request.save(update_fields=["status", "order"])
    RequestEvent.objects.create(request=request, status=status, detail=detail)


def check(order: Order) -> None:
    """Whether the request that a locked order pays, if any, still wants it; it does until the end then.

    :raises RequestClosed: if it has ended
    """
    if order.request is not None and (request := lock(order.request)).status != Status.OPEN:
        raise RequestClosed(request)


def pay(order: Order) -> None:
    """The order, which is locked, has paid the asker: in that transaction the request is paid, once.

    :raises RequestClosed: if it has ended
    """
    if order.request is None:
        return
    request = lock(order.request)
    request.order = order
    step(request, Status.PAID)
    notices.tell(request.asker, Notification.Kind.REQUEST_PAID, request=request)
    if request.split_id is not None and _is_settled(request.split_id):
        notices.tell(request.asker, Notification.Kind.SPLIT_PAID, request=request)


def is_being_paid(request: Request) -> bool:
    """Whether its payer gave the code for it already."""
    return Order.objects.filter(request=request, status__in=UNDER_WAY).exists()


def is_over(request: Request) -> bool:
    """Whether its seven days are, by the database's clock."""
    return Request.objects.filter(pk=request.pk, expires_at__lte=Now()).exists()


def _is_settled(split_id: UUID) -> bool:
    """Whether all have paid. Locked: of two who pay at one instant, one is the last."""
    split = Split.objects.select_for_update(no_key=True).get(pk=split_id)
    return not split.shares.exclude(status=Status.PAID).exists()

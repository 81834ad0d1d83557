"""An order's life: which status follows which. The only writer of it, and of the history of that."""

from __future__ import annotations

from accounts.models import User
from payments.models import Order, OrderEvent

Status = Order.Status
ENDS = frozenset({Status.PAID, Status.RETURNED, Status.CANCELLED})
NEXT: dict[Order.Status, frozenset[Order.Status]] = {
    Status.PENDING: frozenset(
        {
            Status.FUNDING,
            Status.REVIEW,
            Status.HELD,
            Status.PAID,
            Status.DECLINED,
            Status.VOIDED,
            Status.EXPIRED,
        }
    ),
    Status.FUNDING: frozenset({Status.PENDING, Status.REVIEW, Status.HELD, Status.PAID}),
    Status.REVIEW: frozenset({Status.HELD, Status.PAID, Status.RETURNED}),
    Status.HELD: ENDS,
    Status.PAID: frozenset(),
    Status.RETURNED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.DECLINED: frozenset(),
    Status.VOIDED: frozenset(),
    Status.EXPIRED: frozenset(),
}
_CHANGES = ("status", "payee_user", "confirmed_at", "expires_at", "hold", "transfer")


class OrderClosed(Exception):
    """The order's life does not go there from where it is."""

    def __init__(self, order: Order) -> None:
        super().__init__(order.status)
        self.order = order


def lock_payer(payer: User) -> None:
    """What is counted of a payer, in caps and pace, is counted by one transaction at a time."""
    User.objects.select_for_update(no_key=True).values_list("pk").get(pk=payer.pk)


def lock(order: Order) -> Order:
    """The order as it is now, for this transaction alone; after its payer's lock, if both are wanted."""
    locked = Order.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("payer", "payee__user").get(pk=order.pk)


def begin(order: Order) -> None:
    """Keep a new order.

    :raises django.db.IntegrityError: `message_makes_one_order`
    """
    order.save(force_insert=True)
    OrderEvent.objects.create(order=order, status=order.status)


def step(order: Order, status: Order.Status, *, detail: str = "") -> None:
    """Change a locked order's status, with what is known of it since; the only code that does.

    :raises OrderClosed: if the order's life does not go there from where it is
    """
    if status not in NEXT[Status(order.status)]:
        raise OrderClosed(order)
    order.status = status
    order.save(update_fields=_CHANGES)
    OrderEvent.objects.create(order=order, status=status, detail=detail)

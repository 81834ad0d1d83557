"""An order's life: which status follows which. The only writer of it, and of the history of that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts import arrays, prepared
from accounts.models import Identity, User
from accounts.prepared import Prepared
from payments import purposes, rows, sets
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
# With all that is asked about it from then on. In plain SQL, as each payment does it.
COLUMNS = f"""
    {rows.columns(Order, "o")}, {rows.columns(Identity, "payee")}, {rows.columns(User, "holder")},
    clock_timestamp()
"""
WITH_PEOPLE = """
    payments_order o
    JOIN accounts_identity payee ON payee.id = o.payee_id
    LEFT JOIN accounts_user holder ON holder.id = payee.user_id
"""
_LOCK = Prepared(
    "lock_order",
    f"SELECT {COLUMNS} FROM {WITH_PEOPLE} WHERE o.id = %(order)s FOR NO KEY UPDATE OF o",  # noqa: S608  # our own names
    order="uuid",
)
_LOCK_ALONE = Prepared(
    "lock_order_alone", "SELECT FROM payments_order WHERE id = %(order)s FOR NO KEY UPDATE", order="uuid"
)
_LOCK_PAYER = Prepared(
    "lock_payer", "SELECT FROM accounts_user WHERE id = %(payer)s FOR NO KEY UPDATE", payer="bigint"
)
# In the order of their numbers, so that nobody who locks several waits for somebody who waits for them.
_LOCK_PAYERS = Prepared(
    "lock_payers",
    "SELECT FROM accounts_user WHERE id = ANY (%(payers)s) ORDER BY id FOR NO KEY UPDATE",
    payers="bigint[]",
)
_BEGIN = Prepared(
    "begin_orders",
    """
    INSERT INTO payments_orderevent (order_id, status, detail, at)
    SELECT id, 'PENDING', '', at FROM unnest(%(orders)s, %(at)s) AS new (id, at)
    """,
    orders="uuid[]",
    at="timestamptz[]",
)
_CHANGES = ("status", "payee_user", "confirmed_at", "expires_at", "hold", "transfer")


class OrderClosed(Exception):
    """The order's life does not go there from where it is."""

    def __init__(self, order: Order) -> None:
        super().__init__(order.status)
        self.order = order


def lock_payer(payer: User) -> None:
    """What is counted of a payer, in caps and pace, is counted by one transaction at a time."""
    prepared.run(_LOCK_PAYER(payer=payer.pk))


def locking(payers: Sequence[User]) -> prepared.Call:
    """What locks many payers as `lock_payer` does one, for `prepared.run`."""
    return _LOCK_PAYERS(payers=arrays.written([payer.pk for payer in payers]))


def lock(order: Order) -> Order:
    """The order as it is now, for this transaction alone; after its payer's lock, if both are wanted."""
    return read(order, prepared.run(_LOCK(order=order.pk))[0])[0]


def locking_with_payer(order: Order) -> list[prepared.Call]:
    """What takes its payer's lock, then the order's, for `prepared.run`."""
    return [_LOCK_PAYER(payer=order.payer_id), _LOCK_ALONE(order=order.pk)]


def read(order: Order, values: Sequence[Any]) -> tuple[Order, datetime, Sequence[Any]]:
    """A locked order of the `COLUMNS`, with its payee and who holds that; the database's time; the rest."""
    locked, values = rows.read(Order, values)
    locked.payer = order.payer  # It never changes.
    locked.payee, values = rows.read(Identity, values)
    holder, values = rows.read(User, values)
    locked.payee.user = holder if locked.payee.user_id else None
    return locked, values[0], values[1:]


def begin(order: Order) -> None:
    """Keep a new order.

    :raises django.db.IntegrityError: `message_makes_one_order`
    """
    order.save(force_insert=True)
    OrderEvent.objects.create(order=order, status=order.status)


def beginnings(orders: Sequence[Order]) -> list[prepared.Call]:
    """What keeps new orders as `begin` does one, for `prepared.run`.

    :raises django.db.IntegrityError: when it is run, as `begin` does
    """
    began = _BEGIN(
        orders=arrays.written([order.pk for order in orders]),
        at=arrays.written([order.created_at for order in orders]),
    )
    return [sets.insertion(orders), began]


def step(order: Order, status: Order.Status, *, detail: str = "") -> None:
    """Change a locked order's status, with what is known of it since.

    :raises OrderClosed: if the order's life does not go there from where it is
    """
    prepared.run(*stepping(order, status, detail=detail))


def stepping(order: Order, status: Order.Status, *, detail: str = "") -> list[prepared.Call]:
    """What does as `step`, for `prepared.run`; the only code that changes an order's status.

    :raises OrderClosed: as `step` does
    """
    if status not in NEXT[Status(order.status)]:
        raise OrderClosed(order)
    order.status = status
    event = rows.made(OrderEvent, order=order, status=status, detail=detail)
    return [rows.update(order, *_CHANGES), rows.insertion(event), *purposes.of(order).stepping(order, status)]


def note(order: Order, *, detail: str) -> None:
    """Keep in a locked order's history what befell it without changing its status."""
    OrderEvent.objects.create(order=order, status=order.status, detail=detail)


def noted(order: Order) -> str:
    """What befell it while its card was asked, if anything did."""
    events = OrderEvent.objects.filter(order=order, status=Status.FUNDING).exclude(detail="")
    return events.values_list("detail", flat=True).first() or ""

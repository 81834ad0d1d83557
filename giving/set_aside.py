"""Money that many have set aside for one end: what goes back to whoever gave it."""

from __future__ import annotations

import contextlib

from django.db import transaction
from django.db.models import QuerySet

from accounts import freezes
from payments import life, settlement
from payments.models import Notification, Order

# Confirmed, and neither void nor back: whoever looks sees what is there, or on its way to be.
GIVEN = (Order.Status.HELD, Order.Status.PAID)


def give_back(order: Order, *, why: str) -> None:
    """Its payer has it again, and is told.

    :raises life.OrderClosed: if it has ended
    """
    settlement.give_back(order, Order.Status.RETURNED, detail=why, tells=Notification.Kind.PAYMENT_RETURNED)


def give_back_of_frozen(held: QuerySet[Order]) -> None:
    """What frozen members set aside counts for no end, so it goes back before that is decided."""
    for order in held.filter(payer__in=freezes.standing().values("user")).select_related("payer", "payee"):
        with contextlib.suppress(life.OrderClosed), transaction.atomic():
            life.lock_payer(order.payer)
            give_back(order, why="payer is frozen")

"""Ends the orders whose time is over, by the database's clock."""

from __future__ import annotations

import logging
from collections.abc import Collection
from time import monotonic
from uuid import UUID

from django.db.models.functions import Now

from payments import orders
from payments.models import Order

BATCH = 200
PATIENCE = 30  # Seconds: less than a task may take.

logger = logging.getLogger(__name__)


def expire_due() -> int:
    """Close pending orders whose time is over, for half a minute at most; return how many.

    What cannot be closed is logged and passed over until the next time: nobody else's order waits for it.
    """
    until, expired, passed_over = monotonic() + PATIENCE, 0, set[UUID]()
    while batch := _due(passed_over):
        closed = {order.pk for order in batch if _is_expired(order)}
        passed_over |= {order.pk for order in batch} - closed
        expired += len(closed)
        if monotonic() >= until:
            break
    return expired


def _due(passed_over: Collection[UUID]) -> list[Order]:
    due = Order.objects.filter(status=Order.Status.PENDING, expires_at__lte=Now())
    return list(due.exclude(pk__in=passed_over).order_by("expires_at")[:BATCH])


def _is_expired(order: Order) -> bool:
    """Whether this call ended it; what stands against one order stops no other."""
    try:
        orders.expire(order)
    except orders.OrderClosed:
        return False
    except Exception:
        logger.exception("An order could not be expired", extra={"order": str(order.pk)})
        return False
    return True

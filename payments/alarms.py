"""“This was not me”: the payer stops their own money at once, and staff look before it moves again."""

from __future__ import annotations

import contextlib
import logging

from accounts import freezes
from accounts.models import Freeze
from payments import claims, life, orders, reviews
from payments.models import Order

logger = logging.getLogger(__name__)


def raise_by_payer(order: Order) -> Freeze:
    """Freeze the payer, then end what of the order can still be ended; what was paid stays so for staff.

    Harmless when repeated. The freeze comes first: whoever acts as the payer is stopped by it already.
    """
    made = freezes.freeze(order.payer, reason=f"not me: order {order.reference}")
    order.refresh_from_db(fields=["status"])  # Whoever the freeze waited for may have confirmed it.
    with contextlib.suppress(life.OrderClosed, reviews.NotInReview):
        _end(order)
    logger.warning("a payer says that it was not them", extra={"order": str(order.pk)})
    return made


def _end(order: Order) -> None:
    """:raises life.OrderClosed, reviews.NotInReview: if it has ended meanwhile"""
    match Order.Status(order.status):
        case Order.Status.PENDING:
            orders.decline(order)
        case Order.Status.REVIEW:
            reviews.give_back_to_payer(order, note="the payer says that it was not them")
        case Order.Status.HELD:
            claims.take_back(order)
        case _:
            return

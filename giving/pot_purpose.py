"""What an order of a money pot is for: it is set aside until the pot ends, and counts in it meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts import prepared
from accounts.prepared import Prepared
from giving import pots
from giving.models import Pot
from payments import clock, life, purposes
from payments.models import Order

HELD_BEYOND = timedelta(days=30)  # The last day; its organiser has 28 of them.
AT_LEAST = timedelta(days=1)  # For what was looked at until the pot had ended.

Status = Order.Status
_COUNT = Prepared(
    "count_contribution",
    "UPDATE giving_contribution SET is_in = %(is_in)s WHERE order_id = %(order)s",
    is_in="boolean",
    order="uuid",
)
# Whether it is in the pot from then on; what is paid was before.
_IS_IN = {
    Status.PENDING: False,
    Status.FUNDING: True,
    Status.REVIEW: True,
    Status.HELD: True,
    Status.RETURNED: False,
    Status.CANCELLED: False,
}


class PotPurpose(purposes.Purpose):
    """A share in a money pot."""

    def check(self, order: Order) -> None:
        """Under the pot's lock, so that no more give than may, and nobody after it was closed.

        :raises purposes.Over: if nothing may be given to it any more
        """
        pot = _pot(order)
        if pot is None:
            raise purposes.Over
        try:
            pots.check(pots.lock(pot.pk), beside=order)
        except (pots.PotOver, pots.PotFull, pots.OrganiserChanged) as problem:
            raise purposes.Over from problem

    def held_until(self, order: Order) -> datetime | None:
        pot = _pot(order)
        assert pot
        return max(pot.closes_at + HELD_BEYOND, clock.now() + AT_LEAST)

    def stepping(self, order: Order, status: Order.Status) -> Sequence[prepared.Call]:
        """:raises life.OrderClosed: if it is taken back from a pot that has ended"""
        if status == Status.CANCELLED and (pot := _pot(order)) and pot.status != Pot.Status.OPEN:
            raise life.OrderClosed(order)
        return [_COUNT(is_in=_IS_IN[status], order=order.pk)] if status in _IS_IN else []

    def is_one_of_many(self, order: Order) -> bool:
        return True

    def title(self, order: Order) -> str:
        pot = _pot(order)
        return pot.title if pot else ""

    def path(self, order: Order) -> str:
        """Whoever wrote the hashtag alone has not been sent the link: it is theirs once they have given."""
        pot = _pot(order)
        knows = order.channel == "site" or order.confirmed_at is not None
        return pot.get_absolute_url() if pot and knows else ""


def _pot(order: Order) -> Pot | None:
    return Pot.objects.filter(contributions__order=order).first()

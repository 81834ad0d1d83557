"""What came together for a campaign, exact at every moment, though no giver waits for another.

Each change is a row of its own, appended in the message that moves the money; a job folds them into the
total, and whoever reads adds what is not folded yet, in one statement. Amounts are cents.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from accounts import prepared
from accounts.prepared import Prepared
from giving.models import Campaign
from payments.models import Order, Refund

# Money counts from when it is set aside, or paid at once; what comes back is taken off, if it was counted. A
# sponsor's counts when it is paid: until then it is a promise, and others' gifts decide on it.
_STEP = Prepared(
    "tally_gift",
    """
    INSERT INTO giving_tally (campaign_id, order_id, why, amount, gifts)
    SELECT what.campaign_id, o.id, %(status)s, sign.of * o.amount, sign.of
      FROM payments_order o
     CROSS JOIN (SELECT g.campaign_id, false AS is_match FROM giving_gift g WHERE g.order_id = %(order)s
                 UNION ALL
                 SELECT m.campaign_id, true FROM giving_match m WHERE m.order_id = %(order)s) AS what
     CROSS JOIN (SELECT EXISTS (SELECT FROM payments_orderevent e
                                 WHERE e.order_id = %(order)s AND e.status = 'HELD') AS yes) AS was_held
     CROSS JOIN (SELECT CASE WHEN %(status)s IN ('HELD', 'PAID') THEN 1 ELSE -1 END AS of) AS sign
     WHERE o.id = %(order)s
       AND CASE WHEN what.is_match THEN %(status)s = 'PAID'
                WHEN %(status)s = 'HELD' THEN true
                WHEN %(status)s = 'PAID' THEN NOT was_held.yes
                ELSE was_held.yes END
    """,
    order="uuid",
    status="text",
)
_REFUND = Prepared(
    "tally_refund",
    """
    INSERT INTO giving_tally (campaign_id, order_id, refund_id, why, amount, gifts)
    SELECT what.campaign_id, o.id, r.id, 'REFUNDED', -r.amount,
           CASE WHEN o.amount <= (SELECT sum(a.amount) FROM payments_refund a WHERE a.order_id = o.id)
                THEN -1 ELSE 0 END
      FROM payments_refund r
      JOIN payments_order o ON o.id = r.order_id
      JOIN (SELECT g.order_id, g.campaign_id FROM giving_gift g
            UNION ALL SELECT m.order_id, m.campaign_id FROM giving_match m) AS what ON what.order_id = o.id
     WHERE r.id = %(refund)s
    """,
    refund="uuid",
)
# One statement sees one moment: a tally that is folded meanwhile is in the one or in the other.
_TOTAL = Prepared(
    "total_of_campaign",
    """
    SELECT coalesce((SELECT t.amount FROM giving_campaigntotal t WHERE t.campaign_id = %(campaign)s), 0)
           + coalesce(sum(y.amount), 0)::bigint,
           coalesce((SELECT t.gifts FROM giving_campaigntotal t WHERE t.campaign_id = %(campaign)s), 0)
           + coalesce(sum(y.gifts), 0)::bigint
      FROM giving_tally y WHERE y.campaign_id = %(campaign)s
    """,
    campaign="bigint",
)
_COUNTED = frozenset({Order.Status.HELD, Order.Status.PAID, Order.Status.RETURNED, Order.Status.CANCELLED})


@dataclass(frozen=True, slots=True)
class Total:
    """What a campaign has now: cents, and from how many gifts."""

    amount: int
    gifts: int


def of(campaign: Campaign) -> Total:
    """What came together until now."""
    ((amount, gifts),) = prepared.run(_TOTAL(campaign=campaign.pk))
    return Total(amount, gifts)


def stepping(order: Order, status: Order.Status) -> list[prepared.Call]:
    """What counts this change of a gift's status, for `prepared.run`; after its event is kept."""
    return [_STEP(order=order.pk, status=status.value)] if status in _COUNTED else []


def refunding(refund: Refund) -> list[prepared.Call]:
    """What takes a refund off, for `prepared.run`; after it is kept."""
    return [_REFUND(refund=refund.pk)]


def fold() -> int:
    """Fold the tallies into the totals; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT fold_tallies()")
        return int(cursor.fetchone()[0])

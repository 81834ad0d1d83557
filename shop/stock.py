"""How many pieces of a variant are left, and why: the only writer of both.

Whoever takes pieces does so in one statement that takes them or nothing, and its history goes with it: of a
hundred who want the last one, one has it.
"""

from __future__ import annotations

from accounts import prepared
from accounts.models import User
from accounts.prepared import Prepared
from payments.models import Order
from shop.models import Purchase, StockMove, Variant
from shop.models.products import MOST_PIECES

_RESERVE = Prepared(
    "reserve_stock",
    """
    WITH taken AS (
      UPDATE shop_variant SET stock = stock - %(quantity)s
       WHERE id = %(variant)s AND stock >= %(quantity)s RETURNING id
    )
    INSERT INTO shop_stockmove (variant_id, change, reason, purchase_id)
    SELECT id, - %(quantity)s, 'RESERVED', %(purchase)s FROM taken RETURNING id
    """,
    variant="bigint",
    quantity="integer",
    purchase="uuid",
)
# Once for a purchase: its row's status says so, and `purchase_moves_stock_once` says it again.
_LAPSE = Prepared(
    "lapse_purchase",
    """
    WITH lapsed AS (
      UPDATE shop_purchase SET status = 'LAPSED', address = NULL
       WHERE order_id = %(order)s AND status = 'RESERVED' RETURNING order_id, variant_id, quantity
    ), back AS (
      UPDATE shop_variant v SET stock = v.stock + lapsed.quantity FROM lapsed WHERE v.id = lapsed.variant_id
    )
    INSERT INTO shop_stockmove (variant_id, change, reason, purchase_id)
    SELECT variant_id, quantity, 'LAPSED', order_id FROM lapsed
    """,
    order="uuid",
)
_COUNT = Prepared(
    "count_stock",
    f"""
    WITH counted AS (
      UPDATE shop_variant SET stock = stock + %(change)s
       WHERE id = %(variant)s AND stock + %(change)s >= 0
         AND (%(change)s < 0 OR stock + %(change)s <= {MOST_PIECES}) RETURNING id
    )
    INSERT INTO shop_stockmove (variant_id, change, reason, by_id)
    SELECT id, %(change)s, 'SELLER', %(by)s FROM counted RETURNING id
    """,  # noqa: S608  # our own figure
    variant="bigint",
    change="integer",
    by="bigint",
)
_BRING_BACK = Prepared(
    "bring_back_stock",
    """
    WITH back AS (
      INSERT INTO shop_stockmove (variant_id, change, reason, purchase_id, by_id)
      VALUES (%(variant)s, %(quantity)s, 'RETURNED', %(purchase)s, %(by)s)
      ON CONFLICT (purchase_id, reason) DO NOTHING RETURNING variant_id, change
    )
    UPDATE shop_variant v SET stock = v.stock + back.change FROM back WHERE v.id = back.variant_id
    """,
    variant="bigint",
    quantity="integer",
    purchase="uuid",
    by="bigint",
)
# For `payments.self_check`.
RULES = {
    "a variant's stock is what came and went of it": """
        SELECT 1 FROM shop_variant v WHERE v.stock <> (
          SELECT coalesce(sum(m.change), 0) FROM shop_stockmove m WHERE m.variant_id = v.id)""",
    "a purchase holds its pieces until it lapses": """
        SELECT 1 FROM shop_purchase p WHERE -p.quantity * (p.status <> 'LAPSED')::int <> (
          SELECT coalesce(sum(m.change), 0) FROM shop_stockmove m
           WHERE m.purchase_id = p.order_id AND m.reason IN ('RESERVED', 'LAPSED'))""",
    "a purchase is where its order is": """
        SELECT 1 FROM payments_order o LEFT JOIN shop_purchase p ON p.order_id = o.id
        WHERE o.kind = 'PURCHASE' AND CASE
          WHEN o.status = 'PAID' THEN coalesce(p.status NOT IN ('BOUGHT', 'DISPATCHED'), true)
          WHEN o.status IN ('PENDING', 'FUNDING', 'REVIEW', 'HELD') THEN p.status IS DISTINCT FROM 'RESERVED'
          ELSE p.status IS DISTINCT FROM 'LAPSED' END""",
}


class SoldOut(Exception):
    """Fewer are left than are wanted."""

    def __init__(self, variant: Variant) -> None:
        super().__init__(variant.pk)
        self.variant = variant


class NotThatMany(Exception):
    """There are fewer than the seller takes away, or more than anybody counts."""


def reserve(purchase: Purchase) -> None:
    """Take its pieces, in the transaction that places its order.

    :raises SoldOut: if fewer are left
    """
    variant = purchase.variant
    taking = _RESERVE(variant=variant.pk, quantity=purchase.quantity, purchase=purchase.pk)
    if not prepared.run(taking):
        raise SoldOut(variant)


def lapsing(order: Order) -> prepared.Call:
    """What ends an unpaid order's purchase and gives its pieces back, once, for `prepared.run`."""
    return _LAPSE(order=order.pk)


def count(variant: Variant, change: int, *, by: User) -> None:
    """The seller adds pieces, or takes some away.

    :raises NotThatMany: if fewer are left than they take, or there would be more than anybody counts
    """
    if change and not prepared.run(_COUNT(variant=variant.pk, change=change, by=by.pk)):
        raise NotThatMany


def bring_back(purchase: Purchase, *, by: User) -> None:
    """Its pieces came back and can be sold again; once, however often it is said."""
    facts = {"variant": purchase.variant_id, "quantity": purchase.quantity}
    prepared.run(_BRING_BACK(**facts, purchase=purchase.pk, by=by.pk))


def history(variant: Variant, *, limit: int = 20) -> list[StockMove]:
    """The newest of what came and went."""
    return list(variant.moves.select_related("by").order_by("-pk")[:limit])

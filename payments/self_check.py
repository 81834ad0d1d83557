"""Proves that the books balance: each sentence is a query that must find nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection

# Views of the books, put before every query below.
_VIEWS = """
    WITH legs (account_id, amount) AS (
      SELECT source_id, -amount FROM payments_transfer
      UNION ALL SELECT target_id, amount FROM payments_transfer
    ), moved (account_id, amount) AS (
      SELECT account_id, sum(amount) FROM legs GROUP BY 1
    ), entries (account_id, amount) AS (
      SELECT account_id, sum(amount) FROM payments_entry GROUP BY 1
    ), balances (account_id, may_be_negative, amount) AS (
      SELECT b.account_id, b.may_be_negative, b.amount + coalesce(e.amount, 0)
      FROM payments_balance b LEFT JOIN entries e USING (account_id)
    ), last_events (order_id, status) AS (
      SELECT DISTINCT ON (order_id) order_id, status FROM payments_orderevent ORDER BY order_id, id DESC
    ), told (order_id, people) AS (
      SELECT order_id, count(*) FROM payments_notification
      WHERE kind IN ('PAYMENT_SENT', 'PAYMENT_RECEIVED') GROUP BY 1
    )
"""
RULES = {
    "balances add up to zero": "SELECT 1 FROM balances HAVING sum(amount) <> 0",
    "a balance equals its transfers": """
        SELECT 1 FROM balances b LEFT JOIN moved m USING (account_id)
        WHERE b.amount <> coalesce(m.amount, 0)""",
    "no wallet is overdrawn": "SELECT 1 FROM balances WHERE amount < 0 AND NOT may_be_negative",
    "every ledger account has a balance": """
        SELECT 1 FROM payments_ledgeraccount a LEFT JOIN balances b ON b.account_id = a.id
        WHERE b.account_id IS NULL""",
    "a paid order's transfer has its terms": """
        SELECT 1 FROM payments_order o JOIN payments_transfer t ON t.id = o.transfer_id
        JOIN payments_ledgeraccount source ON source.id = t.source_id
        JOIN payments_ledgeraccount target ON target.id = t.target_id
        WHERE (t.amount, t.kind, source.kind, coalesce(source.owner_id, o.payer_id), target.owner_id)
              IS DISTINCT FROM (
                o.amount,
                CASE WHEN o.hold_id IS NULL THEN 'PAYMENT'
                     WHEN o.status = 'PAID' THEN 'RELEASE' ELSE 'RETURN' END,
                CASE WHEN o.hold_id IS NULL THEN 'WALLET' ELSE 'HELD' END,
                o.payer_id,
                CASE WHEN o.status = 'PAID' THEN o.payee_user_id ELSE o.payer_id END)""",
    "a held order's hold has its terms": """
        SELECT 1 FROM payments_order o JOIN payments_transfer t ON t.id = o.hold_id
        JOIN payments_ledgeraccount source ON source.id = t.source_id
        JOIN payments_ledgeraccount target ON target.id = t.target_id
        WHERE (t.id, t.amount, t.kind, source.owner_id, target.kind)
              IS DISTINCT FROM (o.id, o.amount, 'HOLD', o.payer_id, 'HELD')""",
    "every payment has its order": """
        SELECT 1 FROM payments_transfer t
        LEFT JOIN payments_order o ON o.transfer_id = t.id LEFT JOIN payments_order h ON h.hold_id = t.id
        WHERE t.kind IN ('PAYMENT', 'HOLD', 'RELEASE', 'RETURN') AND o.id IS NULL AND h.id IS NULL""",
    "what is set aside is what orders wait for": """
        SELECT 1 FROM balances b JOIN payments_ledgeraccount a ON a.id = b.account_id
        WHERE a.kind = 'HELD' AND b.amount <> (
          SELECT coalesce(sum(o.amount), 0) FROM payments_order o WHERE o.status IN ('HELD', 'REVIEW'))""",
    "every top-up has its funding": """
        SELECT 1 FROM payments_transfer t LEFT JOIN payments_funding f ON f.transfer_id = t.id
        WHERE t.kind = 'TOP_UP' AND f.id IS NULL""",
    "an order's status is its last event": """
        SELECT 1 FROM payments_order o LEFT JOIN last_events e ON e.order_id = o.id
        WHERE o.status IS DISTINCT FROM e.status""",
    "no order is stuck": """
        SELECT 1 FROM payments_order
        WHERE status IN ('PENDING', 'HELD') AND expires_at < now() - interval '15 minutes'""",
    "both sides of a payment were told": """
        SELECT 1 FROM payments_order o LEFT JOIN told ON told.order_id = o.id
        WHERE o.status = 'PAID' AND told.people IS DISTINCT FROM 2""",
}

_LATEST = "payments.self_check"
_TOLD_SECONDS = 30 * 60  # Three times the interval of the check.


@dataclass(frozen=True)
class Breach:
    """A rule of the books that does not hold, and how many rows break it."""

    rule: str
    rows: int


def run() -> list[Breach]:
    """All breaches."""
    with connection.cursor() as cursor:
        cursor.execute(statement())
        row = cursor.fetchone()
    return [Breach(rule, rows) for rule, rows in zip(RULES, row, strict=True) if rows]


def remember(breaches: list[Breach]) -> None:
    """Keep for staff what a check found, until it is too old to be told."""
    cache.set(_LATEST, len(breaches), timeout=_TOLD_SECONDS)


def latest() -> int | None:
    """How many rules the last check found broken; `None` if there was none lately."""
    found: int | None = cache.get(_LATEST)
    return found


def statement() -> str:
    """One query, so one snapshot of the database: how many rows break each of the rules."""
    counts = ", ".join(f"(SELECT count(*) FROM ({query}) q)" for query in RULES.values())  # noqa: S608  # our own rules, no words of anybody
    return f"{_VIEWS} SELECT {counts}"

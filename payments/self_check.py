"""Proves that the books balance: each sentence is a query that must find nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

_LEGS = """
    SELECT source_id AS account_id, -amount AS amount FROM payments_transfer
    UNION ALL SELECT target_id, amount FROM payments_transfer
"""
_BALANCES = """
    SELECT b.account_id, b.mode, b.may_be_negative,
           b.amount + coalesce((SELECT sum(e.amount) FROM payments_entry e WHERE e.account_id = b.account_id), 0) AS amount
    FROM payments_balance b
"""
RULES = {
    "balances add up to zero": f"SELECT sum(amount) FROM ({_BALANCES}) b HAVING coalesce(sum(amount), 0) <> 0",
    "a balance equals its transfers": f"""
        SELECT account_id FROM ({_BALANCES}) b
        LEFT JOIN (SELECT account_id, sum(amount) AS moved FROM ({_LEGS}) l GROUP BY 1) t USING (account_id)
        WHERE b.amount <> coalesce(t.moved, 0)""",
    "no wallet is overdrawn": f"SELECT account_id FROM ({_BALANCES}) b WHERE amount < 0 AND NOT may_be_negative",
    "every ledger account has a balance": """
        SELECT a.id FROM payments_ledgeraccount a LEFT JOIN payments_balance b ON b.account_id = a.id
        WHERE b.account_id IS NULL""",
    "a paid order's transfer has its terms": """
        SELECT o.id FROM payments_order o JOIN payments_transfer t ON t.id = o.transfer_id
        JOIN payments_ledgeraccount s ON s.id = t.source_id JOIN payments_ledgeraccount g ON g.id = t.target_id
        WHERE t.amount <> o.amount OR t.kind <> 'PAYMENT' OR s.owner_id <> o.payer_id OR g.owner_id <> o.payee_user_id""",
    "every payment has its order": """
        SELECT t.id FROM payments_transfer t LEFT JOIN payments_order o ON o.transfer_id = t.id
        WHERE t.kind = 'PAYMENT' AND o.id IS NULL""",
    "every top-up has its funding": """
        SELECT t.id FROM payments_transfer t LEFT JOIN payments_funding f ON f.transfer_id = t.id
        WHERE t.kind = 'TOP_UP' AND f.id IS NULL""",
    "an order's status is its last event": """
        SELECT o.id FROM payments_order o
        LEFT JOIN LATERAL (SELECT status FROM payments_orderevent e WHERE e.order_id = o.id ORDER BY id DESC LIMIT 1) e ON true
        WHERE o.status IS DISTINCT FROM e.status""",
    "no order is stuck": """
        SELECT id FROM payments_order WHERE status = 'PENDING' AND expires_at < now() - interval '15 minutes'""",
    "both sides of a payment were told": """
        SELECT o.id FROM payments_order o WHERE o.status = 'PAID' AND (
          SELECT count(*) FROM payments_notification n
          WHERE n.order_id = o.id AND n.kind IN ('PAYMENT_SENT', 'PAYMENT_RECEIVED')) <> 2""",
}


@dataclass(frozen=True)
class Breach:
    """A rule of the books that does not hold, and how many rows break it."""

    rule: str
    rows: int


def run() -> list[Breach]:
    """All breaches, in one snapshot of the database."""
    counts = ", ".join(f"(SELECT count(*) FROM ({query}) q)" for query in RULES.values())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")  # noqa: S608  # constants of this module
        row = cursor.fetchone()
    return [Breach(rule, rows) for rule, rows in zip(RULES, row, strict=True) if rows]

"""The proof of each day: what members hold is what is safeguarded and in transit, but for what is ours."""

from __future__ import annotations

from datetime import date

from django.db import connection

from payments.models import LedgerAccount, SafeguardingDay

_KIND = LedgerAccount.Kind
# One statement, so one moment of the books.
_BY_KIND = """
    SELECT a.kind, sum(b.amount + coalesce(e.amount, 0))::bigint
    FROM payments_ledgeraccount a JOIN payments_balance b ON b.account_id = a.id
    LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM payments_entry GROUP BY 1) e
      ON e.account_id = a.id
    GROUP BY a.kind
"""


def take(day: date) -> SafeguardingDay:
    """The proof of that day, taken now if there is none yet."""
    known = SafeguardingDay.objects.filter(day=day).first()
    if known:
        return known
    with connection.cursor() as cursor:
        cursor.execute(_BY_KIND)
        found: dict[str, int] = dict(cursor.fetchall())
    proof, _is_new = SafeguardingDay.objects.get_or_create(
        day=day,
        defaults={
            "wallets": found.get(_KIND.WALLET, 0),
            "held": found.get(_KIND.HELD, 0),
            "payouts": found.get(_KIND.PAYOUT, 0),
            "own": found.get(_KIND.FEES, 0) + found.get(_KIND.LOSSES, 0),
            # What is there is what came from there: these accounts are below zero by it.
            "at_bank": -found.get(_KIND.BANK, 0),
            "in_transit": -found.get(_KIND.CARD_CLEARING, 0),
        },
    )
    return proof

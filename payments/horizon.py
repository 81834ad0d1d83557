"""Up to which number nothing can still appear: whoever goes through transfers by number misses none.

A wallet that is appended to is not locked by whoever pays it, so of two transfers the one with the higher
number may be committed first. A number is drawn by a transaction that has begun to write: once all that had
begun before a look at the sequence have ended, what it showed then is settled.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from payments.models import LedgerAccount

EPOCH = datetime(2014, 1, 1, tzinfo=timezone.get_default_timezone())  # Nothing was booked before.
# The sequence first, then this transaction's own id: whoever has drawn a number by then has a lower one.
_DRAWN = "SELECT last_value FROM payments_transfer_number_seq"
_OWN = "SELECT pg_current_xact_id()::text::bigint"
_OPEN = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_NEXT = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
_MADE = """
    INSERT INTO payments_horizon (id, settled, candidate, candidate_before) VALUES (1, 0, 0, 0)
    ON CONFLICT DO NOTHING
"""
_LOCK = """
    SELECT candidate, candidate_before FROM payments_horizon WHERE id = 1 FOR NO KEY UPDATE SKIP LOCKED
"""
_SETTLE = "UPDATE payments_horizon SET settled = candidate WHERE id = 1"
# A transfer bears the time at which its transaction began, its number is drawn later: an hour is far more.
_BOUNDARY = """
    SELECT greatest(
        (SELECT number FROM payments_transfer
          WHERE source_id = %(wallet)s AND posted_at < %(at)s::timestamptz - interval '1 hour'
          ORDER BY number DESC LIMIT 1),
        (SELECT number FROM payments_transfer
          WHERE target_id = %(wallet)s AND posted_at < %(at)s::timestamptz - interval '1 hour'
          ORDER BY number DESC LIMIT 1))
"""
_GO_ON = "UPDATE payments_horizon SET candidate = %s, candidate_before = %s WHERE id = 1 AND candidate <= %s"


def settled() -> int:
    """The number up to which all transfers are to be seen, by whoever asks after this."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT settled FROM payments_horizon WHERE id = 1")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def drawn() -> int:
    """The newest number, whether or not its transfer is to be seen."""
    with connection.cursor() as cursor:
        cursor.execute(_DRAWN)
        return int(cursor.fetchone()[0])


def boundary(wallet: LedgerAccount, at: datetime) -> int:
    """A number to which all of the wallet's was booked before then, as near as can be; 0, if nothing was."""
    if at <= EPOCH:
        return 0  # Whoever looks for what is not there goes through all that is.
    with connection.cursor() as cursor:
        cursor.execute(_BOUNDARY, {"wallet": wallet.pk, "at": at})
        return int(cursor.fetchone()[0] or 0)


@transaction.atomic(durable=True)
def advance() -> int:
    """Settle what can be; `settled`. Alone: its id has to be younger than what it has seen drawn.

    An id that is still to come was another cluster's, before a logical restore: it is begun anew from here.
    """
    newest = drawn()
    with connection.cursor() as cursor:
        cursor.execute(_OWN)
        own = int(cursor.fetchone()[0])
        cursor.execute(_MADE)
        cursor.execute(_LOCK)
        if row := cursor.fetchone():
            before = row[1]
            cursor.execute(_NEXT)
            if cursor.fetchone()[0] <= before:
                cursor.execute(_GO_ON, [newest, own, newest])
                return settled()
            cursor.execute(_OPEN)
            if cursor.fetchone()[0] >= before:
                cursor.execute(_SETTLE)
                cursor.execute(_GO_ON, [newest, own, newest])
    return settled()

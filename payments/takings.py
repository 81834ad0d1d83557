"""What an organisation received, one payment after the other: to look at, for a sheet, for a program.

A page is of the newest first, and goes back by number; a program goes on from the number it has seen, as
far as nothing can still appear below it (`horizon`). Amounts are cents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import Organisation
from payments import horizon, ledger

PAGE = 25
SEARCHED = 20_000  # Words are looked for in so many of the newest: no index knows what is within a note.
_STEP = 500  # Of a sheet, at once.
# Who paid is named as they named themselves; whoever has left has no name any more.
_COLUMNS = """
    t.number, t.id, t.amount, t.posted_at, o.reference, o.kind, o.note, o.channel, payer.name,
    coalesce((SELECT sum(r.amount) FROM payments_refund r WHERE r.order_id = o.id), 0)
"""
_JOINED = """
    JOIN payments_order o ON o.transfer_id = t.id JOIN accounts_user payer ON payer.id = o.payer_id
"""
_THEIRS = "t.target_id = %(wallet)s AND t.kind IN ('PAYMENT', 'RELEASE')"
_WITHIN = "AND t.posted_at >= %(since)s AND t.posted_at < %(until)s"
_NEWEST = f"""
    SELECT {_COLUMNS} FROM payments_transfer t {_JOINED}
     WHERE {_THEIRS} AND t.number < %(before)s ORDER BY t.number DESC LIMIT %(limit)s
"""  # noqa: S608  # our own words
_FOUND = f"""
    SELECT {_COLUMNS} FROM (
      SELECT * FROM payments_transfer t WHERE {_THEIRS} AND t.number < %(before)s
       ORDER BY t.number DESC LIMIT %(searched)s) t {_JOINED}
     WHERE t.amount = %(cents)s OR o.note ILIKE %(like)s OR payer.name ILIKE %(like)s
     ORDER BY t.number DESC LIMIT %(limit)s
"""  # noqa: S608  # our own words
_AFTER = f"""
    SELECT {_COLUMNS} FROM payments_transfer t {_JOINED}
     WHERE {_THEIRS} AND t.number > %(after)s AND t.number <= %(settled)s ORDER BY t.number LIMIT %(limit)s
"""  # noqa: S608  # our own words
_OF_PERIOD = f"""
    SELECT {_COLUMNS} FROM payments_transfer t {_JOINED}
     WHERE {_THEIRS} AND t.number > %(after)s {_WITHIN} ORDER BY t.number LIMIT %(limit)s
"""  # noqa: S608  # our own words
_ONE = f"""
    SELECT {_COLUMNS} FROM payments_order o JOIN payments_transfer t ON t.id = o.transfer_id
      JOIN accounts_user payer ON payer.id = o.payer_id
     WHERE o.reference = %(reference)s AND {_THEIRS}
"""  # noqa: S608  # our own words
_FEES = f"""
    SELECT id, amount, posted_at FROM (
      SELECT t.number, t.id, t.amount, t.posted_at FROM payments_transfer t
       WHERE t.source_id = %(wallet)s AND t.kind = 'FEE' AND t.number > %(after)s {_WITHIN}
      UNION ALL
      SELECT t.number, t.id, -t.amount, t.posted_at FROM payments_transfer t
       WHERE t.target_id = %(wallet)s AND t.kind = 'FEE' AND t.number > %(after)s {_WITHIN}) fee
     ORDER BY number
"""  # noqa: S608  # our own words
_LATEST = 1 << 62


@dataclass(frozen=True, kw_only=True)
class Taking:
    """A payment as the organisation reads it; `refunded` of its `amount`."""

    number: int
    id: UUID
    amount: int
    at: datetime
    reference: str
    kind: str
    note: str
    channel: str
    payer: str
    refunded: int


@dataclass(frozen=True, kw_only=True)
class Fee:
    """What was taken for us, by its transfer; what was given back of it is below zero."""

    id: UUID
    amount: int
    at: datetime


def page(
    organisation: Organisation,
    *,
    before: int | None = None,
    query: str = "",
    cents: int | None = None,
    limit: int = PAGE,
) -> list[Taking]:
    """The newest payments before that number; those with these words in them, or of that amount, only.

    A reference is found however old its payment is.
    """
    if query and before is None and (found := one(organisation, query.upper())):
        return [found]
    facts = {
        "before": before or _LATEST,
        "like": f"%{_literal(query)}%",
        "cents": cents,
        "searched": SEARCHED,
        "limit": limit,
    }
    return _read(_FOUND if query else _NEWEST, organisation, facts)


def after(organisation: Organisation, number: int, *, limit: int) -> list[Taking]:
    """The payments after that number, the oldest first: whoever goes on from the last of them misses none."""
    return _read(_AFTER, organisation, {"after": number, "settled": horizon.settled(), "limit": limit})


def one(organisation: Organisation, reference: str) -> Taking | None:
    """The organisation's payment of that reference."""
    return next(iter(_read(_ONE, organisation, {"reference": reference})), None)


def within(organisation: Organisation, *, since: datetime, until: datetime) -> Iterator[Taking]:
    """All of a period, the oldest first, a few hundred at once."""
    number = horizon.boundary(ledger.wallet(organisation.account), since)
    while found := _read(
        _OF_PERIOD, organisation, {"after": number, "since": since, "until": until, "limit": _STEP}
    ):
        yield from found
        number = found[-1].number


def fees(organisation: Organisation, *, since: datetime, until: datetime) -> Iterator[Fee]:
    """What it paid us in a period, the oldest first: one for each day, so not many."""
    wallet = ledger.wallet(organisation.account)
    facts: dict[str, Any] = {
        "wallet": wallet.pk,
        "after": horizon.boundary(wallet, since),
        "since": since,
        "until": until,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FEES, facts)
        found = cursor.fetchall()
    yield from (Fee(id=id, amount=amount, at=at) for id, amount, at in found)


def _read(sql: str, organisation: Organisation, facts: dict[str, Any]) -> list[Taking]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts | {"wallet": ledger.wallet(organisation.account).pk})
        return [_taking(row) for row in cursor.fetchall()]


def _taking(row: tuple[Any, ...]) -> Taking:
    number, id, amount, at, reference, kind, note, channel, payer, refunded = row
    return Taking(
        number=number,
        id=id,
        amount=amount,
        at=at,
        reference=reference,
        kind=kind,
        note=note,
        channel=channel,
        payer=payer,
        refunded=int(refunded),
    )


def _literal(query: str) -> str:
    """The words as they are: to LIKE, % and _ are others."""
    return query.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

"""What an organisation received, gave back, paid for it and cashed out, by day, week or month, in Paris.

Read from the ledger each time, by the index of its wallet's transfers: what is shown is what was booked.
Amounts are cents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import Organisation
from payments import horizon, ledger


class Period(StrEnum):
    DAYS = "30"
    MONTHS = "12"
    ALL = "all"


class Step(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


# As many bars as can be read; the first is what is shown unless another is asked for.
STEPS: dict[Period, tuple[Step, ...]] = {
    Period.DAYS: (Step.DAY, Step.WEEK),
    Period.MONTHS: (Step.MONTH, Step.WEEK),
    Period.ALL: (Step.MONTH,),
}
_DAYS = 30
_MONTHS = 12
_SUMS = """
    SELECT date_trunc(%(step)s, posted_at AT TIME ZONE %(zone)s)::date AS day,
           coalesce(sum(amount) FILTER (WHERE kind IN ('PAYMENT', 'RELEASE')), 0),
           count(*) FILTER (WHERE kind IN ('PAYMENT', 'RELEASE')),
           coalesce(sum(amount) FILTER (WHERE kind = 'REFUND'), 0),
           coalesce(sum(amount) FILTER (WHERE kind = 'FEE'), 0)
             - coalesce(sum(amount) FILTER (WHERE kind = 'FEE_BACK'), 0),
           coalesce(sum(amount) FILTER (WHERE kind = 'PAYOUT'), 0)
             - coalesce(sum(amount) FILTER (WHERE kind = 'PAYOUT_BACK'), 0)
      FROM (
        SELECT posted_at, amount, CASE kind WHEN 'FEE' THEN 'FEE_BACK' ELSE kind END AS kind
          FROM payments_transfer
         WHERE target_id = %(wallet)s AND number > %(after)s
           AND posted_at >= %(since)s AND posted_at < %(until)s
           AND kind IN ('PAYMENT', 'RELEASE', 'PAYOUT_BACK', 'FEE')
        UNION ALL
        SELECT posted_at, amount, kind FROM payments_transfer
         WHERE source_id = %(wallet)s AND number > %(after)s
           AND posted_at >= %(since)s AND posted_at < %(until)s
           AND kind IN ('REFUND', 'FEE', 'PAYOUT')) moved
     GROUP BY day ORDER BY day
"""
_PAYERS = """
    SELECT count(DISTINCT o.payer_id) FROM payments_transfer t JOIN payments_order o ON o.transfer_id = t.id
     WHERE t.target_id = %(wallet)s AND t.number > %(after)s
       AND t.posted_at >= %(since)s AND t.posted_at < %(until)s AND t.kind IN ('PAYMENT', 'RELEASE')
"""


@dataclass(frozen=True, kw_only=True)
class Span:
    """From a moment until another, which is not in it."""

    since: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Sums:
    """What moved from one day on, for a step: a day, a week from Monday on, a month.

    `fees` and `paid_out` are less what of them came back, so they may be below zero.
    """

    day: date
    received: int = 0
    payments: int = 0
    refunded: int = 0
    fees: int = 0
    paid_out: int = 0


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Each step of a period, also one in which nothing moved, and all of it together."""

    steps: Sequence[Sums]
    total: Sums
    payers: int
    mean: int


def span(period: Period, *, at: datetime) -> Span:
    """The period that ends now: whole days or months, in Paris."""
    today = timezone.localtime(at).date()
    until = _midnight(today + timedelta(days=1))
    match period:
        case Period.DAYS:
            return Span(since=_midnight(today - timedelta(days=_DAYS - 1)), until=until)
        case Period.MONTHS:
            months = today.year * 12 + today.month - _MONTHS
            return Span(since=_midnight(date(months // 12, months % 12 + 1, 1)), until=until)
        case Period.ALL:
            return Span(since=horizon.EPOCH, until=until)


def of(organisation: Organisation, span: Span, *, step: Step) -> Figures:
    """What moved in that time."""
    facts = _facts(organisation, span) | {"step": step.value}
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, facts)
        found = [_sums(row) for row in cursor.fetchall()]
        cursor.execute(_PAYERS, facts)
        payers = int(cursor.fetchone()[0])
    total = _total(found, span)
    return Figures(
        steps=_with_the_empty(found, span, step),
        total=total,
        payers=payers,
        mean=(2 * total.received + total.payments) // (2 * total.payments) if total.payments else 0,
    )


def _facts(organisation: Organisation, span: Span) -> dict[str, Any]:
    wallet = ledger.wallet(organisation.account)
    return {
        "wallet": wallet.pk,
        "after": horizon.boundary(wallet, span.since),
        "since": span.since,
        "until": span.until,
        "zone": timezone.get_default_timezone_name(),
    }


def _sums(row: tuple[Any, ...]) -> Sums:
    day, received, payments, refunded, fees, paid_out = row
    return Sums(
        day=day,
        received=int(received),
        payments=payments,
        refunded=int(refunded),
        fees=int(fees),
        paid_out=int(paid_out),
    )


def _total(found: Sequence[Sums], span: Span) -> Sums:
    return Sums(
        day=timezone.localtime(span.since).date(),
        received=sum(sums.received for sums in found),
        payments=sum(sums.payments for sums in found),
        refunded=sum(sums.refunded for sums in found),
        fees=sum(sums.fees for sums in found),
        paid_out=sum(sums.paid_out for sums in found),
    )


def _with_the_empty(found: Sequence[Sums], span: Span, step: Step) -> list[Sums]:
    """From the period's first step, or for all time from the first in which something moved, to its last."""
    if not found and span.since == horizon.EPOCH:
        return []
    known = {sums.day: sums for sums in found}
    first = found[0].day if span.since == horizon.EPOCH else timezone.localtime(span.since).date()
    last = timezone.localtime(span.until).date() - timedelta(days=1)
    days, day = [], _begin(first, step)
    while day <= last:
        days.append(day)
        day = _next(day, step)
    return [known.get(day) or Sums(day=day) for day in days]


def _begin(day: date, step: Step) -> date:
    """The first day of its step."""
    match step:
        case Step.DAY:
            return day
        case Step.WEEK:
            return day - timedelta(days=day.weekday())
        case Step.MONTH:
            return day.replace(day=1)


def _next(day: date, step: Step) -> date:
    if step is Step.MONTH:
        return date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return day + timedelta(days=1 if step is Step.DAY else 7)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))

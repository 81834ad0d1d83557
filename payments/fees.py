"""The fees of organisations: degressive by the month's receipts, charged each day for the day before.

Receipts are what came in by orders, less what was given back of it. A day's charge is the fee of the month
to that day's end less what was charged before, so the days of a month add up to the fee of its receipts,
rounded once. A wallet that holds less owes the rest, and pays it with the next charge: until then that much
of what comes in is kept from payouts. A month is of Paris.
People pay nothing. Lock order: the organisation, then the ledger's balances. Amounts are cents.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from accounts import freezes
from accounts.models import Organisation, User
from payments import horizon, ledger
from payments.models import FeeBracket, FeeCharge, LedgerAccount, Transfer

logger = logging.getLogger(__name__)

PARIS = ZoneInfo("Europe/Paris")
WHOLE = 10_000  # Of hundredths of a percent.
# A payment that began before midnight is to be seen by then, whatever it waited for.
SEEN_AFTER = timedelta(minutes=10)
_CHARGES = UUID("5d6f6e65-7920-4279-9070-6f7374206665")  # What their numbers are made from.

# What came in by orders, and what of it was given back, by days of Paris.
_BY_DAY = """
    SELECT (t.posted_at AT TIME ZONE 'Europe/Paris')::date AS day,
           sum(CASE WHEN t.target_id = %(wallet)s THEN t.amount ELSE -t.amount END)::bigint
      FROM payments_transfer t
     WHERE (t.target_id = %(wallet)s AND t.kind IN ('PAYMENT', 'RELEASE')
            OR t.source_id = %(wallet)s AND t.kind = 'REFUND')
       AND t.number > %(after)s AND t.posted_at >= %(since)s AND t.posted_at < %(until)s
     GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True)
class Bracket:
    """What of a month's receipts is above an amount, and its share in hundredths of a percent."""

    above: int
    rate: int


def fee(receipts: int, brackets: Sequence[Bracket]) -> int:
    """The fee of a month's receipts, rounded once, half up; of none, or less than none, there is none.

    `brackets` are in the order of their amounts.
    """
    tops = [*(bracket.above for bracket in brackets[1:]), max(receipts, 0)]
    parts = (
        max(0, min(receipts, top) - bracket.above) * bracket.rate
        for bracket, top in zip(brackets, tops, strict=False)
    )
    return (sum(parts) + WHOLE // 2) // WHOLE


def brackets(day: date) -> list[Bracket]:
    """Those that count for the month of that day."""
    month = FeeBracket.objects.filter(valid_from__lte=day.replace(day=1))
    newest = month.order_by("-valid_from").values("valid_from")[:1]
    return [Bracket(row.above, row.rate) for row in month.filter(valid_from=newest).order_by("above")]


def of(organisation: Organisation) -> list[FeeCharge]:
    """The last days that it was charged for, the newest first."""
    return list(FeeCharge.objects.filter(organisation=organisation).order_by("-day")[:62])


def owed(account: User) -> int:
    """What an organisation's wallet lacked when it was charged last; of a member nothing."""
    if account.tier != User.Tier.ORGANISATION:
        return 0
    charges = FeeCharge.objects.filter(organisation__account=account).order_by("-day")
    return charges.values_list("owed", flat=True).first() or 0


def charge_due(*, at: datetime) -> int:
    """Charge each organisation for its days that are over; return how many charges there were.

    One whose wallet is being emptied at this moment, or stands still, is charged another time. They come in
    any order: a slow one is not before the same others each time.
    """
    yesterday = at.astimezone(PARIS).date() - timedelta(days=1)
    reviewed = Organisation.objects.filter(account__tier=User.Tier.ORGANISATION)
    due = reviewed.exclude(fee_charges__day__gte=yesterday)
    due = due.exclude(account__in=freezes.standing().values("user")).order_by("?")
    return sum(_charged(organisation, until=yesterday) for organisation in due)


@transaction.atomic
def charge(organisation: Organisation, *, until: date) -> int:
    """Charge it for each day on which something moved, to that day's end; return how many charges."""
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    last = FeeCharge.objects.filter(organisation=organisation).order_by("-day").first()
    wallet = ledger.wallet(organisation.account)
    count = 0
    for day, receipts in _days(wallet, last=last, until=until):
        last = _charge(organisation, wallet, day=day, receipts=receipts, last=last)
        count += 1
    return count


def _charged(organisation: Organisation, *, until: date) -> int:
    try:
        return charge(organisation, until=until)
    except ledger.InsufficientFunds:
        return 0
    except Exception:
        # It would keep the others waiting.
        logger.exception("Fees could not be charged", extra={"organisation": organisation.pk})
        return 0


def _days(wallet: LedgerAccount, *, last: FeeCharge | None, until: date) -> Iterator[tuple[date, int]]:
    """The days since the last charge, each with its month's receipts to its end; the last, if it owes."""
    since = last.day + timedelta(days=1) if last else date(2014, 10, 1)
    begins, ends = _midnight(since), _midnight(until + timedelta(days=1))
    after = horizon.boundary(wallet, begins) if last else 0
    with connection.cursor() as cursor:
        cursor.execute(_BY_DAY, {"wallet": wallet.pk, "after": after, "since": begins, "until": ends})
        moved = dict(cursor.fetchall())
    if last and last.owed and last.day < until:
        moved.setdefault(until, 0)
    month, total = (last.day.replace(day=1), last.receipts) if last else (None, 0)
    for day in sorted(moved):
        if day.replace(day=1) != month:
            month, total = day.replace(day=1), 0
        total += moved[day]
        yield day, total


def _charge(
    organisation: Organisation, wallet: LedgerAccount, *, day: date, receipts: int, last: FeeCharge | None
) -> FeeCharge:
    """Move what is due, as far as the wallet goes, and keep what it is made of."""
    is_same_month = last is not None and last.day.replace(day=1) == day.replace(day=1)
    charged = last.fee if last and is_same_month else 0
    made = FeeCharge(organisation=organisation, day=day, receipts=receipts, fee=fee(receipts, brackets(day)))
    due = made.fee - charged + (last.owed if last else 0)
    made.amount = min(due, ledger.balance(wallet))
    made.owed = due - made.amount
    if made.amount:
        made.transfer_id = _move(wallet, made)
    made.save(force_insert=True)
    return made


def _move(wallet: LedgerAccount, made: FeeCharge) -> UUID:
    """The transfer's number follows from wallet and day, so a day is charged once."""
    key = uuid5(_CHARGES, f"{wallet.owner_id}:{made.day}")
    ours = ledger.system(LedgerAccount.Kind.FEES)
    source, target = (wallet, ours) if made.amount > 0 else (ours, wallet)
    amount = abs(made.amount)
    ledger.post(ledger.Posting(id=key, source=source, target=target, amount=amount, kind=Transfer.Kind.FEE))
    return key


def _midnight(day: date) -> datetime:
    """When a day of Paris begins."""
    return datetime(day.year, day.month, day.day, tzinfo=PARIS)

"""What X costs: each post that is read and each reply, by the prices of the settings, and the day's budget.

X charges a post once a day (UTC), however often it is read; so do we, by a row that can be there once.
Amounts are whole thousandths of a US cent, for this is X's money and none of the members'.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, Sum
from django.utils.formats import get_format

from accounts import arrays, prepared
from accounts.prepared import Prepared
from payments.models import Delivery, Order
from social import alarms
from social.models import Alarm, Charge

THOUSANDTHS = 1000
_READ = Prepared(
    "count_reads",
    """
    INSERT INTO social_charge (what, resource, post_id, day, price)
    SELECT 'READ', id, id, %(day)s, %(price)s FROM unnest(%(ids)s) AS read (id) ON CONFLICT DO NOTHING
    """,
    ids="text[]",
    day="date",
    price="integer",
)
_REPLIED = Prepared(
    "count_reply",
    """
    INSERT INTO social_charge (what, resource, post_id, day, price)
    VALUES ('REPLY', %(resource)s, %(post)s, %(day)s, %(price)s) ON CONFLICT DO NOTHING
    """,
    resource="text",
    post="text",
    day="date",
    price="integer",
)
_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bill:
    """A day of X."""

    day: date
    reads: int
    replies: int
    price: int
    orders: int

    @property
    def price_per_order(self) -> int:
        return self.price // self.orders if self.orders else 0


def count_reads(post_ids: Iterable[str], *, at: datetime) -> None:
    """X gave us these posts."""
    prepared.run(reading(post_ids, at=at))


def reading(post_ids: Iterable[str], *, at: datetime) -> prepared.Call:
    """What does as `count_reads`, for `prepared.run`."""
    ids = sorted(set(post_ids))  # In one order, so that two ways do not wait for each other.
    return _READ(ids=arrays.written(ids), day=_day(at), price=settings.X_PRICE_READ)


def count_reply(delivery: Delivery, *, at: datetime) -> None:
    """X took this reply."""
    prepared.run(replying(delivery, at=at))


def replying(delivery: Delivery, *, at: datetime) -> prepared.Call:
    """What does as `count_reply`, for `prepared.run`."""
    price = settings.X_PRICE_LINK if _LINK.search(delivery.text) else settings.X_PRICE_REPLY
    return _REPLIED(resource=str(delivery.pk), post=delivery.reply_to, day=_day(at), price=price)


def has_budget(*, at: datetime) -> bool:
    """Whether the day has something left for replies; staff are told once when it has not."""
    budget = settings.X_BUDGET_CENTS * THOUSANDTHS
    if not budget:
        return True
    if spent(_day(at)) >= budget:
        alarms.sound(Alarm.Kind.BUDGET, detail=shown(budget))
        return False
    if alarms.is_on(Alarm.Kind.BUDGET):
        alarms.end(Alarm.Kind.BUDGET)
    return True


def shown(price: int) -> str:
    """`1.2345 $`, in French `1,2345 $`: X's dollars, to a hundredth of a cent."""
    dollars, rest = divmod(price // 10, 10_000)
    return f"{dollars}{get_format('DECIMAL_SEPARATOR')}{rest:04} $"


def spent(day: date) -> int:
    return Charge.objects.filter(day=day).aggregate(sum=Sum("price"))["sum"] or 0


def of_post(root_id: str) -> int:
    """What X charged for reading it and answering it."""
    return Charge.objects.filter(post_id=root_id).aggregate(sum=Sum("price"))["sum"] or 0


def bills(*, at: datetime, days: int = 7) -> list[Bill]:
    """The last days, the newest first."""
    first = _day(at) - timedelta(days=days - 1)
    rows = Charge.objects.filter(day__gte=first).values("day", "what")
    found = {(row["day"], row["what"]): row for row in rows.annotate(count=Count("pk"), sum=Sum("price"))}
    read, replied = Charge.What.READ, Charge.What.REPLY
    return [
        Bill(
            day=day,
            reads=found.get((day, read), _NONE)["count"],
            replies=found.get((day, replied), _NONE)["count"],
            price=sum(found.get((day, what), _NONE)["sum"] for what in (read, replied)),
            orders=_orders(day),
        )
        for day in (first + timedelta(days=n) for n in reversed(range(days)))
    ]


_NONE = {"count": 0, "sum": 0}


def tomorrow(*, at: datetime) -> datetime:
    """When the next day's budget begins."""
    return datetime.combine(_day(at) + timedelta(days=1), datetime.min.time(), UTC)


def _orders(day: date) -> int:
    begins = datetime.combine(day, datetime.min.time(), UTC)
    ends = begins + timedelta(days=1)
    return Order.objects.filter(channel="x", created_at__gte=begins, created_at__lt=ends).count()


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()

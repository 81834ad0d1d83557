"""Gifts that a member wants to be asked for each month. Each is an order that waits for their code."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat, Now
from django.utils import timezone

from accounts import constraints, freezes
from accounts.models import User
from giving import campaigns, gifts
from giving.models import Campaign, MonthlyGift
from payments import clock, limits, orders, settlement
from payments.models import Order

logger = logging.getLogger(__name__)

LIFETIME = timedelta(days=7)
LAST_DAY = 28  # Which every month has.
CHANNEL = "monthly"
BATCH = 200
# Why somebody is not asked this time: the next round tries again, until the month is over.
_NOT_NOW = (orders.TooMany, limits.OverLimit, freezes.Frozen, settlement.PayeeRefuses)


class HasOne(Exception):
    """They give to that campaign each month already."""


def start(  # noqa: PLR0913  # a gift is that many facts
    campaign: Campaign, *, payer: User, amount: int, is_anonymous: bool, at: datetime, message: str = ""
) -> Order:
    """Ask them for so many cents each month, from now on; the first one waits for their code.

    `message` is said with the first one alone.

    :raises HasOne: if they give to it each month already
    :raises campaigns.CampaignOver, orders.TooMany, …: as `gifts.give` does
    """
    today = timezone.localdate(at)
    with transaction.atomic():
        monthly = MonthlyGift(payer=payer, campaign=campaign, amount=amount, is_anonymous=is_anonymous)
        monthly.day = min(today.day, LAST_DAY)
        with constraints.kept("member_has_one_monthly_gift_to_a_campaign", otherwise=HasOne):
            monthly.save(force_insert=True)
        return _place(monthly, month=today, at=at, message=message)


def stop(monthly: MonthlyGift) -> bool:
    """Ask no more; false if it had ended. What waits for its code may be declined on its page."""
    return bool(MonthlyGift.objects.filter(pk=monthly.pk, ended_at=None).update(ended_at=Now()))


def stop_all(payer_id: int) -> None:
    """Somebody who leaves gives no more."""
    MonthlyGift.objects.filter(payer=payer_id, ended_at=None).update(ended_at=Now())


def of(payer: User) -> QuerySet[MonthlyGift]:
    """What they are asked for each month."""
    going_on = MonthlyGift.objects.filter(payer=payer, ended_at=None)
    return going_on.select_related("campaign__organisation__account").order_by("pk")


def place_due() -> int:
    """Ask for this month's gifts whose day has come, by day; return how many orders were placed."""
    MonthlyGift.objects.filter(ended_at=None, campaign__ended_at__isnull=False).update(ended_at=Now())
    now = clock.now()
    if limits.is_night(now):  # They are told of it by their telephones.
        return 0
    today = timezone.localdate(now)
    channel_id = Concat(Cast(OuterRef("pk"), CharField()), Value(_suffix(today)))
    asked = Order.objects.filter(channel=CHANNEL, channel_id=channel_id)
    due = MonthlyGift.objects.filter(~Exists(asked), ended_at=None, day__lte=today.day)
    due = due.select_related("payer", "campaign__organisation__account").order_by("pk")
    return sum(_is_placed(monthly, month=today, at=now) for monthly in due.iterator(chunk_size=BATCH))


def _is_placed(monthly: MonthlyGift, *, month: date, at: datetime) -> bool:
    try:
        _place(monthly, month=month, at=at)
    except campaigns.CampaignOver:
        stop(monthly)
    except _NOT_NOW as why:
        logger.info("A monthly gift is not asked for", extra={"monthly": monthly.pk, "why": repr(why)})
    except orders.AlreadyPlaced:
        pass
    else:
        return True
    return False


def _place(monthly: MonthlyGift, *, month: date, at: datetime, message: str = "") -> Order:
    """Under the row's lock: whoever stops it meanwhile is not asked any more."""
    with transaction.atomic():
        order = gifts.give(
            monthly.campaign,
            payer=monthly.payer,
            amount=monthly.amount,
            is_anonymous=monthly.is_anonymous,
            message=message,
            at=at,
            channel=CHANNEL,
            channel_id=f"{monthly.pk}{_suffix(month)}",
            lifetime=LIFETIME,
        )
        if not MonthlyGift.objects.select_for_update().filter(pk=monthly.pk, ended_at=None).exists():
            raise campaigns.CampaignOver
    return order


def _suffix(month: date) -> str:
    return f":{month:%Y-%m}"

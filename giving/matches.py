"""A sponsor's promise: so much if the gifts of others come together, set aside until the campaign ends."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts import organisations
from accounts.models import User
from giving import gifts, set_aside
from giving.models import Campaign, Match
from payments import orders
from payments.models import Order

MOST_SHOWN = 20


class NoDeadline(Exception):
    """The campaign has no end by which others could have given."""


def promise(  # noqa: PLR0913  # a promise is that many facts
    campaign: Campaign,
    *,
    payer: User,
    amount: int,
    threshold: int,
    is_anonymous: bool,
    at: datetime,
    channel_id: str,
) -> Order:
    """The order that promises, which waits for its payer's code; amounts are cents.

    :raises NoDeadline: if the campaign has none
    :raises campaigns.CampaignOver: if it takes no more
    :raises orders.AlreadyPlaced, orders.TooMany, …: as `orders.place` does
    """
    with transaction.atomic():
        order = orders.place(
            payer,
            payee=organisations.identity(campaign.organisation),
            amount=amount,
            note="",
            words="",
            channel="site",
            channel_id=channel_id,
            at=at,
            kind=Order.Kind.GIFT,
        )
        Match.objects.create(order=order, campaign=campaign, threshold=threshold, is_anonymous=is_anonymous)
        gifts.check_open(order)
        # Its terms stay from here on.
        if not Campaign.objects.filter(pk=campaign.pk, deadline__isnull=False).exists():
            raise NoDeadline
    return order


def of(campaign: Campaign) -> QuerySet[Match]:
    """The largest promises that are confirmed, or kept."""
    there = Match.objects.filter(campaign=campaign, order__status__in=set_aside.GIVEN)
    return there.select_related("order__payer").order_by("-order__amount", "pk")[:MOST_SHOWN]

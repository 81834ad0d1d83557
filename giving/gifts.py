"""Gifts: orders to a campaign, each with how it is shown there, and what an order of that kind is for.

All or nothing: what is confirmed is set aside until the end decides. A gift takes the key of its campaign's
row for its transaction, as all others may at once, and so does whoever takes theirs back; who ends the
campaign waits for them, and they for nobody else. Amounts are cents. Lock order: the payer, the order, the
campaign, then the ledger's balances.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from accounts import organisations, prepared
from accounts.models import Identity, User
from accounts.prepared import Prepared
from giving import campaigns, set_aside, tallies
from giving.models import Campaign, Gift
from payments import life, orders, purposes
from payments.models import Order, Refund

TIME_TO_DECIDE = timedelta(days=2)  # From the deadline: a job does it within a minute.
LATEST = 10
_OF_ORDER = """
    (SELECT g.campaign_id, false AS is_match FROM giving_gift g WHERE g.order_id = %(order)s
     UNION ALL SELECT m.campaign_id, true FROM giving_match m WHERE m.order_id = %(order)s) AS what
    JOIN giving_campaign c ON c.id = what.campaign_id
"""
_KEY = Prepared(
    "key_of_campaign_of_order",
    f"""
    SELECT c.id FROM {_OF_ORDER}
     WHERE c.ended_at IS NULL AND (c.deadline IS NULL OR c.deadline > clock_timestamp())
       FOR KEY SHARE OF c
    """,  # noqa: S608  # our own names
    order="uuid",
)
# Its end has decided on what is set aside: nobody takes theirs back from then on.
_UNDECIDED = Prepared(
    "undecided_campaign_of_order",
    f"SELECT c.id FROM {_OF_ORDER} WHERE c.ended_at IS NULL FOR KEY SHARE OF c",  # noqa: S608  # our own names
    order="uuid",
)
_UNTIL = Prepared(
    "end_of_campaign_of_order",
    f"""
    SELECT greatest(c.deadline, clock_timestamp()) FROM {_OF_ORDER}
     WHERE c.is_all_or_nothing OR what.is_match
    """,  # noqa: S608  # our own names
    order="uuid",
)


class GiftPurpose(purposes.Purpose):
    """An order that gives to a campaign, or promises to."""

    def check(self, order: Order) -> None:
        if not prepared.run(_KEY(order=order.pk)):
            raise purposes.Over

    def held_until(self, order: Order) -> datetime | None:
        found = prepared.run(_UNTIL(order=order.pk))
        return found[0][0] + TIME_TO_DECIDE if found else None

    def stepping(self, order: Order, status: Order.Status) -> Sequence[prepared.Call]:
        """:raises life.OrderClosed: if it is taken back from a campaign that has ended"""
        if status == Order.Status.CANCELLED and not prepared.run(_UNDECIDED(order=order.pk)):
            raise life.OrderClosed(order)
        return tallies.stepping(order, status)

    def refunding(self, order: Order, refund: Refund) -> Sequence[prepared.Call]:
        return tallies.refunding(refund)

    def title(self, order: Order) -> str:
        campaign = of(order)
        return campaign.title if campaign else ""

    def path(self, order: Order) -> str:
        campaign = of(order)
        return reverse("campaign", args=[campaign.slug]) if campaign else ""


def give(  # noqa: PLR0913  # a gift is that many facts
    campaign: Campaign,
    *,
    payer: User,
    amount: int,
    at: datetime,
    channel: str,
    channel_id: str,
    is_anonymous: bool = True,
    message: str = "",
    payee: Identity | None = None,
    note: str = "",
    words: str = "",
    lifetime: timedelta = orders.LIFETIME,
) -> Order:
    """The order that gives, which waits for its payer's code.

    `message` is for everybody, `note` for the organisation alone; `payee` is as whom the organisation was
    named, if it was not on our own pages.

    :raises campaigns.CampaignOver: if it takes no more
    :raises orders.AlreadyPlaced, orders.TooMany, …: as `orders.place` does
    """
    with transaction.atomic():
        order = orders.place(
            payer,
            payee=payee or organisations.identity(campaign.organisation),
            amount=amount,
            note=note or message,
            words=words,
            channel=channel,
            channel_id=channel_id,
            at=at,
            kind=Order.Kind.GIFT,
            lifetime=lifetime,
        )
        Gift.objects.create(order=order, campaign=campaign, is_anonymous=is_anonymous, message=message)
        check_open(order)
    return order


def check_open(order: Order) -> None:
    """Take the key of its campaign's row, so that nobody ends it or changes its terms meanwhile.

    :raises campaigns.CampaignOver: if it takes no more
    """
    if not prepared.run(_KEY(order=order.pk)):
        raise campaigns.CampaignOver


def of(order: Order) -> Campaign | None:
    """The campaign that it gives to, or promises to."""
    either = Campaign.objects.filter(gifts__order=order) | Campaign.objects.filter(matches__order=order)
    return either.distinct().first()


def placed(payer: User, *, channel: str, channel_id: str) -> Order | None:
    """The order that a form has made before."""
    return Order.objects.filter(payer=payer, channel=channel, channel_id=channel_id).first()


def latest(campaign: Campaign) -> QuerySet[Gift]:
    """The newest gifts whose money is there."""
    there = Gift.objects.filter(campaign=campaign, order__status__in=set_aside.GIVEN)
    return there.select_related("order__payer").order_by("-given_at")[:LATEST]

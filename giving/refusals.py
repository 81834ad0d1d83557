"""Why something cannot be given now, in words for who wants to give."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _lazy

from accounts import freezes, organisations
from giving import campaigns, matches, monthly_gifts
from giving.models import Campaign
from payments import limits, orders, reasons, settlement
from payments.models import Order

CANNOT = (
    orders.TooMany,
    limits.OverLimit,
    freezes.Frozen,
    settlement.PayeeRefuses,
    campaigns.CampaignOver,
    monthly_gifts.HasOne,
    matches.NoDeadline,
)

_PLAIN: dict[type[Exception], object] = {
    campaigns.CampaignOver: _lazy("This campaign has ended: it takes no more gifts."),
    monthly_gifts.HasOne: _lazy(
        "You give to this campaign each month already. Stop that first, to give another amount."
    ),
    matches.NoDeadline: _lazy("This campaign has no deadline by which others could give."),
    settlement.PayeeRefuses: _lazy("It does not wish to be paid at the moment."),
}


def of(why: Exception, campaign: Campaign) -> str:
    """What stands in the way."""
    match why:
        case limits.OverLimit():
            return reasons.over_limit(why, order=Order(payee=organisations.identity(campaign.organisation)))
        case orders.TooMany():
            return reasons.too_many(why)
        case freezes.Frozen():
            return reasons.frozen()
        case _:
            return str(_PLAIN[type(why)])

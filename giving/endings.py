"""How a campaign ends, once: by deadline, organisation or staff; what was set aside is decided on then.

The decision is a row's, taken under its lock, when all who are just giving are done. What follows from it is
done order by order, in batches: whoever breaks off is gone on from, and each order ends once. What frozen
members set aside goes back before, as it would be counted and not paid. Lock order: the payer, the order, the
campaign.
"""

from __future__ import annotations

import logging

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from accounts import audit, freezes, seats
from accounts.models import User
from giving import set_aside, tallies
from giving.campaigns import CampaignOver
from giving.models import Campaign, Match
from payments import life, notices, settlement
from payments.models import Notification, Order

logger = logging.getLogger(__name__)

BATCH = 200
_HELD = Order.objects.filter(status=Order.Status.HELD, kind=Order.Kind.GIFT)
Outcome = Campaign.Outcome
_TO_NOBODY = frozenset({Outcome.MISSED, Outcome.STOPPED})
_UNPAYABLE = (settlement.PayeeChanged, settlement.PayeeRefuses, settlement.PayeeIsPayer)


def end(campaign: Campaign) -> Campaign:
    """Take no more gifts, and decide what becomes of those that were set aside.

    :raises CampaignOver: if it has ended
    """
    set_aside.give_back_of_frozen(_HELD.filter(Q(gift__campaign=campaign) | Q(match__campaign=campaign)))
    return _decide(campaign)


@transaction.atomic
def stop(campaign: Campaign, *, by: User, reason: str) -> Campaign:
    """One of staff ends it, as it breaks the rules: what was set aside goes back, its organisation is told.

    :raises CampaignOver: if it has ended
    :raises discretion.Indiscreet: if the reason names somebody
    """
    campaign = _decide(campaign, is_stopped=True)
    for reader in seats.readers(campaign.organisation.account):
        notices.tell(reader, Notification.Kind.CAMPAIGN_STOPPED)
    state = {"collected": campaign.collected}  # A title may name somebody, and this stays.
    audit.record(by, "campaign.stopped", about=campaign, before=None, after=state, reason=reason)
    return campaign


def end_due() -> int:
    """End what is past its deadline; return how many campaigns."""
    due = Campaign.objects.filter(ended_at=None, deadline__lte=Now()).order_by("deadline")
    return sum(_is_ended(campaign) for campaign in due[:BATCH])


def decide_due(*, limit: int = BATCH) -> int:
    """Pay or give back what was set aside for campaigns that have ended; return how many orders ended."""
    ended = Q(gift__campaign__ended_at__isnull=False) | Q(match__campaign__ended_at__isnull=False)
    due = _HELD.filter(ended).select_related("payer", "payee", "gift__campaign", "match__campaign")
    return sum(_is_decided(order) for order in due.order_by("expires_at", "pk")[:limit])


@transaction.atomic
def _decide(campaign: Campaign, *, is_stopped: bool = False) -> Campaign:
    campaign = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if campaign.ended_at is not None:
        raise CampaignOver
    collected = tallies.of(campaign).amount
    outcome = Outcome.STOPPED if is_stopped else _outcome(campaign, collected)
    Campaign.objects.filter(pk=campaign.pk).update(ended_at=Now(), outcome=outcome, collected=collected)
    campaign.refresh_from_db()
    return campaign


def _outcome(campaign: Campaign, collected: int) -> Campaign.Outcome:
    if not campaign.is_all_or_nothing:
        return Outcome.CLOSED
    assert campaign.goal is not None
    return Outcome.REACHED if collected >= campaign.goal else Outcome.MISSED


def _is_ended(campaign: Campaign) -> bool:
    try:
        end(campaign)
    except CampaignOver:
        return False
    except DatabaseError:
        raise
    except Exception:
        # It would be the first of every round, and keep the others waiting.
        logger.exception("A campaign could not be ended", extra={"campaign": campaign.pk})
        return False
    return True


def _is_decided(order: Order) -> bool:
    """False if it ended meanwhile, or something is wrong with it alone, which must not keep the others."""
    try:
        if _is_to_be_paid(order):
            _pay(order)
        else:
            set_aside.give_back(order, why=_why_back(order))
    except life.OrderClosed:
        return False
    except DatabaseError:
        raise
    except Exception:
        logger.exception("A gift could not be decided on", extra={"order": str(order.pk)})
        return False
    return True


def _is_to_be_paid(order: Order) -> bool:
    match = Match.objects.select_related("campaign").filter(order=order).first()
    if match is not None:
        assert match.campaign.collected is not None
        return match.campaign.collected >= match.threshold and match.campaign.outcome not in _TO_NOBODY
    return order.gift.campaign.outcome not in _TO_NOBODY


def _why_back(order: Order) -> str:
    given = getattr(order, "match", None) or order.gift
    return "the campaign was stopped" if given.campaign.outcome == Outcome.STOPPED else "the goal was missed"


@transaction.atomic
def _pay(order: Order) -> None:
    """What was given by somebody who is frozen since goes back."""
    life.lock_payer(order.payer)
    if freezes.is_frozen(order.payer):
        set_aside.give_back(order, why="payer is frozen")
        return
    try:
        settlement.release(order)
    except _UNPAYABLE:
        set_aside.give_back(order, why="the payee cannot be paid")

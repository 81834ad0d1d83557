"""How much may be asked for, and how often: a phone that others can make ring is theirs.

Amounts are cents.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Max
from django.db.models.functions import Now

from accounts.models import User
from payments import limits
from payments.models import Limit, Request

OPEN_AT_ONCE = 10
OPEN_OF_ONE = 3
ASKED_A_DAY = 20


class TooManyRequests(Exception):
    """Too many wait for an answer, or were made in a day. `allowed` says how many may."""

    def __init__(self, *, allowed: int) -> None:
        super().__init__(allowed)
        self.allowed = allowed


def check_amount(amount: int) -> None:
    """No more than somebody could pay. What the payer may is theirs to know, so the highest figure counts.

    :raises limits.OverLimit: if it is
    """
    name = Limit.Name.ORDER_TO_PERSON
    highest = Limit.objects.filter(name=name).aggregate(most=Max("amount"))["most"]
    if amount > highest:
        raise limits.OverLimit(name, allowed=highest, figure=highest)


def check_pace(asker: User, asked: list[Request], *, at: datetime) -> None:
    """:raises TooManyRequests: counted under the asker's lock"""
    mine, count = Request.objects.filter(asker=asker), len(asked)
    still_open = mine.filter(status=Request.Status.OPEN, expires_at__gt=Now())
    if still_open.count() + count > OPEN_AT_ONCE:
        raise TooManyRequests(allowed=OPEN_AT_ONCE)
    if mine.filter(created_at__gt=at - timedelta(days=1)).count() + count > ASKED_A_DAY:
        raise TooManyRequests(allowed=ASKED_A_DAY)
    of_one = still_open.filter(payer__in=[request.payer for request in asked])
    if of_one.values("payer").annotate(count=Count("pk")).filter(count__gte=OPEN_OF_ONE).exists():
        raise TooManyRequests(allowed=OPEN_OF_ONE)

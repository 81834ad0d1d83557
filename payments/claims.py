"""Money for somebody who has not joined: theirs once they link their account, the payer's again after 7 days.

Linking and the sweep may come to an order in the same instant: its row's lock lets one of them end it.
What a frozen payer ordered is paid to nobody: it waits on, or goes back. Lock order: the payer, the order.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from accounts import freezes
from accounts.models import User
from payments import life, notices, orders, settlement, standstill
from payments.models import Notification, Order

logger = logging.getLogger(__name__)

BATCH = 200
# Before the money returns, the payer hears of it: so long before, and by these words.
REMINDERS = (
    (timedelta(days=4), Notification.Kind.CLAIM_WAITS),
    (timedelta(days=1), Notification.Kind.CLAIM_ENDS),
)
# What waits for its payee; what a gift or a loan waits for is decided by those that it is for.
_HELD = Order.objects.filter(status=Order.Status.HELD, kind=Order.Kind.SEND)


class NothingToWithdraw(Exception):
    """The payer has no order by that reference, or of that message."""


def release_due(user: User | None = None) -> int:
    """Pay what waits for people who have joined since, or for `user` alone; return how many orders ended."""
    joined = _HELD.filter(payee__user=user) if user else _HELD.filter(payee__user__isnull=False)
    is_frozen = Exists(freezes.standing().filter(user=OuterRef("payer")))
    return _each(joined.exclude(is_frozen).order_by("pk"), _release)


def return_due() -> int:
    """Give back what nobody claimed in time, or nobody wants; return how many orders ended."""
    return _each(_HELD.filter(Q(expires_at__lte=Now()) | Q(payee__refuses_since__isnull=False)), _end)


def remind_due() -> int:
    """Tell payers that their money still waits, once for each reminder; return how many were told."""
    told = 0
    for before, kind in REMINDERS:
        heard = Notification.objects.filter(order=OuterRef("pk"), kind=kind)
        due = _HELD.filter(~Exists(heard), expires_at__lte=Now() + before, expires_at__gt=Now())
        for order in due.select_related("payer", "payee")[:BATCH]:
            with contextlib.suppress(IntegrityError), transaction.atomic():  # Another process was faster.
                notices.tell(order.payer, kind, order=order)
                told += 1
    return told


def take_back(order: Order) -> Order:
    """The payer changes their mind, as they may until it is claimed.

    :raises life.OrderClosed: if it was claimed, or came back already
    """
    return settlement.give_back(
        order,
        Order.Status.CANCELLED,
        detail="by the payer",
        tells=Notification.Kind.PAYMENT_CANCELLED,
    )


def withdraw(payer: User, *, reference: str = "", channel: str = "", channel_id: str = "") -> Order:
    """Take an order back, as far as it has come: declined before the code, given back while it is held.

    :raises NothingToWithdraw: if the payer has no order by that reference, or of that message
    :raises life.OrderClosed: if it was paid, or has ended, or is looked at
    :raises standstill.MoneyStandsStill: if money would have to move, and none does
    """
    which = Q(reference=reference) if reference else Q(channel=channel, channel_id=channel_id)
    order = Order.objects.filter(which, payer=payer).select_related("payer", "payee").first()
    if order is None:
        raise NothingToWithdraw
    if order.status == Order.Status.PENDING:
        return orders.decline(order)
    if order.status == Order.Status.HELD:
        standstill.check()
        return take_back(order)
    raise life.OrderClosed(order)


def waiting(payer: User) -> QuerySet[Order]:
    """The payer's orders that wait for their payee to join, those that return first."""
    return _HELD.filter(payer=payer).select_related("payee").order_by("expires_at")


def _each(due: QuerySet[Order], end: Callable[[Order], bool]) -> int:
    return sum(_is_ended(order, end) for order in due.select_related("payer", "payee")[:BATCH])


def _is_ended(order: Order, end: Callable[[Order], bool]) -> bool:
    """Pay it, or give it back where it cannot be paid; false if it ended meanwhile, or waits still."""
    try:
        return end(order)
    except life.OrderClosed:
        return False
    except Exception:
        # It would be the first of every round, and keep the others waiting.
        logger.exception("A claim could not be ended", extra={"order": str(order.pk)})
        return False


@transaction.atomic
def _release(order: Order) -> bool:
    """Pay who has joined, or give back what they cannot be paid; false if the payer was frozen meanwhile."""
    life.lock_payer(order.payer)
    if freezes.is_frozen(order.payer):
        return False
    try:
        settlement.release(order)
    except settlement.PayeeRefuses:
        return _give_back(order, why="payee refuses")
    except settlement.PayeeIsPayer:
        return _give_back(order, why="payee is payer")
    return True


def _end(order: Order) -> bool:
    """Pay who has joined after all; else it goes back, as its time is over or nobody wants it."""
    has_joined = order.payee.user_id is not None
    if has_joined and _release(order):
        return True
    if order.payee.refuses_since is not None:
        return _give_back(order, why="payee refuses")
    return _give_back(order, why="payer is frozen" if has_joined else "unclaimed")


def _give_back(order: Order, *, why: str) -> bool:
    settlement.give_back(order, Order.Status.RETURNED, detail=why, tells=Notification.Kind.PAYMENT_RETURNED)
    return True

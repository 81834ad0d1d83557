"""How a pot ends: its organiser closes it, staff stop it, or 28 days after its last day all goes back.

Writes its status.

First the pot ends, then each order that waits in it is decided as it ended, by batches: paid to the
organiser, or given back. An order ends once, by its own lock. What a frozen payer gave, or a frozen organiser
would get, waits until its time is over, then goes back.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from accounts import audit, freezes
from accounts.models import User
from giving import pots, set_aside
from giving.models import Contribution, Pot
from giving.models.pots import DECIDED_WITHIN
from payments import clock, hints, life, notices, settlement, standstill
from payments.models import Notification, Order

logger = logging.getLogger(__name__)

BATCH = 200
# So long after the last day the organiser is reminded that the pot waits for them.
REMINDERS = (timedelta(0), timedelta(days=21))
DECIDE = "giving.decide_pots"

Status = Pot.Status
_OPEN = Pot.objects.filter(status=Status.OPEN)
_HELD = Order.objects.filter(status=Order.Status.HELD, kind=Order.Kind.POT)


class PotEnded(Exception):
    """It was closed before."""

    def __init__(self, pot: Pot) -> None:
        super().__init__(pot.status)
        self.pot = pot


def close(pot: Pot, *, to_bank: bool = False) -> Pot:
    """The organiser takes what is in it; `to_bank` if it is to go on to their bank account.

    :raises PotEnded: if it was closed before
    :raises pots.OrganiserChanged, settlement.PayeeRefuses: if it could not be paid to them: all would go back
    :raises standstill.MoneyStandsStill: while there is a halt
    :raises freezes.Frozen: if the organiser's money stands still
    """
    standstill.check()
    with transaction.atomic():
        life.lock_payer(pot.organiser)
        freezes.check(pot.organiser)
        return _end(pot, Status.CLOSED, to_bank=to_bank)


def give_back(pot: Pot) -> Pot:
    """The organiser wants everybody to have their money again.

    :raises PotEnded: if it was closed before
    :raises standstill.MoneyStandsStill: while there is a halt
    """
    standstill.check()
    with transaction.atomic():
        return _end(pot, Status.RETURNED)


@transaction.atomic
def stop(pot: Pot, *, by: User, reason: str) -> Pot:
    """One of staff ends it as it breaks the rules: everybody gets theirs back, and its organiser is told.

    :raises PotEnded: if it was closed before
    :raises discretion.Indiscreet: if the reason names its organiser
    """
    pot = _end(pot, Status.RETURNED)
    notices.tell(pot.organiser, Notification.Kind.POT_STOPPED)
    audit.record(by, "pot.stopped", about=pot, before=None, after={"code": pot.code}, reason=reason)
    return pot


def decide_due() -> int:
    """Pay or give back what waits in pots that have ended; return how many orders ended."""
    frozen = freezes.standing()
    stands_still = Exists(frozen.filter(user=OuterRef("payer"))) | Exists(
        frozen.filter(user=OuterRef("contribution__pot__organiser"))
    )
    due = _HELD.filter(
        Q(contribution__pot__status=Status.RETURNED)
        | Q(contribution__pot__status=Status.CLOSED) & (~stands_still | Q(expires_at__lte=Now()))
    )
    due = due.select_related("payer", "contribution__pot").order_by("pk")
    return sum(_is_decided(order) for order in due[:BATCH])


def return_due() -> int:
    """End what its organiser let lie, and what is empty after its last day; return how many pots."""
    given = Contribution.objects.filter(pot=OuterRef("pk"), is_in=True)
    due = _OPEN.filter(Q(closes_at__lte=Now() - DECIDED_WITHIN) | Q(~Exists(given), closes_at__lte=Now()))
    return sum(_is_let_lie(pot) for pot in due.select_related("organiser").order_by("closes_at")[:BATCH])


def remind_due() -> int:
    """Tell organisers that their pot waits for them, once for each reminder; return how many were told."""
    told = 0
    for number, after in enumerate(REMINDERS):
        due = _OPEN.filter(
            reminders=number, closes_at__lte=Now() - after, closes_at__gt=Now() - DECIDED_WITHIN
        )
        for pot in due.select_related("organiser").order_by("closes_at")[:BATCH]:
            told += _is_reminded(pot)
    return told


def undecided(pot: Pot) -> QuerySet[Order]:
    """What waits in it still: set aside, or looked at."""
    waiting = (Order.Status.FUNDING, Order.Status.REVIEW, Order.Status.HELD)
    return Order.objects.filter(contribution__pot=pot, contribution__is_in=True, status__in=waiting)


def _end(pot: Pot, status: Pot.Status, *, to_bank: bool = False) -> Pot:
    """The only code that changes a pot's status.

    :raises PotEnded: if it was closed before
    :raises pots.OrganiserChanged, settlement.PayeeRefuses: if it is to be paid, and cannot be
    """
    pot = pots.lock(pot.pk)
    if pot.status != Status.OPEN:
        raise PotEnded(pot)
    if status == Status.CLOSED:
        _check_payee(pot)
    pot.status, pot.to_bank, pot.ended_at = status, to_bank, clock.now()
    pot.save(update_fields=["status", "to_bank", "ended_at"])
    hints.run(DECIDE)
    return pot


def _check_payee(pot: Pot) -> None:
    if pot.payee.user_id != pot.organiser_id:
        raise pots.OrganiserChanged
    if pot.payee.refuses_since is not None:
        raise settlement.PayeeRefuses


@transaction.atomic
def _is_let_lie(pot: Pot) -> bool:
    try:
        pot = _end(pot, Status.RETURNED)
    except PotEnded:
        return False
    if undecided(pot).exists():
        notices.tell(pot.organiser, Notification.Kind.POT_RETURNED)
    return True


@transaction.atomic
def _is_reminded(pot: Pot) -> bool:
    """False if another process was faster."""
    same = _OPEN.filter(pk=pot.pk, reminders=pot.reminders)
    if not same.update(reminders=F("reminders") + 1):
        return False
    notices.tell(pot.organiser, Notification.Kind.POT_TO_CLOSE)
    return True


def _is_decided(order: Order) -> bool:
    try:
        return _decide(order)
    except life.OrderClosed:  # Taken back, or decided, meanwhile.
        return False
    except Exception:
        # It would be the first of every round, and keep the others waiting.
        logger.exception("An order of a pot could not be decided", extra={"order": str(order.pk)})
        return False


@transaction.atomic
def _decide(order: Order) -> bool:
    """Pay the organiser, or give it back, as the pot ended; false if somebody was frozen meanwhile."""
    pot = order.contribution.pot
    life.lock_payer(order.payer)
    locked = life.lock(order)
    if pot.status == Status.RETURNED:
        set_aside.give_back(locked, why="the pot is given back")
    elif freezes.is_frozen(order.payer) or freezes.is_frozen(pot.organiser):
        if locked.expires_at > clock.now():
            return False
        set_aside.give_back(locked, why="somebody is frozen")
    elif locked.payee.user_id != pot.organiser_id:
        set_aside.give_back(locked, why="payee changed")
    else:
        try:
            settlement.release(locked)
        except (settlement.PayeeRefuses, settlement.PayeeChanged, settlement.PayeeIsPayer) as problem:
            set_aside.give_back(locked, why=type(problem).__name__)
    return True

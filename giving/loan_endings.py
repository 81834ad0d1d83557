"""How the search for lenders ends: all of the goal is paid to the organisation, or all of it goes back.

A loan is decided once, its held orders and then its row locked: what is set aside then is what is lent. Its
orders end after that, some at a time; whoever breaks off leaves the rest to the next round.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone

from giving import loan_life, loans, schedules, set_aside
from giving.models import Instalment, Loan, LoanShare
from payments import clock, hints, life, settlement
from payments.models import Order

logger = logging.getLogger(__name__)

BATCH = 200
GRACE = timedelta(days=1)  # For what is looked at, or a card that is asked, where that would reach the goal.
TASK = "giving.end_loans"

_HELD = Order.objects.filter(kind=Order.Kind.LOAN, status=Order.Status.HELD)
_HELD_OF_LOAN = Q(shares__order__status=Order.Status.HELD)


def decide_due() -> int:
    """Decide on loans that are full, or whose deadline has passed; return how many were."""
    open_ones = Loan.objects.filter(status=Loan.Status.COLLECTING)
    full = open_ones.annotate(held=Sum("shares__order__amount", filter=_HELD_OF_LOAN))
    due = full.filter(Q(deadline__lte=Now()) | Q(held__gte=F("goal"))).order_by("deadline")
    return sum(_is_decided(loan) for loan in due[:BATCH])


def end_due(*, limit: int = BATCH) -> int:
    """Pay, or give back, what is set aside for loans that were decided on; return how many orders ended."""
    due = _HELD.filter(loan_share__is_taken__isnull=False).select_related("payer", "payee", "loan_share")
    return sum(_is_ended(order) for order in due.order_by("pk")[:limit])


def _is_decided(loan: Loan) -> bool:
    try:
        set_aside.give_back_of_frozen(_of(loan))
        return _decide(loan)
    except Exception:
        # It would be the first of every round, and keep the others waiting.
        logger.exception("A loan could not be decided on", extra={"loan": loan.pk})
        return False


@transaction.atomic
def _decide(loan: Loan) -> bool:
    """Whoever takes theirs back waits for the order's lock, who lends for the loan's: neither is half in."""
    locked = list(_of(loan).select_for_update(of=("self",), no_key=True).order_by("pk"))
    loan = loan_life.lock(loan)
    if loan.status != Loan.Status.COLLECTING or {order.pk for order in locked} != _held(loan):
        return False  # Somebody was quicker: the next round sees it.
    is_full = sum(order.amount for order in locked) == loan.goal
    if not is_full and not _is_over(loan):
        return False
    taken = [order.pk for order in locked] if is_full else []
    LoanShare.objects.filter(loan=loan, order__in=taken).update(is_taken=True)
    LoanShare.objects.filter(loan=loan, is_taken=None).update(is_taken=False)
    if is_full:
        _begin(loan)
    else:
        loan_life.step(loan, Loan.Status.MISSED)
    hints.run(TASK)
    return True


def _begin(loan: Loan) -> None:
    """It runs from today, and what is due when is settled."""
    loan.begun_on = timezone.localdate(clock.now())
    loan_life.step(loan, Loan.Status.RUNNING)
    Instalment.objects.bulk_create(
        Instalment(
            loan=loan,
            number=due.number,
            due_on=schedules.due_on(loan.begun_on, number=due.number),
            principal=due.principal,
            interest=due.interest,
        )
        for due in schedules.plan(loan.goal, rate=loan.rate, months=loan.term_months)
    )


def _is_over(loan: Loan) -> bool:
    now = clock.now()
    return loan.deadline <= now and (loans.room(loan) > 0 or loan.deadline + GRACE <= now)


def _is_ended(order: Order) -> bool:
    try:
        if order.loan_share.is_taken:
            settlement.release(order)
        else:
            set_aside.give_back(order, why="goal missed")
    except life.OrderClosed:
        return False
    except Exception:
        logger.exception("A share in a loan could not be ended", extra={"order": str(order.pk)})
        return False
    return True


def _of(loan: Loan) -> QuerySet[Order]:
    return _HELD.filter(loan_share__loan=loan)


def _held(loan: Loan) -> set[object]:
    return set(_of(loan).values_list("pk", flat=True))

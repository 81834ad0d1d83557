"""Orders that a rule held: staff release or return them, with a note; two of staff above an amount.

An order that nobody decides on in five days goes back to its payer.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from accounts import audit, freezes
from accounts.models import User
from payments import life, proposals, settlement
from payments.models import Notification, Order, OrderEvent, Proposal, Review

logger = logging.getLogger(__name__)

TWO_ABOVE = 100_00  # Also in the database: `large_release_takes_two`.
LIFETIME = timedelta(days=5)
HISTORY = 20


class NotInReview(Exception):
    """It was decided before, or never held."""


class TakesTwo(Exception):
    """It is too large for one of staff: `propose_release` asks a second person."""


class NoReason(Exception):
    """A decision says why."""


def waiting() -> QuerySet[Order]:
    """The queue: what waits for a decision, the oldest first."""
    held = Order.objects.filter(status=Order.Status.REVIEW)
    return held.select_related("payer", "payee").order_by("confirmed_at")


def release(order: Order, *, staff: User, note: str) -> Order:
    """Pay the payee after all.

    :raises TakesTwo: above `TWO_ABOVE`
    :raises NotInReview: if there is nothing to decide any more
    :raises NoReason: without a note
    :raises proposals.NotAllowed: if this member of staff may not
    :raises freezes.Frozen: if the payer's money stands still
    :raises settlement.PayeeChanged, PayeeRefuses, PayeeIsPayer: as `settlement.release`
    """
    _check(staff, note)
    if order.amount > TWO_ABOVE:
        raise TakesTwo
    return _release(order, staff=staff, note=note)


def propose_release(order: Order, *, staff: User, note: str) -> Proposal:
    """Ask a second person to let it be released.

    :raises NotInReview: if there is nothing to decide any more
    :raises NoReason: without a note
    :raises proposals.NotAllowed: if this member of staff may not
    :raises proposals.AlreadyProposed: if it was asked for and not decided yet
    """
    _check(staff, note)
    if not waiting().filter(pk=order.pk).exists():
        raise NotInReview
    terms = {"order": str(order.pk), "amount": order.amount, "payee": order.payee_id}
    kind = Proposal.Kind.RELEASE
    return proposals.propose(staff, kind, about=order, terms=terms, reason=note, amount=order.amount)


def give_back(order: Order, *, staff: User, note: str) -> Order:
    """Return the money to the payer, where it came from: one of staff is enough.

    :raises NotInReview: if there is nothing to decide any more
    :raises NoReason: without a note
    :raises proposals.NotAllowed: if this member of staff may not
    """
    _check(staff, note)
    return _give_back(order, staff=staff, note=note, detail="by staff")


def give_back_to_payer(order: Order, *, note: str) -> Order:
    """Return the money without a decision of staff: the payer did not order it, or nobody decided.

    :raises NotInReview: if there is nothing to decide any more
    """
    return _give_back(order, staff=None, note=note, detail="without review")


def return_due() -> int:
    """Return what nobody decided on in time; return how many."""
    since = OrderEvent.objects.filter(
        order=OuterRef("pk"), status=Order.Status.REVIEW, at__lt=Now() - LIFETIME
    )
    return sum(_is_returned(order) for order in waiting().filter(Exists(since)))


def history(user: User) -> QuerySet[Order]:
    """What they paid and were paid lately, for whoever decides."""
    theirs = Order.objects.filter(Q(payer=user) | Q(payee__user=user))
    return theirs.select_related("payer", "payee").order_by("-created_at")[:HISTORY]


def _is_returned(order: Order) -> bool:
    """Give it back, as nobody decided; false if staff were faster."""
    try:
        give_back_to_payer(order, note="nobody decided in time")
    except NotInReview:
        return False
    except Exception:
        # It would be the first of every round, and keep the others waiting.
        logger.exception("A review could not be ended", extra={"order": str(order.pk)})
        return False
    return True


@proposals.does(Proposal.Kind.RELEASE)
def _approved(proposal: Proposal, staff: User) -> None:
    order = Order.objects.select_related("payer", "payee").get(pk=proposal.terms["order"])
    _release(order, staff=staff, note=proposal.reason, proposal=proposal)


@transaction.atomic
def _release(order: Order, *, staff: User, note: str, proposal: Proposal | None = None) -> Order:
    life.lock_payer(order.payer)
    order = _lock(order)
    freezes.check(order.payer)
    released = settlement.release(order)
    _decide(released, Review.Decision.RELEASED, staff=staff, note=note, proposal=proposal)
    return released


@transaction.atomic
def _give_back(order: Order, *, staff: User | None, note: str, detail: str) -> Order:
    order = _lock(order)
    returned = settlement.give_back(
        order, Order.Status.RETURNED, detail=detail, tells=Notification.Kind.PAYMENT_RETURNED
    )
    _decide(returned, Review.Decision.RETURNED, staff=staff, note=note)
    return returned


def _lock(order: Order) -> Order:
    """:raises NotInReview: `settlement` would also end what waits for a payee to join"""
    order = life.lock(order)
    if order.status != Order.Status.REVIEW:
        raise NotInReview
    return order


def _decide(
    order: Order,
    decision: Review.Decision,
    *,
    staff: User | None,
    note: str,
    proposal: Proposal | None = None,
) -> None:
    Review.objects.create(order=order, decision=decision, decided_by=staff, note=note, proposal=proposal)
    before, after = {"status": Order.Status.REVIEW.value}, {"status": str(order.status)}
    audit.record(staff, "order.reviewed", about=order, before=before, after=after, reason=note)


def _check(staff: User, note: str) -> None:
    if not proposals.may_decide(staff):
        raise proposals.NotAllowed
    if not note.strip():
        raise NoReason

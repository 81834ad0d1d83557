"""Has the processor send refunds to their cards: the outside call and its outcome. Writes a refund's status.

The row is committed before the processor is asked, and its id is the idempotency key. An end that is
not known is asked about, and a card that took it is asked about for weeks: its bank may send it back. What
the card did not take comes back to the wallet. Lock order: the refund, the balances.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from payments import heard, ledger, notices, outside, standstill
from payments.acquirer import OUR_KEY, Event, RefundState, Refused, Return, Unreachable
from payments.models import LedgerAccount, Notification, Refund, Transfer

logger = logging.getLogger(__name__)

CURRENCY = "eur"
ASK_AGAIN_AFTER = timedelta(seconds=20)
# A bank that sends back what it took does so within days, and its webhook may be lost.
LOOK_AFTER, LOOK_UNTIL = timedelta(days=1), timedelta(days=60)

Status = Refund.Status
NEXT: dict[Refund.Status, frozenset[Refund.Status]] = {
    Status.REQUESTED: frozenset({Status.UNKNOWN, Status.SUCCEEDED, Status.FAILED}),
    Status.UNKNOWN: frozenset({Status.SUCCEEDED, Status.FAILED}),
    Status.SUCCEEDED: frozenset({Status.FAILED}),  # A bank may send back what it took.
    Status.FAILED: frozenset(),
}


class _Never(Exception):
    """The processor will not give it back."""


def take_event(event: Event) -> None:
    """Let a webhook about a refund take effect, once; what counts is what the API states when asked.

    :raises Unreachable: so that the processor sends it again
    """
    refund = Refund.objects.filter(pk=heard.our_id(event, "refund"), funding__isnull=False).first()
    if refund is None:
        logger.error(
            "The processor gave back what nobody here asked for", extra={"return": event.object["id"]}
        )
        return
    stated = outside.acquirer().look_up_return(str(event.object["id"]))
    with transaction.atomic():
        if heard.is_new(event):
            _settle(refund, stated)


def resolve_open(*, limit: int = 50) -> int:
    """Ask for what is requested, and about what is under way; return how many were asked about.

    None while money stands still: what the processor was not asked for yet would leave.
    """
    if standstill.is_halted():
        return 0
    requested = Refund.objects.filter(status=Status.REQUESTED, return_id="", checked_at__lte=Now())
    unknown = Refund.objects.filter(
        status__in=[Status.REQUESTED, Status.UNKNOWN], checked_at__lte=Now() - ASK_AGAIN_AFTER
    )
    open_ = (requested | unknown).select_related("funding__user").order_by("checked_at")
    return sum(_resolve(refund) for refund in open_[:limit])


def look_again(*, limit: int = 20) -> int:
    """Ask once a day about what cards took lately: their banks may have sent it back since."""
    if standstill.is_halted():
        return 0
    taken = Refund.objects.filter(status=Status.SUCCEEDED, funding__isnull=False).exclude(return_id="")
    due = taken.filter(checked_at__lte=Now() - LOOK_AFTER, created_at__gt=Now() - LOOK_UNTIL)
    return sum(_resolve(it) for it in due.select_related("funding__user").order_by("checked_at")[:limit])


def _resolve(refund: Refund) -> bool:
    """Ask, unless another worker does; whether it was asked."""
    claimed = Refund.objects.filter(pk=refund.pk, checked_at=refund.checked_at, status=refund.status)
    if not claimed.update(checked_at=Now() + ASK_AGAIN_AFTER):
        return False
    try:
        _settle(refund, _look_up(refund) or _give_back(refund))
    except _Never as refusal:
        logger.exception("The processor refused a refund", extra={"refund": str(refund.pk)})
        _fail(refund, problem=str(refusal))
    except Refused:
        # A refused question, or a wrong key, says nothing of the money, which may be on the card.
        logger.exception("A refund could not be asked about", extra={"refund": str(refund.pk)})
        _move(refund, Status.UNKNOWN)
    except Unreachable:
        _move(refund, Status.UNKNOWN)
    except Exception:
        # It would be the first of every round, and keep the others from being asked about.
        logger.exception("A refund could not be asked about", extra={"refund": str(refund.pk)})
    return True


def _look_up(refund: Refund) -> Return | None:
    """What became of it, if the processor knows it."""
    assert refund.funding
    if refund.return_id:
        return outside.acquirer().look_up_return(refund.return_id)
    return outside.acquirer().find_return(charge_id=refund.funding.intent_id, refund_id=str(refund.pk))


def _give_back(refund: Refund) -> Return:
    """Ask for it; repeated, with the same key.

    :raises _Never: if the processor will not, whenever it is asked
    """
    assert refund.funding
    try:
        return outside.acquirer().give_back(
            refund.funding.intent_id, amount=refund.amount, refund_id=str(refund.pk)
        )
    except Refused as refusal:
        if str(refusal) in OUR_KEY:
            raise
        raise _Never(str(refusal)) from refusal


def _settle(refund: Refund, stated: Return) -> Refund:
    """Record what the processor states."""
    terms = (stated.refund_id, stated.amount, stated.currency)
    if terms != (str(refund.pk), refund.amount, CURRENCY):
        logger.critical(
            "A refund at the processor is not ours", extra={"refund": str(refund.pk), "return": stated.id}
        )
        return _move(refund, Status.UNKNOWN)
    match stated.state:
        case RefundState.SUCCEEDED:
            return _succeed(refund, stated)
        case RefundState.PENDING:
            return _move(refund, Status.UNKNOWN, return_id=stated.id)
        case RefundState.FAILED:
            return _fail(refund, problem=stated.problem or stated.state, return_id=stated.id)


def _succeed(refund: Refund, stated: Return) -> Refund:
    """The card took it; where it came back to the wallet before, it was paid twice."""
    refund = _move(refund, Status.SUCCEEDED, return_id=stated.id)
    if refund.status == Status.FAILED:
        logger.critical("A refund that had failed was paid", extra={"refund": str(refund.pk)})
    return refund


@transaction.atomic
def _fail(refund: Refund, *, problem: str, **fields: object) -> Refund:
    """The card did not take it: it is in the wallet again, and its owner is told."""
    refund = _lock(refund)
    if refund.status == Status.FAILED:
        return refund
    assert refund.funding
    ledger.reopen(refund.funding.user)
    posting = ledger.Posting(
        id=uuid7(),
        source=ledger.system(LedgerAccount.Kind.CARD_CLEARING),
        target=ledger.wallet(refund.funding.user),
        amount=refund.amount,
        kind=Transfer.Kind.REFUND_FAILED,
    )
    ledger.post(posting)
    user = refund.funding.user
    refund = _move(refund, Status.FAILED, problem=problem[:64], back_transfer_id=posting.id, **fields)
    notices.tell(user, Notification.Kind.CARD_REFUND_FAILED, refund=refund)
    return refund


@transaction.atomic
def _move(refund: Refund, status: Refund.Status, **fields: object) -> Refund:
    """The only code that changes a refund's status; what is settled stays, and asking again is noted."""
    refund = _lock(refund)
    if status != refund.status and status not in NEXT[Status(refund.status)]:
        return refund
    for name, value in ({"status": status, "checked_at": Now()} | fields).items():
        setattr(refund, name, value)
    refund.save()
    refund.refresh_from_db(fields=["checked_at"])
    return refund


def _lock(refund: Refund) -> Refund:
    locked = Refund.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("funding__user").get(pk=refund.pk)

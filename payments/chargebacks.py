"""Money that a cardholder's bank took back: what is still in the wallet leaves it, the rest is owed.

A wallet is never made negative by it: what was spent is a receivable, the member is frozen, and two of staff
decide (`debts`); money that comes in later does not pay it silently. What counts is what the processor's API
states, whatever a webhook says. Amounts are cents. Lock order: the member, the top-up, the balances.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts import freezes
from accounts.models import User
from payments import clock, debts, fundings, heard, ledger, notices, outside
from payments.acquirer import Dispute, DisputeState, Event
from payments.models import Chargeback, Funding, LedgerAccount, Notification, Transfer

logger = logging.getLogger(__name__)

CURRENCY = "eur"
# As long as a bank may take to decide, or to change its mind; what it asked about may be contested later.
LOOK_BACK = timedelta(days=120)
ASK_AGAIN_AFTER = timedelta(hours=1)
BATCH = 50

Status = Chargeback.Status
NEXT: dict[Chargeback.Status, frozenset[Chargeback.Status]] = {
    Status.OPEN: frozenset({Status.WON, Status.LOST}),
    Status.LOST: frozenset({Status.WON}),  # A bank may be overruled.
    Status.WON: frozenset(),
}
# Where the processor states that, and we have that, there is nothing more to know.
ENDED = {
    DisputeState.LOST: frozenset({Status.LOST, Status.WON}),
    DisputeState.WON: frozenset({Status.WON}),
}


def take_event(event: Event) -> None:
    """Let a webhook about a dispute take effect, once; what counts is what the API states when asked.

    :raises Unreachable: so that the processor sends it again
    """
    dispute = outside.acquirer().look_up_dispute(str(event.object["id"]))
    funding = _funding_of(dispute)
    if funding is None:
        return
    with transaction.atomic():
        if heard.is_new(event):
            _record(funding, dispute)


def ask() -> int:
    """Ask what was contested, and how that and the open ones stand; return how many were looked at."""
    processor = outside.acquirer()
    since = int((clock.now() - LOOK_BACK).timestamp())
    disputes = {dispute.id: dispute for dispute in processor.disputes(since=since)}
    open_ = Chargeback.objects.filter(status=Status.OPEN, checked_at__lte=Now() - ASK_AGAIN_AFTER)
    for dispute_id in open_.order_by("checked_at").values_list("dispute_id", flat=True)[:BATCH]:
        if dispute_id not in disputes:
            disputes[dispute_id] = processor.look_up_dispute(dispute_id)
    known = dict(Chargeback.objects.filter(dispute_id__in=disputes).values_list("dispute_id", "status"))
    for dispute in disputes.values():
        if known.get(dispute.id) not in ENDED.get(dispute.state, frozenset()):
            _hear(dispute)
    return len(disputes)


def _hear(dispute: Dispute) -> None:
    try:
        if funding := _funding_of(dispute):
            _record(funding, dispute)
    except Exception:
        # It is there for months, and would keep all others from being heard of.
        logger.exception("A dispute could not be recorded", extra={"dispute": dispute.id})


def _funding_of(dispute: Dispute) -> Funding | None:
    """The top-up that is contested, credited if that was not known yet; none while nothing was taken."""
    if dispute.state is DisputeState.INQUIRY:
        return None
    known = Funding.objects.filter(intent_id=dispute.charge_id, status=Funding.Status.SUCCEEDED)
    funding = known.select_related("user").first() or fundings.settle_charge(dispute.charge_id)
    if funding is None or dispute.currency != CURRENCY or dispute.amount <= 0:
        logger.critical("A dispute is of no top-up", extra={"dispute": dispute.id})
        return None
    return funding


@transaction.atomic
def _record(funding: Funding, dispute: Dispute) -> None:
    """Keep what the processor states of a dispute."""
    _lock_member(funding.user)
    chargeback = Chargeback.objects.filter(dispute_id=dispute.id).first() or _open(funding, dispute)
    match dispute.state:
        case DisputeState.WON:
            _win(chargeback)
        case DisputeState.LOST:
            _move(chargeback, Status.LOST)
        case DisputeState.OPEN | DisputeState.INQUIRY:
            Chargeback.objects.filter(pk=chargeback.pk).update(checked_at=Now())


def _open(funding: Funding, dispute: Dispute) -> Chargeback:
    """Take what is left of it from the wallet; what is not is owed. The member is frozen and told."""
    Funding.objects.select_for_update(no_key=True).get(pk=funding.pk)
    clearing = ledger.system(LedgerAccount.Kind.CARD_CLEARING)
    taken = _empty(funding.user, into=clearing, upto=dispute.amount)
    owed = None
    if rest := dispute.amount - (taken.amount if taken else 0):
        owed = _posting(ledger.system(LedgerAccount.Kind.RECEIVABLE), clearing, amount=rest)
        ledger.post(owed)
    chargeback = Chargeback.objects.create(
        funding=funding,
        dispute_id=dispute.id,
        amount=dispute.amount,
        taken=dispute.amount - rest,
        owed=rest,
        wallet_transfer_id=taken.id if taken else None,
        owed_transfer_id=owed.id if owed else None,
    )
    notices.tell(funding.user, Notification.Kind.CHARGEBACK_OPENED, chargeback=chargeback)
    freezes.freeze(funding.user, reason=f"chargeback {dispute.id}")
    logger.warning("A bank took a top-up back", extra={"chargeback": str(chargeback.pk), "owed": rest})
    return chargeback


def _empty(user: User, *, into: LedgerAccount, upto: int) -> ledger.Posting | None:
    """Move what the wallet holds, `upto` at most; what leaves it meanwhile is not there to be taken."""
    wallet = ledger.wallet(user)
    while there := min(upto, ledger.balance(wallet)):
        posting = _posting(wallet, into, amount=there)
        try:
            with transaction.atomic():
                ledger.post(posting)
        except ledger.InsufficientFunds:
            continue
        return posting
    return None


def _win(chargeback: Chargeback) -> None:
    """What was taken goes back to the wallet, and nothing is owed any more; once."""
    if Status.WON not in NEXT[Status(chargeback.status)]:
        return
    clearing = ledger.system(LedgerAccount.Kind.CARD_CLEARING)
    user, back = chargeback.funding.user, {}
    ledger.reopen(user)
    if chargeback.taken:
        back["wallet_return_id"] = (ledger.wallet(user), chargeback.taken)
    if chargeback.owed:
        back["owed_return_id"] = (ledger.system(LedgerAccount.Kind.RECEIVABLE), chargeback.owed)
    postings = {
        name: _posting(clearing, target, amount=amount, kind=Transfer.Kind.CHARGEBACK_WON)
        for name, (target, amount) in back.items()
    }
    ledger.post(*postings.values())
    debts.void(chargeback)
    _move(chargeback, Status.WON, **{name: posting.id for name, posting in postings.items()})
    notices.tell(user, Notification.Kind.CHARGEBACK_WON, chargeback=chargeback)


def _move(chargeback: Chargeback, status: Chargeback.Status, **fields: object) -> None:
    """The only code that changes a chargeback's status; under its member's lock."""
    if status not in NEXT[Status(chargeback.status)]:
        return
    chargeback.status, chargeback.closed_at = status, timezone.now()
    for name, value in fields.items():
        setattr(chargeback, name, value)
    chargeback.save()


def _posting(
    source: LedgerAccount,
    target: LedgerAccount,
    *,
    amount: int,
    kind: Transfer.Kind = Transfer.Kind.CHARGEBACK,
) -> ledger.Posting:
    return ledger.Posting(id=uuid7(), source=source, target=target, amount=amount, kind=kind)


def _lock_member(user: User) -> None:
    """What is in their wallet is looked at by one transaction at a time."""
    User.objects.select_for_update(no_key=True).values_list("pk").get(pk=user.pk)

"""What a member owes after a chargeback of money that they spent, and how two of staff let it end.

Recovered, it is taken from the wallet as money comes in: what is there, up to what is left, and the member
is told of each step. Written off, we bear it. Won after all, every step goes back to where it came from.
Amounts are cents. Lock order: the member, the chargeback, the balances, the trail.
"""

from __future__ import annotations

import logging
from uuid import uuid5

from django.db import transaction
from django.db.models import BigIntegerField, Case, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from uuid_utils.compat import uuid7

from accounts import audit
from accounts.models import User
from payments import approvals, ledger, life, notices, proposals, standstill
from payments.models import (
    Chargeback,
    DebtDecision,
    LedgerAccount,
    Notification,
    Proposal,
    Repayment,
    Transfer,
)

logger = logging.getLogger(__name__)

Kind = DebtDecision.Kind
BATCH = 100


class NothingOwed(Exception):
    """It was paid, written off, or won."""


class TooMuch(Exception):
    """More than is owed: `left` cents."""

    def __init__(self, *, left: int) -> None:
        super().__init__(left)
        self.left = left


def left(chargeback: Chargeback) -> int:
    """What is still owed of it."""
    if chargeback.status == Chargeback.Status.WON:
        return 0
    paid = Repayment.objects.filter(chargeback=chargeback).aggregate(total=Sum("amount"))["total"] or 0
    return chargeback.owed - paid


def with_left(chargebacks: QuerySet[Chargeback]) -> QuerySet[Chargeback]:
    """The chargebacks, each with what is still owed as `cents`: a page of them is one query."""
    paid = (
        Repayment.objects.filter(chargeback=OuterRef("pk")).values("chargeback").annotate(sum=Sum("amount"))
    )
    rest = F("owed") - Coalesce(Subquery(paid.values("sum")), 0, output_field=BigIntegerField())
    return chargebacks.annotate(cents=Case(When(status=Chargeback.Status.WON, then=0), default=rest))


def is_recovered(chargeback: Chargeback) -> bool:
    """Whether two of staff decided already that it is taken from the wallet."""
    return DebtDecision.objects.filter(chargeback=chargeback, kind=Kind.RECOVER).exists()


def propose_recovery(staff: User, chargeback: Chargeback, *, reason: str) -> Proposal:
    """Ask a second person to let what is owed be taken from the wallet, as money comes in.

    :raises NothingOwed: if there is no debt, or it is recovered already
    :raises proposals.NotAllowed, proposals.AlreadyProposed: as `proposals.propose`
    """
    rest = left(chargeback)
    if not rest or is_recovered(chargeback):
        raise NothingOwed
    return proposals.propose(
        staff, Proposal.Kind.RECOVER, about=chargeback, terms={}, amount=rest, reason=reason
    )


def propose_write_off(staff: User, chargeback: Chargeback, *, amount: int, reason: str) -> Proposal:
    """Ask a second person to let us bear some or all of what is owed.

    :raises TooMuch: if less is owed
    :raises proposals.NotAllowed, proposals.AlreadyProposed: as `proposals.propose`
    """
    if amount > (rest := left(chargeback)):
        raise TooMuch(left=rest)
    return proposals.propose(
        staff, Proposal.Kind.WRITE_OFF, about=chargeback, terms={}, amount=amount, reason=reason
    )


def collect_due() -> int:
    """Take what came into the wallets of those who owe; return from how many."""
    if standstill.is_halted():
        return 0
    paid = Repayment.objects.filter(decision=OuterRef("pk")).values("decision").annotate(sum=Sum("amount"))
    open_ = DebtDecision.objects.filter(~Q(chargeback__status=Chargeback.Status.WON), kind=Kind.RECOVER)
    open_ = open_.annotate(paid=Coalesce(Subquery(paid.values("sum")), 0)).filter(paid__lt=F("amount"))
    open_ = open_.filter(chargeback__funding__user__ledger_accounts__balance__amount__gt=0)
    return sum(_collect(decision.pk) for decision in open_.order_by("pk")[:BATCH])


def void(chargeback: Chargeback) -> None:
    """Nothing was owed: what was taken for it goes back. In the caller's transaction, the member locked."""
    steps = Repayment.objects.filter(chargeback=chargeback, back=None).select_related("transfer__source")
    taken = 0
    for step in steps.order_by("pk"):
        posting = ledger.Posting(
            id=uuid5(step.pk, "back"),
            source=ledger.system(LedgerAccount.Kind.RECEIVABLE),
            target=step.transfer.source,
            amount=step.amount,
            kind=Transfer.Kind.DEBT_VOID,
        )
        ledger.post(posting)
        Repayment.objects.filter(pk=step.pk).update(back=posting.id)
        taken += step.amount if step.transfer.kind == Transfer.Kind.RECOVERY else 0
    if taken:
        notices.tell(chargeback.funding.user, Notification.Kind.DEBT_VOID, chargeback=chargeback)


@proposals.does(Proposal.Kind.RECOVER)
def _recover(proposal: Proposal, by: User) -> None:
    """:raises approvals.Outdated: if less is owed by now"""
    decision, owed = _decide(proposal, Kind.RECOVER)
    user = decision.chargeback.funding.user
    notices.tell(user, Notification.Kind.DEBT_TO_RECOVER, chargeback=decision.chargeback)
    _take(decision)
    _record(decision, by, owed=owed)


@proposals.does(Proposal.Kind.WRITE_OFF)
def _write_off(proposal: Proposal, by: User) -> None:
    """:raises approvals.Outdated: if less is owed by now"""
    decision, owed = _decide(proposal, Kind.WRITE_OFF)
    losses = ledger.system(LedgerAccount.Kind.LOSSES)
    _pay(decision, losses, amount=decision.amount, kind=Transfer.Kind.WRITE_OFF)
    _record(decision, by, owed=owed)


def _decide(proposal: Proposal, kind: DebtDecision.Kind) -> tuple[DebtDecision, int]:
    """The decision, and what was owed before it."""
    chargeback = _lock(proposal.about.partition(":")[2])
    assert proposal.amount
    owed = left(chargeback)
    if proposal.amount > owed or (kind == Kind.RECOVER and is_recovered(chargeback)):
        raise approvals.Outdated
    decision = DebtDecision.objects.create(
        chargeback=chargeback, proposal=proposal, kind=kind, amount=proposal.amount
    )
    return decision, owed


def _record(decision: DebtDecision, by: User, *, owed: int) -> None:
    """In the trail, whose lock comes after those of all that the decision moves."""
    audit.record(
        by,
        "debt.decided",
        about=decision.chargeback,
        before={"left": owed},
        after={"decision": str(decision.kind), "amount": decision.amount},
        reason=decision.proposal.reason,
    )


@transaction.atomic
def _collect(decision_id: int) -> bool:
    """Whether there was something to take."""
    chargeback_id = DebtDecision.objects.values_list("chargeback_id", flat=True).get(pk=decision_id)
    chargeback = _lock(str(chargeback_id))
    decision = DebtDecision.objects.get(pk=decision_id)
    decision.chargeback = chargeback
    return _take(decision)


def _take(decision: DebtDecision) -> bool:
    """From the wallet, what is there and owed; what is spent meanwhile is not there to be taken."""
    user = decision.chargeback.funding.user
    wallet, owed = ledger.wallet(user), _open_of(decision)
    while there := min(owed, ledger.balance(wallet)):
        try:
            with transaction.atomic():
                step = _pay(decision, wallet, amount=there, kind=Transfer.Kind.RECOVERY)
        except ledger.InsufficientFunds:
            continue
        notices.tell(user, Notification.Kind.DEBT_RECOVERED, repayment=step)
        return True
    return False


def _open_of(decision: DebtDecision) -> int:
    """What may still be taken by that decision, and is owed."""
    paid = decision.repayments.aggregate(total=Sum("amount"))["total"] or 0
    return min(decision.amount - paid, left(decision.chargeback))


def _pay(decision: DebtDecision, source: LedgerAccount, *, amount: int, kind: Transfer.Kind) -> Repayment:
    """The debt is less by that.

    :raises ledger.InsufficientFunds: if the wallet holds less
    """
    rest = left(decision.chargeback)
    key = uuid7()
    target = ledger.system(LedgerAccount.Kind.RECEIVABLE)
    ledger.post(ledger.Posting(id=key, source=source, target=target, amount=amount, kind=kind))
    logger.info("A debt became less", extra={"chargeback": str(decision.chargeback_id), "kind": kind.value})
    return Repayment.objects.create(
        pk=key,
        decision=decision,
        chargeback=decision.chargeback,
        amount=amount,
        left=rest - amount,
        transfer_id=key,
    )


def _lock(chargeback_id: str) -> Chargeback:
    """The debt as it is now, its member locked first."""
    found = Chargeback.objects.select_related("funding__user").get(pk=chargeback_id)
    life.lock_payer(found.funding.user)
    locked = Chargeback.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("funding__user").get(pk=chargeback_id)

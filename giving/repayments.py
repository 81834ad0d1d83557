"""Loans are repaid: what is due is taken from the organisation's wallet on its day, if it is there.

A lender's part is one transfer, whose id follows from instalment and lender: it happens once, however often
it is asked for. Instalments are paid one after the other, under the loan's lock; many lenders some at a time.
Lock order: the loan, then the ledger's balances. Amounts are cents.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone

from accounts import freezes, seats
from accounts.models import User
from giving import loan_life, loan_notices, schedules
from giving.models import Instalment, Loan, RepaymentPart
from giving.schedules import Due
from payments import clock, consent, ledger, proofs, strong
from payments.models import Notification, Transfer

logger = logging.getLogger(__name__)

AT_ONCE = 100  # Lenders who are paid in one transaction.
DEFAULTED_AFTER = timedelta(days=60)

Status = Loan.Status
Kind = Notification.Kind
RUNNING = (Status.RUNNING, Status.DEFAULTED)


class UnderWay(Exception):
    """Some lenders have their part of an instalment, the others follow."""


class OtherAmount(Exception):
    """It is another amount by now than was agreed to."""


class InsufficientFunds(Exception):
    """The organisation's wallet lacks some of it."""


def take_due() -> int:
    """Take what is due by today, the oldest first; return how many instalments were paid."""
    due = _open().filter(due_on__lte=today(), loan__status__in=RUNNING)
    borrowed = Loan.objects.filter(pk__in=due.values("loan")).order_by("pk")
    return sum(_take(loan) for loan in borrowed)


def early(loan: Loan) -> Due:
    """What repays all of it today: the principal that is left, interest by month, of this one by day."""
    still, day = list(_open().filter(loan=loan).order_by("number")), today()
    interest, since = 0, _paid_until(loan)
    for instalment in still:
        if instalment.due_on <= day:
            interest += instalment.interest
        elif since < day:
            interest += schedules.accrued(
                instalment.interest, since=since, until=instalment.due_on, today=day
            )
        since = max(since, instalment.due_on)
    return Due(loan.term_months + 1, sum(each.principal for each in still), interest)


def repay_early(loan: Loan, *, by: User, code: str, amount: int, proof: proofs.Proof | None = None) -> None:
    """Pay all lenders at once what is left, if `code` is the secret code of who does it for the organisation.

    `amount` is what they were shown.

    :raises strong.ProofNeeded, strong.ProofRejected: without a device or passkey, shown for these terms
    :raises codes.WrongCode: the wrong try is counted, also when the caller fails
    :raises codes.CodeLocked, codes.NoCode: as `codes.verify` does
    :raises loan_life.LoanClosed: if there is nothing to repay
    :raises UnderWay, OtherAmount, InsufficientFunds: as they say
    :raises freezes.Frozen: if their money stands still, or the organisation's
    :raises seats.NoSeat: if they do not act for it with its money any more
    """
    terms = proofs.of_repayment(loan.pk, amount=amount)
    proofs.check(proof, terms=terms, by=by, why=strong.Reason.REPAYS)
    consent.check(by, code=code)
    with transaction.atomic():
        loan = loan_life.lock(loan)
        if loan.status not in RUNNING:
            raise loan_life.LoanClosed(loan)
        freezes.check(by)
        seats.held(loan.organisation.slug, by=by, roles=seats.TREASURY)
        if _open().filter(loan=loan, parts__isnull=False).exists():
            raise UnderWay
        due = early(loan)
        if due.amount != amount:
            raise OtherAmount
        _open().filter(loan=loan).update(replaced_at=Now())
        Instalment.objects.create(
            loan=loan, number=due.number, due_on=today(), principal=due.principal, interest=due.interest
        )
        # Lender by lender their balances would be locked out of order, beside whoever they pay.
        _pay_some(loan, at_once=None)


def today() -> date:
    """The day in Paris, by the database's clock."""
    return timezone.localdate(clock.now())


def owed(loan: Loan, *, but: Instalment | None = None) -> dict[int, int]:
    """The principal that each lender is owed still, by their number; `but` that instalment, not paid yet."""
    paid = RepaymentPart.objects.filter(instalment__loan=loan)
    if but is not None:
        paid = paid.exclude(instalment=but)
    back = dict(paid.values_list("lender").annotate(total=Sum("principal")).order_by())
    shares = loan.shares.filter(is_taken=True).values_list("lender").annotate(total=Sum("order__amount"))
    return {lender: total - back.get(lender, 0) for lender, total in shares.order_by()}


def transfer_id(instalment: Instalment, lender: int) -> UUID:
    """One for both, so that nobody is paid an instalment twice."""
    return uuid5(instalment.pk, f"lender:{lender}")


def _take(loan: Loan) -> int:
    """Pay what is due of a loan; return how many instalments were paid. What lacks is noted."""
    before = _open().filter(loan=loan).count()
    try:
        while _pay_some(loan, at_once=AT_ONCE):
            pass
    except (InsufficientFunds, freezes.Frozen):
        _note_late(loan)
    except Exception:
        # The loans after it are repaid all the same.
        logger.exception("A loan could not be repaid", extra={"loan": loan.pk})
    return before - _open().filter(loan=loan).count()


@transaction.atomic
def _pay_some(loan: Loan, *, at_once: int | None) -> bool:
    """Pay so many lenders, or all, their part of the oldest instalment that is due; false if nothing is.

    :raises InsufficientFunds: if the organisation's wallet lacks some of what is left of that instalment
    :raises freezes.Frozen: if the organisation's money stands still
    """
    loan = loan_life.lock(loan)
    instalment = _open().filter(loan=loan, due_on__lte=today()).order_by("number").first()
    if instalment is None or loan.status not in RUNNING:
        return False
    parts = _unpaid(loan, instalment)
    freezes.check(loan.organisation.account)
    _check_there(loan, parts.values())
    some = dict(list(parts.items())[:at_once])
    _pay(loan, instalment, some)
    if len(some) == len(parts):
        _finish(loan, instalment)
    return True


def _unpaid(loan: Loan, instalment: Instalment) -> dict[int, Due]:
    """The parts that are left of an instalment: the same, however often it is broken off."""
    due = Due(instalment.number, instalment.principal, instalment.interest)
    done = set(instalment.parts.values_list("lender", flat=True))
    parts = schedules.shared(due, owed(loan, but=instalment))
    return {lender: part for lender, part in parts.items() if lender not in done}


def _check_there(loan: Loan, parts: Iterable[Due]) -> None:
    """All of it, or none: lenders are not treated by their numbers."""
    if ledger.balance(ledger.wallet(loan.organisation.account)) < sum(part.amount for part in parts):
        raise InsufficientFunds


def _pay(loan: Loan, instalment: Instalment, parts: dict[int, Due]) -> None:
    lenders = list(User.objects.filter(pk__in=parts).order_by("pk"))
    source, *targets = ledger.wallets(loan.organisation.account, *lenders)
    postings = [
        ledger.Posting(
            id=transfer_id(instalment, lender.pk),
            source=source,
            target=target,
            amount=parts[lender.pk].amount,
            kind=Transfer.Kind.REPAYMENT,
        )
        for lender, target in zip(lenders, targets, strict=True)
    ]
    try:
        ledger.post(*postings)
    except ledger.InsufficientFunds as refusal:
        raise InsufficientFunds from refusal
    RepaymentPart.objects.bulk_create(
        RepaymentPart(
            instalment=instalment,
            lender=lender,
            transfer_id=transfer_id(instalment, lender.pk),
            principal=parts[lender.pk].principal,
            interest=parts[lender.pk].interest,
        )
        for lender in lenders
    )
    loan_notices.tell(lenders, Kind.LOAN_REPAID)


def _finish(loan: Loan, instalment: Instalment) -> None:
    Instalment.objects.filter(pk=instalment.pk).update(paid_at=Now())
    if not _open().filter(loan=loan).exists():
        loan_life.step(loan, Status.REPAID)


@transaction.atomic
def _note_late(loan: Loan) -> None:
    """Tell the owners once of what is late; after 60 days everybody, as the loan is in default then.

    What is due today is in time until the day is over.
    """
    loan = loan_life.lock(loan)
    late = _open().filter(loan=loan, due_on__lt=today()).order_by("number")
    oldest = late.first()
    if late.filter(late_at=None).update(late_at=Now()):
        loan_notices.tell(loan_notices.owners(loan), Kind.LOAN_LATE)
    if oldest and loan.status == Status.RUNNING and oldest.due_on + DEFAULTED_AFTER <= today():
        loan_life.step(loan, Status.DEFAULTED)
        everybody = {*loan_notices.owners(loan), *loan_notices.lenders(loan), *loan_notices.staff()}
        loan_notices.tell(sorted(everybody, key=lambda user: user.pk), Kind.LOAN_DEFAULTED)


def _open() -> QuerySet[Instalment]:
    return Instalment.objects.filter(paid_at=None, replaced_at=None)


def _paid_until(loan: Loan) -> date:
    """Until when interest was paid, by the plan."""
    last = Instalment.objects.filter(loan=loan, paid_at__isnull=False).order_by("number").last()
    assert loan.begun_on is not None
    return last.due_on if last else loan.begun_on

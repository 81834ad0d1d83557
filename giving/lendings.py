"""What somebody lent: what came back, what is to come and when, of each loan of theirs. Amounts are cents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, Sum

from accounts.models import User
from giving import repayments, schedules, set_aside
from giving.models import Instalment, Loan, LoanShare, RepaymentPart
from giving.schedules import Due


@dataclass(frozen=True, kw_only=True)
class Line:
    """A lender's part of an instalment, paid or still to come."""

    number: int
    due_on: date
    principal: int
    interest: int
    is_paid: bool
    is_late: bool

    @property
    def amount(self) -> int:
        return self.principal + self.interest


@dataclass(frozen=True, kw_only=True)
class Lending:
    """One loan of a lender's; before it runs nothing is to come."""

    loan: Loan
    amount: int
    lines: list[Line]

    @property
    def received(self) -> int:
        return sum(line.amount for line in self.lines if line.is_paid)

    @property
    def to_come(self) -> int:
        return sum(line.amount for line in self.lines if not line.is_paid)

    @property
    def next(self) -> Line | None:
        return next((line for line in self.lines if not line.is_paid), None)

    @property
    def is_late(self) -> bool:
        return any(line.is_late for line in self.lines)


def of(user: User) -> list[Lending]:
    """All that the member lends or lent, the newest first."""
    loans = Loan.objects.filter(pk__in=_given(user).values("loan")).select_related("organisation__account")
    return [in_loan(loan, user) for loan in loans.order_by("-pk")]


def in_loan(loan: Loan, user: User) -> Lending:
    """What the member lent to one loan."""
    amount = _given(user).filter(loan=loan).aggregate(sum=Sum("order__amount"))
    return Lending(loan=loan, amount=int(amount["sum"] or 0), lines=lines(loan, user))


def shares(user: User) -> QuerySet[LoanShare]:
    """Their shares that a contract was made of, the newest first."""
    taken = LoanShare.objects.filter(lender=user, is_taken=True)
    return taken.select_related("order", "loan__organisation__account").order_by("-order__created_at")


def lines(loan: Loan, user: User) -> list[Line]:
    """The member's part of each instalment: of a paid one as it was, of others as it will be."""
    owed, found = repayments.owed(loan), []
    begun = set(RepaymentPart.objects.filter(instalment__loan=loan).values_list("instalment", flat=True))
    paid = {part.instalment_id: part for part in _parts(loan, user)}
    for instalment in loan.instalments.filter(replaced_at=None).order_by("number"):
        part: RepaymentPart | Due | None = paid.get(instalment.pk)
        is_paid = part is not None
        if instalment.paid_at is None:
            dues = _dues(instalment, owed, is_begun=instalment.pk in begun, loan=loan)
            part = part or dues.get(user.pk)
        if part is not None:
            found.append(_line(instalment, part, is_paid=is_paid))
    return found


def _given(user: User) -> QuerySet[LoanShare]:
    return LoanShare.objects.filter(lender=user, order__status__in=set_aside.GIVEN)


def _dues(instalment: Instalment, owed: dict[int, int], *, is_begun: bool, loan: Loan) -> dict[int, Due]:
    """What each will be paid of it; `owed` is less by that afterwards."""
    due = Due(instalment.number, instalment.principal, instalment.interest)
    if is_begun:
        owed.update(repayments.owed(loan, but=instalment))
    dues = schedules.shared(due, owed)
    for lender, part in dues.items():
        owed[lender] -= part.principal
    return dues


def _parts(loan: Loan, user: User) -> QuerySet[RepaymentPart]:
    return RepaymentPart.objects.filter(instalment__loan=loan, lender=user)


def _line(instalment: Instalment, part: RepaymentPart | Due, *, is_paid: bool) -> Line:
    return Line(
        number=instalment.number,
        due_on=instalment.due_on,
        principal=part.principal,
        interest=part.interest,
        is_paid=is_paid,
        is_late=not is_paid and instalment.late_at is not None,
    )

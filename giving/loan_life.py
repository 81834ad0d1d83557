"""A loan's life: which status follows which. The only writer of it, and of the history of that."""

from __future__ import annotations

from giving.models import Loan, LoanEvent

Status = Loan.Status
NEXT: dict[Loan.Status, frozenset[Loan.Status]] = {
    Status.PROPOSED: frozenset({Status.COLLECTING, Status.REFUSED}),
    Status.REFUSED: frozenset(),
    Status.COLLECTING: frozenset({Status.RUNNING, Status.MISSED}),
    Status.RUNNING: frozenset({Status.REPAID, Status.DEFAULTED}),
    Status.DEFAULTED: frozenset({Status.REPAID}),  # What comes in late is paid out all the same.
    Status.REPAID: frozenset(),
    Status.MISSED: frozenset(),
}


class LoanClosed(Exception):
    """The loan's life does not go there from where it is."""

    def __init__(self, loan: Loan) -> None:
        super().__init__(loan.status)
        self.loan = loan


def lock(loan: Loan) -> Loan:
    """The loan as it is now, for this transaction alone; after the locks of orders, before balances."""
    locked = Loan.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("organisation__account").get(pk=loan.pk)


def begin(loan: Loan) -> None:
    """Keep a new loan."""
    loan.save(force_insert=True)
    LoanEvent.objects.create(loan=loan, status=loan.status)


def step(loan: Loan, status: Loan.Status) -> None:
    """Change a locked loan's status, with what is known of it since.

    :raises LoanClosed: if its life does not go there from where it is
    """
    if status not in NEXT[Status(loan.status)]:
        raise LoanClosed(loan)
    loan.status = status
    loan.save(update_fields=["status", "accepted_by", "begun_on"])
    LoanEvent.objects.create(loan=loan, status=status)

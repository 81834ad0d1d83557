"""Loans in tests: acf borrows 200 euros for a year, and staff have opened it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import Organisation, User
from giving import loan_endings, loans, repayments
from giving.models import Loan, LoanShare
from payments import orders, proofs
from payments.models import Order
from tests.people import CODE, agreed
from tests.staff import hire


def terms(**changes: Any) -> loans.Terms:
    """What a charity asks lenders for."""
    asked: dict[str, Any] = {
        "title": "Un four à pain",
        "story": "Pour nourrir deux cents personnes de plus chaque jour.",
        "goal": 200_00,
        "rate": 4_50,
        "term_months": 12,
        "deadline": timezone.now() + timedelta(days=30),
    }
    return loans.Terms(**(asked | changes))


def opened(organisation: Organisation, **changes: Any) -> Loan:
    """A loan that one of staff has opened to lenders."""
    proposed = loans.propose(organisation, terms(**changes), by=organisation.founded_by)
    staff = User.objects.filter(is_staff=True).exclude(pk=organisation.founded_by_id).first()
    reviewer = staff or hire("Rose Prêt", "+33612340022")
    loans.accept(proposed, by=reviewer, reason="Read and found sound")
    return Loan.objects.get(pk=proposed.pk)


def lend(loan: Loan, lender: User, amount: int) -> Order:
    """An order that waits for the lender's code."""
    return loans.lend(loan, by=lender, amount=amount, key=uuid4(), at=timezone.now())


def lent(loan: Loan, lender: User, amount: int) -> Order:
    """What a lender has set aside; `any_code` or their own."""
    return orders.confirm(lend(loan, lender, amount), code=CODE)


def repay(loan: Loan, by: User, amount: int, *, code: str = CODE) -> None:
    """Repaid early by them, on a device that they are known by."""
    proof = agreed(proofs.of_repayment(loan.pk, amount=amount), by)
    repayments.repay_early(loan, by=by, code=code, amount=amount, proof=proof)


def lapse(loan: Loan) -> Loan:
    """Its deadline was a minute ago, and so was that of what is set aside for it."""
    Loan.objects.filter(pk=loan.pk).update(deadline=timezone.now() - timedelta(minutes=1))
    shares = LoanShare.objects.filter(loan=loan).values("order")
    Order.objects.filter(pk__in=shares).update(expires_at=F("expires_at") - timedelta(days=30))
    loan.refresh_from_db()
    return loan


def decided(loan: Loan) -> Loan:
    """As the sweep leaves it."""
    loan_endings.decide_due()
    loan_endings.end_due()
    loan.refresh_from_db()
    return loan


def on_day(monkeypatch: pytest.MonkeyPatch, loan: Loan, number: int, *, late: int = 0) -> None:
    """It is the day on which that instalment is due, or so many days later."""
    due = loan.instalments.get(number=number).due_on + timedelta(days=late)
    monkeypatch.setattr(repayments, "today", lambda: due)


@pytest.fixture
def loan(acf: Organisation) -> Loan:
    return opened(acf)

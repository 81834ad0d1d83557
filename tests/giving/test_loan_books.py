"""The check of the books finds each kind of wrong of a loan, made by the tables' owner past every guard."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from accounts.models import Organisation, User
from giving import loan_books, repayments
from giving.models import Loan
from payments import halts, self_check
from tests import database
from tests.giving.lending import decided, lent, on_day, opened
from tests.people import load as load_wallet

TABLES = ("loan", "loanevent", "loanshare", "instalment", "repaymentpart")
WRONGS = {
    "a loan that runs has all that it borrowed": "UPDATE giving_loanshare SET is_taken = false",
    "nobody lends who was not told of the risk": "UPDATE giving_loanshare SET agreed_at = NULL",
    "a loan's instalments add up to it": """
        UPDATE giving_instalment SET principal = principal + 1 WHERE number = 9""",
    "every repayment of a loan has its part with its terms": "DELETE FROM giving_repaymentpart",
    "a paid instalment's parts add up to it": "UPDATE giving_repaymentpart SET interest = interest + 1",
    "no lender is given back more than they lent": "UPDATE giving_repaymentpart SET principal = 20001",
    "a loan's status is its last event": "DELETE FROM giving_loanevent WHERE status = 'RUNNING'",
    "no instalment is forgotten": """
        UPDATE giving_instalment SET due_on = current_date - 3 WHERE paid_at IS NULL""",
}


@pytest.fixture
def repaid_once(acf: Organisation, claire: User, any_code: None, monkeypatch: pytest.MonkeyPatch) -> Loan:
    """Its first instalment is paid."""
    load_wallet(claire, 100_00)
    loan = opened(acf)
    lent(loan, claire, 200_00)
    decided(loan)
    on_day(monkeypatch, loan, 1)
    assert repayments.take_due() == 1
    return loan


class Lent:
    """A connection whose cursor is somebody else's."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def cursor(self) -> Any:
        return contextlib.nullcontext(self._cursor)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rule", loan_books.RULES)
def test_finds(repaid_once: Loan, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert self_check.run() == []
    with contextlib.closing(database.as_owner()) as owner:
        owner.autocommit = False
        with owner.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"ALTER TABLE giving_{table} DISABLE TRIGGER USER")
            cursor.execute(WRONGS[rule])
            monkeypatch.setattr(self_check, "connection", Lent(cursor))
            assert rule in {breach.rule for breach in self_check.run()}
            monkeypatch.undo()
        owner.rollback()


def test_what_is_late_halts_nothing() -> None:
    assert halts.HARMLESS >= loan_books.HARMLESS
    assert set(loan_books.RULES) > loan_books.HARMLESS

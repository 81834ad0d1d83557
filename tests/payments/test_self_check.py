"""The check of the books finds each kind of wrong, made by the tables' owner past every guard."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command

from accounts.models import Identity, User
from payments import orders, payout_batches, payouts, self_check
from payments.models import Order
from tests import database
from tests.people import CODE, bank_account, place

WRONGS = {
    "balances add up to zero": "UPDATE payments_balance SET amount = amount + 1",
    "a balance equals its transfers": "UPDATE payments_balance SET amount = amount + 1 WHERE mode = 'STORED'",
    "no wallet is overdrawn": """
        ALTER TABLE payments_balance DROP CONSTRAINT wallet_is_never_overdrawn;
        UPDATE payments_balance SET amount = -1 WHERE mode = 'STORED'""",
    "every ledger account has a balance": "DELETE FROM payments_balance",
    "a paid order's transfer has its terms": "UPDATE payments_order SET amount = 1",
    "every payment has its order": """
        UPDATE payments_order SET status = 'VOIDED', transfer_id = NULL, confirmed_at = NULL
        WHERE status = 'PAID'""",
    "a held order's hold has its terms": "UPDATE payments_order SET amount = 1 WHERE status = 'HELD'",
    "what is set aside is what orders wait for": """
        UPDATE payments_order SET amount = amount + 1 WHERE status = 'HELD'""",
    "every top-up has its funding": "UPDATE payments_funding SET status = 'FAILED', transfer_id = NULL",
    "a payout's transfers have its terms": "UPDATE payments_payout SET amount = 1",
    "every transfer of a payout has its payout": """
        UPDATE payments_payout SET status = 'EXPORTED', settlement_id = NULL WHERE status = 'SETTLED'""",
    "what is on its way to banks is what payouts reserve": """
        UPDATE payments_payout SET status = 'EXPORTED', settlement_id = NULL WHERE status = 'SETTLED'""",
    "a payout's status is its last event": "DELETE FROM payments_payoutevent WHERE status = 'SETTLED'",
    "a file of payouts holds what it says": "UPDATE payments_payoutbatch SET control_sum = 1",
    "a payout goes to an account that may be used": "UPDATE payments_bankaccount SET outcome = 'NO_MATCH'",
    "no payout is stuck": """
        UPDATE payments_payout SET requested_at = now() - interval '2 days' WHERE status = 'REQUESTED'""",
    "an order's status is its last event": "DELETE FROM payments_orderevent WHERE status = 'PAID'",
    "no order is stuck": """
        UPDATE payments_order
        SET status = 'PENDING', transfer_id = NULL, confirmed_at = NULL,
            expires_at = now() - interval '1 hour'
        WHERE status = 'PAID'""",
    "both sides of a payment were told": """
        DELETE FROM payments_delivery; DELETE FROM payments_notification""",
}


@pytest.fixture
def paid(claire: User, armand: User, bob: Identity, with_code: Callable[[User], User]) -> Order:
    """A paid order, beside one that is set aside, a payout that was made and one that waits."""
    orders.confirm(place(with_code(claire), bob), code=CODE)
    account = bank_account(claire)
    gone = payouts.request(account, amount=2_00, code=CODE, key=uuid4())
    payout_batches.export_due()
    payouts.settle(gone, amount=2_00)
    payouts.request(account, amount=3_00, code=CODE, key=uuid4())
    return orders.confirm(place(claire, armand), code=CODE)


@contextlib.contextmanager
def wronged(statement: str) -> Iterator[Any]:
    """A cursor of the owner's in a transaction where the statement was done; undone at the end."""
    with contextlib.closing(database.as_owner()) as owner:
        owner.autocommit = False
        with owner.cursor() as cursor:
            for table in (
                "order",
                "orderevent",
                "transfer",
                "payout",
                "payoutevent",
                "payoutbatch",
                "bankaccount",
            ):
                cursor.execute(f"ALTER TABLE payments_{table} DISABLE TRIGGER USER")
            cursor.execute(statement)
            yield cursor
        owner.rollback()


@pytest.mark.django_db(transaction=True)
class TestRun:
    def test_finds_nothing_wrong_in_books_that_balance(self, paid: Order) -> None:
        assert self_check.run() == []
        call_command("self_check")

    @pytest.mark.parametrize("rule", self_check.RULES)
    def test_finds(self, paid: Order, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with wronged(WRONGS[rule]) as cursor:
            monkeypatch.setattr(self_check, "connection", _Lent(cursor))
            assert rule in {breach.rule for breach in self_check.run()}
            with pytest.raises(SystemExit):
                call_command("self_check")
        monkeypatch.undo()


class _Lent:
    """A connection whose cursor is somebody else's."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def cursor(self) -> Any:
        return contextlib.nullcontext(self._cursor)

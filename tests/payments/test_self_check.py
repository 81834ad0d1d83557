"""The check of the books finds each kind of wrong, made by the tables' owner past every guard."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Identity, User
from payments import orders, self_check
from payments.models import Order
from tests import database
from tests.people import CODE, place

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
    """A paid order, beside one that is set aside."""
    orders.confirm(place(with_code(claire), bob), code=CODE)
    return orders.confirm(place(claire, armand), code=CODE)


@contextlib.contextmanager
def wronged(statement: str) -> Iterator[Any]:
    """A cursor of the owner's in a transaction where the statement was done; undone at the end."""
    with contextlib.closing(database.as_owner()) as owner:
        owner.autocommit = False
        with owner.cursor() as cursor:
            for table in ("order", "orderevent", "transfer"):
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

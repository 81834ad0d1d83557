"""The check of the books finds each kind of wrong, made by the tables' owner past every guard."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command

from accounts.models import Identity, User
from giving import loan_books
from payments import (
    acquirer,
    chargebacks,
    debts,
    orders,
    payout_batches,
    payouts,
    proposals,
    refunds,
    requests,
    self_check,
)
from payments.models import Chargeback, Funding, Order
from tests import database
from tests.asking import share
from tests.payments.test_payouts import ask
from tests.people import CODE, bank_account, place

WRONGS = {
    "every fee has its charge, with its terms": """
        UPDATE payments_transfer SET kind = 'FEE' WHERE kind = 'PAYMENT'""",
    "charges add up to the fees of their months": """
        INSERT INTO payments_feecharge (organisation_id, day, receipts, fee, amount, owed)
          VALUES (1, current_date, 100, 2, 0, 0)""",
    "a variant's stock is what came and went of it": """
        INSERT INTO shop_product (organisation_id, code, title, description, picture_type, price, is_shipped,
                                  shipping_fee, most_per_buyer, created_by_id)
          SELECT 1, 'MUG7', '', '', '', 1, false, 0, 1, min(id) FROM accounts_user;
        INSERT INTO shop_variant (product_id, name, stock, position) SELECT id, '', 1, 0 FROM shop_product""",
    "a purchase holds its pieces until it lapses": """
        ALTER TABLE shop_purchase DISABLE TRIGGER USER;
        INSERT INTO shop_purchase (order_id, variant_id, quantity, price, shipping_fee, status, title,
                                   tracking)
          SELECT id, 1, 1, 1, 0, 'RESERVED', '', '' FROM payments_order LIMIT 1""",
    "a purchase is where its order is": "UPDATE payments_order SET kind = 'PURCHASE' WHERE status = 'PAID'",
    "the trail of staff's acts is whole": """
        INSERT INTO accounts_auditentry (act, about, reason) VALUES ('a.b', 'x:1', '');
        UPDATE accounts_auditentry SET reason = 'other'""",
    "what two of staff did was approved": """
        ALTER TABLE payments_halt DROP CONSTRAINT halt_is_lifted_by_a_proposal;
        INSERT INTO payments_halt (breaches, lifted_at) VALUES ('{}', now())""",
    "who is erased has left, and the other way round": """
        INSERT INTO payments_erasure (user_id, traces) SELECT min(id), 'x' FROM accounts_user""",
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
        ALTER TABLE accounts_freeze DISABLE TRIGGER USER; DELETE FROM accounts_freeze;
        UPDATE payments_payout SET requested_at = now() - interval '2 days' WHERE status = 'REQUESTED'""",
    "an order's status is its last event": "DELETE FROM payments_orderevent WHERE status = 'PAID'",
    "no order is stuck": """
        UPDATE payments_order
        SET status = 'PENDING', transfer_id = NULL, confirmed_at = NULL,
            expires_at = now() - interval '1 hour'
        WHERE status = 'PAID'""",
    "what was confirmed is what was agreed to": "DELETE FROM payments_confirmation",
    "a rule held what is under review": """
        UPDATE payments_order SET status = 'REVIEW' WHERE status = 'HELD'""",
    "a review ended as it was decided": """
        INSERT INTO payments_review (order_id, decision, note)
        SELECT id, 'RETURNED', 'x' FROM payments_order WHERE status = 'PAID'""",
    "both sides of a payment were told": """
        DELETE FROM payments_delivery; DELETE FROM payments_notification""",
    "an order that asks a card has its open funding": """
        UPDATE payments_order SET status = 'FUNDING', transfer_id = NULL WHERE status = 'PAID'""",
    "a card that was charged has paid, or is given back": """
        ALTER TABLE payments_funding DISABLE TRIGGER USER;
        UPDATE payments_funding SET order_id = (SELECT id FROM payments_order LIMIT 1);
        UPDATE payments_order SET status = 'EXPIRED', transfer_id = NULL, hold_id = NULL,
          confirmed_at = NULL""",
    "a refund's transfers have its terms": """
        UPDATE payments_transfer SET amount = amount + 1 WHERE kind = 'REFUND'""",
    "a chargeback's transfers have its terms": """
        UPDATE payments_transfer SET amount = amount + 1 WHERE kind = 'CHARGEBACK'""",
    "what goes back has its refund or chargeback": """
        DELETE FROM payments_delivery; DELETE FROM payments_notification; DELETE FROM payments_refund""",
    "no payment is given back more than once over": "UPDATE payments_refund SET amount = 1300",
    "what members owe is what their chargebacks left": """
        UPDATE payments_entry SET amount = amount - 1 WHERE account_id IN
          (SELECT id FROM payments_ledgeraccount WHERE kind = 'RECEIVABLE')""",
    "a paid request has its order, paid to its asker": "UPDATE payments_request SET amount = 1",
    "a bill's shares add up to it": "UPDATE payments_split SET amount = amount + 1",
    "a request's status is its last event": "DELETE FROM payments_requestevent WHERE status = 'PAID'",
    "no request is stuck": """
        UPDATE payments_request
        SET status = 'OPEN', order_id = NULL, expires_at = now() - interval '1 hour'""",
    "what lessened a debt has its terms": "UPDATE payments_repayment SET amount = 1",
    "every transfer of a debt has its repayment": "DELETE FROM payments_repayment",
    "no debt is paid more than once over": "UPDATE payments_repayment SET amount = 100000",
}


@pytest.fixture
def paid(  # noqa: PLR0913, PLR0917  # everybody who has a part in it
    claire: User, armand: User, bob: Identity, odile: User, bruno: User, with_code: Callable[[User], User]
) -> Order:
    """Paid beside one set aside, and two payouts; a part given back, the card contested, a debt less.

    And a share of a bill, paid as well.
    """
    (due,) = share(armand, [claire.identities.get()], 2_00).shares.all()
    orders.confirm(place(with_code(claire), bob), code=CODE)
    orders.confirm(requests.pay(due, payer=claire), code=CODE)
    account = bank_account(claire)
    gone = ask(account, 2_00)
    payout_batches.export_due()
    payouts.settle(gone, amount=2_00)
    ask(account, 3_00)
    paid = orders.confirm(place(claire, armand), code=CODE)
    with_code(armand)
    refunds.give(paid, amount=5_00, code=CODE, key=uuid4())
    funding = Funding.objects.get(user=claire)
    dispute = acquirer.Dispute(
        id="dp_1",
        state=acquirer.DisputeState.OPEN,
        amount=100_00,
        currency="eur",
        charge_id=funding.intent_id,
    )
    chargebacks._record(funding, dispute)  # noqa: SLF001  # what the processor states, without a processor
    contested = Chargeback.objects.get()
    borne = debts.propose_write_off(odile, contested, amount=1_00, reason="A goodwill")
    proposals.approve(borne, bruno)
    return paid


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
                "refund",
                "chargeback",
                "confirmation",
                "payout",
                "payoutevent",
                "payoutbatch",
                "bankaccount",
                "repayment",
                "request",
                "requestevent",
                "split",
            ):
                cursor.execute(f"ALTER TABLE payments_{table} DISABLE TRIGGER USER")
            cursor.execute("ALTER TABLE accounts_auditentry DISABLE TRIGGER acts_are_append_only")
            cursor.execute(statement)
            yield cursor
        owner.rollback()


@pytest.mark.django_db(transaction=True)
class TestRun:
    def test_finds_nothing_wrong_in_books_that_balance(self, paid: Order) -> None:
        assert self_check.run() == []
        call_command("self_check")

    @pytest.mark.parametrize("rule", WRONGS)
    def test_finds(self, paid: Order, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with wronged(WRONGS[rule]) as cursor:
            monkeypatch.setattr(self_check, "connection", _Lent(cursor))
            assert rule in {breach.rule for breach in self_check.run()}
            with pytest.raises(SystemExit):
                call_command("self_check")
        monkeypatch.undo()


def test_every_rule_has_its_wrong() -> None:
    """Those of loans are in tests/giving/test_loan_books.py."""
    assert set(WRONGS) == set(self_check.RULES) - set(loan_books.RULES)


class _Lent:
    """A connection whose cursor is somebody else's."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def cursor(self) -> Any:
        return contextlib.nullcontext(self._cursor)

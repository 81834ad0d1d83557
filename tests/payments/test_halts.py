"""When the books are broken money stands still, for everybody, until two of staff let it move."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, ProgrammingError, transaction
from django.db.models.functions import Now
from django.test import Client
from uuid_utils.compat import uuid7

from accounts import audit
from accounts.models import User
from giving import loan_books
from payments import halts, ledger, orders, proposals, self_check, standstill, tasks
from payments.models import Delivery, Funding, Halt, Notification, Order, Proposal
from tests.people import CODE, load, place
from tests.staff import at_desk, page_of

BROKEN = [self_check.Breach("a balance equals its transfers", 2)]
# The books are wrong, or say what nobody agreed to: no money moves until two of staff have looked.
HALTING = {
    "every fee has its charge, with its terms",
    "charges add up to the fees of their months",
    *(loan_books.RULES.keys() - loan_books.HARMLESS),
    "the trail of staff's acts is whole",
    "what two of staff did was approved",
    "who is erased has left, and the other way round",
    "balances add up to zero",
    "a balance equals its transfers",
    "no wallet is overdrawn",
    "every ledger account has a balance",
    "a paid order's transfer has its terms",
    "a held order's hold has its terms",
    "every payment has its order",
    "what is set aside is what orders wait for",
    "every top-up has its funding",
    "a payout's transfers have its terms",
    "every transfer of a payout has its payout",
    "what is on its way to banks is what payouts reserve",
    "a payout's status is its last event",
    "a file of payouts holds what it says",
    "a payout goes to an account that may be used",
    "an order's status is its last event",
    "a paid request has its order, paid to its asker",
    "a bill's shares add up to it",
    "a request's status is its last event",
    "what was confirmed is what was agreed to",
    "a rule held what is under review",
    "a review ended as it was decided",
    "an order that asks a card has its open funding",
    "a card that was charged has paid, or is given back",
    "a refund's transfers have its terms",
    "a chargeback's transfers have its terms",
    "what goes back has its refund or chargeback",
    "no payment is given back more than once over",
    "what members owe is what their chargebacks left",
    "what lessened a debt has its terms",
    "every transfer of a debt has its repayment",
    "no debt is paid more than once over",
}


@pytest.fixture
def halt(claire: User, agathe: User) -> Halt:
    made = halts.halt_for(BROKEN)
    assert made
    return made


def lift(halt: Halt, one: User, other: User) -> None:
    proposals.approve(
        proposals.propose(one, Proposal.Kind.RESUME, about=halt, terms={}, reason="Put right"), other
    )


@pytest.mark.django_db
class TestHalt:
    @pytest.mark.django_db(transaction=True)
    def test_moves_no_money(self, claire: User, armand: User, with_code: Callable[[User], User]) -> None:
        order = place(with_code(claire), armand)
        halts.halt_for(BROKEN)
        with pytest.raises(OperationalError, match="money stands still") as refused:
            orders.confirm(order, code=CODE)
        assert halts.is_refusal(refused.value)
        assert ledger.balance(ledger.wallet(claire)) == 100_00
        order.refresh_from_db()
        assert order.status == Order.Status.PENDING

    def test_asks_no_card(self, halt: Halt, claire: User) -> None:
        card = Funding.objects.get().card
        with pytest.raises(OperationalError, match="money stands still"), transaction.atomic():
            Funding.objects.create(pk=uuid7(), user=claire, card=card, amount=5)
        with pytest.raises(OperationalError, match="money stands still"), transaction.atomic():
            load(claire, 5_00)

    def test_is_told_to_staff_and_kept(self, halt: Halt, agathe: User) -> None:
        assert Notification.objects.get(kind="MONEY_HALTED").user == agathe
        (entry,) = audit.of(halt)
        assert (entry.act, entry.after) == ("money.halted", {"a balance equals its transfers": 2})

    def test_is_told_by_mail(self, claire: User, agathe: User) -> None:
        User.objects.filter(pk=agathe.pk).update(email="agathe@example.org")
        halts.halt_for(BROKEN)
        assert Delivery.objects.get(notification__kind="MONEY_HALTED").channel == "EMAIL"

    def test_happens_once(self, halt: Halt) -> None:
        assert halts.halt_for(BROKEN) is None
        assert Halt.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_of_two_checks_at_once_happens_once(
        self, claire: User, agathe: User, at_once: Callable[..., list[Any]]
    ) -> None:
        made = at_once(6, lambda _n: halts.halt_for(BROKEN))
        assert [problem for problem in made if isinstance(problem, Exception)] == []
        assert sum(isinstance(one, Halt) for one in made) == 1
        assert Notification.objects.filter(kind="MONEY_HALTED").count() == 1

    def test_is_not_for_what_is_late(self, claire: User) -> None:
        assert halts.halt_for([self_check.Breach(rule, 1) for rule in halts.HARMLESS]) is None

    def test_is_decided_on_for_each_rule(self) -> None:
        assert not halts.HARMLESS & HALTING
        assert set(self_check.RULES) == halts.HARMLESS | HALTING

    def test_comes_of_the_check(self, claire: User, agathe: User, monkeypatch: pytest.MonkeyPatch) -> None:
        tasks.check()
        assert not standstill.is_halted()
        monkeypatch.setattr(self_check, "run", lambda: BROKEN)
        tasks.check()
        monkeypatch.undo()
        assert standstill.is_halted()


@pytest.mark.django_db
class TestLift:
    def test_takes_two(
        self, claire: User, armand: User, odile: User, bruno: User, with_code: Callable[[User], User]
    ) -> None:
        order = place(with_code(claire), armand)
        halt = halts.halt_for(BROKEN)
        assert halt
        at_desk(odile).post(
            page_of(halt).replace("/change/", "/act/lift/"), {"reason": "The row was put right"}
        )
        assert standstill.is_halted()
        proposals.approve(Proposal.objects.get(), bruno)
        assert not standstill.is_halted()
        orders.confirm(order, code=CODE)
        assert ledger.balance(ledger.wallet(armand)) == 12_99

    def test_is_not_the_applications(self, halt: Halt, odile: User, bruno: User) -> None:
        proposal = proposals.propose(odile, Proposal.Kind.RESUME, about=halt, terms={}, reason="Put right")
        with pytest.raises(IntegrityError, match="takes two of staff"), transaction.atomic():
            Halt.objects.update(lifted_at=Now(), lifted_by=odile, proposal=proposal)
        with pytest.raises(IntegrityError, match="takes two of staff"), transaction.atomic():
            Halt.objects.update(lifted_at=Now(), lifted_by=odile)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Halt.objects.all().delete()

    def test_rules_of_the_table(self, halt: Halt, odile: User) -> None:
        with pytest.raises(IntegrityError, match="halt_is_lifted_by_a_proposal"), transaction.atomic():
            Halt.objects.create(breaches={}, lifted_at=Now(), lifted_by=odile)
        with pytest.raises(IntegrityError, match="money_is_halted_once"), transaction.atomic():
            Halt.objects.create(breaches={})

    def test_what_was_lifted_halts_anew(self, halt: Halt, odile: User, bruno: User) -> None:
        lift(halt, odile, bruno)
        assert halts.halt_for(BROKEN) != halt
        assert standstill.is_halted()


@pytest.mark.django_db
class TestPages:
    def test_say_that_payments_are_paused(
        self, claire: User, armand: User, with_code: Callable[[User], User]
    ) -> None:
        order = place(with_code(claire), armand)
        browser = Client(raise_request_exception=False)
        browser.force_login(claire)
        paused = "Les paiements sont suspendus"
        assert paused not in browser.get("/wallet/").content.decode()
        halts.halt_for(BROKEN)
        assert paused in browser.get("/wallet/").content.decode()
        assert paused in browser.get(f"/orders/{order.reference}/confirm/").content.decode()

    @pytest.mark.django_db(transaction=True)
    def test_say_it_to_who_tries(self, claire: User, armand: User, with_code: Callable[[User], User]) -> None:
        order = place(with_code(claire), armand)
        browser = Client(raise_request_exception=False)
        browser.force_login(claire)
        halts.halt_for(BROKEN)
        answer = browser.post(f"/orders/{order.reference}/confirm/", {"code": CODE})
        assert (answer.status_code, answer["Retry-After"]) == (503, "600")
        assert "Les paiements sont suspendus" in answer.content.decode()
        assert ledger.balance(ledger.wallet(armand)) == 0

"""A debt ends as two of staff decide: taken from the wallet as money comes in, borne by us, or never was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.test import Client
from django.utils import translation
from uuid_utils.compat import uuid7

from accounts import audit
from accounts.models import User
from payments import (
    acquirer,
    approvals,
    chargebacks,
    debts,
    erasures,
    halts,
    ledger,
    orders,
    proposals,
    safeguarding,
    self_check,
    wording,
)
from payments.models import (
    Chargeback,
    DebtDecision,
    Funding,
    LedgerAccount,
    Notification,
    Proposal,
    Repayment,
)
from tests.payments.test_chargebacks import dispute_of, owed
from tests.payments.test_fundings import wallet_of
from tests.people import CODE, load, place
from tests.staff import at_desk, list_of, page_of, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def debt(claire: User, armand: User, any_code: None) -> Chargeback:
    """Claire spent 80 of the 100 euros that her bank took back: 20 were there, 80 are owed."""
    orders.confirm(place(claire, armand, 80_00), code=CODE)
    funding = Funding.objects.get(user=claire)
    chargebacks._record(funding, dispute_of(funding))  # noqa: SLF001  # what the processor states
    return Chargeback.objects.get()


@pytest.fixture
def recover(odile: User, bruno: User) -> Callable[[Chargeback], Proposal]:
    return lambda debt: proposals.approve(debts.propose_recovery(odile, debt, reason="They agreed"), bruno)


@pytest.fixture
def write_off(odile: User, bruno: User) -> Callable[..., Proposal]:
    def decide(debt: Chargeback, amount: int) -> Proposal:
        asked = debts.propose_write_off(odile, debt, amount=amount, reason="A stolen card")
        return proposals.approve(asked, bruno)

    return decide


def win(debt: Chargeback) -> None:
    won = dispute_of(debt.funding, state=acquirer.DisputeState.WON)
    chargebacks._record(debt.funding, won)  # noqa: SLF001  # what the processor states


def lost() -> int:
    return -ledger.balance(ledger.system(LedgerAccount.Kind.LOSSES))


def told(user: User) -> list[str]:
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


class TestRecover:
    def test_takes_what_comes_in_until_it_is_paid(
        self, debt: Chargeback, claire: User, recover: Callable[[Chargeback], Proposal]
    ) -> None:
        recover(debt)
        assert (wallet_of(claire), owed()) == (0, 80_00), "nothing was there to take"
        for comes, held, rest in ((30_00, 0, 50_00), (70_00, 20_00, 0), (5_00, 25_00, 0)):
            load(claire, comes)
            debts.collect_due()
            assert (wallet_of(claire), owed()) == (held, rest)
        steps = Repayment.objects.order_by("pk").values_list("amount", "left")
        assert list(steps) == [(30_00, 50_00), (50_00, 0)]

    def test_takes_at_once_what_is_there(
        self, debt: Chargeback, claire: User, recover: Callable[[Chargeback], Proposal]
    ) -> None:
        load(claire, 10_00)
        recover(debt)
        assert (wallet_of(claire), owed(), debts.left(debt)) == (0, 70_00, 70_00)

    def test_tells_the_member_of_the_decision_and_of_each_step(
        self, debt: Chargeback, claire: User, recover: Callable[[Chargeback], Proposal]
    ) -> None:
        load(claire, 10_00)
        recover(debt)
        load(claire, 5_00)
        debts.collect_due()
        assert told(claire)[-3:] == ["DEBT_TO_RECOVER", "DEBT_RECOVERED", "DEBT_RECOVERED"]

    def test_tells_the_member_of_no_more_than_was_decided(
        self,
        debt: Chargeback,
        claire: User,
        recover: Callable[[Chargeback], Proposal],
        write_off: Callable[..., Proposal],
    ) -> None:
        write_off(debt, 30_00)
        recover(debt)
        said = wording.of(Notification.objects.get(user=claire, kind="DEBT_TO_RECOVER"), language="en")
        assert "€50.00" in said.subject
        assert "€50.00 are owed" in said.text

    def test_takes_nothing_that_nobody_decided(self, debt: Chargeback, claire: User) -> None:
        load(claire, 30_00)
        assert debts.collect_due() == 0
        assert (wallet_of(claire), owed()) == (30_00, 80_00)

    def test_takes_nothing_while_money_stands_still(
        self, debt: Chargeback, claire: User, recover: Callable[[Chargeback], Proposal]
    ) -> None:
        recover(debt)
        load(claire, 30_00)
        halts.halt_for([self_check.Breach("balances add up to zero", 1)])
        assert debts.collect_due() == 0

    def test_is_decided_once(
        self, debt: Chargeback, odile: User, recover: Callable[[Chargeback], Proposal]
    ) -> None:
        recover(debt)
        with pytest.raises(debts.NothingOwed):
            debts.propose_recovery(odile, debt, reason="Again")

    @pytest.mark.django_db(transaction=True)
    def test_takes_no_more_than_is_owed_or_there_however_many_collect_at_once(
        self,
        debt: Chargeback,
        claire: User,
        recover: Callable[[Chargeback], Proposal],
        at_once: Callable[..., list[Any]],
    ) -> None:
        recover(debt)
        load(claire, 100_00)
        results = at_once(6, lambda _number: debts.collect_due())
        assert [it for it in results if isinstance(it, Exception)] == []
        assert (wallet_of(claire), owed()) == (20_00, 0)
        assert Repayment.objects.count() == 1


class TestDecision:
    def test_locks_the_trail_after_all_that_it_moves(
        self,
        debt: Chargeback,
        claire: User,
        recover: Callable[[Chargeback], Proposal],
        write_off: Callable[..., Proposal],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """As every other effect of an approval does: two of them would wait for each other."""
        load(claire, 10_00)
        moved: list[tuple[str, int]] = []
        record = audit.record

        def recorded(staff: User | None, act: str, **terms: Any) -> Any:
            moved.append((act, Repayment.objects.count()))
            return record(staff, act, **terms)

        monkeypatch.setattr(audit, "record", recorded)
        write_off(debt, 10_00)
        recover(debt)
        assert [steps for act, steps in moved if act == "debt.decided"] == [1, 2]


class TestWriteOff:
    def test_lets_the_member_leave_once_nothing_is_left(
        self, debt: Chargeback, claire: User, write_off: Callable[..., Proposal]
    ) -> None:
        def is_in_the_way() -> bool:
            with translation.override("en"):
                return any("owe us" in str(one.words) for one in erasures.in_the_way(claire))

        write_off(debt, 50_00)
        assert is_in_the_way()
        load(claire, 30_00)
        write_off(debt, 30_00)
        assert not is_in_the_way()

    def test_is_our_loss(self, debt: Chargeback, claire: User, write_off: Callable[..., Proposal]) -> None:
        write_off(debt, 50_00)
        assert (owed(), lost(), debts.left(debt)) == (30_00, 50_00, 30_00)
        assert wallet_of(claire) == 0
        (entry,) = (it for it in audit.of(debt) if it.act == "debt.decided")
        assert entry.after == {"decision": "WRITE_OFF", "amount": 50_00}

    def test_of_more_than_is_owed_is_refused(self, debt: Chargeback, odile: User) -> None:
        with pytest.raises(debts.TooMuch) as much:
            debts.propose_write_off(odile, debt, amount=80_01, reason="x")
        assert much.value.left == 80_00

    def test_of_what_was_recovered_meanwhile_is_outdated(
        self,
        debt: Chargeback,
        claire: User,
        odile: User,
        bruno: User,
        recover: Callable[[Chargeback], Proposal],
    ) -> None:
        asked = debts.propose_write_off(odile, debt, amount=80_00, reason="x")
        load(claire, 10_00)
        recover(debt)
        with pytest.raises(approvals.Outdated), transaction.atomic():
            proposals.approve(asked, bruno)
        assert lost() == 0

    def test_leaves_the_rest_to_be_recovered(
        self,
        debt: Chargeback,
        claire: User,
        recover: Callable[[Chargeback], Proposal],
        write_off: Callable[..., Proposal],
    ) -> None:
        recover(debt)
        write_off(debt, 50_00)
        load(claire, 100_00)
        debts.collect_due()
        assert (wallet_of(claire), owed()) == (70_00, 0)

    def test_is_ours_to_pay_in(self, debt: Chargeback, write_off: Callable[..., Proposal]) -> None:
        """Owed, it is missing from what is safeguarded; borne, it is known whose money is missing."""
        write_off(debt, 80_00)
        proof = safeguarding.take(debt.opened_at.date())
        assert (proof.difference, proof.own) == (0, -80_00)


class TestWon:
    def test_brings_each_step_back_to_where_it_came_from(
        self,
        debt: Chargeback,
        claire: User,
        recover: Callable[[Chargeback], Proposal],
        write_off: Callable[..., Proposal],
    ) -> None:
        load(claire, 10_00)
        recover(debt)
        write_off(debt, 50_00)
        for _ in range(2):
            win(debt)
        assert (wallet_of(claire), owed(), lost()) == (30_00, 0, 0), "20 that were taken, 10 that were paid"
        assert told(claire)[-2:] == ["DEBT_VOID", "CHARGEBACK_WON"]
        load(claire, 10_00)
        assert debts.collect_due() == 0


class TestDatabase:
    @pytest.mark.parametrize(
        ("kind", "rule"), [("RECOVER", "recovery_takes_two"), ("WRITE_OFF", "write_off")]
    )
    def test_lets_no_one_of_staff_decide_alone(
        self, debt: Chargeback, odile: User, kind: str, rule: str
    ) -> None:
        asked = proposals.propose(
            odile, Proposal.Kind(kind), about=debt, terms={}, amount=10_00, reason="Alone"
        )
        with pytest.raises(IntegrityError, match="takes two of staff") as refused, transaction.atomic():
            DebtDecision.objects.create(chargeback=debt, proposal=asked, kind=kind, amount=10_00)
        assert rule in str(getattr(refused.value.__cause__, "diag").constraint_name)  # noqa: B009  # mypy knows no `diag` of a cause

    @pytest.mark.parametrize("amount", [80_01, 60_01])
    def test_holds_what_is_paid_to_what_is_owed_and_was_decided(
        self, debt: Chargeback, write_off: Callable[..., Proposal], amount: int
    ) -> None:
        write_off(debt, 20_00)
        decision = DebtDecision.objects.get()
        with pytest.raises(IntegrityError, match="cents are owed"), transaction.atomic():
            self.pay(decision, amount)
        with pytest.raises(IntegrityError, match="cents are owed"), transaction.atomic():
            self.pay(decision, 1)  # It is used up.

    def test_keeps_what_was_decided_and_done(
        self, debt: Chargeback, write_off: Callable[..., Proposal]
    ) -> None:
        write_off(debt, 20_00)
        for table in ("debtdecision", "repayment"):
            for change in (f"UPDATE payments_{table} SET amount = 1", f"DELETE FROM payments_{table}"):
                with pytest.raises(Error, match=r"append-only|permission denied"), transaction.atomic():
                    connection.cursor().execute(change)

    @pytest.mark.parametrize(
        ("terms", "rule"),
        [
            ({"amount": 0}, "debt_decision_is_of_an_amount"),
            ({"kind": "FORGET"}, "debt_decision_is_known"),
        ],
    )
    def test_holds_a_decision_to_its_shape(  # noqa: PLR0913, PLR0917  # a case, and who decides
        self, debt: Chargeback, odile: User, bruno: User, terms: dict[str, Any], rule: str, monkeypatch: Any
    ) -> None:
        def decide(proposal: Proposal, _by: User) -> None:
            plain = {"chargeback": debt, "proposal": proposal, "kind": "RECOVER", "amount": 1}
            DebtDecision.objects.create(**(plain | terms))

        monkeypatch.setitem(proposals.EFFECTS, Proposal.Kind.RECOVER, decide)
        asked = debts.propose_recovery(odile, debt, reason="x")
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            proposals.approve(asked, bruno)

    def test_recovers_by_one_decision(
        self, debt: Chargeback, odile: User, bruno: User, recover: Callable[[Chargeback], Proposal]
    ) -> None:
        recover(debt)
        asked = proposals.propose(
            odile, Proposal.Kind.RECOVER, about=debt, terms={}, amount=1_00, reason="Again"
        )
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(debts, "is_recovered", lambda _debt: False)
            with pytest.raises(IntegrityError, match="debt_is_recovered_by_one"), transaction.atomic():
                proposals.approve(asked, bruno)

    def test_repayment_pays_something(self, debt: Chargeback, write_off: Callable[..., Proposal]) -> None:
        write_off(debt, 20_00)
        with (
            pytest.raises(IntegrityError, match=r"repayment_pays_something|cents are owed"),
            transaction.atomic(),
        ):
            self.pay(DebtDecision.objects.get(), 0)

    def test_tells_a_step_once(
        self, debt: Chargeback, claire: User, recover: Callable[[Chargeback], Proposal]
    ) -> None:
        load(claire, 10_00)
        recover(debt)
        step = Repayment.objects.get()
        with pytest.raises(IntegrityError, match="repayment_is_told_once"), transaction.atomic():
            Notification.objects.create(user=claire, kind="DEBT_RECOVERED", repayment=step)

    def pay(self, decision: DebtDecision, amount: int) -> None:
        taken = decision.chargeback.funding.transfer_id
        assert taken
        Repayment.objects.create(
            pk=uuid7(),
            decision=decision,
            chargeback=decision.chargeback,
            amount=amount,
            left=0,
            transfer_id=taken,
        )


class TestDesk:
    def test_proposes_and_approves(self, debt: Chargeback, claire: User, odile: User, bruno: User) -> None:
        load(claire, 10_00)
        act = page_of(debt).replace("/change/", "/act/recover/")
        assert at_desk(odile).post(act, {"reason": "They agreed"}).status_code == 302
        asked = Proposal.objects.get()
        approve = page_of(asked).replace("/change/", "/act/approve/")
        assert at_desk(bruno).post(approve).status_code == 302
        assert owed() == 70_00

    def test_shows_each_step_and_what_is_left(
        self, debt: Chargeback, desk: Client, write_off: Callable[..., Proposal]
    ) -> None:
        write_off(debt, 20_00)
        for address in (
            page_of(debt),
            page_of(DebtDecision.objects.get()),
            list_of(Chargeback),
        ):
            assert "60,00" in read(desk, address)
        assert "20,00" in read(desk, list_of(DebtDecision))

    def test_says_how_much_is_owed(self, debt: Chargeback, odile: User) -> None:
        act = page_of(debt).replace("/change/", "/act/write-off/")
        said = at_desk(odile).post(act, {"amount": "90", "reason": "x"})
        assert "80,00" in said.content.decode()

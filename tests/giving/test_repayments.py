"""Repaying loans: on its day, to each lender their part, once; late, in default, or early."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import codes, freezes, seats
from accounts.models import Organisation, Role, User
from giving import lendings, loan_life, repayments
from giving.models import Instalment, Loan, RepaymentPart
from payments import activity, ledger, refunds
from payments.models import LedgerAccount, Notification, Transfer
from tests.giving.lending import decided, lent, on_day, opened, repay
from tests.people import CODE, join
from tests.people import load as load_wallet
from tests.staff import hire

pytestmark = pytest.mark.django_db
Status = Loan.Status


def balance(user: User) -> int:
    return ledger.balance(ledger.wallet(user))


@pytest.fixture
def running(acf: Organisation, claire: User, armand: User, any_code: None) -> Loan:
    """Claire has lent 70 euros, Armand 130."""
    load_wallet(armand, 130_00)
    loan = opened(acf)
    lent(loan, claire, 30_00)
    lent(loan, armand, 130_00)
    lent(loan, claire, 40_00)
    return decided(loan)


def fund(loan: Loan, amount: int) -> None:
    load_wallet(loan.organisation.account, amount)


class TestTake:
    def test_waits_for_its_day(self, running: Loan) -> None:
        assert repayments.take_due() == 0
        assert not Transfer.objects.filter(kind="REPAYMENT").exists()

    def test_pays_each_lender_their_part(
        self, running: Loan, claire: User, armand: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        on_day(monkeypatch, running, 1)
        assert repayments.take_due() == 1
        first = running.instalments.get(number=1)
        assert (first.principal, first.interest) == (16_33, 75)
        parts = {part.lender: (part.principal, part.interest) for part in first.parts.all()}
        assert parts == {claire: (5_72, 26), armand: (10_61, 49)}
        assert (balance(claire), balance(armand)) == (35_98, 11_10)
        assert balance(running.organisation.account) == 200_00 - 17_08
        assert repayments.take_due() == 0
        assert Notification.objects.filter(kind="LOAN_REPAID").count() == 2

    def test_gives_all_back_in_the_end(
        self, running: Loan, claire: User, armand: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fund(running, 10_00)
        on_day(monkeypatch, running, 12)
        assert repayments.take_due() == 12
        running.refresh_from_db()
        assert running.status == Status.REPAID
        assert set(repayments.owed(running).values()) == {0}
        interest = sum(running.instalments.values_list("interest", flat=True))
        assert balance(claire) + balance(armand) == 30_00 + 200_00 + interest
        assert balance(running.organisation.account) == 10_00 - interest

    def test_pays_what_is_there_first_come(self, running: Loan, monkeypatch: pytest.MonkeyPatch) -> None:
        """For eleven instalments it is enough; the twelfth, all of it, waits."""
        on_day(monkeypatch, running, 12)
        assert repayments.take_due() == 11
        assert not running.instalments.exclude(late_at=None).exists()
        on_day(monkeypatch, running, 12, late=1)
        assert repayments.take_due() == 0
        assert running.instalments.get(number=12).late_at
        fund(running, 10_00)
        assert repayments.take_due() == 1

    def test_pays_many_lenders_some_at_a_time(self, running: Loan, monkeypatch: pytest.MonkeyPatch) -> None:
        """Broken off between them, it goes on with who has no part yet."""
        monkeypatch.setattr(repayments, "AT_ONCE", 1)
        on_day(monkeypatch, running, 1)
        assert repayments._pay_some(running, at_once=1)  # noqa: SLF001  # the first of two transactions
        assert (RepaymentPart.objects.count(), Instalment.objects.filter(paid_at=None).count()) == (1, 12)
        assert repayments.take_due() == 1
        assert RepaymentPart.objects.count() == 2
        assert Transfer.objects.filter(kind="REPAYMENT").count() == 2

    def test_takes_nothing_of_the_frozen(self, running: Loan, monkeypatch: pytest.MonkeyPatch) -> None:
        freezes.freeze(running.organisation.account, reason="asked for it")
        on_day(monkeypatch, running, 1)
        assert repayments.take_due() == 0
        on_day(monkeypatch, running, 1, late=1)
        assert repayments.take_due() == 0
        assert running.instalments.get(number=1).late_at

    def test_is_a_repayment_in_the_wallet_of_each(
        self, running: Loan, claire: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        on_day(monkeypatch, running, 1)
        repayments.take_due()
        for user, cents in ((claire, 5_98), (running.organisation.account, -17_08 + 11_10)):
            line = activity.page(ledger.wallet(user))[0]
            assert (line.title, line.subtitle) == ("Remboursement d’un prêt", "")
            assert line.amount in {cents, -11_10}


class TestLate:
    @pytest.fixture
    def poor(self, running: Loan, claire: User) -> Loan:
        """What was borrowed is spent."""
        ledger.post(
            ledger.Posting(
                id=uuid4(),
                source=ledger.wallet(running.organisation.account),
                target=ledger.system(LedgerAccount.Kind.CARD_CLEARING),
                amount=200_00,
                kind=Transfer.Kind.TOP_UP,
            )
        )
        return running

    @pytest.mark.bare_transfers
    def test_is_tried_again_each_day(self, poor: Loan, lea: User, monkeypatch: pytest.MonkeyPatch) -> None:
        on_day(monkeypatch, poor, 1)
        assert repayments.take_due() == 0
        assert not Notification.objects.filter(kind="LOAN_LATE").exists()  # Its day is not over.
        on_day(monkeypatch, poor, 1, late=1)
        assert repayments.take_due() == 0
        assert [told.user for told in Notification.objects.filter(kind="LOAN_LATE")] == [lea]
        fund(poor, 17_08)
        assert repayments.take_due() == 1

    @pytest.mark.bare_transfers
    def test_is_a_default_after_sixty_days(
        self, poor: Loan, lea: User, claire: User, armand: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        on_day(monkeypatch, poor, 1, late=59)
        repayments.take_due()
        poor.refresh_from_db()
        assert poor.status == Status.RUNNING
        on_day(monkeypatch, poor, 1, late=60)
        repayments.take_due()
        poor.refresh_from_db()
        assert poor.status == Status.DEFAULTED
        told = {each.user for each in Notification.objects.filter(kind="LOAN_DEFAULTED")}
        assert {lea, claire, armand} <= told
        assert any(user.is_staff for user in told)
        assert lendings.in_loan(poor, claire).is_late

    @pytest.mark.bare_transfers
    def test_is_repaid_all_the_same(self, poor: Loan, monkeypatch: pytest.MonkeyPatch) -> None:
        on_day(monkeypatch, poor, 1, late=60)
        repayments.take_due()
        fund(poor, 300_00)
        on_day(monkeypatch, poor, 12)
        repayments.take_due()
        poor.refresh_from_db()
        assert poor.status == Status.REPAID


class TestEarly:
    def test_costs_interest_by_the_day(self, running: Loan, monkeypatch: pytest.MonkeyPatch) -> None:
        assert repayments.early(running).amount == 200_00
        on_day(monkeypatch, running, 1, late=-1)
        due = repayments.early(running)
        assert due.principal == 200_00
        assert due.interest in {72, 73}  # Of 75, by the days of the month.
        on_day(monkeypatch, running, 1)
        repayments.take_due()
        assert repayments.early(running).amount == 200_00 - 16_33

    def test_pays_all_lenders(
        self, running: Loan, lea: User, claire: User, armand: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        on_day(monkeypatch, running, 1)
        repayments.take_due()
        fund(running, 5_00)
        on_day(monkeypatch, running, 1, late=10)
        due = repayments.early(running)
        assert due.interest > 0
        repay(running, lea, due.amount)
        running.refresh_from_db()
        assert running.status == Status.REPAID
        assert balance(claire) + balance(armand) == 30_00 + 200_00 + 75 + due.interest
        assert running.instalments.filter(replaced_at=None).count() == 2
        with pytest.raises(loan_life.LoanClosed):
            repay(running, lea, due.amount)

    def test_is_of_the_amount_that_was_shown(self, running: Loan, lea: User) -> None:
        with pytest.raises(repayments.OtherAmount):
            repay(running, lea, 199_99)

    def test_takes_all_or_nothing(self, running: Loan, lea: User, monkeypatch: pytest.MonkeyPatch) -> None:
        on_day(monkeypatch, running, 1, late=-1)
        monkeypatch.setattr(repayments, "AT_ONCE", 1)
        amount = repayments.early(running).amount
        with pytest.raises(repayments.InsufficientFunds):
            repay(running, lea, amount)
        assert not running.instalments.exclude(replaced_at=None).exists()
        fund(running, 1_00)
        repay(running, lea, amount)
        assert RepaymentPart.objects.count() == 2

    def test_pays_them_in_one_posting(
        self, running: Loan, lea: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Which locks their balances in order: in several, who pays at that moment would wait in a ring."""
        monkeypatch.setattr(repayments, "AT_ONCE", 1)
        with CaptureQueriesContext(connection) as asked:
            repay(running, lea, 200_00)
        assert sum("post_transfers" in query["sql"] for query in asked) == 1
        assert RepaymentPart.objects.count() == 2

    def test_waits_for_an_instalment_under_way(
        self, running: Loan, lea: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(repayments, "AT_ONCE", 1)
        on_day(monkeypatch, running, 1)
        repayments._pay_some(running, at_once=1)  # noqa: SLF001  # the first of two transactions
        with pytest.raises(repayments.UnderWay):
            repay(running, lea, 1)

    def test_is_for_who_has_its_money(self, running: Loan, armand: User) -> None:
        seats.take(running.organisation, armand, Role.READER)
        with pytest.raises(seats.NoSeat):
            repay(running, armand, 200_00)


@pytest.mark.django_db
def test_early_takes_the_code(
    acf: Organisation, lea: User, claire: User, with_code: Callable[[User], User]
) -> None:
    load_wallet(claire, 100_00)
    loan = opened(acf)
    lent(loan, with_code(claire), 200_00)
    decided(loan)
    with_code(lea)
    with pytest.raises(codes.WrongCode):
        repay(loan, lea, 200_00, code="000000")
    repay(loan, lea, 200_00)
    assert balance(claire) == 200_00


def test_what_was_lent_is_not_given_back_as_well(
    running: Loan, claire: User, lea: User, any_code: None
) -> None:
    share = running.shares.filter(lender=claire).first()
    assert share
    assert refunds.left(share.order) == 0
    with pytest.raises(refunds.TooMuch):
        refunds.give(share.order, amount=1_00, code=CODE, key=uuid4(), by=lea)
    with pytest.raises(refunds.TooMuch):
        refunds.propose(
            hire("Sam Guichet", "+33612340029"), share.order, amount=1_00, to_card=False, reason="x"
        )
    assert sum(repayments.owed(running).values()) == running.goal


class TestLendings:
    def test_say_what_is_to_come(
        self, running: Loan, claire: User, armand: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """To the cent, as it will be paid."""
        fund(running, 10_00)
        promised = {user: lendings.in_loan(running, user) for user in (claire, armand)}
        assert sum(each.to_come for each in promised.values()) == sum(
            due.amount for due in running.instalments.all()
        )
        before = {user: balance(user) for user in promised}
        on_day(monkeypatch, running, 5)
        repayments.take_due()
        half = lendings.in_loan(running, claire)
        assert half.received == balance(claire) - before[claire]
        assert half.received + half.to_come == promised[claire].to_come
        assert half.next
        assert half.next.number == 6
        on_day(monkeypatch, running, 12)
        repayments.take_due()
        for user, lending in promised.items():
            assert balance(user) - before[user] == lending.to_come

    def test_ask_no_more_for_a_longer_loan(self, running: Loan, claire: User, acf: Organisation) -> None:
        longer = opened(acf, term_months=84, goal=100_00)
        load_wallet(claire, 100_00)
        lent(longer, claire, 100_00)
        asked = []
        for loan in (running, decided(longer)):
            with CaptureQueriesContext(connection) as queries:
                assert len(lendings.lines(loan, claire)) == loan.term_months
            asked.append(len(queries))
        assert asked[0] == asked[1] < 6

    def test_are_the_members_own(self, running: Loan, claire: User, lea: User) -> None:
        assert [lending.amount for lending in lendings.of(claire)] == [70_00]
        assert lendings.of(lea) == []
        assert [share.order.amount for share in lendings.shares(claire)] == [40_00, 30_00]


class TestTables:
    def test_pay_a_lender_an_instalment_once(self, running: Loan, monkeypatch: pytest.MonkeyPatch) -> None:
        on_day(monkeypatch, running, 1)
        repayments.take_due()
        part = RepaymentPart.objects.first()
        assert part
        payment = Transfer.objects.filter(kind="RELEASE").first()
        again = RepaymentPart(
            instalment=part.instalment, lender=part.lender, transfer=payment, principal=1, interest=0
        )
        with pytest.raises(IntegrityError, match="lender_is_paid_an_instalment_once"), transaction.atomic():
            again.save(force_insert=True)
        again.instalment, again.principal = running.instalments.get(number=2), 0
        with (
            pytest.raises(IntegrityError, match="repayment_to_a_lender_pays_something"),
            transaction.atomic(),
        ):
            again.save(force_insert=True)

    def test_keep_what_is_due(self, running: Loan) -> None:
        for change in ({"due_on": running.begun_on}, {"principal": 1}, {"interest": 1}):
            with (
                pytest.raises(IntegrityError, match="giving_instalment is append-only"),
                transaction.atomic(),
            ):
                running.instalments.filter(number=1).update(**change)

    def test_pay_an_instalment_once(self, running: Loan, monkeypatch: pytest.MonkeyPatch) -> None:
        on_day(monkeypatch, running, 1)
        repayments.take_due()
        with pytest.raises(IntegrityError, match="giving_instalment is append-only"), transaction.atomic():
            running.instalments.filter(number=1).update(paid_at=None)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_an_instalment_is_paid_once(
        self,
        running: Loan,
        monkeypatch: pytest.MonkeyPatch,
        at_once: Callable[..., list[Any]],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setattr(repayments, "AT_ONCE", 1)
        on_day(monkeypatch, running, 1)
        results = at_once(4, lambda _number: repayments.take_due())
        assert [result for result in results if isinstance(result, Exception)] == []
        assert not caplog.records  # Nobody met the rule that stands behind the lock.
        assert Transfer.objects.filter(kind="REPAYMENT").count() == 2
        assert RepaymentPart.objects.count() == 2
        assert balance(running.organisation.account) == 200_00 - 17_08

    def test_many_lenders_have_theirs(
        self, acf: Organisation, claire: User, any_code: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        loan = opened(acf)
        for number in range(20):
            lender = join(
                f"Prêteur {number}",
                phone=f"+3361235{number:04}",
                handle=f"lender_{number}",
                external_id=str(50_000 + number),
            )
            load_wallet(lender, 10_00)
            lent(loan, lender, 10_00)
        decided(loan)
        fund(loan, 10_00)
        on_day(monkeypatch, loan, 12)
        monkeypatch.setattr(repayments, "AT_ONCE", 7)
        assert repayments.take_due() == 12
        loan.refresh_from_db()
        assert loan.status == Status.REPAID
        assert min(repayments.owed(loan).values()) == max(repayments.owed(loan).values()) == 0
        assert loan.begun_on
        assert loan.instalments.get(number=12).due_on > loan.begun_on + timedelta(days=360)

"""Loans: opened by staff, lent to up to the goal, and all of it paid or all of it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation

from accounts import audit, freezes, organisations
from accounts.models import Organisation, Role, Seat, User
from giving import loan_endings, loan_life, loans
from giving.models import Instalment, Loan, LoanEvent, LoanShare
from payments import claims, erasures, ledger, life, orders, purposes, risk, settlement
from payments.models import Notification, Order
from tests.addresses import meet
from tests.bodies import accept, facts
from tests.giving.lending import decided, lapse, lend, lent, loan, opened, terms
from tests.people import CODE, place
from tests.people import load as load_wallet

__all__ = ["loan"]
pytestmark = pytest.mark.django_db
Status = Loan.Status


def held(organisation: Organisation) -> int:
    return ledger.balance(ledger.wallet(organisation.account))


def looked_at(order: Order, monkeypatch: pytest.MonkeyPatch) -> Order:
    """A rule holds it until somebody of staff has looked."""
    monkeypatch.setattr(risk, "RULES", {risk.Rule.MANY_PAYEES: lambda _order, _facts: risk.Verdict.REVIEW})
    order = orders.confirm(order, code=CODE)
    assert order.status == Order.Status.REVIEW
    monkeypatch.setattr(risk, "RULES", {})
    return order


class TestPropose:
    def test_waits_for_staff(self, acf: Organisation, lea: User, claire: User) -> None:
        proposed = loans.propose(acf, terms(), by=lea)
        assert (proposed.status, proposed.slug) == (Status.PROPOSED, "un-four-a-pain")
        assert loans.public(proposed.slug) is None
        with pytest.raises(loan_life.LoanClosed):
            lend(proposed, claire, 50_00)

    def test_is_for_organisations_that_staff_know(self, lea: User) -> None:
        with pytest.raises(loans.NotReviewed):
            loans.propose(organisations.found(facts(), by=lea), terms(), by=lea)

    def test_leaves_three_open(self, acf: Organisation, lea: User) -> None:
        slugs = [loans.propose(acf, terms(), by=lea).slug for _ in range(3)]
        assert slugs == ["un-four-a-pain", "un-four-a-pain-2", "un-four-a-pain-3"]
        with pytest.raises(loans.TooMany):
            loans.propose(acf, terms(), by=lea)

    def test_leaves_lenders_a_day(self, acf: Organisation, lea: User) -> None:
        with pytest.raises(loans.TooLate):
            loans.propose(acf, terms(deadline=timezone.now() + timedelta(hours=23)), by=lea)


class TestStaff:
    def test_open_it_under_their_name(self, loan: Loan) -> None:
        assert loan.status == Status.COLLECTING
        assert loans.public(loan.slug) == loan
        (entry,) = audit.of(loan)
        assert (entry.act, entry.staff) == ("loan.accepted", loan.accepted_by)

    def test_refuse_it(self, acf: Organisation, lea: User, odile: User) -> None:
        refused = loans.refuse(loans.propose(acf, terms(), by=lea), by=odile, reason="No accounts")
        assert refused.status == Status.REFUSED
        with pytest.raises(loan_life.LoanClosed):
            loans.accept(refused, by=odile, reason="After all")

    def test_open_none_that_is_over(self, acf: Organisation, lea: User, odile: User) -> None:
        proposed = lapse(loans.propose(acf, terms(), by=lea))
        with pytest.raises(loans.TooLate):
            loans.accept(proposed, by=odile, reason="Read")

    def test_open_none_of_their_own(self, acf: Organisation, lea: User, odile: User) -> None:
        Seat.objects.create(organisation=acf, user=odile, role=Role.READER)
        proposed = loans.propose(acf, terms(), by=lea)
        with pytest.raises(IntegrityError, match="who has no part in it opens a loan"), transaction.atomic():
            loans.accept(proposed, by=odile, reason="Read")


class TestLend:
    def test_sets_the_money_aside(self, loan: Loan, claire: User, with_code: Callable[[User], User]) -> None:
        order = lent(loan, with_code(claire), 60_00)
        assert (order.status, order.kind) == (Order.Status.HELD, "LOAN")
        assert abs(order.expires_at - loan.deadline - loans.DECIDED_WITHIN) < timedelta(minutes=1)
        assert (loans.room(loan), loans.lent(loan)) == (140_00, 60_00)
        assert (ledger.balance(ledger.wallet(claire)), held(loan.organisation)) == (40_00, 0)
        assert Notification.objects.filter(user=claire, kind="PROMISE_HELD").count() == 1
        assert purposes.shown(order) == purposes.Shown("Un four à pain", "/l/un-four-a-pain/")

    def test_says_what_is_left(self, loan: Loan, claire: User, any_code: None) -> None:
        load_wallet(claire, 200_00)
        lent(loan, claire, 170_00)
        with pytest.raises(loans.OverGoal) as refusal:
            lend(loan, claire, 40_00)
        assert refusal.value.left == 30_00
        lent(loan, claire, 25_00)
        with pytest.raises(loans.TooSmall) as small:
            lend(loan, claire, 4_99)
        assert small.value.least == 5_00
        lend(loan, claire, 5_00)

    def test_is_over_once_nothing_is_left(
        self, loan: Loan, claire: User, armand: User, any_code: None
    ) -> None:
        load_wallet(armand, 200_00)
        lent(loan, armand, 200_00)
        with pytest.raises(loan_life.LoanClosed):
            lend(loan, claire, 10_00)

    def test_is_ten_euros_at_least(self, loan: Loan, claire: User) -> None:
        with pytest.raises(loans.TooSmall):
            lend(loan, claire, 9_99)

    def test_once_for_a_form(self, loan: Loan, claire: User) -> None:
        key = uuid4()
        loans.lend(loan, by=claire, amount=10_00, key=key, at=timezone.now())
        with pytest.raises(orders.AlreadyPlaced):
            loans.lend(loan, by=claire, amount=10_00, key=key, at=timezone.now())
        loans.lend(loan, by=claire, amount=20_00, key=key, at=timezone.now())
        assert sorted(Order.objects.values_list("amount", flat=True)) == [10_00, 20_00]

    def test_ends_with_its_time(self, loan: Loan, claire: User, any_code: None) -> None:
        order = lend(loan, claire, 50_00)
        Loan.objects.update(deadline=timezone.now() - timedelta(seconds=1))
        with pytest.raises(purposes.Over):
            orders.confirm(order, code=CODE)
        order.refresh_from_db()
        assert (order.status, order.events.latest("pk").detail) == ("VOIDED", "purpose over")
        loan.refresh_from_db()
        with pytest.raises(loan_life.LoanClosed):
            lend(loan, claire, 50_00)

    def test_asks_no_code_beyond_the_deadline(self, acf: Organisation, claire: User) -> None:
        loan = opened(acf, deadline=timezone.now() + timedelta(hours=25))
        Loan.objects.update(deadline=timezone.now() + timedelta(hours=1))
        loan.refresh_from_db()
        assert lend(loan, claire, 50_00).expires_at <= loan.deadline + timedelta(seconds=5)

    def test_is_never_above_the_goal(self, loan: Loan, claire: User, any_code: None) -> None:
        """Two forms that were filled in at the same time: the code decides."""
        load_wallet(claire, 200_00)
        first, second = lend(loan, claire, 150_00), lend(loan, claire, 60_00)
        orders.confirm(first, code=CODE)
        with pytest.raises(purposes.Over):
            orders.confirm(second, code=CODE)
        assert loans.room(loan) == 50_00

    def test_waits_until_its_lender_agrees(self, loan: Loan, claire: User, any_code: None) -> None:
        said: dict[str, Any] = {"by": claire, "amount": 60_00, "at": timezone.now()}
        order = loans.lend_as_said(loan, channel="x", channel_id="1700000000000000001", **said)
        with pytest.raises(purposes.NotAgreed):
            orders.confirm(order, code=CODE)
        order.refresh_from_db()
        assert (order.status, loans.room(loan)) == (Order.Status.PENDING, 200_00)
        assert purposes.of(order).agreement(order) == str(loans.RISK)
        purposes.of(order).agree(order)
        assert purposes.of(order).agreement(order) == ""
        assert orders.confirm(order, code=CODE).status == Order.Status.HELD

    def test_may_be_taken_back_until_it_is_decided(self, loan: Loan, claire: User, any_code: None) -> None:
        order = lent(loan, claire, 60_00)
        claims.take_back(order)
        assert (loans.room(loan), ledger.balance(ledger.wallet(claire))) == (200_00, 100_00)

    def test_goes_on_when_it_was_looked_at(
        self, loan: Loan, claire: User, any_code: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What a rule holds has its room; released, it waits with the others."""
        order = looked_at(lend(loan, claire, 60_00), monkeypatch)
        assert loans.room(loan) == 140_00
        assert settlement.release(order).status == Order.Status.HELD


class TestDecide:
    def test_pays_all_when_the_goal_is_reached(
        self, loan: Loan, claire: User, armand: User, any_code: None
    ) -> None:
        load_wallet(claire, 100_00)
        load_wallet(armand, 50_00)
        lent(loan, claire, 150_00)
        assert decided(loan).status == Status.COLLECTING
        lent(loan, armand, 50_00)
        assert decided(loan).status == Status.RUNNING
        assert (held(loan.organisation), ledger.balance(ledger.wallet(armand))) == (200_00, 0)
        assert set(Order.objects.values_list("status", flat=True)) == {"PAID"}
        assert loan.instalments.count() == 12
        assert sum(loan.instalments.values_list("principal", flat=True)) == 200_00
        assert [event.status for event in loan.events.all()] == ["PROPOSED", "COLLECTING", "RUNNING"]

    def test_gives_all_back_when_it_is_missed(
        self, loan: Loan, claire: User, armand: User, any_code: None
    ) -> None:
        load_wallet(armand, 50_00)
        lent(loan, claire, 60_00)
        lent(loan, armand, 50_00)
        assert decided(lapse(loan)).status == Status.MISSED
        assert (held(loan.organisation), ledger.balance(ledger.wallet(claire))) == (0, 100_00)
        assert set(Order.objects.values_list("status", flat=True)) == {"RETURNED"}
        assert Notification.objects.filter(kind="PAYMENT_RETURNED").count() == 2

    def test_goes_on_where_it_was_broken_off(
        self, loan: Loan, claire: User, armand: User, any_code: None
    ) -> None:
        load_wallet(armand, 100_00)
        lent(loan, claire, 100_00)
        lent(loan, armand, 100_00)
        assert loan_endings.decide_due() == 1
        assert loan_endings.end_due(limit=1) == 1
        assert held(loan.organisation) == 100_00
        assert loan_endings.decide_due() == 0
        assert loan_endings.end_due() == 1
        assert (held(loan.organisation), loan_endings.end_due()) == (200_00, 0)

    def test_is_stopped_by_nothing_that_its_reviewer_becomes(
        self, loan: Loan, claire: User, any_code: None
    ) -> None:
        assert loan.accepted_by
        Seat.objects.create(organisation=loan.organisation, user=loan.accepted_by, role=Role.READER)
        load_wallet(claire, 100_00)
        lent(loan, claire, 200_00)
        assert decided(loan).status == Status.RUNNING

    def test_leaves_nobody_a_way_back(self, loan: Loan, claire: User, any_code: None) -> None:
        """Decided, and not paid out yet: what was taken stays taken."""
        load_wallet(claire, 100_00)
        order = lent(loan, claire, 200_00)
        loan_endings.decide_due()
        with pytest.raises(life.OrderClosed):
            claims.take_back(order)
        loan_endings.end_due()
        assert held(loan.organisation) == 200_00

    def test_counts_nothing_of_the_frozen(
        self, loan: Loan, claire: User, armand: User, any_code: None
    ) -> None:
        load_wallet(armand, 100_00)
        lent(loan, claire, 100_00)
        lent(loan, armand, 100_00)
        freezes.freeze(armand, reason="asked for it")
        assert decided(loan).status == Status.COLLECTING
        assert (loans.room(loan), ledger.balance(ledger.wallet(armand))) == (100_00, 100_00)

    def test_waits_a_day_for_what_is_looked_at(
        self, loan: Loan, claire: User, any_code: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load_wallet(claire, 100_00)
        order = looked_at(lend(loan, claire, 200_00), monkeypatch)
        Loan.objects.update(deadline=timezone.now() - timedelta(minutes=1))
        assert decided(loan).status == Status.COLLECTING
        settlement.release(order)
        assert decided(loan).status == Status.RUNNING

    def test_gives_back_what_was_looked_at_too_long(
        self, loan: Loan, claire: User, any_code: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order = looked_at(lend(loan, claire, 100_00), monkeypatch)
        Loan.objects.update(deadline=timezone.now() - timedelta(minutes=1))
        assert decided(loan).status == Status.MISSED
        assert settlement.release(order).status == Order.Status.HELD
        loan_endings.end_due()
        assert ledger.balance(ledger.wallet(claire)) == 100_00


class TestLeaving:
    def test_waits_until_all_is_back(self, loan: Loan, claire: User, any_code: None) -> None:
        load_wallet(claire, 100_00)
        lent(loan, claire, 200_00)
        decided(loan)
        with translation.override("en"):
            assert [str(each.words) for each in erasures.in_the_way(claire)] == [
                "You have lent money that is not repaid yet. Wait until all of it is back."
            ]


class TestTables:
    @pytest.mark.parametrize(
        ("rule", "change"),
        [
            ("loan_has_a_goal_of_some_size", {"goal": 99_99}),
            ("loan_is_no_usury", {"rate": 20_01}),
            ("loan_runs_for_some_months", {"term_months": 85}),
            ("loan_runs_for_some_months", {"term_months": 0}),
            ("loan_status_is_known", {"status": "SOLD"}),
            ("loan_is_opened_by_one_of_staff", {"status": "COLLECTING", "accepted_by": None}),
            ("running_loan_runs_since_a_day", {"begun_on": date(2026, 11, 22)}),
        ],
    )
    def test_know_what_a_loan_is(self, loan: Loan, rule: str, change: dict[str, Any]) -> None:
        row = Loan.objects.get()
        row.pk, row.slug = None, "another"
        for name, value in change.items():
            setattr(row, name, value)
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            row.save(force_insert=True)

    def test_let_nobody_open_their_own(self, acf: Organisation, lea: User) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT appoint(%s, %s, %s)", [lea.pk, False, ["Staff"]])
        Seat.objects.filter(user=lea).update(left_at=timezone.now())
        proposed = loans.propose(acf, terms(), by=lea)
        with pytest.raises(IntegrityError, match="nobody_opens_their_own_loan"), transaction.atomic():
            loans.accept(proposed, by=lea, reason="Read")

    def test_let_staff_alone_open_one(self, acf: Organisation, lea: User, claire: User) -> None:
        proposed = loans.propose(acf, terms(), by=lea)
        with pytest.raises(IntegrityError, match="who has no part in it opens a loan"), transaction.atomic():
            loans.accept(proposed, by=claire, reason="Read")

    @pytest.mark.parametrize(
        "change", [{"goal": 300_00}, {"rate": 1}, {"term_months": 3}, {"title": "x"}, {"story": "x"}]
    )
    def test_keep_the_terms(self, loan: Loan, change: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError, match="giving_loan is append-only"), transaction.atomic():
            Loan.objects.update(**change)

    def test_put_no_deadline_off(self, loan: Loan) -> None:
        with pytest.raises(IntegrityError, match="giving_loan is append-only"), transaction.atomic():
            Loan.objects.update(deadline=loan.deadline + timedelta(days=1))

    @pytest.mark.parametrize("status", ["PROPOSED", "REFUSED", "REPAID", "DEFAULTED"])
    def test_know_where_a_status_leads(self, loan: Loan, status: str) -> None:
        with pytest.raises(IntegrityError, match="giving_loan is append-only"), transaction.atomic():
            Loan.objects.update(status=status)

    def test_keep_the_history(self, loan: Loan) -> None:
        with pytest.raises(IntegrityError, match="loan_reaches_a_status_once"), transaction.atomic():
            LoanEvent.objects.create(loan=loan, status="COLLECTING")
        step = LoanEvent.objects.first()
        assert step
        with pytest.raises(Exception, match=r"permission denied|append-only"), transaction.atomic():
            LoanEvent.objects.filter(pk=step.pk).update(status="REPAID")

    def test_take_no_share_of_another_kind(self, loan: Loan, claire: User) -> None:
        order = place(claire, organisations.identity(loan.organisation), 20_00)
        with pytest.raises(IntegrityError, match="has the terms of its order"), transaction.atomic():
            LoanShare.objects.create(order=order, loan=loan, lender=claire)

    def test_take_no_share_of_somebody_elses(self, loan: Loan, claire: User, armand: User) -> None:
        order = lend(loan, claire, 20_00)
        with pytest.raises(IntegrityError, match="giving_loanshare is append-only"), transaction.atomic():
            LoanShare.objects.filter(order=order).update(lender=armand)

    def test_decide_on_a_share_once(self, loan: Loan, claire: User, any_code: None) -> None:
        lent(loan, claire, 20_00)
        decided(lapse(loan))
        with pytest.raises(IntegrityError, match="giving_loanshare is append-only"), transaction.atomic():
            LoanShare.objects.update(is_taken=True)

    @pytest.mark.parametrize(
        ("rule", "change"),
        [
            ("instalments_of_a_loan_are_numbered", {}),
            ("instalment_pays_something", {"principal": 0, "interest": 0, "number": 2}),
            ("instalment_pays_something", {"principal": -1, "number": 2}),
            (
                "instalment_is_paid_or_replaced",
                {"number": 2, "paid_at": timezone.now(), "replaced_at": timezone.now()},
            ),
        ],
    )
    def test_know_what_an_instalment_is(self, loan: Loan, rule: str, change: dict[str, Any]) -> None:
        due = {"loan": loan, "number": 1, "due_on": date(2027, 1, 1), "principal": 5, "interest": 0}
        again = [Instalment(**due), Instalment(**(due | change))]
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            Instalment.objects.bulk_create(again)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_of_one_title_have_two_addresses(
        self,
        acf: Organisation,
        lea: User,
        at_once: Callable[..., list[Any]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        other = organisations.found(facts(name="Pain pour tous", siren="552 100 554"), by=lea)
        bodies = [acf, accept(other, User.objects.filter(is_staff=True)[0])]
        meet(monkeypatch, 2)
        found = at_once(2, lambda number: loans.propose(bodies[number], terms(), by=lea))
        assert sorted(loan.slug for loan in found) == ["un-four-a-pain", "un-four-a-pain-2"]

    def test_of_two_lenders_one_has_the_last_fifty_euros(
        self, loan: Loan, claire: User, armand: User, any_code: None, at_once: Callable[..., list[Any]]
    ) -> None:
        load_wallet(claire, 100_00)
        load_wallet(armand, 100_00)
        lent(loan, claire, 150_00)
        asked = [lend(loan, claire, 50_00), lend(loan, armand, 50_00)]
        results = at_once(2, lambda number: orders.confirm(asked[number], code=CODE))
        assert sorted(type(result).__name__ for result in results) == ["Order", "Over"]
        assert (loans.room(loan), loans.lent(loan)) == (0, 200_00)

    def test_a_loan_is_decided_once(
        self, loan: Loan, claire: User, any_code: None, at_once: Callable[..., list[Any]]
    ) -> None:
        load_wallet(claire, 100_00)
        lent(loan, claire, 200_00)
        results = at_once(4, lambda _number: (loan_endings.decide_due(), loan_endings.end_due()))
        assert [result for result in results if isinstance(result, Exception)] == []
        assert sum(made for made, _ended in results) == 1
        loan_endings.end_due()
        assert held(loan.organisation) == 200_00

    def test_what_is_taken_back_meanwhile_is_not_lent(
        self, loan: Loan, claire: User, any_code: None, at_once: Callable[..., list[Any]]
    ) -> None:
        load_wallet(claire, 100_00)
        order = lent(loan, claire, 200_00)
        work: list[Callable[[], object]] = [loan_endings.decide_due, lambda: claims.take_back(order)]
        at_once(2, lambda number: work[number]())
        loan_endings.end_due()
        loan.refresh_from_db()
        paid = {Status.RUNNING: (200_00, 0), Status.COLLECTING: (0, 200_00)}
        assert (held(loan.organisation), ledger.balance(ledger.wallet(claire))) == paid[Status(loan.status)]

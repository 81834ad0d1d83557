"""Money given back: never more than was paid, never twice, and by two where staff do it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from uuid_utils.compat import uuid7

from accounts import codes, organisations
from accounts.models import Organisation, User
from payments import approvals, ledger, orders, proposals, refunds, self_check, wording
from payments.models import Funding, LedgerAccount, Notification, Order, Proposal, Refund, Transfer
from tests.people import CODE, hurried, load, place

Status, Origin = Refund.Status, Refund.Origin


def wallet_of(user: User) -> int:
    return ledger.balance(ledger.wallet(user))


@pytest.fixture
def paid(claire: User, armand: User, with_code: Callable[[User], User]) -> Order:
    """Armand has 12.99 of Claire, and both have a code."""
    with_code(armand)
    return orders.confirm(place(with_code(claire), armand), code=CODE)


@pytest.fixture
def deciders(odile: User, bruno: User) -> tuple[User, User]:
    """Two of staff who may decide together."""
    return odile, bruno


@pytest.mark.django_db
class TestGive:
    def test_moves_it_from_payee_to_payer_and_tells_both(
        self, paid: Order, claire: User, armand: User
    ) -> None:
        refund = refunds.give(paid, amount=5_00, code=CODE, key=uuid4())
        assert (refund.status, refund.origin) == (Status.SUCCEEDED, Origin.PAYEE)
        assert (wallet_of(claire), wallet_of(armand)) == (92_01, 7_99)
        told = Notification.objects.filter(refund=refund).values_list("user", "kind")
        assert set(told) == {(claire.pk, "REFUND_RECEIVED"), (armand.pk, "REFUND_SENT")}

    def test_of_an_organisation_tells_who_handles_its_money(
        self, acf: Organisation, claire: User, lea: User, with_code: Callable[[User], User]
    ) -> None:
        order = orders.confirm(place(with_code(claire), organisations.identity(acf)), code=CODE)
        refund = refunds.give(order, amount=5_00, code=CODE, key=uuid4(), by=with_code(lea))
        told = Notification.objects.filter(refund=refund).values_list("user", "kind")
        assert set(told) == {(claire.pk, "REFUND_RECEIVED"), (lea.pk, "REFUND_SENT")}

    def test_gives_parts_until_nothing_is_left(self, paid: Order, claire: User) -> None:
        for amount in (5_00, 7_99):
            refunds.give(paid, amount=amount, code=CODE, key=uuid4())
        assert (refunds.left(paid), wallet_of(claire)) == (0, 100_00)
        with pytest.raises(refunds.TooMuch) as refusal:
            refunds.give(paid, amount=1, code=CODE, key=uuid4())
        assert refusal.value.left == 0

    def test_gives_once_for_a_form_that_is_sent_twice(self, paid: Order, claire: User) -> None:
        key = uuid4()
        first, again = (refunds.give(paid, amount=5_00, code=CODE, key=key) for _ in range(2))
        assert first == again
        assert wallet_of(claire) == 92_01

    def test_gives_all_of_it_once_for_a_form_that_is_sent_twice(self, paid: Order, claire: User) -> None:
        """What is left is nothing by then: the second is told of the first, not that it is too much."""
        key = uuid4()
        first, again = (refunds.give(paid, amount=12_99, code=CODE, key=key) for _ in range(2))
        assert (first, refunds.left(paid), wallet_of(claire)) == (again, 0, 100_00)

    def test_wants_the_payees_code_and_counts_a_wrong_one(self, paid: Order, armand: User) -> None:
        with pytest.raises(codes.WrongCode):
            refunds.give(paid, amount=5_00, code="000000", key=uuid4())
        assert wallet_of(armand) == 12_99
        armand.secret_code.refresh_from_db()
        assert armand.secret_code.tries == 1

    def test_gives_nothing_that_was_not_paid(self, claire: User, armand: User) -> None:
        with pytest.raises(refunds.NotPaid):
            refunds.give(place(claire, armand), amount=1, code=CODE, key=uuid4())

    def test_gives_nothing_that_was_spent(self, paid: Order, armand: User, lea: User) -> None:
        orders.confirm(place(armand, lea, 10_00), code=CODE)
        with pytest.raises(refunds.InsufficientFunds) as refusal:
            refunds.give(paid, amount=12_99, code=CODE, key=uuid4())
        assert refusal.value.missing == 10_00
        assert not Refund.objects.exists()

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.bare_transfers
    def test_never_exceeds_the_payment_however_many_give_at_once(
        self, paid: Order, armand: User, at_once: Callable[..., list[Any]], lea: User
    ) -> None:
        ledger.post(  # So that the wallet is not what stops them.
            ledger.Posting(
                id=uuid7(),
                source=ledger.wallet(paid.payer),
                target=ledger.wallet(armand),
                amount=80_00,
                kind=Transfer.Kind.PAYMENT,
            )
        )
        results = at_once(12, lambda _: refunds._give(paid, amount=5_00, key=uuid4()))  # noqa: SLF001  # hashing would put them in a row
        assert sum(isinstance(result, Refund) for result in results) == 2
        assert all(isinstance(result, Refund | refunds.TooMuch) for result in results)


@pytest.mark.django_db
class TestDatabase:
    def test_holds_what_was_given_back_to_what_was_paid(self, paid: Order) -> None:
        with pytest.raises(IntegrityError, match="was paid 1299 cents"), transaction.atomic():
            self.forge(paid, amount=13_00)

    def test_gives_nothing_back_of_an_order_that_is_not_paid(self, claire: User, armand: User) -> None:
        with pytest.raises(IntegrityError, match="were given back"), transaction.atomic():
            self.forge(place(claire, armand), amount=1)

    def test_lets_no_one_of_staff_refund_alone(self, paid: Order, deciders: tuple[User, User]) -> None:
        proposal = refunds.propose(deciders[0], paid, amount=5_00, to_card=False, reason="broken")
        with pytest.raises(IntegrityError, match="takes two of staff"), transaction.atomic():
            self.forge(paid, amount=5_00, origin=Origin.STAFF, proposal=proposal)

    @pytest.mark.django_db(transaction=True)
    def test_waits_for_what_is_given_back_at_this_moment(
        self, paid: Order, at_once: Callable[..., list[Any]]
    ) -> None:
        """Round the domain and its locks, as one who has only the application's role."""
        other = load(paid.payer, 1_00).transfer_id
        with transaction.atomic():
            self.forge(paid, amount=10_00)
            (waited,) = at_once(
                1, lambda _: hurried(lambda: self.forge(paid, amount=10_00, transfer_id=other))
            )
            transaction.set_rollback(True)
        assert "lock timeout" in str(waited)

    @pytest.mark.parametrize(
        ("terms", "rule"),
        [
            ({"amount": 0}, "refund_gives_something_back"),
            ({"origin": Origin.STAFF}, "takes two of staff"),
            ({"origin": Origin.SYSTEM}, "refund_is_of_a_payment"),
            ({"transfer_id": None}, "refund_of_an_order_moved_its_money"),
            ({"status": Status.REQUESTED}, "refund_to_a_card_took_its_money_first"),
            ({"status": Status.FAILED}, "failed_refund_brought_its_money_back|took_its_money_first"),
        ],
    )
    def test_holds_a_refund_to_its_shape(self, paid: Order, terms: dict[str, Any], rule: str) -> None:
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            self.forge(paid, **({"amount": 1} | terms))

    def test_keeps_the_terms_of_a_refund(self, paid: Order) -> None:
        refund = refunds.give(paid, amount=5_00, code=CODE, key=uuid4())
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Refund.objects.filter(pk=refund.pk).update(amount=1)

    def forge(self, order: Order, **terms: Any) -> None:
        about = {"origin": Origin.PAYEE, "status": Status.SUCCEEDED, "transfer_id": order.transfer_id}
        Refund.objects.create(order=order, **(about | terms))


@pytest.mark.django_db
class TestStaff:
    def test_give_back_what_two_of_them_decide(
        self, paid: Order, deciders: tuple[User, User], claire: User
    ) -> None:
        one, other = deciders
        proposal = refunds.propose(one, paid, amount=5_00, to_card=False, reason="paid twice by mistake")
        assert wallet_of(claire) == 87_01
        with pytest.raises(proposals.OwnProposal):
            proposals.approve(proposal, one)
        proposals.approve(proposal, other)
        refund = Refund.objects.get()
        assert (refund.origin, refund.proposal, wallet_of(claire)) == (Origin.STAFF, proposal, 92_01)

    def test_do_it_once(self, paid: Order, deciders: tuple[User, User], claire: User) -> None:
        proposal = refunds.propose(deciders[0], paid, amount=5_00, to_card=False, reason="mistake")
        proposals.approve(proposal, deciders[1])
        with pytest.raises(proposals.ProposalClosed):
            proposals.approve(proposal, deciders[1])
        assert wallet_of(claire) == 92_01

    def test_decide_nothing_that_was_given_back_meanwhile(
        self, paid: Order, deciders: tuple[User, User]
    ) -> None:
        proposal = refunds.propose(deciders[0], paid, amount=10_00, to_card=False, reason="mistake")
        refunds.give(paid, amount=5_00, code=CODE, key=uuid4())
        with pytest.raises(approvals.Outdated):
            proposals.approve(proposal, deciders[1])
        assert Proposal.objects.get().status == Proposal.Status.OPEN

    def test_send_an_order_back_to_its_card_in_parts(
        self, paid: Order, deciders: tuple[User, User], claire: User, armand: User
    ) -> None:
        load(claire, 12_99, order=paid)
        for amount in (5_00, 7_99):
            proposal = refunds.propose(deciders[0], paid, amount=amount, to_card=True, reason="never came")
            proposals.approve(proposal, deciders[1])
        assert (refunds.left(paid), wallet_of(armand)) == (0, 0)
        told = Notification.objects.filter(user=claire, kind="REFUND_RECEIVED")
        for notification in told:
            words = wording.of(notification, language="en").text
            assert "to your card" in words
            assert "wallet" not in words
        assert len(told) == 2

    def test_send_a_top_up_back_to_its_card(self, claire: User, deciders: tuple[User, User]) -> None:
        funding = Funding.objects.get(user=claire)
        proposal = refunds.propose(deciders[0], funding, amount=30_00, to_card=True, reason="asked by letter")
        proposals.approve(proposal, deciders[1])
        refund = Refund.objects.get()
        assert (refund.status, wallet_of(claire)) == (Status.REQUESTED, 70_00)
        assert ledger.balance(ledger.system(LedgerAccount.Kind.CARD_CLEARING)) == -70_00
        assert self_check.run() == []

"""A review: what a rule held is released or returned by staff, by two of them above an amount, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts import freezes
from accounts.models import Identity, User
from payments import alarms, ledger, life, limits, orders, proposals, reviews, risk, self_check, settlement
from payments.models import HeldOrder, Notification, Order, Review
from tests.people import CODE, load, place
from tests.staff import at_desk, list_of, page_of, read

pytestmark = pytest.mark.django_db(transaction=True)
Rule, Verdict = risk.Rule, risk.Verdict


@pytest.fixture
def payer(claire: User, with_code: Callable[[User], User], monkeypatch: pytest.MonkeyPatch) -> User:
    """Limits have their own tests."""
    monkeypatch.setattr(limits, "check_order_seen", lambda _order, _seen: None)
    load(claire, 300_00)
    return with_code(claire)


@pytest.fixture
def held(payer: User, armand: User, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Order]:
    """An order of that amount that a rule has held."""
    monkeypatch.setattr(risk, "RULES", {Rule.MANY_PAYEES: lambda _order, _facts: Verdict.REVIEW})
    return lambda amount: orders.confirm(place(payer, armand, amount), code=CODE)


def balance(user: User) -> int:
    return ledger.balance(ledger.wallet(user))


def told(user: User) -> list[str]:
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


class TestRelease:
    def test_pays_the_payee_and_tells_both(
        self, held: Callable[[int], Order], payer: User, armand: User, odile: User
    ) -> None:
        order = reviews.release(held(80_00), staff=odile, note="A known landlord")
        assert (order.status, balance(armand), balance(payer)) == ("PAID", 80_00, 320_00)
        assert told(payer)[-1] == "PAYMENT_SENT"
        decided = Review.objects.get()
        assert (decided.decision, decided.decided_by, decided.note) == ("RELEASED", odile, "A known landlord")

    def test_is_for_who_may_decide_and_says_why(
        self, held: Callable[[int], Order], agathe: User, odile: User
    ) -> None:
        order = held(80_00)
        with pytest.raises(proposals.NotAllowed):
            reviews.release(order, staff=agathe, note="x")
        with pytest.raises(reviews.NoReason):
            reviews.release(order, staff=odile, note="  ")

    def test_takes_two_above_a_hundred_euros(
        self, held: Callable[[int], Order], armand: User, odile: User, bruno: User
    ) -> None:
        order = held(100_01)
        with pytest.raises(reviews.TakesTwo):
            reviews.release(order, staff=odile, note="ok")
        proposal = reviews.propose_release(order, staff=odile, note="ok")
        with pytest.raises(proposals.OwnProposal):
            proposals.approve(proposal, odile)
        assert balance(armand) == 0
        proposals.approve(proposal, bruno)
        assert balance(armand) == 100_01
        decided = Review.objects.get()
        assert (decided.decided_by, decided.proposal) == (bruno, proposal)

    def test_takes_two_whatever_the_code_does(
        self, held: Callable[[int], Order], odile: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order = held(100_01)
        monkeypatch.setattr(reviews, "TWO_ABOVE", 10**9)
        with pytest.raises(IntegrityError, match="a large release takes two of staff"):
            reviews.release(order, staff=odile, note="ok")
        order.refresh_from_db()
        assert order.status == "REVIEW"

    def test_waits_as_long_as_the_payer_is_frozen(
        self, held: Callable[[int], Order], payer: User, odile: User
    ) -> None:
        order = held(80_00)
        freezes.freeze(payer, reason="test")
        with pytest.raises(freezes.Frozen):
            reviews.release(order, staff=odile, note="ok")
        assert not Review.objects.exists()

    def test_of_what_was_returned_meanwhile_is_refused(
        self, held: Callable[[int], Order], odile: User, bruno: User
    ) -> None:
        order = held(150_00)
        proposal = reviews.propose_release(order, staff=odile, note="ok")
        reviews.give_back(order, staff=bruno, note="A mule")
        with pytest.raises(reviews.NotInReview):
            proposals.approve(proposal, odile if proposal.proposed_by_id != odile.pk else bruno)
        proposal.refresh_from_db()
        assert proposal.status == "OPEN"


class TestGiveBack:
    def test_returns_the_money_and_tells_the_payer_alone(
        self, held: Callable[[int], Order], payer: User, armand: User, odile: User
    ) -> None:
        order = reviews.give_back(held(200_00), staff=odile, note="The payee collects")
        assert (order.status, balance(payer), balance(armand)) == ("RETURNED", 400_00, 0)
        assert told(payer)[-1] == "PAYMENT_RETURNED"
        assert told(armand) == []

    def test_ends_once_of_two_at_once(
        self, held: Callable[[int], Order], odile: User, bruno: User, at_once: Callable[..., list[Any]]
    ) -> None:
        order = held(80_00)
        work = [
            lambda: reviews.release(order, staff=odile, note="ok"),
            lambda: reviews.give_back(order, staff=bruno, note="no"),
        ]
        outcomes = Counter(type(one) for one in at_once(4, lambda number: work[number % 2]()))
        assert outcomes == {Order: 1, reviews.NotInReview: 3}
        assert Review.objects.count() == 1


class TestReturnDue:
    def test_returns_what_nobody_decided_in_five_days(
        self, held: Callable[[int], Order], payer: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        held(80_00)
        assert reviews.return_due() == 0
        monkeypatch.setattr(reviews, "LIFETIME", -reviews.LIFETIME)
        assert reviews.return_due() == 1
        assert balance(payer) == 400_00
        assert Review.objects.get().decided_by is None

    def test_returns_it_whatever_the_people_are_called(
        self, held: Callable[[int], Order], payer: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        held(80_00)
        payer.identities.update(handle="nobody")
        monkeypatch.setattr(reviews, "LIFETIME", -reviews.LIFETIME)
        assert reviews.return_due() == 1

    def test_goes_on_after_one_that_breaks(
        self, held: Callable[[int], Order], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = held(80_00), held(1_00)
        give_back = settlement.give_back

        def break_first(order: Order, status: Order.Status, **facts: Any) -> Order:
            if order.pk == first.pk:
                raise RuntimeError
            return give_back(order, status, **facts)

        monkeypatch.setattr(reviews, "LIFETIME", -reviews.LIFETIME)
        monkeypatch.setattr(settlement, "give_back", break_first)
        assert reviews.return_due() == 1
        second.refresh_from_db()
        assert second.status == "RETURNED"


class TestReview:
    def test_is_released_by_somebody(self, held: Callable[[int], Order]) -> None:
        order = held(80_00)
        settlement.release(order)
        with pytest.raises(IntegrityError, match="review_is_released_by_somebody"), transaction.atomic():
            Review.objects.create(order=order, decision="RELEASED", note="x")

    def test_is_decided_with_a_note(self, held: Callable[[int], Order], odile: User) -> None:
        order = held(80_00)
        with pytest.raises(IntegrityError, match="review_is_decided_with_a_note"), transaction.atomic():
            Review.objects.create(order=order, decision="RETURNED", note="", decided_by=odile)

    def test_never_changes(
        self, held: Callable[[int], Order], odile: User, as_owner: Callable[[str], None]
    ) -> None:
        reviews.give_back(held(80_00), staff=odile, note="no")
        for table in ("payments_review", "payments_riskfinding"):
            with pytest.raises(Exception, match="append-only"):
                as_owner(f"DELETE FROM {table}")
            with pytest.raises(Exception, match="permission denied"), connection.cursor() as cursor:
                cursor.execute(f"UPDATE {table} SET id = id")


class TestSelfCheck:
    def test_misses_a_confirmation_of_other_terms(
        self, held: Callable[[int], Order], odile: User, as_owner: Callable[[str], None]
    ) -> None:
        reviews.release(held(80_00), staff=odile, note="ok")
        as_owner("ALTER TABLE payments_confirmation DISABLE TRIGGER USER")
        try:
            as_owner("UPDATE payments_confirmation SET amount = amount + 1")
            assert [one.rule for one in self_check.run()] == ["what was confirmed is what was agreed to"]
            as_owner("UPDATE payments_confirmation SET amount = amount - 1")
        finally:
            as_owner("ALTER TABLE payments_confirmation ENABLE TRIGGER USER")

    def test_misses_the_rule_that_held_an_order(self, payer: User, armand: User) -> None:
        with transaction.atomic():
            order = life.lock(place(payer, armand))
            order.confirmed_at = order.created_at
            settlement.hold(order)
            life.step(order, Order.Status.REVIEW)
            found = {one.rule for one in self_check.run()}
            transaction.set_rollback(True)
        assert found == {"what was confirmed is what was agreed to", "a rule held what is under review"}


def act_of(order: Order, name: str) -> str:
    return page_of(HeldOrder(pk=order.pk)).replace("/change/", f"/act/{name}/")


class TestPages:
    def test_show_the_queue_the_rule_and_the_history(
        self, held: Callable[[int], Order], desk: Client, payer: User
    ) -> None:
        order = held(80_00)
        assert order.reference in read(desk, list_of(HeldOrder))
        page = read(desk, page_of(HeldOrder(pk=order.pk)))
        for words in ("un seul jour", order.words, "armanddossantos", payer.name):
            assert words in page or words == "un seul jour"
        assert "/act/" not in page
        assert desk.post(act_of(order, "release"), {"reason": "x"}).status_code == 403

    def test_release_a_small_one_and_propose_a_large_one(
        self, held: Callable[[int], Order], odile: User, bruno: User, armand: User
    ) -> None:
        small, large = held(80_00), held(150_00)
        one, other = at_desk(odile), at_desk(bruno)
        assert one.post(act_of(large, "release"), {"reason": "x"}).status_code == 403
        one.post(act_of(small, "release"), {"reason": "Known"})
        one.post(act_of(large, "propose"), {"reason": "Known"})
        assert balance(armand) == 80_00
        proposal = proposals.waiting_for(large)[0]
        other.post(page_of(proposal).replace("/change/", "/act/approve/"))
        assert balance(armand) == 230_00

    def test_say_what_the_domain_refused(
        self, held: Callable[[int], Order], payer: User, odile: User
    ) -> None:
        order = held(80_00)
        freezes.freeze(payer, reason="test")
        answer = at_desk(odile).post(act_of(order, "release"), {"reason": "ok"})
        assert answer.status_code == 200
        at_desk(odile).post(act_of(order, "return"), {"reason": "no"})
        assert balance(payer) == 400_00


class TestNotMe:
    def test_of_a_pending_order_declines_it_and_freezes(self, payer: User, armand: User) -> None:
        order = place(payer, armand)
        alarms.raise_by_payer(order)
        order.refresh_from_db()
        assert order.status == "DECLINED"
        assert freezes.is_frozen(payer)

    def test_of_a_held_order_brings_the_money_back(self, held: Callable[[int], Order], payer: User) -> None:
        order = held(80_00)
        for _ in range(2):
            alarms.raise_by_payer(order)
        assert (balance(payer), Review.objects.get().decided_by) == (400_00, None)

    def test_brings_back_what_was_confirmed_since_the_page_was_read(self, payer: User, bob: Identity) -> None:
        order = place(payer, bob)
        read_before = Order.objects.select_related("payer", "payee").get(pk=order.pk)
        orders.confirm(order, code=CODE)
        alarms.raise_by_payer(read_before)
        order.refresh_from_db()
        assert (order.status, balance(payer)) == ("CANCELLED", 400_00)

    def test_of_a_paid_order_moves_nothing(self, payer: User, armand: User) -> None:
        order = orders.confirm(place(payer, armand), code=CODE)
        alarms.raise_by_payer(order)
        assert balance(armand) == 12_99
        assert freezes.is_frozen(payer)

"""Refunds to a card: asked for once, their end found out, and what comes back is in the wallet again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from payments import acquirer, fundings, ledger, news, outside, refunds, returns
from payments.models import Card, Funding, Notification, Refund
from tests.payments.test_fundings import BACK, wallet_of
from tests.sandbox.cardholder import FRENCH
from tests.sandbox.running import Sandbox

Register = Callable[[User, str], Card]
Status = Refund.Status


@pytest.fixture
def loaded(armand: User, register: Register) -> Funding:
    """Armand has 50.00 from a card that the processor knows."""
    return fundings.load(register(armand, FRENCH), amount=50_00, return_url=BACK)[0]


@pytest.fixture
def owed(loaded: Funding) -> Refund:
    """The card was charged for nothing, and 50.00 are to go back."""
    with transaction.atomic():
        return refunds.return_charge(loaded, amount=50_00)


@pytest.fixture
def broken(processor: Sandbox) -> Iterator[Callable[[str], Any]]:
    """Switches a fault of the processor's on."""

    def switch(kind: str) -> None:
        fault = {"service": "processor", "kind": kind, "share": 100, "seconds": 0.1}
        processor.send("POST", "/sandbox/faults", fault)

    yield switch
    switch("none")


def at_processor(funding: Funding) -> list[Any]:
    client = outside.acquirer()._client  # noqa: SLF001  # a test's look at the other side
    return list(client.v1.refunds.list({"payment_intent": funding.intent_id}).data)


def event(refund: Refund, *, kind: str = "refund.updated", id: str = "evt_1") -> acquirer.Event:
    about = {"id": at_processor(Funding.objects.get(refunds=refund))[0].id}
    return acquirer.Event(id=id, kind=kind, object=about | {"metadata": {"refund": str(refund.pk)}})


def later(refund: Refund) -> None:
    Refund.objects.filter(pk=refund.pk).update(checked_at=timezone.now() - timedelta(hours=1))


@pytest.mark.django_db
class TestReturn:
    def test_leaves_the_wallet_before_the_processor_is_asked(self, owed: Refund, armand: User) -> None:
        assert (owed.status, wallet_of(armand)) == (Status.REQUESTED, 0)
        assert Notification.objects.filter(user=armand, kind="CARD_REFUNDED").count() == 1

    def test_goes_back_to_the_card(self, owed: Refund, loaded: Funding) -> None:
        assert returns.resolve_open() == 1
        owed.refresh_from_db()
        assert owed.status == Status.SUCCEEDED
        assert [(it.amount, it.id) for it in at_processor(loaded)] == [(50_00, owed.return_id)]

    def test_is_owed_once_for_a_charge(self, owed: Refund, loaded: Funding) -> None:
        with pytest.raises((refunds.TooMuch, refunds.InsufficientFunds)), transaction.atomic():
            refunds.return_charge(loaded, amount=50_00)

    @pytest.mark.parametrize("kind", ["429", "500", "500_after", "timeout", "half_body", "bad_json"])
    def test_happens_once_whatever_the_processor_answers(
        self, owed: Refund, loaded: Funding, broken: Callable[[str], Any], kind: str
    ) -> None:
        broken(kind)
        for _ in range(2):
            later(owed)
            returns.resolve_open()
        owed.refresh_from_db()
        assert owed.status == Status.UNKNOWN
        broken("none")
        later(owed)
        returns.resolve_open()
        owed.refresh_from_db()
        assert owed.status == Status.SUCCEEDED
        assert len(at_processor(loaded)) == 1

    def test_finds_what_was_done_and_never_heard_of(self, owed: Refund, loaded: Funding) -> None:
        outside.acquirer().give_back(loaded.intent_id, amount=50_00, refund_id=str(owed.pk))
        returns.resolve_open()
        assert len(at_processor(loaded)) == 1

    @pytest.mark.django_db(transaction=True)
    def test_is_asked_for_once_by_many_workers(
        self, owed: Refund, loaded: Funding, at_once: Callable[..., list[Any]]
    ) -> None:
        assert sum(at_once(8, lambda _: returns.resolve_open())) == 1
        assert len(at_processor(loaded)) == 1

    def test_waits_where_our_key_is_wrong(
        self, owed: Refund, armand: User, settings: Any, processor: Sandbox
    ) -> None:
        settings.ACQUIRER_API_KEY = "sk_test_wrong"
        outside.acquirer.cache_clear()
        returns.resolve_open()
        owed.refresh_from_db()
        assert (owed.status, wallet_of(armand)) == (Status.UNKNOWN, 0)

    @pytest.mark.parametrize("is_known", [True, False])
    def test_waits_where_only_the_question_is_refused(
        self, owed: Refund, loaded: Funding, armand: User, monkeypatch: pytest.MonkeyPatch, is_known: bool
    ) -> None:
        """With the key of another account, the processor knows nothing of it, and may have paid it."""
        made = outside.acquirer().give_back(loaded.intent_id, amount=50_00, refund_id=str(owed.pk))
        if is_known:
            Refund.objects.filter(pk=owed.pk).update(return_id=made.id, status=Status.UNKNOWN)
            later(owed)

        def unknown(*_: Any, **_terms: Any) -> None:
            raise acquirer.Refused("resource_missing")

        with monkeypatch.context() as patch:
            patch.setattr(acquirer.Acquirer, "look_up_return", unknown)
            patch.setattr(acquirer.Acquirer, "find_return", unknown)
            assert returns.resolve_open() == 1
        owed.refresh_from_db()
        assert (owed.status, wallet_of(armand)) == (Status.UNKNOWN, 0)
        later(owed)
        returns.resolve_open()
        owed.refresh_from_db()
        assert (owed.status, wallet_of(armand)) == (Status.SUCCEEDED, 0)

    def test_wakes_a_person_where_a_failed_one_was_paid(
        self, owed: Refund, loaded: Funding, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def refused(*_: Any, **_terms: Any) -> None:
            raise acquirer.Refused("charge_disputed")

        with monkeypatch.context() as patch:
            patch.setattr(acquirer.Acquirer, "give_back", refused)
            returns.resolve_open()
        outside.acquirer().give_back(loaded.intent_id, amount=50_00, refund_id=str(owed.pk))
        news.take(event(owed))
        owed.refresh_from_db()
        assert owed.status == Status.FAILED
        assert [it.message for it in caplog.records if it.levelname == "CRITICAL"] == [
            "A refund that had failed was paid"
        ]


@pytest.mark.django_db
class TestLookAgain:
    """No webhook says it: we ask."""

    @pytest.fixture
    def taken(self, owed: Refund) -> Refund:
        returns.resolve_open()
        owed.refresh_from_db()
        return owed

    def test_brings_back_what_the_bank_sent_back_since(
        self, taken: Refund, armand: User, processor: Sandbox
    ) -> None:
        processor.send("POST", f"/processor/refunds/{taken.return_id}/fail")
        self.age(taken, days=1)
        assert returns.look_again() == 1
        taken.refresh_from_db()
        assert (taken.status, wallet_of(armand)) == (Status.FAILED, 50_00)
        assert Notification.objects.filter(user=armand, kind="CARD_REFUND_FAILED").count() == 1

    def test_asks_once_a_day_for_weeks(self, taken: Refund, armand: User) -> None:
        assert returns.look_again() == 0
        self.age(taken, days=1)
        assert [returns.look_again() for _ in range(2)] == [1, 0]
        self.age(taken, days=60)
        Refund.objects.update(created_at=timezone.now() - timedelta(days=60))
        assert returns.look_again() == 0
        assert wallet_of(armand) == 0

    def test_says_nothing_while_the_processor_does_not_answer(
        self, taken: Refund, armand: User, broken: Callable[[str], Any]
    ) -> None:
        broken("500")
        self.age(taken, days=1)
        assert returns.look_again() == 1
        taken.refresh_from_db()
        assert (taken.status, wallet_of(armand)) == (Status.SUCCEEDED, 0)

    def age(self, refund: Refund, *, days: int) -> None:
        Refund.objects.filter(pk=refund.pk).update(checked_at=timezone.now() - timedelta(days=days))


@pytest.mark.django_db
class TestTakeEvent:
    def test_counts_once_however_often_it_is_read(self, owed: Refund, armand: User) -> None:
        returns.resolve_open()
        for number in range(50):
            news.take(event(owed, id=f"evt_{number % 3}"))
        owed.refresh_from_db()
        assert (owed.status, wallet_of(armand)) == (Status.SUCCEEDED, 0)

    def test_may_come_before_our_own_answer(self, owed: Refund, loaded: Funding) -> None:
        outside.acquirer().give_back(loaded.intent_id, amount=50_00, refund_id=str(owed.pk))
        news.take(event(owed, kind="refund.created"))
        owed.refresh_from_db()
        assert owed.status == Status.SUCCEEDED
        assert returns.resolve_open() == 0

    def test_brings_back_once_what_the_bank_did_not_keep(
        self, owed: Refund, armand: User, processor: Sandbox
    ) -> None:
        returns.resolve_open()
        owed.refresh_from_db()
        processor.send("POST", f"/processor/refunds/{owed.return_id}/fail")
        for number in range(3):
            news.take(event(owed, kind="refund.failed", id=f"evt_{number}"))
        owed.refresh_from_db()
        assert (owed.status, wallet_of(armand)) == (Status.FAILED, 50_00)
        assert Notification.objects.filter(user=armand, kind="CARD_REFUND_FAILED").count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_brings_it_back_once_for_fifty_at_once(
        self, owed: Refund, armand: User, processor: Sandbox, at_once: Callable[..., list[Any]]
    ) -> None:
        returns.resolve_open()
        owed.refresh_from_db()
        processor.send("POST", f"/processor/refunds/{owed.return_id}/fail")
        failed = event(owed, kind="refund.failed")
        told = [
            acquirer.Event(id=f"evt_{number}", kind=failed.kind, object=failed.object) for number in range(50)
        ]
        assert at_once(50, lambda number: news.take(told[number])) == [None] * 50
        assert wallet_of(armand) == 50_00

    def test_leaves_alone_what_is_not_ours(
        self, owed: Refund, loaded: Funding, caplog: pytest.LogCaptureFixture
    ) -> None:
        stranger = acquirer.Event(id="evt_1", kind="refund.created", object={"id": "re_1", "metadata": {}})
        news.take(stranger)
        assert "nobody here asked for" in caplog.text
        assert ledger.balance(ledger.wallet(loaded.user)) == 0

"""A cardholder's bank takes money back: from what is left; what was spent is owed, never a wallet's debt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import freezes
from accounts.models import User
from payments import (
    acquirer,
    cards,
    chargebacks,
    clock,
    fundings,
    ledger,
    news,
    orders,
    outside,
    refunds,
    returns,
    risk,
)
from payments.models import Card, Chargeback, Funding, LedgerAccount, Notification
from tests.payments.test_fundings import BACK, wallet_of
from tests.people import CODE, place
from tests.sandbox.cardholder import FRENCH
from tests.sandbox.running import Sandbox

Register = Callable[[User, str], Card]
State, Status = acquirer.DisputeState, Chargeback.Status


def owed() -> int:
    return -ledger.balance(ledger.system(LedgerAccount.Kind.RECEIVABLE))


def dispute_of(funding: Funding, **changes: Any) -> acquirer.Dispute:
    plain = acquirer.Dispute(
        id="dp_1", state=State.OPEN, amount=funding.amount, currency="eur", charge_id=funding.intent_id
    )
    return replace(plain, **changes)


@pytest.fixture
def loaded(claire: User) -> Funding:
    return Funding.objects.get(user=claire)


@pytest.fixture
def stated(monkeypatch: pytest.MonkeyPatch, loaded: Funding) -> Callable[..., None]:
    """What the processor states of a dispute, and its webhook."""

    def state(*, id: str = "evt_1", **changes: Any) -> None:
        dispute = dispute_of(loaded, **changes)
        monkeypatch.setattr(acquirer.Acquirer, "look_up_dispute", lambda *_: dispute)
        news.take(acquirer.Event(id=id, kind="charge.dispute.updated", object={"id": dispute.id}))

    return state


@pytest.mark.django_db
class TestOpen:
    def test_takes_what_is_left_in_the_wallet(self, stated: Callable[..., None], claire: User) -> None:
        stated(amount=40_00)
        assert (wallet_of(claire), owed()) == (60_00, 0)

    def test_owes_what_was_spent(
        self, stated: Callable[..., None], claire: User, armand: User, with_code: Callable[[User], User]
    ) -> None:
        orders.confirm(place(with_code(claire), armand, 80_00), code=CODE)
        stated()
        assert (wallet_of(claire), wallet_of(armand), owed()) == (0, 80_00, 80_00)
        chargeback = Chargeback.objects.get()
        assert (chargeback.taken, chargeback.owed, chargeback.status) == (20_00, 80_00, Status.OPEN)

    def test_freezes_the_member_and_tells_them(self, stated: Callable[..., None], claire: User) -> None:
        stated()
        assert freezes.is_frozen(claire)
        assert Notification.objects.filter(user=claire, kind="CHARGEBACK_OPENED").count() == 1

    def test_is_known_to_the_rules_until_it_is_decided_for_us(
        self, stated: Callable[..., None], claire: User, armand: User
    ) -> None:
        order = place(claire, armand)
        stated()
        assert risk.gather(order).was_charged_back
        stated(id="evt_2", state=State.WON)
        assert not risk.gather(order).was_charged_back

    def test_counts_once_however_often_it_is_told(self, stated: Callable[..., None], claire: User) -> None:
        for number in range(5):
            stated(id=f"evt_{number % 2}", amount=40_00)
        assert wallet_of(claire) == 60_00

    def test_is_not_paid_silently_by_what_comes_in_later(
        self, stated: Callable[..., None], claire: User, armand: User, with_code: Callable[[User], User]
    ) -> None:
        paid = orders.confirm(place(with_code(claire), armand, 80_00), code=CODE)
        stated()
        refunds._give(paid, amount=30_00, key=paid.pk)  # noqa: SLF001  # his code is not what this is about
        assert (wallet_of(claire), owed()) == (30_00, 80_00)

    def test_takes_nothing_while_the_bank_only_asks(self, stated: Callable[..., None], claire: User) -> None:
        stated(state=State.INQUIRY)
        assert (wallet_of(claire), Chargeback.objects.count()) == (100_00, 0)

    @pytest.mark.parametrize("other", [{"currency": "usd"}, {"amount": 0}], ids=str)
    def test_takes_nothing_for_what_is_no_top_up(
        self,
        stated: Callable[..., None],
        claire: User,
        other: dict[str, Any],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        stated(**other)
        assert wallet_of(claire) == 100_00
        assert "CRITICAL" in caplog.text

    @pytest.mark.django_db(transaction=True)
    def test_never_makes_a_wallet_negative_while_it_is_spent(
        self, loaded: Funding, claire: User, armand: User, any_code: None, at_once: Callable[..., list[Any]]
    ) -> None:
        waiting = [place(claire, armand, 30_00) for _ in range(3)]

        def work(number: int) -> None:
            if number < 3:
                orders.confirm(waiting[number], code=CODE)
            else:
                chargebacks._record(loaded, dispute_of(loaded))  # noqa: SLF001  # what the processor states

        at_once(6, work)
        assert wallet_of(claire) == 0
        assert owed() == wallet_of(armand)
        assert Chargeback.objects.count() == 1


@pytest.mark.django_db
class TestClose:
    def test_brings_all_back_once_when_it_is_won(
        self, stated: Callable[..., None], claire: User, armand: User, with_code: Callable[[User], User]
    ) -> None:
        orders.confirm(place(with_code(claire), armand, 80_00), code=CODE)
        stated()
        for number in range(3):
            stated(id=f"evt_won_{number}", state=State.WON)
        assert (wallet_of(claire), owed()) == (20_00, 0)
        assert freezes.is_frozen(claire)  # Staff look at it first.

    def test_moves_nothing_more_when_it_is_lost(self, stated: Callable[..., None], claire: User) -> None:
        stated(amount=40_00)
        stated(id="evt_2", amount=40_00, state=State.LOST)
        stated(id="evt_3", amount=40_00)  # Late news of its beginning.
        assert wallet_of(claire) == 60_00
        assert Chargeback.objects.get().status == Status.LOST

    def test_may_be_heard_of_only_when_it_is_won(self, stated: Callable[..., None], claire: User) -> None:
        stated(state=State.WON)
        assert (wallet_of(claire), Chargeback.objects.get().status) == (100_00, Status.WON)


@pytest.mark.django_db
class TestAsk:
    @pytest.fixture
    def listed(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
        """What the processor lists, and states of each."""

        def state(*disputes: acquirer.Dispute) -> None:
            monkeypatch.setattr(acquirer.Acquirer, "disputes", lambda *_, **_since: list(disputes))

        return state

    def test_hears_that_what_was_lost_is_won(
        self, listed: Callable[..., None], loaded: Funding, claire: User
    ) -> None:
        for state, status, held in (
            (State.LOST, Status.LOST, 0),
            (State.LOST, Status.LOST, 0),
            (State.WON, Status.WON, 100_00),
        ):
            listed(dispute_of(loaded, state=state))
            chargebacks.ask()
            assert (Chargeback.objects.get().status, wallet_of(claire)) == (status, held)

    def test_hears_of_the_others_where_one_cannot_be_recorded(
        self,
        listed: Callable[..., None],
        loaded: Funding,
        claire: User,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def unknown(*_: Any) -> None:
            raise acquirer.Refused("resource_missing")

        monkeypatch.setattr(acquirer.Acquirer, "look_up", unknown)
        listed(dispute_of(loaded, id="dp_0", charge_id="None"), dispute_of(loaded))
        chargebacks.ask()
        assert (wallet_of(claire), Chargeback.objects.get().dispute_id) == (0, "dp_1")
        assert "could not be recorded" in caplog.text


@pytest.mark.django_db
class TestDatabase:
    @pytest.mark.parametrize(
        ("terms", "rule"),
        [
            ({"owed": 1}, "chargeback_is_taken_or_owed"),
            ({"wallet_transfer_id": None}, "chargeback_moved_its_money"),
            (
                {"status": Status.WON, "closed_at": "2026-11-22T00:00Z"},
                "won_chargeback_brought_its_money_back",
            ),
            ({"status": Status.LOST}, "closed_chargeback_was_closed_at_a_moment"),
        ],
    )
    def test_holds_a_chargeback_to_its_shape(self, loaded: Funding, terms: dict[str, Any], rule: str) -> None:
        plain = {
            "funding": loaded,
            "dispute_id": "dp_9",
            "amount": 1,
            "taken": 1,
            "owed": 0,
            "wallet_transfer_id": loaded.transfer_id,
        }
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            Chargeback.objects.create(**(plain | terms))

    def test_keeps_its_terms(self, stated: Callable[..., None]) -> None:
        stated()
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Chargeback.objects.update(amount=1, taken=1)


@pytest.mark.django_db
class TestAtTheProcessor:
    """Over HTTP: the sandbox's cardholder contests."""

    def test_is_found_without_its_webhook(self, armand: User, register: Register, processor: Sandbox) -> None:
        self.contest(armand, register, processor)
        chargebacks.ask()
        assert (wallet_of(armand), Chargeback.objects.get().funding.user) == (0, armand)

    def test_is_found_months_later(
        self, armand: User, register: Register, processor: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A question of the bank's becomes a dispute, which keeps the day of the question."""
        self.contest(armand, register, processor)
        monkeypatch.setattr(clock, "now", lambda: timezone.now() + timedelta(days=100))
        chargebacks.ask()
        assert (wallet_of(armand), Chargeback.objects.count()) == (0, 1)

    def test_credits_first_what_was_never_heard_of(
        self, armand: User, register: Register, processor: Sandbox
    ) -> None:
        """The charge succeeded after our timeout, and its cardholder contests before we heard of it."""
        funding = Funding.objects.create(user=armand, card=register(armand, FRENCH), amount=50_00)
        charge = outside.acquirer().charge_unseen(
            cards.details(funding.card), amount=50_00, funding_id=str(funding.pk)
        )
        self.press(processor, charge.id)
        chargebacks.ask()
        funding.refresh_from_db()
        assert (funding.status, wallet_of(armand)) == (Funding.Status.SUCCEEDED, 0)

    def test_refund_of_it_comes_back_and_pays_nothing(
        self, armand: User, register: Register, processor: Sandbox
    ) -> None:
        """The processor refuses to give back what the bank has taken: it would be paid twice."""
        funding = fundings.load(register(armand, FRENCH), amount=50_00, return_url=BACK)[0]
        with transaction.atomic():
            refunds.return_charge(funding, amount=50_00)
        self.press(processor, funding.intent_id)
        chargebacks.ask()
        returns.resolve_open()
        assert funding.refunds.get().status == "FAILED"
        assert (wallet_of(armand), owed()) == (50_00, 50_00)

    def contest(self, user: User, register: Register, processor: Sandbox) -> None:
        funding = fundings.load(register(user, FRENCH), amount=50_00, return_url=BACK)[0]
        self.press(processor, funding.intent_id)

    def press(self, processor: Sandbox, intent_id: str) -> None:
        client = outside.acquirer()._client  # noqa: SLF001  # a test's look at the other side
        charge = client.v1.payment_intents.retrieve(intent_id).latest_charge
        processor.send("POST", f"/processor/charges/{charge}/dispute")

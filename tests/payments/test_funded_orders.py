"""An order whose wallet lacks some of it: the card pays the rest, once, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import stripe
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import codes, freezes
from accounts.models import User
from payments import acquirer, cards, fundings, ledger, news, orders, outside, returns, self_check
from payments.models import Card, Funding, LedgerAccount, Notification, Order, Refund
from tests.outside import answer_bank
from tests.payments.test_fundings import charge_lost, wallet_of
from tests.people import CODE, load, place
from tests.sandbox.cardholder import ASKS, FRENCH, LACKS_FUNDS, SLOW
from tests.sandbox.running import Sandbox

BACK = "http://localhost:9/orders/back/"
Register = Callable[[User, str], Card]
Status = Order.Status


@pytest.fixture
def lucie(lea: User, with_code: Callable[[User], User], processor: Sandbox) -> User:
    """Léa with a code and 5 euros, known to the processor: an order of 12.99 lacks 7.99."""
    load(with_code(lea), 5_00)
    customer_id = outside.acquirer().open_customer(user_id=lea.pk, key=f"test-{uuid4()}")
    lea.cards.update(customer_id=customer_id)
    return lea


@pytest.fixture
def waiting(lucie: User, armand: User) -> Order:
    return place(lucie, armand)


@pytest.fixture
def broken(processor: Sandbox) -> Iterator[Callable[[str], Any]]:
    """Switches a fault of the processor's on."""

    def switch(kind: str) -> None:
        fault = {"service": "processor", "kind": kind, "share": 100, "seconds": 0.1}
        processor.send("POST", "/sandbox/faults", fault)

    yield switch
    switch("none")


def pay(order: Order, card: Card, *, at_most: int = 7_99, code: str = CODE) -> tuple[Order, str]:
    return fundings.pay(order, code=code, card=card, at_most=at_most, return_url=BACK)


def asking(order: Order, card: Card) -> Funding:
    """The code was given, and the process that was to ask the card died."""
    orders.confirm(order, code=CODE, card=card, at_most=7_99)
    return Funding.objects.get(order=order, status="CREATED")


def told(charge: acquirer.Charge, funding: Funding, *, id: str = "evt_1") -> acquirer.Event:
    about = {"id": charge.id, "metadata": {"funding": str(funding.pk)}}
    return acquirer.Event(id=id, kind="payment_intent.succeeded", object=about)


def long_ago(funding: Funding) -> None:
    hours = timezone.now() - timedelta(hours=2)
    Funding.objects.filter(pk=funding.pk).update(created_at=hours, checked_at=hours)


def status(order: Order) -> str:
    return Order.objects.values_list("status", flat=True).get(pk=order.pk)


@pytest.mark.django_db
class TestPay:
    def test_takes_what_the_wallet_lacks_from_the_card(
        self, waiting: Order, lucie: User, armand: User, register: Register
    ) -> None:
        order, url = pay(waiting, register(lucie, FRENCH))
        assert (order.status, url) == (Status.PAID, "")
        assert (wallet_of(lucie), wallet_of(armand)) == (0, 12_99)
        assert Funding.objects.get(order=order).amount == 7_99

    def test_asks_no_card_where_the_wallet_suffices(self, claire: User, armand: User, with_code: Any) -> None:
        order, _url = pay(place(with_code(claire), armand), claire.cards.get())
        assert (order.status, order.fundings.count()) == (Status.PAID, 0)

    def test_asks_for_no_less_than_the_processor_takes(
        self, lucie: User, armand: User, register: Register
    ) -> None:
        order, _url = pay(place(lucie, armand, 5_01), register(lucie, FRENCH))
        assert (order.status, wallet_of(lucie)) == (Status.PAID, 49)

    def test_takes_no_more_than_the_payer_was_shown(
        self, waiting: Order, lucie: User, register: Register
    ) -> None:
        card = register(lucie, FRENCH)
        with pytest.raises(orders.InsufficientFunds) as refusal:
            pay(waiting, card, at_most=7_98)
        assert refusal.value.missing == 7_99
        assert (status(waiting), Funding.objects.filter(order=waiting).count()) == (Status.PENDING, 0)

    def test_asks_nothing_for_a_wrong_code(self, waiting: Order, lucie: User, register: Register) -> None:
        card = register(lucie, FRENCH)
        with pytest.raises(codes.WrongCode):
            pay(waiting, card, code="000000")
        assert not Funding.objects.filter(order=waiting).exists()

    def test_waits_for_the_code_again_when_the_card_is_declined(
        self, waiting: Order, lucie: User, register: Register
    ) -> None:
        order, _url = pay(waiting, register(lucie, LACKS_FUNDS))
        assert (order.status, order.confirmed_at) == (Status.PENDING, None)
        assert Notification.objects.filter(user=lucie, kind="FUNDING_FAILED").count() == 1
        assert pay(order, register(lucie, FRENCH))[0].status == Status.PAID

    def test_may_be_declined_many_times(self, waiting: Order, lucie: User, register: Register) -> None:
        card = register(lucie, LACKS_FUNDS)
        for _ in range(3):
            assert pay(waiting, card)[0].status == Status.PENDING

    @pytest.mark.parametrize(("answer", "end"), [("approve", "PAID"), ("refuse", "PENDING")])
    def test_sends_the_cardholder_to_their_bank_and_back(
        self, waiting: Order, lucie: User, register: Register, answer: str, end: str
    ) -> None:
        order, url = pay(waiting, register(lucie, ASKS))
        funding = fundings.asked_for(order)
        assert funding
        assert (order.status, funding.status) == (Status.FUNDING, "ACTION")
        assert fundings.bank_page(funding) == url
        answer_bank(url, answer)
        fundings.refresh(funding)
        assert status(order) == end

    def test_gives_up_the_bank_that_nobody_goes_to(
        self, waiting: Order, lucie: User, register: Register
    ) -> None:
        order, url = pay(waiting, register(lucie, ASKS))
        fundings.give_up(Funding.objects.get(order=order))
        assert status(order) == Status.PENDING
        answer_bank(url, "approve")  # Too late: the charge is cancelled.
        assert pay(Order.objects.get(pk=order.pk), register(lucie, FRENCH))[0].status == Status.PAID
        assert wallet_of(lucie) == 0

    def test_pays_for_one_who_has_not_joined(self, lucie: User, bob: Any, register: Register) -> None:
        order, _url = pay(place(lucie, bob), register(lucie, FRENCH))
        assert order.status == Status.HELD

    @pytest.mark.django_db(transaction=True)
    def test_asks_once_from_many_tabs(
        self, waiting: Order, lucie: User, register: Register, at_once: Callable[..., list[Any]]
    ) -> None:
        card = register(lucie, FRENCH)
        at_once(5, lambda _: pay(Order.objects.get(pk=waiting.pk), card))
        assert Funding.objects.filter(order=waiting).count() == 1
        assert (status(waiting), wallet_of(lucie)) == (Status.PAID, 0)


@pytest.mark.django_db
class TestUnknownEnd:
    @pytest.mark.parametrize("kind", ["500_after", "timeout", "half_body", "bad_json"])
    def test_is_found_out_when_the_answer_was_lost(
        self, waiting: Order, lucie: User, register: Register, broken: Callable[[str], Any], kind: str
    ) -> None:
        card = register(lucie, FRENCH)
        broken(kind)
        order, _url = pay(waiting, card)
        assert order.status == Status.FUNDING
        broken("none")
        fundings.refresh(Funding.objects.get(order=order))
        assert (status(order), wallet_of(lucie)) == (Status.PAID, 0)

    @pytest.mark.parametrize("kind", ["429", "500"])
    def test_ends_when_the_processor_never_got_it(
        self, waiting: Order, lucie: User, register: Register, broken: Callable[[str], Any], kind: str
    ) -> None:
        card = register(lucie, FRENCH)
        broken(kind)
        order, _url = pay(waiting, card)
        broken("none")
        funding = Funding.objects.get(order=order)
        fundings.refresh(funding)
        assert status(order) == Status.FUNDING
        long_ago(funding)
        fundings.resolve_open()
        assert status(order) == Status.PENDING

    def test_is_found_out_for_a_bank_that_answers_after_our_timeout(
        self, waiting: Order, lucie: User, register: Register, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        card = register(lucie, SLOW)
        hasty = stripe.RequestsClient(timeout=0.3)
        monkeypatch.setattr(outside.acquirer()._client._requestor, "_client", hasty)  # noqa: SLF001  # our own timeout is 10 s
        order, _url = pay(waiting, card)
        assert order.status == Status.FUNDING

    def test_is_asked_after_the_death_of_the_process(
        self, waiting: Order, lucie: User, register: Register
    ) -> None:
        funding = asking(waiting, register(lucie, FRENCH))
        charge_lost(funding)
        long_ago(funding)
        fundings.resolve_open()
        assert status(waiting) == Status.PAID


@pytest.mark.django_db
class TestNews:
    def test_may_come_before_our_answer_and_the_redirect(
        self, waiting: Order, lucie: User, register: Register
    ) -> None:
        funding = asking(waiting, register(lucie, FRENCH))
        charge = charge_lost(funding)
        for number in range(3):
            news.take(told(charge, funding, id=f"evt_{number}"))
        assert (status(waiting), wallet_of(lucie)) == (Status.PAID, 0)
        fundings.refresh(funding)
        assert Funding.objects.get(pk=funding.pk).status == "SUCCEEDED"

    def test_does_not_end_what_is_taken_up_again_with_the_cardholder(
        self, waiting: Order, lucie: User, register: Register
    ) -> None:
        """The refusal of a card that wants its holder is told while they are on their way to the bank."""
        card = register(lucie, ASKS)
        funding = asking(waiting, card)
        with pytest.raises(acquirer.Declined) as refusal:
            outside.acquirer().charge_unseen(
                cards.details(card), amount=funding.amount, funding_id=str(funding.pk)
            )
        assert refusal.value.charge
        news.take(told(refusal.value.charge, funding))
        assert status(waiting) == Status.FUNDING
        long_ago(funding)
        fundings.resolve_open()
        assert status(waiting) == Status.PENDING

    @pytest.mark.django_db(transaction=True)
    def test_pays_once_for_fifty_at_once(
        self, waiting: Order, lucie: User, armand: User, register: Register, at_once: Callable[..., list[Any]]
    ) -> None:
        funding = asking(waiting, register(lucie, FRENCH))
        charge = charge_lost(funding)
        results = at_once(50, lambda number: news.take(told(charge, funding, id=f"evt_{number}")))
        assert results == [None] * 50
        assert (wallet_of(lucie), wallet_of(armand)) == (0, 12_99)

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.usefixtures("any_code")
    def test_keeps_the_order_of_locks_beside_other_payments(
        self, waiting: Order, lucie: User, armand: User, register: Register, at_once: Callable[..., list[Any]]
    ) -> None:
        """Webhook, page and sweep settle while the payer pays another order, and declines one."""
        other, third = place(lucie, armand, 1_00), place(lucie, armand, 2_00)
        funding = asking(waiting, register(lucie, FRENCH))
        charge = charge_lost(funding)
        works: list[Callable[[], Any]] = [
            lambda: news.take(told(charge, funding)),
            lambda: fundings.refresh(funding),
            lambda: orders.confirm(other, code=CODE),
            lambda: orders.decline(third),
        ]
        results = at_once(12, lambda number: works[number % 4]())
        assert not [it for it in results if "deadlock" in str(it)]
        assert status(waiting) in {Status.PAID, Status.PENDING}


@pytest.mark.django_db
class TestChargedForNothing:
    """What the card gave for an order that went another way goes back to it, whole, by itself."""

    def test_after_we_gave_up(self, waiting: Order, lucie: User, register: Register) -> None:
        funding = asking(waiting, register(lucie, FRENCH))
        fundings._refuse(funding, problem="not_received")  # noqa: SLF001  # as the sweep does in time
        orders.decline(waiting)
        news.take(told(charge_lost(funding), funding))
        self.is_given_back(funding, 7_99)
        assert wallet_of(lucie) == 5_00

    def test_after_another_card_has_paid(
        self, waiting: Order, lucie: User, armand: User, register: Register
    ) -> None:
        card = register(lucie, FRENCH)
        first = asking(waiting, card)
        fundings._refuse(first, problem="not_received")  # noqa: SLF001  # as the sweep does in time
        pay(Order.objects.get(pk=waiting.pk), card)
        news.take(told(charge_lost(first), first))
        self.is_given_back(first, 7_99)
        assert (wallet_of(lucie), wallet_of(armand)) == (0, 12_99)

    def test_while_another_card_is_asked(self, waiting: Order, lucie: User, register: Register) -> None:
        card = register(lucie, FRENCH)
        first = asking(waiting, card)
        fundings._refuse(first, problem="not_received")  # noqa: SLF001  # as the sweep does in time
        asking(waiting, card)
        news.take(told(charge_lost(first), first))
        self.is_given_back(first, 7_99)
        assert status(waiting) == Status.FUNDING

    def test_when_the_wallet_was_spent_meanwhile(
        self, waiting: Order, lucie: User, armand: User, register: Register
    ) -> None:
        other = place(lucie, armand, 3_00)
        funding = asking(waiting, register(lucie, FRENCH))
        orders.confirm(other, code=CODE)
        news.take(told(charge_lost(funding), funding))
        assert status(waiting) == Status.PENDING
        self.is_given_back(funding, 7_99)
        assert wallet_of(lucie) == 2_00

    def test_when_the_payer_was_frozen_meanwhile(
        self, waiting: Order, lucie: User, register: Register
    ) -> None:
        funding = asking(waiting, register(lucie, FRENCH))
        freezes.freeze(lucie, reason="stolen phone")
        news.take(told(charge_lost(funding), funding))
        assert status(waiting) == Status.PENDING
        self.is_given_back(funding, 7_99)

    def test_when_the_payee_left_meanwhile(
        self, waiting: Order, lucie: User, armand: User, register: Register
    ) -> None:
        funding = asking(waiting, register(lucie, FRENCH))
        armand.identities.update(refuses_since=timezone.now())
        news.take(told(charge_lost(funding), funding))
        assert status(waiting) == Status.VOIDED
        self.is_given_back(funding, 7_99)

    def is_given_back(self, funding: Funding, amount: int) -> None:
        refund = Refund.objects.get(funding=funding)
        assert (refund.amount, refund.origin, refund.status) == (amount, "SYSTEM", "REQUESTED")
        assert Notification.objects.filter(refund=refund, kind="CARD_REFUNDED").count() == 1
        before = ledger.balance(ledger.system(LedgerAccount.Kind.CARD_CLEARING))
        returns.resolve_open()
        refund.refresh_from_db()
        assert refund.status == "SUCCEEDED"
        assert ledger.balance(ledger.system(LedgerAccount.Kind.CARD_CLEARING)) == before
        assert self_check.run() == []


@pytest.mark.django_db
class TestPost:
    """An edit or deletion after the code changes nothing, unless the code is asked for again."""

    def test_does_not_stop_a_card_that_is_asked(
        self, waiting: Order, lucie: User, register: Register
    ) -> None:
        funding = asking(waiting, register(lucie, FRENCH))
        with pytest.raises(orders.OrderClosed):
            orders.void(waiting, detail="post deleted")
        news.take(told(charge_lost(funding), funding))
        assert status(waiting) == Status.PAID

    def test_voids_the_order_when_the_card_does_not_pay(
        self, waiting: Order, lucie: User, register: Register
    ) -> None:
        funding = asking(waiting, register(lucie, FRENCH))
        with pytest.raises(orders.OrderClosed):
            orders.void(waiting, detail="post deleted")
        fundings._refuse(funding, problem="card_declined")  # noqa: SLF001  # whatever the reason
        assert status(waiting) == Status.VOIDED
        assert waiting.events.filter(detail="post deleted", status=Status.VOIDED).exists()


@pytest.mark.django_db
class TestDatabase:
    def test_asks_one_card_at_a_time(self, waiting: Order, lucie: User) -> None:
        card = lucie.cards.get()
        Funding.objects.create(user=lucie, card=card, amount=1_00, order=waiting, status="FAILED")
        asked = {"user": lucie, "card": card, "amount": 1_00, "order": waiting}
        with pytest.raises(IntegrityError, match="order_asks_one_card_at_a_time"), transaction.atomic():
            Funding.objects.bulk_create([Funding(**asked), Funding(**asked)])

    def test_keeps_the_terms_of_a_funding(self, waiting: Order, lucie: User) -> None:
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Funding.objects.filter(user=lucie).update(order=waiting)


@pytest.mark.django_db
class TestPages:
    def test_pay_by_card_from_the_confirm_page(
        self, client: Client, waiting: Order, lucie: User, register: Register
    ) -> None:
        card = register(lucie, FRENCH)
        client.force_login(lucie)
        address = reverse("confirm", args=[waiting.reference])
        page = client.get(address).content.decode()
        assert 'name="at_most" value="799"' in page
        answer = client.post(address, {"code": CODE, "card": card.pk, "at_most": "799"})
        assert answer.headers["Location"] == reverse("paid", args=[waiting.reference])

    def test_say_why_the_card_did_not_pay(
        self, client: Client, waiting: Order, lucie: User, register: Register
    ) -> None:
        card = register(lucie, LACKS_FUNDS)
        client.force_login(lucie)
        address = reverse("confirm", args=[waiting.reference])
        page = client.post(address, {"code": CODE, "card": card.pk, "at_most": "799"}, follow=True)
        assert 'class="callout callout-bad"' in page.content.decode()

    def test_take_no_card_of_another(self, client: Client, waiting: Order, lucie: User, claire: User) -> None:
        client.force_login(lucie)
        address = reverse("confirm", args=[waiting.reference])
        answer = client.post(address, {"code": CODE, "card": claire.cards.get().pk, "at_most": "799"})
        assert (answer.status_code, status(waiting)) == (422, Status.PENDING)

    def test_wait_visibly_and_come_back_from_the_bank_to_the_same_order(
        self, client: Client, waiting: Order, lucie: User, register: Register
    ) -> None:
        card = register(lucie, ASKS)
        client.force_login(lucie)
        address = reverse("confirm", args=[waiting.reference])
        bank = client.post(address, {"code": CODE, "card": card.pk, "at_most": "799"}).headers["Location"]
        assert "/authenticate/" in bank
        page = client.get(reverse("order", args=[waiting.reference])).content.decode()
        assert reverse("order_approve", args=[waiting.reference]) in page
        assert client.post(reverse("order_approve", args=[waiting.reference])).headers["Location"] == bank
        answer_bank(bank, "approve")
        back = client.get(reverse("order_back", args=[waiting.reference]))
        assert back.headers["Location"] == reverse("paid", args=[waiting.reference])

    def test_are_the_payers_alone(
        self, client: Client, waiting: Order, armand: User, with_code: Callable[[User], User]
    ) -> None:
        client.force_login(with_code(armand))
        assert client.get(reverse("order_back", args=[waiting.reference])).status_code == 404
        for name in ("order_approve", "order_give_up"):
            assert client.post(reverse(name, args=[waiting.reference])).status_code == 404

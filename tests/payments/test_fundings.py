"""A wallet is loaded once for each payment at the processor, however its news arrive."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import stripe
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import freezes
from accounts.models import User
from payments import acquirer, cards, erasures, fundings, ledger, life, limits, news, outside, self_check
from payments.models import AcquirerEvent, Card, Funding, LedgerAccount, Notification
from tests.outside import answer_bank, type_card
from tests.people import load
from tests.sandbox.cardholder import ASKS, FOREIGN, FRENCH, LACKS_FUNDS
from tests.sandbox.running import Sandbox

NO_OBJECT_ID = b'{"id": "evt_1", "object": "event", "type": "x", "data": {"object": {}}}'
LONG_ID = b'{"id": "evt_1", "object": "event", "type": "x", "data": {"object": {"id": "%s"}}}' % (b"p" * 65)
WHOLE_EVENT = (
    b'{"id": "evt_1", "object": "event", "type": "payment_intent.succeeded",'
    b' "data": {"object": {"id": "pi_1", "object": "payment_intent", "metadata": {}}}}'
)
BACK = "http://localhost:9/load/{funding}/"
Register = Callable[[User, str], Card]
Status = Funding.Status


def wallet_of(user: User) -> int:
    return ledger.balance(ledger.wallet(user))


def event(charge_id: str, funding: Funding, *, id: str = "evt_1") -> acquirer.Event:
    about = {"id": charge_id, "metadata": {"funding": str(funding.pk)}}
    return acquirer.Event(id=id, kind="payment_intent.succeeded", object=about)


def is_attached(page_id: str) -> bool:
    """Whether the processor has the card still that was registered on that page."""
    details = outside.acquirer().registered_card(page_id)[1]
    return bool(details and details.customer_id)


@pytest.mark.django_db
class TestCards:
    def test_keeps_a_french_card_without_its_number(self, armand: User, register: Register) -> None:
        card = register(armand, FRENCH)
        assert (card.country, card.brand, card.last4) == ("FR", "visa", "0003")
        assert FRENCH not in json.dumps([str(value) for value in vars(card).values()])

    def test_refuses_a_foreign_card(self, armand: User, register: Register) -> None:
        with pytest.raises(cards.ForeignCard) as refusal:
            register(armand, FOREIGN)
        assert refusal.value.country == "US"
        assert cards.of(armand) == []

    def test_keeps_the_same_card_once(self, armand: User, register: Register) -> None:
        first = register(armand, FRENCH)
        with pytest.raises(cards.AlreadyRegistered) as known:
            register(armand, FRENCH)
        assert known.value.card == first

    def test_gives_nobody_the_card_of_another(self, armand: User, lea: User, processor: Sandbox) -> None:
        page_id = type_card(armand, FRENCH)
        with pytest.raises(cards.NotTheirs):
            cards.finish(lea, page_id=page_id)
        assert cards.of(lea) == []

    def test_forgets_a_card(self, armand: User, register: Register) -> None:
        cards.remove(register(armand, FRENCH))
        assert cards.of(armand) == []

    def test_does_not_take_back_a_card_that_was_removed(self, armand: User, processor: Sandbox) -> None:
        """The page's address is still in the browser's history, and its webhook may be late."""
        page_id = type_card(armand, FRENCH)
        cards.remove(cards.finish(armand, page_id=page_id))
        with pytest.raises(cards.NoCard):
            cards.finish(armand, page_id=page_id)
        assert cards.of(armand) == []

    def test_forgets_a_card_that_the_processor_forgot_before(self, armand: User, register: Register) -> None:
        card = register(armand, FRENCH)
        outside.acquirer().forget_card(card.method_id)
        cards.remove(card)
        assert cards.of(armand) == []

    def test_keeps_a_card_that_the_processor_may_have_still(
        self, armand: User, register: Register, settings: Any
    ) -> None:
        card = register(armand, FRENCH)
        settings.ACQUIRER_API_KEY = "sk_test_wrong"
        outside.acquirer.cache_clear()
        for forget in (cards.remove, cards.erase):
            with pytest.raises(acquirer.Unreachable):
                forget(card)
        assert (cards.of(armand), cards.of(armand)[0].method_id) == ([card], card.method_id)

    @pytest.mark.parametrize("problem", [stripe.AuthenticationError, stripe.PermissionError])
    def test_tells_a_wrong_key_whatever_is_wrong_with_it(self, problem: type[stripe.StripeError]) -> None:
        with pytest.raises(acquirer.Refused) as refusal, acquirer._answers():  # noqa: SLF001  # what every call is in
            raise problem("expired", code="api_key_expired")
        assert str(refusal.value) in acquirer.OUR_KEY

    def test_leaves_no_foreign_card_at_the_processor(self, armand: User, processor: Sandbox) -> None:
        page_id = type_card(armand, FOREIGN)
        for _ in range(2):
            with pytest.raises(cards.ForeignCard):
                cards.finish(armand, page_id=page_id)
        assert not is_attached(page_id)

    def test_charges_a_card_by_what_it_is_since_it_was_renewed(
        self, armand: User, processor: Sandbox
    ) -> None:
        pages = [type_card(armand, FRENCH, expiry=expiry) for expiry in ("12 / 29", "11 / 39")]
        first = cards.finish(armand, page_id=pages[0])
        for _ in range(2):
            with pytest.raises(cards.AlreadyRegistered):
                cards.finish(armand, page_id=pages[1])
        (card,) = cards.of(armand)
        assert (card, card.method_id != first.method_id) == (first, True)
        assert (card.expiry_month, card.expiry_year) == (11, 2039)
        assert [is_attached(page_id) for page_id in pages] == [False, True]
        assert fundings.load(card, amount=50_00, return_url=BACK)[0].status == Status.SUCCEEDED

    def test_keeps_a_renewed_card_when_the_old_ones_page_is_heard_of_again(
        self, armand: User, processor: Sandbox
    ) -> None:
        pages = [type_card(armand, FRENCH) for _ in range(2)]
        first = cards.finish(armand, page_id=pages[0])
        with pytest.raises(cards.AlreadyRegistered):
            cards.finish(armand, page_id=pages[1])
        with pytest.raises(cards.NoCard):
            cards.finish(armand, page_id=pages[0])
        assert cards.of(armand)[0].method_id != first.method_id
        assert is_attached(pages[1])

    @pytest.mark.django_db(transaction=True)
    def test_keeps_the_card_that_redirect_and_webhook_bring_at_once(
        self, armand: User, processor: Sandbox, at_once: Callable[..., list[Any]]
    ) -> None:
        page_id = type_card(armand, FRENCH)
        came = at_once(6, lambda _: cards.finish(armand, page_id=page_id))
        assert sorted(type(it).__name__ for it in came) == ["AlreadyRegistered"] * 5 + ["Card"]
        assert is_attached(page_id)

    @pytest.mark.django_db(transaction=True)
    def test_leaves_no_card_at_the_processor_of_who_has_left(self, armand: User, processor: Sandbox) -> None:
        page_id = type_card(armand, FRENCH)
        erasures._erase(armand)  # noqa: SLF001  # what they showed is not what this is about
        about = {"id": page_id, "mode": "setup", "client_reference_id": str(armand.pk)}
        for _ in range(2):
            news.take(acquirer.Event(id="evt_1", kind="checkout.session.completed", object=about))
        assert cards.of(armand) == []
        assert not is_attached(page_id)

    def test_takes_no_foreign_card_around_the_domain(self, claire: User) -> None:
        with pytest.raises(IntegrityError, match="card_is_french"), transaction.atomic():
            Card.objects.filter(user=claire).update(country="US")


@pytest.mark.django_db
class TestLoad:
    def test_moves_what_the_card_gave(self, armand: User, register: Register) -> None:
        funding, url = fundings.load(register(armand, FRENCH), amount=50_00, return_url=BACK)
        assert (funding.status, url) == (Status.SUCCEEDED, "")
        assert wallet_of(armand) == 50_00
        assert ledger.balance(ledger.system(LedgerAccount.Kind.CARD_CLEARING)) == -50_00
        assert Notification.objects.get(user=armand).kind == "WALLET_LOADED"
        assert self_check.run() == []

    def test_is_not_for_the_frozen(self, armand: User, register: Register) -> None:
        card = register(armand, FRENCH)
        freezes.freeze(armand, reason="a stolen phone")
        with pytest.raises(freezes.Frozen):
            fundings.load(card, amount=50_00, return_url=BACK)
        assert not Funding.objects.filter(user=armand).exists()

    def test_leaves_nothing_of_a_declined_card(self, armand: User, register: Register) -> None:
        funding, _ = fundings.load(register(armand, LACKS_FUNDS), amount=50_00, return_url=BACK)
        assert (funding.status, funding.problem) == (Status.FAILED, "insufficient_funds")
        assert wallet_of(armand) == 0
        assert Notification.objects.get(user=armand).kind == "LOAD_REFUSED"

    @pytest.mark.parametrize(
        ("answer", "status", "balance"), [("approve", "SUCCEEDED", 50_00), ("refuse", "FAILED", 0)]
    )
    def test_sends_the_cardholder_to_their_bank(
        self, armand: User, register: Register, answer: str, status: str, balance: int
    ) -> None:
        funding, url = fundings.load(register(armand, ASKS), amount=50_00, return_url=BACK)
        assert funding.status == Status.ACTION
        answer_bank(url, answer)
        assert fundings.refresh(funding).status == status
        assert wallet_of(armand) == balance

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("number", [FRENCH, ASKS])
    def test_asks_once_for_a_form_that_is_sent_twice(
        self, armand: User, register: Register, at_once: Callable[..., list[Any]], number: str
    ) -> None:
        card, key = register(armand, number), uuid4()
        at_once(5, lambda _: fundings.load(card, amount=50_00, return_url=BACK, key=key))
        funding, url = fundings.load(card, amount=50_00, return_url=BACK, key=key)
        if number == ASKS:
            answer_bank(url, "approve")  # Whichever was the last to answer, the way to the bank is there.
            fundings.refresh(funding)
        assert wallet_of(armand) == 50_00
        assert Funding.objects.count() == 1

    def test_takes_a_form_that_was_filled_in_otherwise_for_another(
        self, armand: User, register: Register
    ) -> None:
        card, key = register(armand, FRENCH), uuid4()
        for amount in (50_00, 20_00):
            fundings.load(card, amount=amount, return_url=BACK, key=key)
        assert wallet_of(armand) == 70_00

    def test_refuses_less_than_five_euros(self, claire: User) -> None:
        with pytest.raises(fundings.TooSmall):
            fundings.load(cards.of(claire)[0], amount=4_99, return_url=BACK)

    def test_refuses_more_than_one_top_up_may_be(self, claire: User) -> None:
        with pytest.raises(limits.OverLimit):
            fundings.load(cards.of(claire)[0], amount=500_01, return_url=BACK)

    def test_refuses_to_fill_the_wallet_over_its_ceiling(self, claire: User) -> None:
        load(claire, 2_200_00)
        with pytest.raises(limits.OverLimit) as refusal:
            fundings.load(cards.of(claire)[0], amount=300_00, return_url=BACK)
        assert refusal.value.allowed == 200_00
        assert Funding.objects.filter(status="CREATED").count() == 0

    @pytest.mark.django_db(transaction=True)
    def test_fills_the_wallet_to_its_ceiling_however_many_cards_are_asked(
        self, armand: User, register: Register, at_once: Callable[..., list[Any]]
    ) -> None:
        """Each waits for its cardholder at their bank, and may bring what it asks for."""
        card = register(armand, ASKS)
        load(armand, 2_300_00)
        came = at_once(6, lambda _: fundings.load(card, amount=100_00, return_url=BACK))
        assert sorted(type(it).__name__ for it in came) == ["OverLimit"] * 4 + ["tuple"] * 2
        pages = [url for _funding, url in (it for it in came if isinstance(it, tuple))]
        answer_bank(pages[0], "refuse")
        answer_bank(pages[1], "approve")
        for funding in Funding.objects.filter(status=Status.ACTION):
            fundings.refresh(funding)
        assert wallet_of(armand) == 2_400_00
        with pytest.raises(limits.OverLimit) as refusal:
            fundings.load(card, amount=100_01, return_url=BACK)
        assert refusal.value.allowed == 100_00
        fundings.load(card, amount=100_00, return_url=BACK)

    def test_is_not_for_who_was_frozen_while_it_waited_for_its_turn(
        self, armand: User, register: Register, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        card, lock = register(armand, FRENCH), life.lock_payer

        def lock_late(payer: User) -> None:
            freezes.freeze(payer, reason="a stolen phone")
            lock(payer)

        monkeypatch.setattr(life, "lock_payer", lock_late)
        with pytest.raises(freezes.Frozen):
            fundings.load(card, amount=50_00, return_url=BACK)
        assert not Funding.objects.filter(user=armand).exists()


@pytest.mark.django_db
class TestUnknownEnd:
    def test_waits_when_the_processor_does_not_answer(
        self, armand: User, register: Register, processor: Sandbox
    ) -> None:
        card = register(armand, FRENCH)
        processor.send("POST", "/sandbox/faults", {"service": "processor", "kind": "500", "share": 100})
        try:
            funding, _ = fundings.load(card, amount=50_00, return_url=BACK)
        finally:
            processor.send("POST", "/sandbox/faults", {"service": "processor", "kind": "none"})
        assert funding.status == Status.UNKNOWN
        assert wallet_of(armand) == 0

    def test_finds_the_charge_whose_answer_was_lost(self, armand: User, register: Register) -> None:
        card = register(armand, FRENCH)
        funding = Funding.objects.create(user=armand, card=card, amount=50_00, checked_at=long_ago())
        charge_lost(funding)
        assert fundings.resolve_open() == 1
        funding.refresh_from_db()
        assert funding.status == Status.SUCCEEDED
        assert wallet_of(armand) == 50_00

    def test_gives_up_what_never_reached_the_processor(self, armand: User, register: Register) -> None:
        card = register(armand, FRENCH)
        lost = Funding.objects.create(
            user=armand, card=card, amount=50_00, checked_at=long_ago(), created_at=long_ago()
        )
        fundings.resolve_open()
        lost.refresh_from_db()
        assert (lost.status, lost.problem) == (Status.FAILED, "not_received")

    def test_credits_what_was_taken_after_we_gave_up(self, armand: User, register: Register) -> None:
        funding = Funding.objects.create(
            user=armand, card=register(armand, FRENCH), amount=50_00, status="FAILED"
        )
        charge = charge_lost(funding)
        fundings.take_event(event(charge.id, funding))
        assert wallet_of(armand) == 50_00

    def test_is_asked_about_behind_one_that_breaks(
        self, armand: User, register: Register, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        card = register(armand, FRENCH)
        first, second = (
            Funding.objects.create(user=armand, card=card, amount=50_00, checked_at=long_ago())
            for _ in range(2)
        )
        charge_lost(second)
        find = acquirer.Acquirer.find

        def break_(processor: acquirer.Acquirer, **asked: Any) -> Any:
            if asked["funding_id"] == str(first.pk):
                raise KeyError("status")
            return find(processor, **asked)

        monkeypatch.setattr(acquirer.Acquirer, "find", break_)
        fundings.resolve_open()
        second.refresh_from_db()
        assert second.status == Status.SUCCEEDED
        assert fundings.resolve_open() == 0  # The broken one is not the first again at once.


@pytest.mark.django_db
class TestForeignCharge:
    @pytest.mark.parametrize(
        "other",
        [{"currency": "usd"}, {"currency": "jpy"}, {"funding_id": "01a2"}, {"funding_id": ""}, {"amount": 0}],
        ids=str,
    )
    def test_is_never_credited(
        self,
        armand: User,
        register: Register,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        other: dict[str, Any],
    ) -> None:
        funding = Funding.objects.create(user=armand, card=register(armand, FRENCH), amount=50_00)
        charge = replace(charge_lost(funding), **other)
        monkeypatch.setattr(acquirer.Acquirer, "look_up", lambda *_: charge)
        fundings.take_event(event(charge.id, funding))
        funding.refresh_from_db()
        assert (funding.status, wallet_of(armand)) == (Status.UNKNOWN, 0)
        assert "CRITICAL" in caplog.text


@pytest.mark.django_db
class TestTakeEvent:
    def test_credits_once_for_redirect_and_webhook(self, armand: User, register: Register) -> None:
        funding, _ = fundings.load(register(armand, FRENCH), amount=50_00, return_url=BACK)
        for number in range(3):
            fundings.take_event(event(funding.intent_id, funding, id=f"evt_{number}"))
        assert wallet_of(armand) == 50_00

    def test_believes_the_api_and_not_the_webhook(self, armand: User, register: Register) -> None:
        funding, _ = fundings.load(register(armand, ASKS), amount=50_00, return_url=BACK)
        fundings.take_event(event(funding.intent_id, funding))
        assert wallet_of(armand) == 0

    @pytest.mark.django_db(transaction=True)
    def test_credits_once_for_fifty_at_once(
        self, armand: User, register: Register, at_once: Callable[..., list[object]]
    ) -> None:
        funding = Funding.objects.create(user=armand, card=register(armand, FRENCH), amount=50_00)
        charge = charge_lost(funding)
        assert at_once(50, lambda _: fundings.take_event(event(charge.id, funding))) == [None] * 50
        assert wallet_of(armand) == 50_00
        assert AcquirerEvent.objects.count() == 1
        assert self_check.run() == []


@pytest.mark.django_db
class TestWebhook:
    URL = "/webhooks/acquirer"

    def test_takes_what_the_processor_signed(self, client: Client, armand: User, register: Register) -> None:
        funding = Funding.objects.create(user=armand, card=register(armand, FRENCH), amount=50_00)
        charge = charge_lost(funding)
        about = {"id": charge.id, "object": "payment_intent", "metadata": {"funding": str(funding.pk)}}
        body = {
            "id": "evt_9",
            "object": "event",
            "type": "payment_intent.succeeded",
            "data": {"object": about},
        }
        for _ in range(2):
            assert self.send(client, body).status_code == 200
        assert wallet_of(armand) == 50_00

    def test_takes_an_event_about_somebody_elses_payment(self, client: Client) -> None:
        """So that what is refused below is refused for its signature alone."""
        assert self.send(client, WHOLE_EVENT).status_code == 200

    def test_refuses_a_forged_signature(self, client: Client) -> None:
        assert self.send(client, WHOLE_EVENT, secret="whsec_other").status_code == 400

    def test_refuses_one_without_a_signature(self, client: Client) -> None:
        assert client.post(self.URL, WHOLE_EVENT, content_type="application/json").status_code == 400

    def test_refuses_an_old_one(self, client: Client) -> None:
        assert self.send(client, WHOLE_EVENT, at=int(time.time()) - 301).status_code == 400

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[]", b"null", b'{"id": 1}', b"\xff", NO_OBJECT_ID, LONG_ID]
    )
    def test_refuses_what_is_no_event(self, client: Client, body: bytes) -> None:
        assert self.send(client, body).status_code == 400
        assert not AcquirerEvent.objects.exists()

    def test_answers_nothing_but_a_post(self, client: Client) -> None:
        assert client.get(self.URL).status_code == 405

    def send(self, client: Client, body: Any, *, secret: str = "", at: int | None = None) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        moment = at or int(time.time())
        key = (secret or settings.ACQUIRER_WEBHOOK_SECRET).encode()
        signed = hmac.new(key, f"{moment}.".encode() + raw, hashlib.sha256).hexdigest()
        headers = {"Stripe-Signature": f"t={moment},v1={signed}"}
        return client.post(self.URL, raw, content_type="application/json", headers=headers)


def long_ago() -> Any:
    return timezone.now() - timedelta(hours=1)


def charge_lost(funding: Funding) -> acquirer.Charge:
    """The processor charges the card, and we never hear of it."""
    return outside.acquirer().charge(
        cards.details(funding.card),
        amount=funding.amount,
        funding_id=str(funding.pk),
        return_url="http://localhost:9/back",
    )

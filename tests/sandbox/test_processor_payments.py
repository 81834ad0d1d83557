"""Charging registered cards: outcomes, once and only once, refunds, and what is told by webhook."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.sandbox import cardholder as cards
from tests.sandbox import running
from tests.sandbox.cardholder import HOME, Cardholder
from tests.sandbox.outside import SECRET, Listener, Outside


class TestConfirm:
    def test_succeeds(self, cardholder: Cardholder) -> None:
        payment = cardholder.pay(cardholder.register(cards.FRENCH), expand=["latest_charge"])
        assert (payment.status, payment.amount_received) == ("succeeded", 2000)
        assert isinstance(payment.latest_charge, stripe.Charge)
        assert payment.latest_charge.paid

    @pytest.mark.parametrize(
        ("number", "code", "decline_code"),
        [
            (cards.LACKS_FUNDS, "card_declined", "insufficient_funds"),
            (cards.ASKS, "authentication_required", "authentication_required"),
        ],
    )
    def test_decline_says_why_and_stays(
        self, cardholder: Cardholder, number: str, code: str, decline_code: str
    ) -> None:
        with pytest.raises(stripe.CardError) as refused:
            cardholder.pay(cardholder.register(number))
        error = refused.value.error
        assert (refused.value.http_status, refused.value.code) == (402, code)
        assert error is not None
        assert error.decline_code == decline_code
        assert error.payment_intent is not None
        assert error.payment_intent.status == "requires_payment_method"
        assert refused.value.request_id
        (kept,) = cardholder.payments()
        assert (kept.id, kept.status) == (error.payment_intent.id, "requires_payment_method")
        cardholder.outside.listener.event("payment_intent.payment_failed", kept.id)

    def test_payment_that_needed_its_cardholder_goes_on_with_them(self, cardholder: Cardholder) -> None:
        method = cardholder.register(cards.ASKS)
        with pytest.raises(stripe.CardError):
            cardholder.pay(method)
        (payment,) = cardholder.payments()
        wish: Any = {"payment_method": method.id, "return_url": HOME}
        asked = cardholder.client.v1.payment_intents.confirm(payment.id, wish)
        assert asked.status == "requires_action"

    def test_somebody_elses_card_is_refused(self, cardholder: Cardholder, neighbour: Cardholder) -> None:
        with pytest.raises(stripe.InvalidRequestError, match="does not have a payment method"):
            neighbour.pay(cardholder.register(cards.FRENCH))
        assert neighbour.payments() == []

    def test_cancels_what_is_not_paid(self, cardholder: Cardholder) -> None:
        method = cardholder.register(cards.ASKS)
        waiting = cardholder.pay(method, off_session=False, return_url=HOME)
        assert cardholder.client.v1.payment_intents.cancel(waiting.id).status == "canceled"
        paid = cardholder.pay(cardholder.register(cards.FRENCH))
        with pytest.raises(stripe.InvalidRequestError, match="status of succeeded") as refused:
            cardholder.client.v1.payment_intents.cancel(paid.id)
        assert refused.value.code == "payment_intent_unexpected_state"

    def test_is_found_by_its_metadata(self, cardholder: Cardholder) -> None:
        method = cardholder.register(cards.FRENCH)
        wanted = cardholder.pay(method, metadata={"funding": f"wanted-{cardholder.customer}"})
        cardholder.pay(method, metadata={"funding": "other"})
        query = f"metadata['funding']:'wanted-{cardholder.customer}' AND status:'succeeded'"
        assert [it.id for it in cardholder.client.v1.payment_intents.search({"query": query}).data] == [
            wanted.id
        ]


class TestSlowBank:
    def test_succeeds_after_the_clients_timeout(self, cardholder: Cardholder) -> None:
        method = cardholder.register(cards.SLOW)
        hasty = cardholder.outside.stripe(http_client=stripe.RequestsClient(timeout=0.5))
        with pytest.raises(stripe.APIConnectionError):
            Cardholder(cardholder.outside, hasty, cardholder.customer).pay(
                method, key=f"slow-{cardholder.customer}"
            )
        (payment,) = cardholder.payments()
        assert payment.status == "processing"
        cardholder.outside.listener.event("payment_intent.succeeded", payment.id)
        assert [it.status for it in cardholder.payments()] == ["succeeded"]

    def test_key_is_busy_meanwhile_and_answers_the_same_after(self, cardholder: Cardholder) -> None:
        method, key = cardholder.register(cards.SLOW), f"busy-{cardholder.customer}"
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(cardholder.pay, method, key=key)
            while not cardholder.payments():
                time.sleep(0.01)
            with pytest.raises(stripe.APIError, match="in-progress") as busy:
                cardholder.pay(method, key=key)
            assert busy.value.http_status == 409
            paid = first.result()
        assert (paid.status, cardholder.pay(method, key=key).id) == ("succeeded", paid.id)
        assert len(cardholder.payments()) == 1

    def test_payment_survives_the_death_of_the_processor(self, tmp_path: Path) -> None:
        first = running.start(tmp_path, SANDBOX_SLOW_SECONDS="2")
        cardholder = Cardholder.new(Outside(first.url, 0, Listener()))
        method = cardholder.register(cards.SLOW)
        with ThreadPoolExecutor(1) as pool:
            broken = pool.submit(cardholder.pay, method, key="killed")
            while not cardholder.payments():
                time.sleep(0.01)
            first.process.kill()
            first.process.wait()
            assert isinstance(broken.exception(), stripe.APIConnectionError)
        second = running.start(tmp_path, SANDBOX_SLOW_SECONDS="2")
        world = Outside(second.url, 0, Listener())
        again = Cardholder(world, world.stripe(), cardholder.customer)
        while [it.status for it in again.payments()] != ["succeeded"]:
            time.sleep(0.05)
        patient = Cardholder(world, world.stripe(max_network_retries=8), cardholder.customer)
        assert patient.pay(method, key="killed").id == again.payments()[0].id
        assert len(again.payments()) == 1
        assert running.stop(second) == 0


class TestIdempotency:
    def test_same_key_answers_the_same(self, cardholder: Cardholder) -> None:
        method, key = cardholder.register(cards.FRENCH), f"same-{cardholder.customer}"
        first, again = cardholder.pay(method, key=key), cardholder.pay(method, key=key)
        assert first.last_response
        assert again.last_response
        assert first.last_response.body == again.last_response.body
        assert again.last_response.headers["Idempotent-Replayed"] == "true"
        assert first.last_response.request_id == again.last_response.request_id
        assert len(cardholder.payments()) == 1

    def test_decline_is_answered_again_too(self, cardholder: Cardholder) -> None:
        method, key = cardholder.register(cards.LACKS_FUNDS), f"decline-{cardholder.customer}"
        for _ in range(2):
            with pytest.raises(stripe.CardError):
                cardholder.pay(method, key=key)
        assert len(cardholder.payments()) == 1

    def test_other_parameters_are_refused(self, cardholder: Cardholder) -> None:
        method, key = cardholder.register(cards.FRENCH), f"other-{cardholder.customer}"
        cardholder.pay(method, key=key)
        with pytest.raises(stripe.IdempotencyError, match="same parameters") as refused:
            cardholder.pay(method, key=key, amount=2001)
        assert refused.value.http_status == 400
        assert len(cardholder.payments()) == 1

    def test_request_that_was_not_carried_out_leaves_its_key_free(self, cardholder: Cardholder) -> None:
        method, key = cardholder.register(cards.FRENCH), f"free-{cardholder.customer}"
        with pytest.raises(stripe.InvalidRequestError):
            cardholder.pay(method, key=key, amount=1)
        assert cardholder.pay(method, key=key).status == "succeeded"

    def test_twenty_at_once_make_one_payment(self, cardholder: Cardholder) -> None:
        method, key = cardholder.register(cards.FRENCH), f"race-{cardholder.customer}"
        barrier = threading.Barrier(20)

        def pay() -> str:
            same = Cardholder(cardholder.outside, cardholder.outside.stripe(), cardholder.customer)
            barrier.wait()
            try:
                return same.pay(method, key=key).id
            except stripe.APIError as busy:
                return f"{busy.http_status}"

        with ThreadPoolExecutor(20) as pool:
            ids = set(pool.map(lambda _: pay(), range(20))) - {"409"}
        (payment,) = cardholder.payments()
        assert ids == {payment.id}

    def test_stripes_own_retries_get_through(self, cardholder: Cardholder) -> None:
        method, key = cardholder.register(cards.FRENCH), f"retries-{cardholder.customer}"
        patient = Cardholder(
            cardholder.outside, cardholder.outside.stripe(max_network_retries=5), cardholder.customer
        )
        with ThreadPoolExecutor(8) as pool:
            ids = set(pool.map(lambda _: patient.pay(method, key=key).id, range(8)))
        assert len(ids) == len(cardholder.payments()) == 1


class TestRefund:
    def test_gives_back_parts_and_then_no_more(self, cardholder: Cardholder) -> None:
        payment = cardholder.pay(cardholder.register(cards.FRENCH))
        refunds = cardholder.client.v1.refunds
        part = refunds.create({"payment_intent": payment.id, "amount": 500, "metadata": {"why": "test"}})
        rest = refunds.create({"payment_intent": payment.id})
        assert (part.amount, rest.amount, part.status) == (500, 1500, "succeeded")
        with pytest.raises(stripe.InvalidRequestError, match="already been refunded") as refused:
            refunds.create({"payment_intent": payment.id})
        assert refused.value.code == "charge_already_refunded"
        listed = refunds.list({"payment_intent": payment.id})
        assert [it.id for it in listed.data] == [rest.id, part.id]
        assert refunds.retrieve(part.id).to_dict()["metadata"] == {"why": "test"}
        assert isinstance(payment.latest_charge, str)
        told = cardholder.outside.listener.event("charge.refunded", payment.latest_charge, count=2)
        assert sorted(it.event.data.object["amount_refunded"] for it in told) == [500, 2000]

    def test_more_than_was_paid_is_refused(self, cardholder: Cardholder) -> None:
        payment = cardholder.pay(cardholder.register(cards.FRENCH))
        with pytest.raises(stripe.InvalidRequestError, match="not between"):
            cardholder.client.v1.refunds.create({"payment_intent": payment.id, "amount": 2001})

    def test_unpaid_payment_has_nothing_to_give_back(self, cardholder: Cardholder) -> None:
        payment = cardholder.pay(cardholder.register(cards.ASKS), off_session=False, return_url=HOME)
        with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
            cardholder.client.v1.refunds.create({"payment_intent": payment.id})

    def test_parallel_refunds_never_exceed_the_charge(self, cardholder: Cardholder) -> None:
        payment = cardholder.pay(cardholder.register(cards.FRENCH))

        def refund(_: int) -> int:
            try:
                asked: Any = {"payment_intent": payment.id, "amount": 1500}
                return cardholder.outside.stripe().v1.refunds.create(asked).amount
            except stripe.InvalidRequestError:
                return 0

        with ThreadPoolExecutor(10) as pool:
            assert sum(pool.map(refund, range(10))) == 1500


class TestWebhooks:
    def test_is_signed_and_comes_at_once(self, cardholder: Cardholder) -> None:
        payment = cardholder.pay(cardholder.register(cards.FRENCH))
        answered_at = time.monotonic()
        (told,) = cardholder.outside.listener.event("payment_intent.succeeded", payment.id)
        assert told.at - answered_at < 0.5
        assert told.event.data.object["status"] == "succeeded"
        assert told.event.api_version
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(told.body + b" ", told.headers["Stripe-Signature"], SECRET)

    def test_is_repeated_until_it_is_taken(self, cardholder: Cardholder) -> None:
        method, listener = cardholder.register(cards.FRENCH), cardholder.outside.listener
        listener.wait_for(lambda it: cardholder.customer.encode() in it.body, count=4)
        listener.failures = 3
        payment = cardholder.pay(method)
        heard = listener.wait_for(lambda it: payment.id.encode() in it.body, count=6)
        assert {it.event.type for it in heard} == {
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
        }

    def test_late_card_is_told_late_and_twice(self, cardholder: Cardholder) -> None:
        method = cardholder.register(cards.LATE)
        payment = cardholder.pay(method)
        answered_at = time.monotonic()
        told = cardholder.outside.listener.event("payment_intent.succeeded", payment.id, count=2)
        assert payment.status == "succeeded"
        assert all(it.at - answered_at > 1 for it in told)
        assert told[0].event.id == told[1].event.id

    def test_is_sent_again_by_hand(self, cardholder: Cardholder) -> None:
        payment = cardholder.pay(cardholder.register(cards.FRENCH))
        (told,) = cardholder.outside.listener.event("payment_intent.succeeded", payment.id)
        cardholder.outside.post(f"/processor/events/{told.event.id}/send")
        cardholder.outside.listener.event("payment_intent.succeeded", payment.id, count=2)
        assert cardholder.client.v1.events.retrieve(told.event.id).data.object["id"] == payment.id


class TestSlowRefund:
    def test_is_pending_until_the_bank_has_taken_it(self, cardholder: Cardholder) -> None:
        cardholder.pay(cardholder.register(cards.SLOW))
        (payment,) = cardholder.payments()
        refund = cardholder.client.v1.refunds.create({"payment_intent": payment.id})
        assert refund.status == "pending"
        (told,) = cardholder.outside.listener.event("refund.updated", refund.id)
        assert told.event.data.object["status"] == "succeeded"

    def test_may_come_back_after_it_succeeded(self, cardholder: Cardholder) -> None:
        payment = cardholder.pay(cardholder.register(cards.FRENCH))
        refund = cardholder.client.v1.refunds.create({"payment_intent": payment.id})
        for _ in range(2):
            cardholder.outside.post(f"/processor/refunds/{refund.id}/fail")
        (told,) = cardholder.outside.listener.event("refund.failed", refund.id)
        assert told.event.data.object["failure_reason"] == "unknown"
        again = cardholder.client.v1.refunds.create({"payment_intent": payment.id})
        assert again.amount == 2000  # What came back can be given back anew.

    def test_key_gives_back_once(self, cardholder: Cardholder) -> None:
        payment = cardholder.pay(cardholder.register(cards.FRENCH))
        asked: Any = {"payment_intent": payment.id, "amount": 500}
        key: Any = {"idempotency_key": f"refund-{payment.id}"}
        ids = {cardholder.client.v1.refunds.create(asked, key).id for _ in range(5)}
        assert [it.id for it in cardholder.client.v1.refunds.list({"payment_intent": payment.id}).data] == [
            *ids
        ]


class TestDispute:
    def test_is_told_and_can_be_asked_about(self, cardholder: Cardholder) -> None:
        charge = self.contested(cardholder)
        (dispute,) = cardholder.client.v1.disputes.list({"charge": charge}).data
        assert (dispute.amount, dispute.status) == (2000, "needs_response")
        for kind in ("created", "funds_withdrawn"):
            (told,) = cardholder.outside.listener.event(f"charge.dispute.{kind}", dispute.id)
            assert (told.event.data.object["charge"], told.event.data.object["amount"]) == (charge, 2000)

    @pytest.mark.parametrize(
        ("outcome", "told"), [("won", ["funds_reinstated", "closed"]), ("lost", ["closed"])]
    )
    def test_is_decided_once(self, cardholder: Cardholder, outcome: str, told: list[str]) -> None:
        (dispute,) = cardholder.client.v1.disputes.list({"charge": self.contested(cardholder)}).data
        for decided in (outcome, "won", "lost"):
            cardholder.outside.post(f"/processor/disputes/{dispute.id}/{decided}")
        assert cardholder.client.v1.disputes.retrieve(dispute.id).status == outcome
        for kind in told:
            cardholder.outside.listener.event(f"charge.dispute.{kind}", dispute.id)

    def test_contested_charge_is_not_given_back_as_well(self, cardholder: Cardholder) -> None:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            cardholder.client.v1.refunds.create({"charge": self.contested(cardholder)})
        assert refused.value.code == "charge_disputed"

    def contested(self, cardholder: Cardholder) -> str:
        charge = cardholder.pay(cardholder.register(cards.FRENCH)).latest_charge
        assert isinstance(charge, str)
        for _ in range(2):  # The second press of the button changes nothing.
            cardholder.outside.post(f"/processor/charges/{charge}/dispute")
        return charge


class TestProtocol:
    def test_wrong_key_is_refused(self, cardholder: Cardholder) -> None:
        stranger = stripe.StripeClient("sk_test_wrong", base_addresses={"api": cardholder.outside.url})
        with pytest.raises(stripe.AuthenticationError, match=r"sk_test\*+rong"):
            stranger.v1.customers.create({})

    def test_basic_is_as_good_as_bearer(self, cardholder: Cardholder) -> None:
        path = f"/v1/customers/{cardholder.customer}"
        assert cardholder.outside.get(path, auth=("sk_test_demo", "")).json()["id"] == cardholder.customer
        assert cardholder.outside.get(path).status_code == 401

    @pytest.mark.parametrize(
        ("changed", "param", "code"),
        [
            ({"amount": 49}, "amount", "amount_too_small"),
            ({"amount": "12.99"}, "amount", "parameter_invalid_integer"),
            ({"amount": "１２９９"}, "amount", "parameter_invalid_integer"),
            ({"amount": None}, "amount", "parameter_missing"),
            ({"currency": "usd"}, "currency", None),
            ({"customer": "cus_nobody"}, "customer", "resource_missing"),
            ({"payment_method": "pm_nothing"}, "payment_method", "resource_missing"),
            ({"ammount": 2000}, "ammount", "parameter_unknown"),
            ({"off_session": False}, "return_url", "parameter_missing"),
            ({"expand": ["nonsense"]}, "expand", "property_cannot_be_expanded"),
        ],
    )
    def test_slip_is_refused_and_has_no_effect(
        self, cardholder: Cardholder, changed: dict[str, Any], param: str, code: str | None
    ) -> None:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            cardholder.pay(cardholder.register(cards.FRENCH), **changed)
        assert (refused.value.http_status, refused.value.param, refused.value.code) == (400, param, code)
        assert cardholder.payments() == []

    def test_what_is_not_there_is_not_found(self, cardholder: Cardholder) -> None:
        with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent") as missing:
            cardholder.client.v1.payment_intents.retrieve("pi_nothing")
        assert missing.value.http_status == 404
        with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
            cardholder.client.v1.balance.retrieve()

    def test_pages_of_a_list_follow_each_other(self, cardholder: Cardholder) -> None:
        method = cardholder.register(cards.FRENCH)
        made = [cardholder.pay(method, amount=100 + nth).id for nth in range(5)]
        asked: Any = {"customer": cardholder.customer, "limit": 2}
        listed = cardholder.client.v1.payment_intents.list(asked)
        assert [it.id for it in listed.auto_paging_iter()] == made[::-1]
        back = cardholder.client.v1.payment_intents.list(asked | {"ending_before": made[1]})
        assert [it.id for it in back.data] == [made[3], made[2]]

"""Somebody with cards, as the hosted page and the bank's page see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import requests
import stripe

from tests.sandbox.outside import Outside

FRENCH, MASTERCARD, ASKS = "4000002500000003", "5555552500000003", "4000002500003155"
LACKS_FUNDS, REFUSED, FOREIGN = "4000002500009996", "4000002500000011", "4242424242424242"
SLOW, LATE = "4000002500000201", "4000002500000300"
HOME = "http://localhost:9/home"


@dataclass
class Cardholder:
    outside: Outside
    client: stripe.StripeClient
    customer: str

    @classmethod
    def new(cls, outside: Outside) -> Cardholder:
        client = outside.stripe()
        return cls(outside, client, client.v1.customers.create({"email": "camille@example.fr"}).id)

    def visit(self, mode: str = "setup", **more: Any) -> stripe.checkout.Session:
        """Open a session of the hosted page, as the merchant does."""
        asked: Any = {
            "mode": mode,
            "customer": self.customer,
            "success_url": HOME + "?visit={CHECKOUT_SESSION_ID}",
            "cancel_url": HOME + "?canceled",
            "expand": ["setup_intent"],
        }
        if mode == "payment":
            del asked["expand"]
            price = {"currency": "eur", "unit_amount": 2000, "product_data": {"name": "Recharge"}}
            asked["line_items"] = [{"price_data": price, "quantity": 1}]
        return self.client.v1.checkout.sessions.create(asked | more)

    def type(self, url: str, number: str, **more: str) -> requests.Response:
        """Type a card into the hosted page; redirects are not followed."""
        entry = {"number": number, "expiry": "12 / 39", "cvc": "123", "holder": "Camille Martin"}
        headers = {"Accept-Language": "fr"}
        return requests.post(url, data=entry | more, headers=headers, timeout=30, allow_redirects=False)

    def answer(self, url: str, answer: str) -> requests.Response:
        """Answer on the bank's page; redirects are not followed."""
        return requests.post(url, data={"answer": answer}, timeout=30, allow_redirects=False)

    def register(self, number: str) -> stripe.PaymentMethod:
        """Register a card, approving it where the bank asks."""
        visit = self.visit()
        assert visit.url is not None
        response = self.type(visit.url, number)
        if "/authenticate/" in response.headers.get("Location", ""):
            self.answer(urljoin(visit.url, response.headers["Location"]), "approve")
        done = self.retrieve(visit, expand=["setup_intent.payment_method"])
        assert done.status == "complete"
        assert isinstance(done.setup_intent, stripe.SetupIntent)
        assert isinstance(done.setup_intent.payment_method, stripe.PaymentMethod)
        return done.setup_intent.payment_method

    def retrieve(self, visit: stripe.checkout.Session, **more: Any) -> stripe.checkout.Session:
        asked: Any = more
        return self.client.v1.checkout.sessions.retrieve(visit.id, asked)

    def pay(self, method: stripe.PaymentMethod, *, key: str = "", **more: Any) -> stripe.PaymentIntent:
        """Charge a registered card while its holder is away, unless the parameters say otherwise."""
        asked: Any = {
            "amount": 2000,
            "currency": "eur",
            "customer": self.customer,
            "payment_method": method.id,
            "off_session": True,
            "confirm": True,
        }
        options: Any = {"idempotency_key": key} if key else None
        return self.client.v1.payment_intents.create(asked | more, options)

    def payments(self) -> list[stripe.PaymentIntent]:
        return self.client.v1.payment_intents.list({"customer": self.customer, "limit": 100}).data

"""The client of the card processor (Stripe's API). Knows nothing of Django; never repeats a call.

Amounts are cents. Each POST carries the caller's id as its idempotency key
(https://docs.stripe.com/api/idempotent_requests), so the caller may repeat it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import stripe

TIMEOUT_SECONDS = 10
WEBHOOK_TOLERANCE_SECONDS = 300
LONGEST_ID = 64  # Stripe's own ids are about 30.
# What is wrong with our key, and says nothing of what was asked for.
OUR_KEY = frozenset({"AuthenticationError", "PermissionError"})


class Declined(Exception):
    """The bank or the processor said no; `code` is the processor's word for why."""

    def __init__(self, code: str, *, charge: Charge | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.charge = charge


class Refused(Exception):
    """The call itself was wrong: a bad key, an unknown object, a bad parameter."""


class Unreachable(Exception):
    """No answer, or none that can be read: whether it happened is not known."""


class State(StrEnum):
    SUCCEEDED = "succeeded"
    ACTION = "requires_action"
    FAILED = "requires_payment_method"
    CANCELLED = "canceled"
    PROCESSING = "processing"


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of the processor's to which the browser is sent."""

    id: str
    url: str


@dataclass(frozen=True, kw_only=True)
class CardDetails:
    """A card as the processor describes it, of no customer where it was detached; the number stays there."""

    method_id: str
    customer_id: str
    brand: str
    last4: str
    expiry_month: int
    expiry_year: int
    country: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A payment at the processor, as it stands."""

    id: str
    state: State
    amount: int
    currency: str
    funding_id: str
    action_url: str
    problem: str


class RefundState(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Return:
    """Money that goes back to a card, as it stands; the processor's refund."""

    id: str
    state: RefundState
    amount: int
    currency: str
    refund_id: str
    problem: str


class DisputeState(StrEnum):
    INQUIRY = "warning"  # The bank asks and has taken nothing.
    OPEN = "needs_response"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """A charge that its cardholder contests at their bank."""

    id: str
    state: DisputeState
    amount: int
    currency: str
    charge_id: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """A webhook whose signature and time were checked."""

    id: str
    kind: str
    object: dict[str, Any]


class Acquirer:
    def __init__(self, *, url: str, key: str, webhook_secret: str) -> None:
        self._webhook_secret = webhook_secret
        self._client = stripe.StripeClient(
            key,
            base_addresses={"api": url},
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        )

    def open_customer(self, *, user_id: int, key: str) -> str:
        with _answers():
            customer = self._client.v1.customers.create(
                {"metadata": {"user": str(user_id)}}, {"idempotency_key": key}
            )
        return customer.id

    def open_setup_page(self, *, customer_id: str, user_id: int, success_url: str, cancel_url: str) -> Page:
        """A hosted page to register a card; the processor puts its id in for `{CHECKOUT_SESSION_ID}`."""
        with _answers():
            session = self._client.v1.checkout.sessions.create(
                {
                    "mode": "setup",
                    "currency": "eur",
                    "customer": customer_id,
                    "client_reference_id": str(user_id),
                    "success_url": success_url,
                    "cancel_url": cancel_url,
                }
            )
        return Page(id=session.id, url=str(session.url))

    def registered_card(self, page_id: str) -> tuple[int, CardDetails | None]:
        """Whose setup page it was, and the card, once there is one."""
        with _answers():
            session = self._client.v1.checkout.sessions.retrieve(
                page_id, {"expand": ["setup_intent", "setup_intent.payment_method"]}
            ).to_dict()
        intent = session.get("setup_intent") or {}
        method = intent.get("payment_method") if intent.get("status") == "succeeded" else None
        said = str(session.get("client_reference_id") or "")
        owner = int(said) if said.isascii() and said.isdigit() else 0
        return owner, _card(method, customer_id=str(method.get("customer") or "")) if method else None

    def forget_card(self, method_id: str) -> None:
        with _answers():
            self._client.v1.payment_methods.detach(method_id)

    def charge(self, card: CardDetails, *, amount: int, funding_id: str, return_url: str) -> Charge:
        """Ask the card for `amount` cents, its holder being present.

        :raises Declined: with the charge that was refused
        """
        return self._charge(card, {"return_url": return_url}, amount=amount, funding_id=funding_id)

    def charge_unseen(self, card: CardDetails, *, amount: int, funding_id: str) -> Charge:
        """Ask the registered card for `amount` cents without its holder (off-session).

        :raises Declined: with the charge that was refused; a bank that wants to see its cardholder says
            `authentication_required`, and the same charge can go on with `approve`
        """
        return self._charge(card, {"off_session": True}, amount=amount, funding_id=funding_id)

    def approve(self, charge_id: str, *, card: CardDetails, key: str, return_url: str) -> Charge:
        """Take a charge up again with its cardholder present, whom the bank wants to see.

        :raises Declined: with the charge that was refused
        """
        with _answers():
            intent = self._client.v1.payment_intents.confirm(
                charge_id,
                {"payment_method": card.method_id, "return_url": return_url},
                {"idempotency_key": key},
            )
        return _charge(intent.to_dict())

    def look_up(self, charge_id: str) -> Charge:
        with _answers():
            return _charge(self._client.v1.payment_intents.retrieve(charge_id).to_dict())

    def find(self, *, customer_id: str, funding_id: str) -> Charge | None:
        """The charge made for that funding, if the processor knows of one."""
        with _answers():
            page = self._client.v1.payment_intents.list({"customer": customer_id, "limit": 100})
            charges = [_charge(intent.to_dict()) for intent in page.auto_paging_iter()]
        return next((charge for charge in charges if charge.funding_id == funding_id), None)

    def cancel(self, charge_id: str) -> Charge:
        with _answers():
            return _charge(self._client.v1.payment_intents.cancel(charge_id).to_dict())

    def give_back(self, charge_id: str, *, amount: int, refund_id: str) -> Return:
        """Send `amount` cents of a charge back to its card."""
        with _answers():
            refund = self._client.v1.refunds.create(
                {"payment_intent": charge_id, "amount": amount, "metadata": {"refund": refund_id}},
                {"idempotency_key": refund_id},
            )
        return _return(refund.to_dict())

    def look_up_return(self, return_id: str) -> Return:
        with _answers():
            return _return(self._client.v1.refunds.retrieve(return_id).to_dict())

    def find_return(self, *, charge_id: str, refund_id: str) -> Return | None:
        """What was given back for that refund of ours, if the processor knows of it."""
        with _answers():
            page = self._client.v1.refunds.list({"payment_intent": charge_id, "limit": 100})
            returns = [_return(refund.to_dict()) for refund in page.auto_paging_iter()]
        return next((it for it in returns if it.refund_id == refund_id), None)

    def look_up_dispute(self, dispute_id: str) -> Dispute:
        with _answers():
            return _dispute(self._client.v1.disputes.retrieve(dispute_id).to_dict())

    def disputes(self, *, since: int) -> list[Dispute]:
        """Those opened since then, in seconds of Unix."""
        with _answers():
            page = self._client.v1.disputes.list({"created": {"gte": since}, "limit": 100})
            return [_dispute(dispute.to_dict()) for dispute in page.auto_paging_iter()]

    def read_event(self, body: bytes, *, signature: str) -> Event:
        """:raises Refused: if the signature is wrong, the time is too far, or it is no event"""
        try:
            event = stripe.Webhook.construct_event(
                body, signature, self._webhook_secret, tolerance=WEBHOOK_TOLERANCE_SECONDS
            ).to_dict()
            about = dict(event["data"]["object"])
            read = Event(
                id=str(event["id"]), kind=str(event["type"]), object=about | {"id": str(about["id"])}
            )
        except (
            stripe.SignatureVerificationError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
        ) as problem:
            raise Refused(type(problem).__name__) from problem
        if max(len(read.id), len(read.kind), len(read.object["id"])) > LONGEST_ID:
            raise Refused("an id is too long")
        return read

    def _charge(self, card: CardDetails, presence: dict[str, Any], *, amount: int, funding_id: str) -> Charge:
        terms: Any = {
            "amount": amount,
            "currency": "eur",
            "customer": card.customer_id,
            "payment_method": card.method_id,
            "confirm": True,
            "metadata": {"funding": funding_id},
        }
        with _answers():
            intent = self._client.v1.payment_intents.create(terms | presence, {"idempotency_key": funding_id})
        return _charge(intent.to_dict())


class _answers:  # noqa: N801  # read as a word: `with _answers():`
    """Turns the library's many exceptions into our three."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        match problem:
            case stripe.CardError():
                body = (
                    (problem.json_body or {}).get("error", {}) if isinstance(problem.json_body, dict) else {}
                )
                intent = body.get("payment_intent")
                code = str(body.get("decline_code") or problem.code or "card_declined")
                raise Declined(code, charge=_charge(intent) if intent else None) from problem
            case stripe.AuthenticationError() | stripe.PermissionError():
                raise Refused(type(problem).__name__) from problem
            case stripe.InvalidRequestError():
                raise Refused(str(problem.code or type(problem).__name__)) from problem
            case stripe.StripeError():
                raise Unreachable(type(problem).__name__) from problem
            case _:
                return


def _card(method: dict[str, Any], *, customer_id: str) -> CardDetails:
    card = method["card"]
    return CardDetails(
        method_id=str(method["id"]),
        customer_id=customer_id,
        brand=str(card["brand"]),
        last4=str(card["last4"]),
        expiry_month=int(card["exp_month"]),
        expiry_year=int(card["exp_year"]),
        country=str(card["country"]),
        fingerprint=str(card["fingerprint"]),
    )


def _charge(intent: dict[str, Any]) -> Charge:
    state = State(intent["status"]) if intent["status"] in set(State) else State.PROCESSING
    action = (intent.get("next_action") or {}).get("redirect_to_url") or {}
    failure = intent.get("last_payment_error") or {}
    return Charge(
        id=str(intent["id"]),
        state=state,
        amount=int(intent["amount_received"] if state is State.SUCCEEDED else intent["amount"]),
        currency=str(intent["currency"]),
        funding_id=str((intent.get("metadata") or {}).get("funding", "")),
        action_url=str(action.get("url") or ""),
        problem=str(failure.get("decline_code") or failure.get("code") or ""),
    )


def _return(refund: dict[str, Any]) -> Return:
    """What the processor says of a refund; a state that it does not settle in is pending, but cancelled."""
    said = "failed" if refund["status"] == "canceled" else refund["status"]
    return Return(
        id=str(refund["id"]),
        state=RefundState(said) if said in set(RefundState) else RefundState.PENDING,
        amount=int(refund["amount"]),
        currency=str(refund["currency"]),
        refund_id=str((refund.get("metadata") or {}).get("refund", "")),
        problem=str(refund.get("failure_reason") or ""),
    )


def _dispute(dispute: dict[str, Any]) -> Dispute:
    """What the processor says of a dispute; while a bank looks at it, it is open."""
    said = str(dispute["status"])
    is_inquiry = said.startswith("warning") or said == "prevented"
    state = DisputeState(said) if said in set(DisputeState) else DisputeState.OPEN
    return Dispute(
        id=str(dispute["id"]),
        state=DisputeState.INQUIRY if is_inquiry else state,
        amount=int(dispute["amount"]),
        currency=str(dispute["currency"]),
        charge_id=str(dispute["payment_intent"]),
    )

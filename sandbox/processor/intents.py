"""Payments: the only writer of a payment's status and of its charges.

A decline is an outcome and not an exception: it stays, with its charge and its event.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from sandbox.processor import events, shapes
from sandbox.processor.models import Charge, Customer, Method, PaymentIntent
from sandbox.processor.problems import Refused, decline

Status = PaymentIntent.Status
Behaviour = Method.Behaviour

NEEDS_METHOD = {Status.REQUIRES_METHOD, Status.REQUIRES_CONFIRMATION, Status.REQUIRES_ACTION}
LEAST, MOST = 50, 99_999_999  # cents; Stripe charges no less and no more


def check_amount(amount: int, currency: str) -> None:
    """:raises Refused: if a card cannot be asked for it"""
    if currency != "eur":
        raise Refused(f"Invalid currency: {currency}. This account takes: eur", param="currency")
    if amount < LEAST:
        raise Refused("Amount must be at least €0.50 eur", code="amount_too_small", param="amount")
    if amount > MOST:
        raise Refused("Amount must be no more than €999,999.99", code="amount_too_large", param="amount")


def create(*, amount: int, currency: str, customer: Customer | None, **rest: Any) -> PaymentIntent:
    check_amount(amount, currency)
    intent = PaymentIntent.objects.create(amount=amount, currency=currency, customer=customer, **rest)
    _tell("payment_intent.created", intent)
    return intent


def choose_method(intent: PaymentIntent, method: Method) -> None:
    """:raises Refused: if the card is registered with somebody else, or was removed"""
    if method.customer_id != intent.customer_id:
        words = f"The customer does not have a payment method with the ID {method.pk}."
        raise Refused(
            f"{words} The payment method must be attached.", code="resource_missing", param="payment_method"
        )
    intent.method = method
    if intent.status == Status.REQUIRES_METHOD:
        intent.status = Status.REQUIRES_CONFIRMATION
    intent.save()


def confirm(intent: PaymentIntent, *, is_off_session: bool, return_url: str = "") -> None:
    """Ask the card's bank. A refusal is in `intent.error` afterwards."""
    _expect(intent, NEEDS_METHOD, "confirm")
    if intent.method is None:
        raise Refused(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    intent.return_url, intent.error = return_url, None
    match intent.method.behaviour:
        case Behaviour.LACKS_FUNDS:
            _decline(intent, "card_declined", "Your card has insufficient funds.", "insufficient_funds")
        case Behaviour.REFUSED:
            _decline(intent, "card_declined", "Your card was declined.", "generic_decline")
        case Behaviour.ASKS if is_off_session:
            words = "Your card was declined. This transaction requires authentication."
            _decline(intent, "authentication_required", words, "authentication_required")
        case Behaviour.ASKS:
            _move(intent, Status.REQUIRES_ACTION, "payment_intent.requires_action")
        case Behaviour.SLOW:
            intent.settles_at = timezone.now() + timedelta(seconds=settings.PROCESSOR_SLOW_SECONDS)
            _move(intent, Status.PROCESSING, "payment_intent.processing")
        case _:
            _succeed(intent)


def approve(intent: PaymentIntent) -> None:
    """Take the cardholder's yes, given on their bank's page."""
    _expect(intent, {Status.REQUIRES_ACTION}, "authenticate")
    _succeed(intent, is_authenticated=True)


def refuse(intent: PaymentIntent) -> None:
    """Take the cardholder's no."""
    _expect(intent, {Status.REQUIRES_ACTION}, "authenticate")
    words = "The provided PaymentMethod has failed authentication."
    _decline(intent, "payment_intent_authentication_failure", words)


def settle(intent: PaymentIntent) -> None:
    """Let the slow bank answer; once."""
    if intent.status == Status.PROCESSING:
        intent.settles_at = None
        _succeed(intent)


def cancel(intent: PaymentIntent, *, reason: str = "") -> None:
    _expect(intent, NEEDS_METHOD, "cancel")
    intent.canceled_at, intent.cancellation_reason = timezone.now(), reason
    _move(intent, Status.CANCELED, "payment_intent.canceled")


def _succeed(intent: PaymentIntent, *, is_authenticated: bool = False) -> None:
    assert intent.method is not None
    charge = Charge.objects.create(
        intent=intent,
        method=intent.method,
        amount=intent.amount,
        is_paid=True,
        is_authenticated=is_authenticated,
    )
    if intent.is_kept_for_later and intent.customer and not intent.method.customer:
        intent.method.customer = intent.customer
        intent.method.save(update_fields=["customer"])
    events.record("charge.succeeded", shapes.charge(charge), method=intent.method)
    _move(intent, Status.SUCCEEDED, "payment_intent.succeeded")


def _decline(intent: PaymentIntent, code: str, message: str, decline_code: str = "") -> None:
    assert intent.method is not None
    charge = Charge.objects.create(
        intent=intent,
        method=intent.method,
        amount=intent.amount,
        is_paid=False,
        failure_code=code,
        failure_message=message,
    )
    intent.error = decline(
        code,
        message,
        decline_code=decline_code,
        charge=charge.pk,
        payment_method=shapes.method(intent.method),
    )
    events.record("charge.failed", shapes.charge(charge), method=intent.method)
    _move(intent, Status.REQUIRES_METHOD, "payment_intent.payment_failed")


def _move(intent: PaymentIntent, status: Status, kind: str) -> None:
    intent.status = status
    intent.save()
    _tell(kind, intent)


def _tell(kind: str, intent: PaymentIntent) -> None:
    events.record(kind, shapes.payment_intent(intent), method=intent.method)


def _expect(intent: PaymentIntent, known: set[Status], verb: str) -> None:
    if intent.status not in known:
        raise Refused(
            f"You cannot {verb} this PaymentIntent because it has a status of {intent.status}.",
            code="payment_intent_unexpected_state",
            payment_intent=shapes.payment_intent(intent),
        )

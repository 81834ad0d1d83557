"""Visits to the hosted page: the only writer of a session's status, and of a setup's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from sandbox.processor import events, intents, problems, shapes
from sandbox.processor.cards import Card
from sandbox.processor.models import Method, PaymentIntent, Session, SetupIntent
from sandbox.processor.problems import Refused, decline

Status = Session.Status
Setup = SetupIntent.Status


@dataclass(frozen=True)
class Entry:
    """A card as the visitor typed it; `card` is None for a number that the processor does not know."""

    card: Card | None
    exp_month: int
    exp_year: int
    holder: str


class SessionClosed(Exception):
    """The visit is over: paid, registered or expired."""


class Declined(Exception):
    """The card was refused; the visitor may try another."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def create_setup(*, metadata: dict[str, str], visit: dict[str, Any]) -> Session:
    setup = SetupIntent.objects.create(customer=visit["customer"], metadata=metadata)
    events.record("setup_intent.created", shapes.setup_intent(setup))
    return Session.objects.create(mode=Session.Mode.SETUP, setup_intent=setup, **visit)


def create_payment(
    *, items: list[dict[str, Any]], intent_data: dict[str, Any], visit: dict[str, Any]
) -> Session:
    """:raises Refused: if there is nothing to pay for, or not in one currency"""
    if not items:
        raise problems.missing("line_items")
    currencies = {item["currency"] for item in items}
    if len(currencies) > 1:
        raise Refused("All line items are in one currency.", param="line_items")
    amount = sum(item["amount"] * item["quantity"] for item in items)
    currency = currencies.pop()
    intents.check_amount(amount, currency)
    of_payment = {"amount": amount, "currency": currency, "items": items, "intent_data": intent_data}
    return Session.objects.create(mode=Session.Mode.PAYMENT, **visit | of_payment)


def check_expiry(at: datetime) -> datetime:
    """:raises Refused: unless it is half an hour to a day from now"""
    if not timedelta(minutes=29) <= at - timezone.now() <= timedelta(hours=24, minutes=1):
        words = "The `expires_at` timestamp must be 30 minutes to 24 hours from Checkout Session creation."
        raise Refused(words, param="expires_at")
    return at


def submit(id: str, entry: Entry) -> Session:
    """Take the card. The session is complete afterwards, or its intent wants action, or is processing.

    :raises SessionClosed: if it was too late
    :raises Declined: if the card was refused
    """
    with transaction.atomic():
        session = Session.objects.get(pk=id)
        if session.status != Status.OPEN or is_processing(session):
            raise SessionClosed
        problem = _register(session, entry) if session.setup_intent else _charge(session, entry)
    if problem:
        raise Declined(problem.get("decline_code") or problem["code"])
    return session


def authenticate(secret: str, *, is_approved: bool) -> SetupIntent | PaymentIntent | None:
    """Take the cardholder's answer; a repeated one changes nothing."""
    with transaction.atomic():
        intent = to_authenticate(secret)
        if intent is None or intent.status != "requires_action":
            return intent
        if isinstance(intent, PaymentIntent):
            (intents.approve if is_approved else intents.refuse)(intent)
        elif is_approved:
            _succeed(intent)
        else:
            code = "setup_intent_authentication_failure"
            _fail(intent, decline(code, "The latest attempt to set up the card failed authentication."))
        follow(intent)
    return intent


def to_authenticate(secret: str) -> SetupIntent | PaymentIntent | None:
    payment = PaymentIntent.objects.filter(secret=secret).first()
    return payment or SetupIntent.objects.filter(secret=secret).first()


def settle(id: str) -> PaymentIntent:
    """Let a slow bank answer, and complete the visit that waited for it."""
    with transaction.atomic():
        intent = PaymentIntent.objects.get(pk=id)
        intents.settle(intent)
        follow(intent)
    return intent


def expire(session: Session) -> None:
    """:raises Refused: if it is not open"""
    if session.status != Status.OPEN or is_processing(session):
        words = (
            f'Only Checkout Sessions with a status in ["open"] can be expired, this one is {session.status}.'
        )
        raise Refused(words)
    session.status = Status.EXPIRED
    session.save(update_fields=["status"])
    if session.payment_intent and session.payment_intent.status in intents.NEEDS_METHOD:
        intents.cancel(session.payment_intent, reason="expired")  # so that a late yes charges nobody
    events.record("checkout.session.expired", shapes.session(session))


def expire_due(at: datetime) -> None:
    due = Session.objects.filter(status=Status.OPEN, expires_at__lte=at).values_list("pk", flat=True)
    for id in list(due):
        with transaction.atomic():
            session = Session.objects.get(pk=id)
            if session.status == Status.OPEN and not is_processing(session):
                expire(session)


def is_processing(session: Session) -> bool:
    payment = session.payment_intent
    return payment is not None and payment.status == PaymentIntent.Status.PROCESSING


def follow(intent: SetupIntent | PaymentIntent) -> None:
    """Complete the session of an intent that succeeded."""
    session: Session | None = getattr(intent, "session", None)
    if session is None or intent.status != "succeeded" or session.status != Status.OPEN:
        return
    session.status = Status.COMPLETE
    session.save(update_fields=["status"])
    events.record("checkout.session.completed", shapes.session(session), method=intent.method)


def _register(session: Session, entry: Entry) -> dict[str, Any] | None:
    setup = session.setup_intent
    assert setup is not None
    if entry.card is None or entry.card.behaviour == Method.Behaviour.REFUSED:
        return _fail(setup, _refusal(entry))
    setup.method, setup.error = _keep(entry, entry.card), None
    if entry.card.behaviour == Method.Behaviour.ASKS:
        setup.status = Setup.REQUIRES_ACTION
        setup.save()
        events.record("setup_intent.requires_action", shapes.setup_intent(setup), method=setup.method)
    else:
        _succeed(setup)
        follow(setup)
    return None


def _charge(session: Session, entry: Entry) -> dict[str, Any] | None:
    if entry.card is None:
        return _refusal(entry)
    intent = session.payment_intent or _intent(session)
    intent.method = _keep(entry, entry.card)
    intents.confirm(intent, is_off_session=False)
    follow(intent)
    error: dict[str, Any] | None = intent.error
    return error


def _intent(session: Session) -> PaymentIntent:
    """Make the payment of a session, when a first card is tried."""
    session.payment_intent = intents.create(
        amount=session.amount or 0,
        currency=session.currency,
        customer=session.customer,
        **session.intent_data,
    )
    session.save(update_fields=["payment_intent"])
    return session.payment_intent


def _keep(entry: Entry, card: Card) -> Method:
    """Remember of the card what is needed; its number is forgotten here."""
    return Method.objects.create(
        brand=card.brand,
        last4=card.last4,
        exp_month=entry.exp_month,
        exp_year=entry.exp_year,
        country=card.country,
        funding=card.funding,
        fingerprint=card.fingerprint,
        behaviour=card.behaviour,
        holder=entry.holder,
    )


def _succeed(setup: SetupIntent) -> None:
    assert setup.method is not None
    if setup.customer is not None:
        setup.method.customer = setup.customer
        setup.method.save(update_fields=["customer"])
        events.record("payment_method.attached", shapes.method(setup.method), method=setup.method)
    setup.status = Setup.SUCCEEDED
    setup.save()
    events.record("setup_intent.succeeded", shapes.setup_intent(setup), method=setup.method)


def _fail(setup: SetupIntent, error: dict[str, Any]) -> dict[str, Any]:
    setup.error, setup.method, setup.status = error, None, Setup.REQUIRES_METHOD
    setup.save()
    events.record("setup_intent.setup_failed", shapes.setup_intent(setup))
    return error


def _refusal(entry: Entry) -> dict[str, Any]:
    if entry.card is None:
        words = "Your card was declined. Your request was in test mode, but used a non test card."
        return decline("card_declined", words, decline_code="test_mode_live_card")
    return decline("card_declined", "Your card was declined.", decline_code="generic_decline")

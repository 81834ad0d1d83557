"""How the processor's objects look as Stripe's JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Sum

from sandbox.processor.models import (
    Charge,
    Customer,
    Dispute,
    Event,
    Method,
    PaymentIntent,
    Refund,
    Session,
    SetupIntent,
)

Shape = dict[str, Any]
API_VERSION = "2026-10-28.endive"


def stamp(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())


def customer(it: Customer) -> Shape:
    return _head(it, "customer") | {
        "email": it.email or None,
        "name": it.name or None,
        "phone": it.phone or None,
        "description": it.description or None,
        "metadata": it.metadata,
        "balance": 0,
        "currency": None,
        "delinquent": False,
        "invoice_settings": {"default_payment_method": None},
    }


def method(it: Method) -> Shape:
    return _head(it, "payment_method") | {
        "type": "card",
        "customer": it.customer_id,
        "billing_details": {"name": it.holder or None, "email": None, "phone": None, "address": None},
        "card": _card(it),
        "metadata": it.metadata,
    }


def setup_intent(it: SetupIntent) -> Shape:
    return _head(it, "setup_intent") | {
        "status": it.status,
        "customer": it.customer_id,
        "payment_method": it.method_id,
        "payment_method_types": ["card"],
        "usage": "off_session",
        "client_secret": f"{it.id}_secret_{it.secret}",
        "last_setup_error": it.error,
        "next_action": _next_action(it, ""),
        "metadata": it.metadata,
    }


def payment_intent(it: PaymentIntent) -> Shape:
    charge = it.charges.order_by("-created_at").first()
    is_paid = it.status == PaymentIntent.Status.SUCCEEDED
    return _head(it, "payment_intent") | {
        "amount": it.amount,
        "amount_capturable": 0,
        "amount_received": it.amount if is_paid else 0,
        "currency": it.currency,
        "status": it.status,
        "customer": it.customer_id,
        "payment_method": it.method_id,
        "payment_method_types": ["card"],
        "capture_method": "automatic_async",
        "confirmation_method": "automatic",
        "client_secret": f"{it.id}_secret_{it.secret}",
        "description": it.description or None,
        "latest_charge": charge and charge.pk,
        "last_payment_error": it.error,
        "next_action": _next_action(it, it.return_url),
        "setup_future_usage": "off_session" if it.is_kept_for_later else None,
        "canceled_at": stamp(it.canceled_at),
        "cancellation_reason": it.cancellation_reason or None,
        "metadata": it.metadata,
    }


def charge(it: Charge) -> Shape:
    given_back = it.refunds.exclude(status=Refund.Status.FAILED)
    refunded = given_back.aggregate(total=Sum("amount"))["total"] or 0
    return _head(it, "charge") | {
        "amount": it.amount,
        "amount_captured": it.amount if it.is_paid else 0,
        "amount_refunded": refunded,
        "currency": it.intent.currency,
        "status": "succeeded" if it.is_paid else "failed",
        "paid": it.is_paid,
        "captured": it.is_paid,
        "refunded": refunded == it.amount,
        "disputed": Dispute.objects.filter(charge=it).exists(),
        "customer": it.intent.customer_id,
        "payment_intent": it.intent_id,
        "payment_method": it.method_id,
        "payment_method_details": {
            "type": "card",
            "card": _card(it.method) | {"three_d_secure": _three_d_secure(it)},
        },
        "failure_code": it.failure_code or None,
        "failure_message": it.failure_message or None,
        "metadata": it.intent.metadata,
    }


def refund(it: Refund) -> Shape:
    return _head(it, "refund", has_livemode=False) | {
        "amount": it.amount,
        "currency": it.charge.intent.currency,
        "charge": it.charge_id,
        "payment_intent": it.charge.intent_id,
        "reason": it.reason or None,
        "status": it.status,
        "failure_reason": "unknown" if it.status == Refund.Status.FAILED else None,
        "metadata": it.metadata,
    }


def dispute(it: Dispute) -> Shape:
    return _head(it, "dispute") | {
        "amount": it.amount,
        "charge": it.charge_id,
        "currency": it.charge.intent.currency,
        "is_charge_refundable": False,
        "metadata": {},
        "payment_intent": it.charge.intent_id,
        "reason": "fraudulent",
        "status": it.status,
    }


def session(it: Session) -> Shape:
    is_open = it.status == Session.Status.OPEN
    return _head(it, "checkout.session") | {
        "mode": it.mode,
        "status": it.status,
        "payment_status": _payment_status(it),
        "url": f"{settings.PUBLIC_URL}/c/pay/{it.id}" if is_open else None,
        "ui_mode": "hosted_page",
        "customer": it.customer_id,
        "client_reference_id": it.reference or None,
        "setup_intent": it.setup_intent_id,
        "payment_intent": it.payment_intent_id,
        "payment_method_types": ["card"],
        "amount_subtotal": it.amount,
        "amount_total": it.amount,
        "currency": it.currency or None,
        "success_url": it.success_url,
        "cancel_url": it.cancel_url or None,
        "locale": it.locale or None,
        "expires_at": stamp(it.expires_at),
        "metadata": it.metadata,
    }


def event(it: Event) -> Shape:
    waiting = it.deliveries.filter(delivered_at__isnull=True).count()
    return _head(it, "event") | {
        "api_version": API_VERSION,
        "type": it.kind,
        "data": {"object": it.object},
        "pending_webhooks": waiting,
        "request": {"id": None, "idempotency_key": None},
    }


def page(shapes: list[Shape], *, url: str, has_more: bool) -> Shape:
    return {"object": "list", "data": shapes, "has_more": has_more, "url": url}


# How an id in one object becomes the object itself, when `expand` asks for it.
BY_PREFIX: dict[str, tuple[type[Any], Callable[[Any], Shape]]] = {
    "cus": (Customer, customer),
    "pm": (Method, method),
    "seti": (SetupIntent, setup_intent),
    "pi": (PaymentIntent, payment_intent),
    "ch": (Charge, charge),
}


def _head(it: Any, name: str, *, has_livemode: bool = True) -> Shape:
    head = {"id": it.pk, "object": name, "created": stamp(it.created_at)}
    return head | {"livemode": False} if has_livemode else head


def _card(it: Method) -> Shape:
    return {
        "brand": it.brand,
        "display_brand": it.brand,
        "country": it.country,
        "exp_month": it.exp_month,
        "exp_year": it.exp_year,
        "fingerprint": it.fingerprint,
        "funding": it.funding,
        "last4": it.last4,
    }


def _three_d_secure(it: Charge) -> Shape | None:
    return {"result": "authenticated", "version": "2.2.0"} if it.is_authenticated else None


def _next_action(it: SetupIntent | PaymentIntent, return_url: str) -> Shape | None:
    if it.status != "requires_action":
        return None
    url = f"{settings.PUBLIC_URL}/authenticate/{it.secret}"
    return {
        "type": "redirect_to_url",
        "redirect_to_url": {"url": url, "return_url": return_url or None},
    }


def _payment_status(it: Session) -> str:
    if it.mode == Session.Mode.SETUP:
        return "no_payment_required"
    return "paid" if it.status == Session.Status.COMPLETE else "unpaid"

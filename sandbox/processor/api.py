"""Stripe's API, the part that S-Money uses: each handler reads its parameters and makes one domain call."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model

from sandbox.processor import accepted, intents, listing, problems, refunds, sessions, shapes
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
from sandbox.processor.params import Params
from sandbox.processor.wire import Answer

Row = TypeVar("Row", bound=Model)


def create_customer(params: Params) -> Answer:
    params.allow("address", "description", "email", "metadata", "name", "phone", "preferred_locales")
    texts = {name: params.text(name) for name in ("description", "email", "name", "phone")}
    return Answer(shapes.customer(Customer.objects.create(**texts, metadata=params.metadata())))


def retrieve_customer(_params: Params, *, id: str) -> Answer:
    return Answer(shapes.customer(_find(Customer, "customer", id)))


def list_customer_methods(params: Params, *, id: str) -> Answer:
    customer = _find(Customer, "customer", id)
    rows = Method.objects.filter(customer=customer)
    return Answer(listing.page(params, rows, shapes.method, url=f"/v1/customers/{id}/payment_methods"))


def list_methods(params: Params) -> Answer:
    rows = Method.objects.filter(customer=params.required("customer"))
    return Answer(listing.page(params, rows, shapes.method, url="/v1/payment_methods"))


def retrieve_method(_params: Params, *, id: str) -> Answer:
    return Answer(shapes.method(_find(Method, "PaymentMethod", id)))


def detach_method(_params: Params, *, id: str) -> Answer:
    method = _find(Method, "PaymentMethod", id)
    if method.customer is None:
        words = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise problems.Refused(words)
    method.customer = None
    method.save(update_fields=["customer"])
    return Answer(shapes.method(method))


def create_session(params: Params) -> Answer:
    params.allow(*accepted.SESSION)
    mode = params.choice("mode", Session.Mode.values)
    common: dict[str, Any] = {
        "customer": _named(Customer, "customer", params, "customer"),
        "success_url": params.required("success_url"),
        "cancel_url": params.text("cancel_url"),
        "reference": params.text("client_reference_id"),
        "metadata": params.metadata(),
        "locale": params.text("locale"),
        "currency": params.text("currency"),
    }
    expires_at = params.moment("expires_at")
    if expires_at is not None:
        common["expires_at"] = sessions.check_expiry(expires_at)
    if mode == Session.Mode.SETUP:
        session = sessions.create_setup(metadata=params.metadata("setup_intent_data[metadata]"), visit=common)
    else:
        session = sessions.create_payment(
            items=_items(params), intent_data=_intent_data(params), visit=common
        )
    return Answer(shapes.session(session))


def retrieve_session(_params: Params, *, id: str) -> Answer:
    return Answer(shapes.session(_find(Session, "checkout.session", id)))


def list_sessions(params: Params) -> Answer:
    rows = listing.only(params, Session.objects.all(), "customer", "payment_intent", "status")
    return Answer(listing.page(params, rows, shapes.session, url="/v1/checkout/sessions"))


def expire_session(_params: Params, *, id: str) -> Answer:
    session = _find(Session, "checkout.session", id)
    sessions.expire(session)
    return Answer(shapes.session(session))


def retrieve_setup(_params: Params, *, id: str) -> Answer:
    return Answer(shapes.setup_intent(_find(SetupIntent, "setupintent", id)))


def create_intent(params: Params) -> Answer:
    params.allow(*accepted.INTENT)
    intent = intents.create(
        amount=params.integer("amount"),
        currency=params.required("currency").lower(),
        customer=_named(Customer, "customer", params, "customer"),
        description=params.text("description"),
        metadata=params.metadata(),
        is_kept_for_later=params.text("setup_future_usage") == "off_session",
    )
    return _go_on(intent, params, is_confirmed=params.flag("confirm"))


def confirm_intent(params: Params, *, id: str) -> Answer:
    params.allow(*accepted.INTENT)
    return _go_on(_find(PaymentIntent, "payment_intent", id), params, is_confirmed=True)


def retrieve_intent(_params: Params, *, id: str) -> Answer:
    return Answer(shapes.payment_intent(_find(PaymentIntent, "payment_intent", id)))


def list_intents(params: Params) -> Answer:
    rows = listing.only(params, PaymentIntent.objects.all(), "customer")
    return Answer(listing.page(params, rows, shapes.payment_intent, url="/v1/payment_intents"))


def search_intents(params: Params) -> Answer:
    rows = listing.search(PaymentIntent.objects.all(), params.required("query"))
    body = listing.page(params, rows, shapes.payment_intent, url="/v1/payment_intents/search")
    return Answer(body | {"object": "search_result", "next_page": None})


def cancel_intent(params: Params, *, id: str) -> Answer:
    params.allow("cancellation_reason")
    intent = _find(PaymentIntent, "payment_intent", id)
    intents.cancel(intent, reason=params.text("cancellation_reason"))
    return Answer(shapes.payment_intent(intent))


def retrieve_charge(_params: Params, *, id: str) -> Answer:
    return Answer(shapes.charge(_find(Charge, "charge", id)))


def create_refund(params: Params) -> Answer:
    params.allow("amount", "charge", "payment_intent", "reason", "metadata", "instructions_email")
    made = refunds.give(
        _charge_to_refund(params),
        amount=params.integer("amount") if params.has("amount") else None,
        reason=params.choice("reason", ["duplicate", "fraudulent", "requested_by_customer"], default=""),
        metadata=params.metadata(),
    )
    return Answer(shapes.refund(made))


def retrieve_refund(_params: Params, *, id: str) -> Answer:
    return Answer(shapes.refund(_find(Refund, "refund", id)))


def list_refunds(params: Params) -> Answer:
    rows = Refund.objects.all()
    if params.has("payment_intent"):
        rows = rows.filter(charge__intent=params.text("payment_intent"))
    return Answer(
        listing.page(params, listing.only(params, rows, "charge"), shapes.refund, url="/v1/refunds")
    )


def retrieve_dispute(_params: Params, *, id: str) -> Answer:
    return Answer(shapes.dispute(_find(Dispute, "dispute", id)))


def list_disputes(params: Params) -> Answer:
    rows = Dispute.objects.select_related("charge__intent")
    if params.has("payment_intent"):
        rows = rows.filter(charge__intent=params.text("payment_intent"))
    return Answer(
        listing.page(params, listing.only(params, rows, "charge"), shapes.dispute, url="/v1/disputes")
    )


def retrieve_event(_params: Params, *, id: str) -> Answer:
    return Answer(shapes.event(_find(Event, "event", id)))


def list_events(params: Params) -> Answer:
    rows = Event.objects.all()
    kinds = [params.text("type")] if params.has("type") else params.items("types")
    if kinds:
        rows = rows.filter(kind__in=kinds)
    return Answer(listing.page(params, rows, shapes.event, url="/v1/events"))


def _go_on(intent: PaymentIntent, params: Params, *, is_confirmed: bool) -> Answer:
    method = _named(Method, "PaymentMethod", params, "payment_method")
    if method is not None:
        intents.choose_method(intent, method)
    if is_confirmed:
        _confirm(intent, params)
    return _outcome(intent) if is_confirmed else Answer(shapes.payment_intent(intent))


def _confirm(intent: PaymentIntent, params: Params) -> None:
    is_off_session = params.text("off_session") in {"true", "recurring", "one_off"}
    return_url = params.text("return_url")
    if not is_off_session and not return_url:
        words = "To confirm a payment while the customer is there, provide a `return_url`."
        raise problems.Refused(words, code="parameter_missing", param="return_url")
    intents.confirm(
        intent,
        is_off_session=is_off_session or params.flag("error_on_requires_action"),
        return_url=return_url,
    )


def _outcome(intent: PaymentIntent) -> Answer:
    """Answer a confirmation: a decline is a 402, and a slow bank is waited for."""
    shape = shapes.payment_intent(intent)
    if intent.error:
        return Answer({"error": intent.error | {"payment_intent": shape}}, 402)
    if intent.settles_at is not None:
        return Answer(shape, wait_until=intent.settles_at, then=lambda: _outcome(sessions.settle(intent.pk)))
    return Answer(shape)


def _items(params: Params) -> list[dict[str, Any]]:
    items = []
    for place in params.mapping("line_items"):
        price = f"line_items[{place}][price_data]"
        items.append(
            {
                "name": params.required(f"{price}[product_data][name]"),
                "currency": params.required(f"{price}[currency]").lower(),
                "amount": params.integer(f"{price}[unit_amount]"),
                "quantity": params.integer(f"line_items[{place}][quantity]", 1),
            }
        )
    return items


def _intent_data(params: Params) -> dict[str, Any]:
    return {
        "metadata": params.metadata("payment_intent_data[metadata]"),
        "description": params.text("payment_intent_data[description]"),
        "is_kept_for_later": params.text("payment_intent_data[setup_future_usage]") == "off_session",
    }


def _charge_to_refund(params: Params) -> Charge:
    if params.has("charge"):
        rows = Charge.objects.filter(pk=params.text("charge"), is_paid=True)
        named = ("charge", params.text("charge"))
    else:
        named = ("payment_intent", params.required("payment_intent"))
        rows = Charge.objects.filter(intent=named[1], is_paid=True)
    charge = rows.first()
    if charge is None:
        if named[0] == "payment_intent" and PaymentIntent.objects.filter(pk=named[1]).exists():
            words = f"This PaymentIntent ({named[1]}) does not have a successful charge to refund."
            raise problems.Refused(words, param=named[0])
        raise problems.no_such(named[0], named[1], param=named[0])
    return charge


def _find(model: type[Row], kind: str, id: str, *, param: str = "id", status: int = 404) -> Row:
    row = model._default_manager.filter(pk=id).first()  # noqa: SLF001 (Django's own name for it)
    if row is None:
        raise problems.no_such(kind, id, param=param, status=status)
    return row


def _named(model: type[Row], kind: str, params: Params, param: str) -> Row | None:
    """Return the row that a parameter names, or None if it is not given."""
    return _find(model, kind, params.text(param), param=param, status=400) if params.has(param) else None

"""What the processor keeps, named and shaped after Stripe's objects; a card's number is never among it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import partial

from django.db import models
from django.db.models import Q
from django.utils import timezone


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def new_secret() -> str:
    return secrets.token_urlsafe(18)


def tomorrow() -> datetime:
    return timezone.now() + timedelta(hours=24)


class Customer(models.Model):
    id = models.CharField(primary_key=True, max_length=80, default=partial(new_id, "cus"))
    email = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=255, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    description = models.TextField(blank=True)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.id


class Method(models.Model):
    """A payment method: what is kept of a card once its number is forgotten."""

    class Behaviour(models.TextChoices):
        """What the card's bank does; decided by the number, see `cards`."""

        SUCCEEDS = "SUCCEEDS"
        ASKS = "ASKS", "asks the cardholder (3-D Secure)"
        LACKS_FUNDS = "LACKS_FUNDS"
        REFUSED = "REFUSED", "refused at registration"
        SLOW = "SLOW", "answers after the client's timeout"
        LATE = "LATE", "its webhooks come late and twice"

    id = models.CharField(primary_key=True, max_length=80, default=partial(new_id, "pm"))
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="methods")
    brand = models.CharField(max_length=20)
    last4 = models.CharField(max_length=4)
    exp_month = models.PositiveSmallIntegerField()
    exp_year = models.PositiveSmallIntegerField()
    country = models.CharField(max_length=2)
    funding = models.CharField(max_length=10)
    fingerprint = models.CharField(max_length=32)
    holder = models.CharField(max_length=120, blank=True)
    behaviour = models.CharField(max_length=12, choices=Behaviour.choices)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.brand} •••• {self.last4}"


class SetupIntent(models.Model):
    """The wish to register a card."""

    class Status(models.TextChoices):
        REQUIRES_METHOD = "requires_payment_method"
        REQUIRES_ACTION = "requires_action"
        CANCELED = "canceled"
        SUCCEEDED = "succeeded"

    id = models.CharField(primary_key=True, max_length=80, default=partial(new_id, "seti"))
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="setup_intents")
    method = models.ForeignKey(Method, models.PROTECT, null=True, related_name="setup_intents")
    status = models.CharField(max_length=32, choices=Status.choices, default=Status.REQUIRES_METHOD)
    error = models.JSONField(null=True, help_text="last_setup_error")
    metadata = models.JSONField(default=dict)
    secret = models.CharField(max_length=64, unique=True, default=new_secret)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.id


class PaymentIntent(models.Model):
    """The wish to be paid. `intents` is the only writer of its status."""

    class Status(models.TextChoices):
        REQUIRES_METHOD = "requires_payment_method"
        REQUIRES_CONFIRMATION = "requires_confirmation"
        REQUIRES_ACTION = "requires_action"
        PROCESSING = "processing"
        CANCELED = "canceled"
        SUCCEEDED = "succeeded"

    id = models.CharField(primary_key=True, max_length=80, default=partial(new_id, "pi"))
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="payment_intents")
    method = models.ForeignKey(Method, models.PROTECT, null=True, related_name="payment_intents")
    amount = models.BigIntegerField(help_text="cents")
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=32, choices=Status.choices, default=Status.REQUIRES_METHOD)
    error = models.JSONField(null=True, help_text="last_payment_error")
    is_kept_for_later = models.BooleanField(default=False, help_text="setup_future_usage=off_session")
    return_url = models.TextField(blank=True)
    description = models.TextField(blank=True)
    metadata = models.JSONField(default=dict)
    secret = models.CharField(max_length=64, unique=True, default=new_secret)
    settles_at = models.DateTimeField(null=True, help_text="when a slow bank answers")
    canceled_at = models.DateTimeField(null=True)
    cancellation_reason = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_asks_for_something"),
            models.CheckConstraint(
                condition=Q(status="processing", settles_at__isnull=False)
                | (~Q(status="processing") & Q(settles_at__isnull=True)),
                name="only_a_processing_payment_settles",
            ),
        ]
        indexes = [models.Index(fields=["customer", "-created_at"], name="payment_by_customer")]

    def __str__(self) -> str:
        return self.id


class Charge(models.Model):
    """One try to take the money."""

    id = models.CharField(primary_key=True, max_length=80, default=partial(new_id, "ch"))
    intent = models.ForeignKey(PaymentIntent, models.PROTECT, related_name="charges")
    method = models.ForeignKey(Method, models.PROTECT, related_name="charges")
    amount = models.BigIntegerField(help_text="cents")
    is_paid = models.BooleanField()
    is_authenticated = models.BooleanField(default=False, help_text="the cardholder approved it (3-D Secure)")
    failure_code = models.CharField(max_length=64, blank=True)
    failure_message = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["intent"], condition=Q(is_paid=True), name="payment_is_charged_once"
            ),
            models.CheckConstraint(
                condition=Q(is_paid=True, failure_code="") | (Q(is_paid=False) & ~Q(failure_code="")),
                name="failed_charge_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class Refund(models.Model):
    """Money on its way back to a card. `refunds` is the only writer of its status."""

    class Status(models.TextChoices):
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    id = models.CharField(primary_key=True, max_length=80, default=partial(new_id, "re"))
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="refunds")
    amount = models.BigIntegerField(help_text="cents")
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.SUCCEEDED)
    settles_at = models.DateTimeField(null=True, help_text="when a slow bank has taken it")
    reason = models.CharField(max_length=32, blank=True)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_gives_something_back"),
            models.CheckConstraint(
                condition=Q(status="pending", settles_at__isnull=False)
                | (~Q(status="pending") & Q(settles_at__isnull=True)),
                name="only_a_pending_refund_settles",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class Dispute(models.Model):
    """A cardholder who asked their bank for the money back. `disputes` is the only writer of its status."""

    class Status(models.TextChoices):
        NEEDS_RESPONSE = "needs_response"
        WON = "won"
        LOST = "lost"

    id = models.CharField(primary_key=True, max_length=80, default=partial(new_id, "dp"))
    charge = models.OneToOneField(Charge, models.PROTECT, related_name="dispute")
    amount = models.BigIntegerField(help_text="cents")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.NEEDS_RESPONSE)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="dispute_is_about_something")]

    def __str__(self) -> str:
        return self.id


class Session(models.Model):
    """A visit to the hosted page. `sessions` is the only writer of its status."""

    class Mode(models.TextChoices):
        SETUP = "setup"
        PAYMENT = "payment"

    class Status(models.TextChoices):
        OPEN = "open"
        COMPLETE = "complete"
        EXPIRED = "expired"

    id = models.CharField(primary_key=True, max_length=80, default=partial(new_id, "cs_test"))
    mode = models.CharField(max_length=8, choices=Mode.choices)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="sessions")
    setup_intent = models.OneToOneField(SetupIntent, models.PROTECT, null=True, related_name="session")
    payment_intent = models.OneToOneField(PaymentIntent, models.PROTECT, null=True, related_name="session")
    amount = models.BigIntegerField(null=True, help_text="cents")
    currency = models.CharField(max_length=3, blank=True)
    items = models.JSONField(default=list, help_text="what is paid for: name, amount in cents, quantity")
    success_url = models.TextField()
    cancel_url = models.TextField(blank=True)
    reference = models.CharField(max_length=200, blank=True, help_text="client_reference_id")
    metadata = models.JSONField(default=dict)
    intent_data = models.JSONField(default=dict, help_text="metadata, description, … of the payment to come")
    locale = models.CharField(max_length=10, blank=True)
    expires_at = models.DateTimeField(default=tomorrow)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(mode="setup", amount__isnull=True, setup_intent__isnull=False)
                | Q(mode="payment", amount__gt=0, setup_intent__isnull=True),
                name="session_registers_or_charges",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class Event(models.Model):
    """Something that happened, with the object as it was then; written in the transaction of it."""

    id = models.CharField(primary_key=True, max_length=80, default=partial(new_id, "evt"))
    kind = models.CharField(max_length=64)
    object = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.kind


class Delivery(models.Model):
    """An event on its way to the merchant's webhook: repeated until it is answered with 2xx."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries")
    due_at = models.DateTimeField(default=timezone.now, help_text="also the end of a lease")
    tries = models.PositiveSmallIntegerField(default=0)
    answer = models.PositiveSmallIntegerField(null=True, help_text="HTTP status")
    problem = models.CharField(max_length=200, blank=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(delivered_at__isnull=True), name="webhook_due")
        ]

    def __str__(self) -> str:
        return f"{self.event_id} × {self.tries}"


class Reply(models.Model):
    """What was answered to an idempotency key; stored in the transaction of its effect."""

    key = models.CharField(max_length=255, primary_key=True)
    asked = models.CharField(max_length=64, help_text="hash of the request's path and parameters")
    request_id = models.CharField(max_length=40)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    busy_until = models.DateTimeField(null=True, help_text="until then somebody is at work on it")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key

"""Cards and what is loaded from them. The card's number never reaches us: the processor keeps it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from payments.models.ledger import Transfer


class Card(models.Model):
    """A French bank card that a user registered on the processor's page."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="cards", editable=False)
    customer_id = models.CharField(max_length=64, editable=False, help_text="the processor's id of the user")
    method_id = models.CharField(
        max_length=64, unique=True, editable=False, help_text="the processor's id of the card"
    )
    brand = models.CharField(max_length=20, editable=False)
    last4 = models.CharField(max_length=4, editable=False)
    expiry_month = models.PositiveSmallIntegerField(editable=False)
    expiry_year = models.PositiveSmallIntegerField(editable=False)
    country = models.CharField(max_length=2, editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    registered_at = models.DateTimeField(default=timezone.now, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(country="FR"), name="card_is_french"),
            models.UniqueConstraint(
                fields=["user", "fingerprint"],
                condition=Q(removed_at__isnull=True),
                name="card_is_registered_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.brand} •••• {self.last4}"


class Funding(models.Model):
    """Money asked of a card for its owner's wallet. `fundings` is the only writer of its status.

    The row is there before the processor is asked; its id is the idempotency key.
    """

    class Status(models.TextChoices):
        CREATED = "CREATED", _("about to be asked for")
        ACTION = "ACTION", _("the bank wants to see the cardholder")
        UNKNOWN = "UNKNOWN", _("the processor's answer is awaited")
        SUCCEEDED = "SUCCEEDED", _("loaded")
        FAILED = "FAILED", _("refused")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="fundings", editable=False
    )
    card = models.ForeignKey(Card, models.PROTECT, related_name="fundings", editable=False)
    amount = models.BigIntegerField(help_text="cents", editable=False)
    form_key = models.UUIDField(
        null=True, editable=False, help_text="of the form that asked, however often it was sent"
    )
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.CREATED, editable=False)
    intent_id = models.CharField(
        max_length=64, blank=True, editable=False, help_text="the processor's payment"
    )
    problem = models.CharField(
        max_length=64, blank=True, editable=False, help_text="the processor's decline code"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    checked_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="when the processor was last asked"
    )
    transfer = models.OneToOneField(
        Transfer, models.PROTECT, null=True, editable=False, related_name="funding"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="funding_asks_for_something"),
            models.CheckConstraint(
                condition=Q(status="SUCCEEDED", transfer__isnull=False)
                | (~Q(status="SUCCEEDED") & Q(transfer__isnull=True)),
                name="loaded_funding_has_its_transfer",
            ),
            models.UniqueConstraint(fields=["user", "form_key"], name="form_asks_for_one_funding"),
            models.UniqueConstraint(
                fields=["intent_id"], condition=~Q(intent_id=""), name="processor_payment_is_credited_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["checked_at"],
                condition=Q(status__in=["CREATED", "ACTION", "UNKNOWN"]),
                name="funding_open",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class AcquirerEvent(models.Model):
    """A webhook of the processor that took effect; written in the transaction of its effect."""

    id = models.CharField(primary_key=True, max_length=64, editable=False)
    kind = models.CharField(max_length=64, editable=False)
    received_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.id

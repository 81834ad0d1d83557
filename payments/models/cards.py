"""Cards and what is loaded from them. The card's number never reaches us: the processor keeps it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from payments.models.ledger import Transfer
from payments.models.orders import Order


class Card(models.Model):
    """A French bank card that a user registered on the processor's page."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("member"),
        related_name="cards",
        editable=False,
    )
    customer_id = models.CharField(_("customer at the processor"), max_length=64, editable=False)
    method_id = models.CharField(_("card at the processor"), max_length=64, unique=True, editable=False)
    brand = models.CharField(_("brand"), max_length=20, editable=False)
    last4 = models.CharField(_("last four digits"), max_length=4, editable=False)
    expiry_month = models.PositiveSmallIntegerField(_("month of expiry"), editable=False)
    expiry_year = models.PositiveSmallIntegerField(_("year of expiry"), editable=False)
    country = models.CharField(_("country"), max_length=2, editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    registered_at = models.DateTimeField(_("registered at"), default=timezone.now, editable=False)
    removed_at = models.DateTimeField(_("removed at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("card"), _("cards")
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
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("member"),
        related_name="fundings",
        editable=False,
    )
    card = models.ForeignKey(
        Card, models.PROTECT, verbose_name=_("card"), related_name="fundings", editable=False
    )
    amount = models.BigIntegerField(_("amount"), help_text="cents", editable=False)
    order = models.ForeignKey(
        Order,
        models.PROTECT,
        verbose_name=_("order"),
        null=True,
        editable=False,
        related_name="fundings",
        help_text=_("for which the card is asked, as the wallet lacks it"),
    )
    form_key = models.UUIDField(
        _("form"), null=True, editable=False, help_text=_("of the form that asked, however often it was sent")
    )
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.CREATED, editable=False
    )
    intent_id = models.CharField(_("payment at the processor"), max_length=64, blank=True, editable=False)
    problem = models.CharField(
        _("problem"), max_length=64, blank=True, editable=False, help_text=_("the processor's decline code")
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    checked_at = models.DateTimeField(_("last asked for at"), default=timezone.now, editable=False)
    transfer = models.OneToOneField(
        Transfer,
        models.PROTECT,
        verbose_name=_("transfer"),
        null=True,
        editable=False,
        related_name="funding",
    )

    class Meta:
        verbose_name, verbose_name_plural = _("top-up"), _("top-ups")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="funding_asks_for_something"),
            models.CheckConstraint(
                condition=Q(status="SUCCEEDED", transfer__isnull=False)
                | (~Q(status="SUCCEEDED") & Q(transfer__isnull=True)),
                name="loaded_funding_has_its_transfer",
            ),
            models.UniqueConstraint(fields=["user", "form_key"], name="form_asks_for_one_funding"),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(status__in=["CREATED", "ACTION", "UNKNOWN"]),
                name="order_asks_one_card_at_a_time",
            ),
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

    id = models.CharField(_("number"), primary_key=True, max_length=64, editable=False)
    kind = models.CharField(_("kind"), max_length=64, editable=False)
    received_at = models.DateTimeField(_("received at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("processor event"), _("processor events")

    def __str__(self) -> str:
        return self.id

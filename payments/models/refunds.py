"""Money given back: of an order to its payer, of a card's payment to the card."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from payments.models.cards import Funding
from payments.models.ledger import Transfer
from payments.models.orders import Order
from payments.models.proposals import Proposal


class Refund(models.Model):
    """Money on its way back. `refunds` is the only writer of its status.

    With an order, its payee's wallet gives to its payer's; with a top-up, that wallet gives to the
    card. The row and what it moves are committed before the processor is asked; its id is the
    idempotency key. What the card does not take comes back to the wallet.
    """

    class Status(models.TextChoices):
        REQUESTED = "REQUESTED", _("about to be asked for")
        UNKNOWN = "UNKNOWN", _("on its way to the card")
        SUCCEEDED = "SUCCEEDED", _("given back")
        FAILED = "FAILED", _("the card did not take it")

    class Origin(models.TextChoices):
        PAYEE = "PAYEE", _("the payee")
        STAFF = "STAFF", _("staff, two of them")
        SYSTEM = "SYSTEM", _("by itself: the card was charged for nothing")

    id = models.UUIDField(_("number"), primary_key=True, default=uuid7, editable=False)
    origin = models.CharField(_("given back by"), max_length=8, choices=Origin.choices, editable=False)
    order = models.ForeignKey(
        Order, models.PROTECT, verbose_name=_("order"), null=True, editable=False, related_name="refunds"
    )
    funding = models.ForeignKey(
        Funding, models.PROTECT, verbose_name=_("top-up"), null=True, editable=False, related_name="refunds"
    )
    proposal = models.OneToOneField(
        Proposal, models.PROTECT, verbose_name=_("proposal"), null=True, editable=False, related_name="refund"
    )
    amount = models.BigIntegerField(_("amount"), help_text="cents", editable=False)
    form_key = models.UUIDField(
        _("form"), null=True, editable=False, help_text=_("of the form that asked, however often it was sent")
    )
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("given by"),
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        help_text=_("who acted for the organisation that was paid"),
    )
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.REQUESTED, editable=False
    )
    return_id = models.CharField(_("refund at the processor"), max_length=64, blank=True, editable=False)
    problem = models.CharField(_("problem"), max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    checked_at = models.DateTimeField(_("last asked for at"), default=timezone.now, editable=False)
    transfer = models.OneToOneField(
        Transfer,
        models.PROTECT,
        verbose_name=_("transfer to the payer"),
        null=True,
        editable=False,
        related_name="refund",
    )
    card_transfer = models.OneToOneField(
        Transfer,
        models.PROTECT,
        verbose_name=_("transfer to the card"),
        null=True,
        editable=False,
        related_name="card_refund",
    )
    back_transfer = models.OneToOneField(
        Transfer,
        models.PROTECT,
        verbose_name=_("transfer of what the card did not take"),
        null=True,
        editable=False,
        related_name="failed_refund",
    )

    class Meta:
        verbose_name, verbose_name_plural = _("refund"), _("refunds")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_gives_something_back"),
            models.CheckConstraint(
                condition=Q(origin="PAYEE", order__isnull=False, funding__isnull=True)
                | Q(origin="SYSTEM", order__isnull=True, funding__isnull=False)
                | (Q(origin="STAFF") & (Q(order__isnull=False) | Q(funding__isnull=False))),
                name="refund_is_of_a_payment",
            ),
            models.CheckConstraint(
                condition=Q(origin="STAFF", proposal__isnull=False)
                | (~Q(origin="STAFF") & Q(proposal__isnull=True)),
                name="staff_refund_was_proposed",
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=True, transfer__isnull=True)
                | Q(order__isnull=False, transfer__isnull=False),
                name="refund_of_an_order_moved_its_money",
            ),
            models.CheckConstraint(
                condition=Q(funding__isnull=True, card_transfer__isnull=True, status="SUCCEEDED")
                | Q(funding__isnull=False, card_transfer__isnull=False),
                name="refund_to_a_card_took_its_money_first",
            ),
            models.CheckConstraint(
                condition=Q(status="FAILED", back_transfer__isnull=False)
                | (~Q(status="FAILED") & Q(back_transfer__isnull=True)),
                name="failed_refund_brought_its_money_back",
            ),
            models.UniqueConstraint(fields=["order", "form_key"], name="form_asks_for_one_refund"),
            models.UniqueConstraint(
                fields=["return_id"], condition=~Q(return_id=""), name="processor_refund_is_of_one_refund"
            ),
            models.UniqueConstraint(
                fields=["funding"], condition=Q(origin="SYSTEM"), name="charge_for_nothing_goes_back_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["checked_at"], condition=Q(status__in=["REQUESTED", "UNKNOWN"]), name="refund_open"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Chargeback(models.Model):
    """Money that a cardholder's bank took back. `chargebacks` is the only writer of its status.

    What was still in the wallet was taken from it; what was spent is owed, and staff see to it.
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", _("contested")
        WON = "WON", _("decided for us")
        LOST = "LOST", _("decided against us")

    id = models.UUIDField(_("number"), primary_key=True, default=uuid7, editable=False)
    funding = models.ForeignKey(
        Funding, models.PROTECT, verbose_name=_("top-up"), editable=False, related_name="chargebacks"
    )
    dispute_id = models.CharField(_("dispute at the processor"), max_length=64, unique=True, editable=False)
    amount = models.BigIntegerField(_("amount"), help_text="cents", editable=False)
    taken = models.BigIntegerField(_("taken from the wallet"), help_text="cents", editable=False)
    owed = models.BigIntegerField(_("owed"), help_text="cents", editable=False)
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.OPEN, editable=False
    )
    opened_at = models.DateTimeField(_("opened at"), default=timezone.now, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)
    checked_at = models.DateTimeField(_("last asked for at"), default=timezone.now, editable=False)
    wallet_transfer = models.OneToOneField(
        Transfer, models.PROTECT, null=True, editable=False, related_name="chargeback"
    )
    owed_transfer = models.OneToOneField(
        Transfer, models.PROTECT, null=True, editable=False, related_name="owed_chargeback"
    )
    wallet_return = models.OneToOneField(
        Transfer, models.PROTECT, null=True, editable=False, related_name="won_chargeback"
    )
    owed_return = models.OneToOneField(
        Transfer, models.PROTECT, null=True, editable=False, related_name="forgiven_chargeback"
    )

    class Meta:
        verbose_name, verbose_name_plural = _("chargeback"), _("chargebacks")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, taken__gte=0, owed__gte=0, amount=F("taken") + F("owed")),
                name="chargeback_is_taken_or_owed",
            ),
            models.CheckConstraint(
                condition=(
                    Q(taken=0, wallet_transfer__isnull=True) | Q(taken__gt=0, wallet_transfer__isnull=False)
                )
                & (Q(owed=0, owed_transfer__isnull=True) | Q(owed__gt=0, owed_transfer__isnull=False)),
                name="chargeback_moved_its_money",
            ),
            models.CheckConstraint(
                condition=(
                    Q(status="WON")
                    & (Q(wallet_transfer__isnull=True) | Q(wallet_return__isnull=False))
                    & (Q(owed_transfer__isnull=True) | Q(owed_return__isnull=False))
                )
                | (~Q(status="WON") & Q(wallet_return__isnull=True, owed_return__isnull=True)),
                name="won_chargeback_brought_its_money_back",
            ),
            models.CheckConstraint(
                condition=Q(status="OPEN", closed_at__isnull=True)
                | (~Q(status="OPEN") & Q(closed_at__isnull=False)),
                name="closed_chargeback_was_closed_at_a_moment",
            ),
        ]
        indexes = [models.Index(fields=["checked_at"], condition=Q(status="OPEN"), name="chargeback_open")]

    def __str__(self) -> str:
        return self.dispute_id

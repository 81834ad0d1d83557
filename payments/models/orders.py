"""The instruction to move money, and its life."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Identity
from payments.models.ledger import Transfer

COUNTED = Q(status__in=["FUNDING", "REVIEW", "HELD", "PAID"])


class Order(models.Model):
    """Somebody's wish to pay somebody. `orders` is the only writer of its status."""

    class Kind(models.TextChoices):
        """What it is for; all but the first are of apps above (`purposes`)."""

        SEND = "SEND", _("transfer")
        GIFT = "GIFT", _("gift")
        POT = "POT", _("share in a money pot")
        LOAN = "LOAN", _("share in a loan")
        PURCHASE = "PURCHASE", _("purchase")

    class Status(models.TextChoices):
        PENDING = "PENDING", _("waiting for the secret code")
        FUNDING = "FUNDING", _("confirmed; the card is being asked")
        REVIEW = "REVIEW", _("confirmed; we look at it")
        HELD = "HELD", _("confirmed; kept until the payee joins")
        PAID = "PAID", _("paid")
        RETURNED = "RETURNED", _("given back to the payer")
        CANCELLED = "CANCELLED", _("taken back by the payer")
        DECLINED = "DECLINED", _("declined by the payer")
        VOIDED = "VOIDED", _("void: its post was changed or deleted")
        EXPIRED = "EXPIRED", _("expired")

    id = models.UUIDField(_("number"), primary_key=True, default=uuid7, editable=False)
    reference = models.CharField(_("reference"), max_length=8, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.SEND, editable=False)
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("payer"),
        related_name="orders",
        db_index=False,  # `order_by_payer` begins with it, `order_by_payee` with the payee.
        editable=False,
    )
    payee = models.ForeignKey(
        Identity,
        models.PROTECT,
        verbose_name=_("payee"),
        related_name="orders",
        db_index=False,
        editable=False,
    )
    payee_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("paid member"),
        related_name="+",
        null=True,
        editable=False,
        help_text=_("who held the identity then, or claimed the money; nobody while it is unclaimed"),
    )
    amount = models.BigIntegerField(_("amount"), help_text="cents", editable=False)
    note = models.CharField(_("note"), max_length=280, blank=True, editable=False)
    words = models.TextField(
        _("words"), blank=True, editable=False, help_text=_("exactly what was written; purged with its post")
    )
    channel = models.CharField(
        _("channel"), max_length=12, editable=False, help_text="where it was written: x, …"
    )
    channel_id = models.CharField(
        _("number of the message"), max_length=64, editable=False, help_text=_("the root message's id there")
    )
    request = models.ForeignKey(
        "payments.Request",
        models.PROTECT,
        verbose_name=_("request for money"),
        null=True,
        editable=False,
        related_name="orders",
        db_index=False,
        help_text=_("which it is to pay"),
    )
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.PENDING, editable=False
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(
        _("expires at"), editable=False, help_text=_("until when the code may be given, or the money claimed")
    )
    confirmed_at = models.DateTimeField(
        _("confirmed at"), null=True, editable=False, help_text=_("when the secret code was given")
    )
    hold = models.OneToOneField(
        Transfer,
        models.PROTECT,
        verbose_name=_("hold"),
        null=True,
        editable=False,
        related_name="held_order",
        help_text=_("the transfer that set the money aside"),
    )
    transfer = models.OneToOneField(
        Transfer,
        models.PROTECT,
        verbose_name=_("transfer"),
        null=True,
        editable=False,
        related_name="order",
        help_text=_("the transfer to the payee, or back to the payer"),
    )

    class Meta:
        verbose_name, verbose_name_plural = _("order"), _("orders")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="order_asks_for_something"),
            models.CheckConstraint(condition=~Q(payer=F("payee_user")), name="payer_is_not_the_payee"),
            models.CheckConstraint(
                condition=Q(status__in=["PAID", "RETURNED", "CANCELLED"], transfer__isnull=False)
                | (~Q(status__in=["PAID", "RETURNED", "CANCELLED"]) & Q(transfer__isnull=True)),
                name="ended_order_has_its_transfer",
            ),
            models.CheckConstraint(
                condition=Q(status="PAID")
                | Q(status__in=["REVIEW", "HELD", "RETURNED", "CANCELLED"], hold__isnull=False)
                | Q(status__in=["PENDING", "FUNDING", "DECLINED", "VOIDED", "EXPIRED"], hold__isnull=True),
                name="held_order_has_its_hold",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["FUNDING", "REVIEW", "HELD", "PAID", "RETURNED", "CANCELLED"],
                    confirmed_at__isnull=False,
                )
                | Q(status__in=["PENDING", "DECLINED", "VOIDED", "EXPIRED"], confirmed_at__isnull=True),
                name="money_moves_for_a_confirmed_order",
            ),
            models.CheckConstraint(
                condition=~Q(status="PAID") | Q(payee_user__isnull=False), name="paid_order_has_its_payee"
            ),
            models.UniqueConstraint(fields=["channel", "channel_id"], name="message_makes_one_order"),
            models.CheckConstraint(
                condition=Q(request__isnull=False, channel="request")
                | (Q(request__isnull=True) & ~Q(channel="request")),
                name="order_of_a_request_names_it",
            ),
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(status__in=["PENDING", "FUNDING", "REVIEW", "HELD", "PAID"]),
                name="request_has_one_order_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["payer", "-created_at"], name="order_by_payer"),
            models.Index(fields=["payee", "-created_at"], name="order_by_payee"),
            models.Index(
                fields=["expires_at"],
                condition=Q(status__in=["PENDING", "HELD"]),
                name="order_with_a_deadline",
            ),
            models.Index(fields=["payee"], condition=Q(status="HELD"), name="order_unclaimed"),
            models.Index(fields=["request"], condition=Q(request__isnull=False), name="order_of_request"),
            # What counts for a payer's limits: their sums, and since when they pay whom.
            models.Index(
                fields=["payer", "confirmed_at"], include=["amount"], condition=COUNTED, name="order_counted"
            ),
            models.Index(
                fields=["payer", "payee", "confirmed_at"], condition=COUNTED, name="order_counted_of_payee"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_status_display(self) -> str:  # type: ignore[no-redef]  # Django leaves a model its own
        """As Django makes it, but where no payee is waited for: what is set aside for its purpose."""
        if self.status == self.Status.HELD and self.kind != self.Kind.SEND:
            return str(_("confirmed; set aside until it is decided"))
        return str(self.Status(self.status).label)


class OrderEvent(models.Model):
    """What became of an order, and when: append-only by trigger; a status comes once, but for the code."""

    order = models.ForeignKey(
        Order, models.PROTECT, verbose_name=_("order"), related_name="events", editable=False
    )
    status = models.CharField(_("status"), max_length=12, choices=Order.Status.choices, editable=False)
    detail = models.CharField(_("detail"), max_length=120, blank=True, editable=False)
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("event"), _("events")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "status"],
                condition=~Q(status__in=["PENDING", "FUNDING"]),
                name="order_reaches_a_status_once",
            )
        ]

    def __str__(self) -> str:
        return str(self.get_status_display())

"""Money that somebody asks for: of one member, or of several who share a bill; and who asks no stranger."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Identity
from payments.models.orders import Order


class Written(models.Model):
    """What somebody wrote to ask for money, and where."""

    id = models.UUIDField(_("number"), primary_key=True, default=uuid7, editable=False)
    reference = models.CharField(_("reference"), max_length=8, unique=True, editable=False)
    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("asker"),
        related_name="%(class)ss",
        editable=False,
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
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.reference


class Split(Written):
    """A bill that its writer divides over people and themselves: each other one's share is a request."""

    own_share = models.BigIntegerField(_("the writer's own share"), help_text="cents", editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("split bill"), _("split bills")
        constraints = [
            models.CheckConstraint(
                condition=Q(own_share__gt=0, own_share__lt=F("amount")),
                name="writer_has_a_share_of_the_bill_too",
            ),
            models.UniqueConstraint(fields=["channel", "channel_id"], name="message_splits_one_bill"),
        ]
        indexes = [models.Index(fields=["asker", "-created_at"], name="split_by_asker")]


class Request(Written):
    """Money that a member asks of somebody, who may not have joined. `request_life` writes its status."""

    class Status(models.TextChoices):
        OPEN = "OPEN", _("waiting for an answer")
        PAID = "PAID", _("paid")
        DECLINED = "DECLINED", _("declined")
        EXPIRED = "EXPIRED", _("expired")
        CANCELLED = "CANCELLED", _("taken back")

    payer = models.ForeignKey(
        Identity, models.PROTECT, verbose_name=_("who is asked"), related_name="asked", editable=False
    )
    payee = models.ForeignKey(
        Identity,
        models.PROTECT,
        verbose_name=_("the asker's identity"),
        related_name="+",
        editable=False,
        help_text=_("which is paid"),
    )
    split = models.ForeignKey(
        Split,
        models.PROTECT,
        verbose_name=_("split bill"),
        null=True,
        related_name="shares",
        editable=False,
    )
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.OPEN, editable=False
    )
    expires_at = models.DateTimeField(_("expires at"), editable=False)
    reminded_at = models.DateTimeField(_("reminded at"), null=True, editable=False, help_text=_("once"))
    order = models.OneToOneField(
        Order,
        models.PROTECT,
        verbose_name=_("order"),
        null=True,
        related_name="paid_request",
        editable=False,
        help_text=_("that paid it"),
    )

    class Meta:
        verbose_name, verbose_name_plural = _("request for money"), _("requests for money")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="request_asks_for_something"),
            models.CheckConstraint(condition=~Q(payer=F("payee")), name="nobody_asks_themselves"),
            models.CheckConstraint(
                condition=Q(status="PAID", order__isnull=False) | (~Q(status="PAID") & Q(order__isnull=True)),
                name="paid_request_has_its_order",
            ),
            models.UniqueConstraint(
                fields=["channel", "channel_id"],
                condition=Q(split__isnull=True),
                name="message_makes_one_request",
            ),
            models.UniqueConstraint(fields=["split", "payer"], name="bill_has_one_share_for_each"),
        ]
        indexes = [
            models.Index(fields=["asker", "-created_at"], name="request_by_asker"),
            models.Index(fields=["payer", "-created_at"], name="request_by_payer"),
            models.Index(fields=["expires_at"], condition=Q(status="OPEN"), name="request_open"),
        ]


class RequestEvent(models.Model):
    """What became of a request, and when: append-only by trigger; a status comes once."""

    request = models.ForeignKey(
        Request, models.PROTECT, verbose_name=_("request"), related_name="events", editable=False
    )
    status = models.CharField(_("status"), max_length=12, choices=Request.Status.choices, editable=False)
    detail = models.CharField(_("detail"), max_length=120, blank=True, editable=False)
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("event"), _("events")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "status"], name="request_reaches_a_status_once")
        ]

    def __str__(self) -> str:
        return str(self.get_status_display())


class NoStrangers(models.Model):
    """A member whom only people they have paid, or were paid by, may ask for money."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("member"),
        primary_key=True,
        related_name="no_strangers",
    )
    since = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("closed to strangers"), _("closed to strangers")

    def __str__(self) -> str:
        return str(self.user)

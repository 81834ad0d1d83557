"""What members bought, where it goes, and what they put aside for later."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from payments.models import Order
from shop.models.products import Product, Variant


class Purchase(models.Model):
    """Pieces of a variant for one order, on the terms of that moment. `purchases` steps it."""

    class Status(models.TextChoices):
        RESERVED = "RESERVED", _("reserved until it is paid")
        BOUGHT = "BOUGHT", _("paid")
        DISPATCHED = "DISPATCHED", _("on its way")
        LAPSED = "LAPSED", _("not paid")

    order = models.OneToOneField(
        Order,
        models.PROTECT,
        primary_key=True,
        verbose_name=_("order"),
        related_name="purchase",
        editable=False,
    )
    variant = models.ForeignKey(
        Variant, models.PROTECT, verbose_name=_("variant"), related_name="purchases", editable=False
    )
    title = models.CharField(
        _("what"),
        max_length=130,
        editable=False,
        help_text=_("product and variant, as they were called"),
    )
    quantity = models.PositiveIntegerField(_("pieces"), editable=False)
    price = models.BigIntegerField(_("price of one"), help_text="cents", editable=False)
    shipping_fee = models.BigIntegerField(_("shipping"), help_text="cents", editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.RESERVED, editable=False
    )
    address = models.BinaryField(null=True, editable=False, help_text="encrypted; empty once forgotten")
    tracking = models.CharField(_("tracking"), max_length=120, blank=True, editable=False)
    made_at = models.DateTimeField(_("made at"), db_default=Now(), editable=False)
    bought_at = models.DateTimeField(_("paid at"), null=True, editable=False)
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("purchase"), _("purchases")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="purchase_is_of_something"),
            models.CheckConstraint(
                condition=Q(price__gt=0, shipping_fee__gte=0), name="purchase_costs_something"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["RESERVED", "LAPSED"], bought_at__isnull=True)
                | Q(status__in=["BOUGHT", "DISPATCHED"], bought_at__isnull=False),
                name="purchase_is_bought_when_it_is_paid",
            ),
            models.CheckConstraint(
                condition=Q(status="DISPATCHED", dispatched_at__isnull=False)
                | (~Q(status="DISPATCHED") & Q(dispatched_at__isnull=True)),
                name="dispatched_purchase_left_at_a_moment",
            ),
            models.CheckConstraint(
                condition=~Q(status="LAPSED") | Q(address__isnull=True),
                name="purchase_that_lapsed_has_no_address",
            ),
            models.CheckConstraint(
                condition=Q(tracking="") | Q(status="DISPATCHED"), name="what_was_dispatched_is_tracked"
            ),
        ]
        indexes = [
            models.Index(fields=["variant", "-made_at"], name="purchase_by_variant"),
            models.Index(F("bought_at"), condition=Q(address__isnull=False), name="purchase_with_an_address"),
        ]

    def __str__(self) -> str:
        return self.title


class Basket(models.Model):
    """A product that a member asked for by a message: nothing is reserved; it is gone after a day."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("member"),
        related_name="baskets",
        db_index=False,  # `member_puts_a_product_aside_once` begins with it.
        editable=False,
    )
    product = models.ForeignKey(
        Product, models.PROTECT, verbose_name=_("product"), related_name="+", editable=False
    )
    note = models.CharField(_("note"), max_length=280, blank=True, editable=False)
    channel = models.CharField(_("channel"), max_length=12, editable=False)
    channel_id = models.CharField(_("number of the message"), max_length=64, editable=False)
    made_at = models.DateTimeField(_("made at"), db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("expires at"), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("basket"), _("baskets")
        constraints = [
            models.UniqueConstraint(fields=["user", "product"], name="member_puts_a_product_aside_once"),
            models.UniqueConstraint(fields=["channel", "channel_id"], name="message_makes_one_basket"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="basket_lasts_for_a_while"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="basket_with_a_deadline")]

    def __str__(self) -> str:
        return str(self.product)


class SavedAddress(models.Model):
    """Where a member wants things sent, for the next time, because they asked us to keep it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        verbose_name=_("member"),
        related_name="saved_address",
        editable=False,
    )
    address = models.BinaryField(editable=False, help_text="encrypted")
    saved_at = models.DateTimeField(_("saved at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("saved address"), _("saved addresses")

    def __str__(self) -> str:
        return str(self.saved_at)

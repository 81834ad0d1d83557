"""What is sold, and how much of it is left."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation

# As a post names it, which has to be told from a word: a letter first, and a digit somewhere.
CODE = r"^[A-Z][A-Z0-9]{2,15}$"
LARGEST_PICTURE = 1024 * 1024  # Bytes.
MOST_PIECES = 1_000_000  # As a seller counts them; what comes back from buyers always has room.


class Product(models.Model):
    """Something that a reviewed organisation sells. `products` is the only writer; code and seller stay."""

    class Picture(models.TextChoices):
        JPEG = "image/jpeg", "JPEG"
        PNG = "image/png", "PNG"
        WEBP = "image/webp", "WebP"

    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        verbose_name=_("organisation"),
        related_name="products",
        editable=False,
    )
    code = models.CharField(
        _("code"), max_length=16, unique=True, editable=False, help_text=_("by which a post orders it")
    )
    title = models.CharField(_("title"), max_length=80)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    picture = models.BinaryField(null=True, editable=False)
    picture_type = models.CharField(
        _("type of the picture"), max_length=10, choices=Picture.choices, blank=True, editable=False
    )
    price = models.BigIntegerField(_("price"), help_text="cents")
    is_shipped = models.BooleanField(_("sent by post"), default=False)
    shipping_fee = models.BigIntegerField(_("shipping"), default=0, help_text="cents, for each purchase")
    opens_at = models.DateTimeField(_("on sale from"), null=True, blank=True)
    closes_at = models.DateTimeField(_("on sale until"), null=True, blank=True)
    most_per_buyer = models.PositiveIntegerField(_("pieces for one buyer at most"), default=10)
    created_at = models.DateTimeField(_("made at"), db_default=Now(), editable=False)
    stopped_at = models.DateTimeField(
        _("stopped at"), null=True, editable=False, help_text=_("by staff, for good")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("made by"),
        related_name="+",
        editable=False,
    )

    class Meta:
        verbose_name, verbose_name_plural = _("product"), _("products")
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=CODE) & Q(code__regex="[0-9]"),
                name="product_code_can_be_posted",
            ),
            models.CheckConstraint(condition=Q(price__gt=0), name="product_costs_something"),
            models.CheckConstraint(
                condition=Q(shipping_fee=0) | Q(shipping_fee__gt=0, is_shipped=True),
                name="shipping_is_paid_for_what_is_shipped",
            ),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True)
                | Q(closes_at__isnull=True)
                | Q(closes_at__gt=F("opens_at")),
                name="offer_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=Q(most_per_buyer__gt=0), name="somebody_may_buy_a_product"),
            models.CheckConstraint(
                condition=Q(picture__isnull=True, picture_type="")
                | Q(picture__isnull=False, picture_type__in=["image/jpeg", "image/png", "image/webp"]),
                name="product_picture_is_known",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-created_at"], name="product_by_organisation")]

    def __str__(self) -> str:
        return self.code


class Variant(models.Model):
    """A size, a colour: what is counted; a product has one at least. Only `stock` writes its stock."""

    product = models.ForeignKey(
        Product,
        models.PROTECT,
        verbose_name=_("product"),
        related_name="variants",
        db_index=False,  # `product_names_a_variant_once` begins with it.
        editable=False,
    )
    name = models.CharField(_("variant"), max_length=40, blank=True)
    stock = models.IntegerField(_("pieces left"), default=0, editable=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("variant"), _("variants")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["product", "name"], name="product_names_a_variant_once"),
            models.CheckConstraint(condition=Q(stock__gte=0), name="nothing_is_sold_twice"),
        ]

    def __str__(self) -> str:
        return self.name or self.product.title


class StockMove(models.Model):
    """Pieces that came or went, and why: append-only. A variant's stock is the sum of its moves."""

    class Reason(models.TextChoices):
        SELLER = "SELLER", _("counted by the seller")
        RESERVED = "RESERVED", _("reserved by a buyer")
        LAPSED = "LAPSED", _("not paid for")
        RETURNED = "RETURNED", _("came back from a buyer")

    variant = models.ForeignKey(
        Variant, models.PROTECT, verbose_name=_("variant"), related_name="moves", editable=False
    )
    change = models.IntegerField(_("pieces"), editable=False)
    reason = models.CharField(_("why"), max_length=8, choices=Reason.choices, editable=False)
    purchase = models.ForeignKey(
        "shop.Purchase",
        models.PROTECT,
        verbose_name=_("purchase"),
        null=True,
        related_name="moves",
        db_index=False,  # `purchase_moves_stock_once` begins with it.
        editable=False,
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("by"),
        null=True,
        related_name="+",
        db_index=False,
        editable=False,
    )
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("change of stock"), _("changes of stock")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(change=0), name="stock_moves_by_something"),
            models.CheckConstraint(
                condition=Q(reason="SELLER", purchase__isnull=True, by__isnull=False)
                | Q(reason="RESERVED", purchase__isnull=False, by__isnull=True, change__lt=0)
                | Q(reason="LAPSED", purchase__isnull=False, by__isnull=True, change__gt=0)
                | Q(reason="RETURNED", purchase__isnull=False, by__isnull=False, change__gt=0),
                name="stock_moves_for_a_reason",
            ),
            models.UniqueConstraint(fields=["purchase", "reason"], name="purchase_moves_stock_once"),
        ]

    def __str__(self) -> str:
        return f"{self.change:+}"

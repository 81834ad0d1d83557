"""What organisations sell: a code that posts name, a price, an offer that may begin and end.

Amounts are cents.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Exists, Func, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse

from accounts import constraints, organisations
from accounts.models import Organisation, User
from payments import clock
from payments.pictures import Picture
from shop import stock
from shop.models import Product, Variant

FEW = 5  # So many or fewer are said.
MOST_VARIANTS = 30


class Offer(StrEnum):
    """Whether a product can be had now."""

    SOON = "SOON"
    ON_SALE = "ON_SALE"
    SOLD_OUT = "SOLD_OUT"
    OVER = "OVER"


class NotReviewed(Exception):
    """Staff have not accepted the organisation yet."""


class CodeTaken(Exception):
    """Another product has that code."""


class NamedAlready(Exception):
    """The product has a variant of that name."""


class TooMany(Exception):
    """The product has as many variants as it may."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What its seller says of a product; without a picture the one that is there stays."""

    title: str
    description: str
    price: int
    is_shipped: bool
    shipping_fee: int
    opens_at: datetime | None
    closes_at: datetime | None
    most_per_buyer: int
    picture: Picture | None = None


@transaction.atomic
def create(  # noqa: PLR0913  # its first variant goes with it
    organisation: Organisation, facts: Facts, *, code: str, variant: str, pieces: int, by: User
) -> Product:
    """A new product with its first variant.

    :raises NotReviewed: if staff have not accepted the organisation yet
    :raises CodeTaken: if another product has that code
    """
    if not organisations.is_reviewed(organisation):
        raise NotReviewed
    product = Product(organisation=organisation, code=code.upper(), created_by=by)
    _say(product, facts)
    with constraints.kept("shop_product_code_key", otherwise=CodeTaken):
        product.save(force_insert=True)
    add_variant(product, name=variant, pieces=pieces, by=by)
    return product


def change(product: Product, facts: Facts) -> None:
    """What is said from now on; what is bought already was bought on its own terms."""
    _say(product, facts)
    product.save()


@transaction.atomic
def add_variant(product: Product, *, name: str, pieces: int, by: User) -> Variant:
    """:raises NamedAlready, TooMany: as they say"""
    last = product.variants.order_by("position").last()
    if product.variants.count() >= MOST_VARIANTS:
        raise TooMany
    with constraints.kept("product_names_a_variant_once", otherwise=NamedAlready):
        variant = product.variants.create(name=name, position=last.position + 1 if last else 0)
    stock.count(variant, pieces, by=by)
    return variant


def find(code: str) -> Product | None:
    """The product of that code, if everybody may see it."""
    sold = Product.objects.select_related("organisation__account").defer("picture")
    product = sold.filter(code=code.upper()).first()
    return product if product and organisations.is_reviewed(product.organisation) else None


def of(organisation: Organisation) -> QuerySet[Product]:
    """What it sells, the newest first."""
    made = Product.objects.filter(organisation=organisation).order_by("-created_at")
    return made.defer("picture").prefetch_related("variants")


def on_sale(organisation: Organisation) -> QuerySet[Product]:
    """What of it can be had now, the newest first; as `offer` says of one."""
    is_open = ~Q(opens_at__gt=Now()) & ~Q(closes_at__lte=Now())
    left = Variant.objects.filter(product=OuterRef("pk"), stock__gt=0)
    return of(organisation).filter(is_open, Exists(left)).prefetch_related(None)


def offer(product: Product) -> Offer:
    """Whether it can be had, by the database's clock."""
    now = clock.now()
    if product.opens_at and product.opens_at > now:
        return Offer.SOON
    if product.closes_at and product.closes_at <= now:
        return Offer.OVER
    return Offer.ON_SALE if any(variant.stock for variant in product.variants.all()) else Offer.SOLD_OUT


def picture_digest(product: Product) -> str:
    """What changes with its picture, which stays in the database; nothing where there is none."""
    digest = Func("picture", function="md5", output_field=CharField())
    return Product.objects.filter(pk=product.pk).values_list(digest, flat=True).get() or ""


def address(product: Product) -> str:
    """Of its page, for whoever is not on our pages."""
    return settings.SITE_URL + path(product)


def path(product: Product) -> str:
    return reverse("product", args=[product.code])


def _say(product: Product, facts: Facts) -> None:
    product.title, product.description = facts.title, facts.description
    product.price, product.most_per_buyer = facts.price, facts.most_per_buyer
    product.is_shipped = facts.is_shipped
    product.shipping_fee = facts.shipping_fee if facts.is_shipped else 0
    product.opens_at, product.closes_at = facts.opens_at, facts.closes_at
    if facts.picture:
        product.picture, product.picture_type = facts.picture.content, facts.picture.type

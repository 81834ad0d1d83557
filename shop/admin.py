"""What staff see of shops: what is sold and what was bought, without where it goes; they stop a product."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.staff_acts import Act, Acted, Refused
from accounts.staff_pages import ReadOnly, ReadOnlyRows, label, link, rows
from payments import proposals, wording
from shop import products, purchases
from shop.models import Product, Purchase, Variant
from shop.products import Offer

_OFFERS: dict[Offer, tuple[object, str]] = {
    Offer.SOON: (_("not on sale yet"), ""),
    Offer.ON_SALE: (_("on sale"), "good"),
    Offer.SOLD_OUT: (_("sold out"), "warn"),
    Offer.OVER: (_("offer over"), ""),
}
_TONES: dict[str, str] = {
    Purchase.Status.RESERVED: "warn",
    Purchase.Status.BOUGHT: "warn",
    Purchase.Status.DISPATCHED: "good",
}


def _stop(staff: User, product: Product, data: dict[str, Any]) -> object:
    try:
        products.stop(product, by=staff, reason=data["reason"])
    except products.StoppedAlready as refusal:
        raise Refused(_("Somebody else has decided already.")) from refusal
    return _("Stopped: nobody can see or buy it. Whoever handles the organisation’s money is told.")


class Variants(ReadOnlyRows):
    model = Variant
    fields = readonly_fields = ("name", "stock")


@admin.register(Product)
class ProductAdmin(ReadOnly, Acted):
    explains = _(
        "What organisations sell. A product that breaks the rules is stopped by whoever decides: it is on"
        " sale no more, and its page is not there."
    )
    list_display = ["code", "title", "organisation", "shown_price", "state", "created_at"]
    list_filter = ["is_shipped", ("stopped_at", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["organisation__account"]
    search_fields = ["=code", "organisation__account__name"]
    search_help_text = _("Its code, or the organisation's name")
    ordering = ["-pk"]
    inlines = [Variants]
    fields = ["code", "title", "description", "organisation", "state", "shown_price", "is_shipped",
              "shown_shipping", "opens_at", "closes_at", "most_per_buyer", "created_by", "created_at",
              "stopped_at", "bought"]  # fmt: skip
    acts = {
        "stop": Act(
            title=_("Stop"),
            explains=_(
                "At once and for good: nobody can see or buy it. What was paid for stays bought; its seller"
                " sends it, or gives the money back. They are told that it broke our rules, and not your"
                " reason."
            ),
            may=lambda staff, product: proposals.may_decide(staff) and product.stopped_at is None,
            do=_stop,
        )
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        """Without pictures, each of which may be a megabyte."""
        found: QuerySet[Product] = super().get_queryset(request).annotate(read_at=Now())
        return found.defer("picture").prefetch_related("variants")

    @admin.display(description=_("status"))
    def state(self, product: Any) -> SafeString:
        if product.stopped_at:
            return label(_("stopped"), "bad")
        return label(*_OFFERS[products.offer(product, at=product.read_at)])

    @admin.display(description=_("price"), ordering="price")
    def shown_price(self, product: Product) -> str:
        return wording.amount(product.price)

    @admin.display(description=_("shipping"))
    def shown_shipping(self, product: Product) -> str:
        return wording.amount(product.shipping_fee)

    @admin.display(description=_("purchases"))
    def bought(self, product: Product) -> SafeString:
        return rows(Purchase, _("purchases of it"), q=product.code)


@admin.register(Purchase)
class PurchaseAdmin(ReadOnly):
    explains = _(
        "What members bought. Where it is sent is for its seller alone, and not shown here; who bought it,"
        " the order says."
    )
    list_display = ["order", "title", "organisation", "quantity", "shown_goods", "state", "made_at"]
    list_filter = ["status", "made_at"]
    search_fields = ["=order__reference", "=variant__product__code",
                     "variant__product__organisation__account__name"]  # fmt: skip
    search_help_text = _("The order's reference, the product's code, or the organisation's name")
    ordering = ["-pk"]
    fields = ["order", "product_page", "organisation_page", "title", "quantity", "shown_price",
              "shown_shipping", "shown_given_back", "state", "made_at", "bought_at",
              "dispatched_at"]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Purchase]:
        """Without what goes to somebody's door, or weighs a megabyte."""
        found = (
            super().get_queryset(request).select_related("order", "variant__product__organisation__account")
        )
        return found.defer("address", "tracking", "variant__product__picture")

    @admin.display(description=_("organisation"))
    def organisation(self, purchase: Purchase) -> Organisation:
        return purchase.variant.product.organisation

    @admin.display(description=_("organisation"))
    def organisation_page(self, purchase: Purchase) -> str:
        return link(purchase.variant.product.organisation)

    @admin.display(description=_("product"))
    def product_page(self, purchase: Purchase) -> str:
        return link(purchase.variant.product)

    @admin.display(description=_("status"), ordering="status")
    def state(self, purchase: Purchase) -> SafeString:
        return label(purchase.get_status_display(), _TONES.get(purchase.status, ""))

    @admin.display(description=_("price of one"))
    def shown_price(self, purchase: Purchase) -> str:
        return wording.amount(purchase.price)

    @admin.display(description=_("shipping"))
    def shown_shipping(self, purchase: Purchase) -> str:
        return wording.amount(purchase.shipping_fee)

    @admin.display(description=_("price"))
    def shown_goods(self, purchase: Purchase) -> str:
        """Of all pieces, without shipping."""
        return wording.amount(purchase.price * purchase.quantity)

    @admin.display(description=_("given back"))
    def shown_given_back(self, purchase: Purchase) -> str:
        return wording.amount(purchases.given_back(purchase))

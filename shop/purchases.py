"""Purchases: reserved with their order, bought when it is paid, lapsed when it ends otherwise, dispatched.

Amounts are cents. Lock order: the payer, the order, its purchase, the variant.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Now
from django.urls import reverse

from accounts import organisations, prepared
from accounts.models import Organisation, User
from accounts.prepared import Prepared
from payments import notices, orders, purposes, refunds
from payments.models import Notification, Order, Refund
from shop import addresses, baskets, products, stock
from shop.addresses import Address
from shop.models import Product, Purchase, Variant
from shop.products import Offer

LIFETIME = timedelta(minutes=15)  # So long others wait for what somebody does not pay.
CHANNEL = "site"

Status = Purchase.Status
_ENDS = frozenset(
    {
        Order.Status.DECLINED,
        Order.Status.VOIDED,
        Order.Status.EXPIRED,
        Order.Status.RETURNED,
        Order.Status.CANCELLED,
    }
)
# It writes the row also where nothing is sent: whoever dispatches it waits for the refund, and sees it.
_FORGET = Prepared(
    "forget_address_of_what_was_given_back",
    """
    UPDATE shop_purchase p SET address = NULL FROM payments_order o
     WHERE p.order_id = %(order)s AND o.id = p.order_id AND p.status = 'BOUGHT'
       AND o.amount <= (SELECT sum(r.amount) FROM payments_refund r WHERE r.order_id = o.id)
    """,
    order="uuid",
)
_BUY = Prepared(
    "buy_purchase",
    """
    UPDATE shop_purchase SET status = 'BOUGHT', bought_at = statement_timestamp()
     WHERE order_id = %(order)s AND status = 'RESERVED'
    """,
    order="uuid",
)


class NotOnSale(Exception):
    """Its offer has not begun, or is over, or its seller may not be paid."""


class TooManyForOne(Exception):
    """One buyer has `left` pieces of it to buy still."""

    def __init__(self, *, left: int) -> None:
        super().__init__(left)
        self.left = left


class AddressMissing(Exception):
    """It is sent by post, and nobody said where to."""


class BoughtAlready(Exception):
    """The form was sent before: `order` is what it made."""

    def __init__(self, order: Order) -> None:
        super().__init__(order.reference)
        self.order = order


class NotToDispatch(Exception):
    """It is not paid, or left already."""


class GivenBack(NotToDispatch):
    """All of its money went back to its buyer."""


def buy(  # noqa: PLR0913  # a purchase is that many facts
    buyer: User, variant: Variant, *, quantity: int, address: Address | None, key: UUID, at: datetime
) -> Order:
    """Reserve pieces, and place the order that pays for them, which waits for the buyer's code.

    `key` is of the form that was filled in: sent twice, it buys once; filled in otherwise, or sent again once
    its purchase has lapsed, it is another form.

    :raises BoughtAlready: if it was
    :raises NotOnSale, AddressMissing: as they say
    :raises TooManyForOne: if it is more than one buyer may have
    :raises stock.SoldOut: if fewer are left
    :raises orders.TooMany, limits.OverLimit, settlement.PayeeRefuses, freezes.Frozen: as `orders.place` does
    """
    product = variant.product
    channel_id = _channel_id(buyer, key=uuid5(key, f"{variant.pk} {quantity} {address}"))
    _check(product)
    if variant.stock < quantity:
        raise stock.SoldOut(variant)  # Most who come too late cost nobody a lock.
    if product.is_shipped and address is None:
        raise AddressMissing
    try:
        return _place(buyer, variant, quantity=quantity, address=address, channel_id=channel_id, at=at)
    except orders.AlreadyPlaced as again:  # Two clicks at one moment.
        raise BoughtAlready(Order.objects.get(channel=CHANNEL, channel_id=channel_id)) from again


def left_for(buyer: User, product: Product) -> int:
    """How many pieces of it they may still buy; what was given back whole is not theirs."""
    theirs = Purchase.objects.filter(order__payer=buyer, variant__product=product)
    held = _knowing(theirs.exclude(status=Status.LAPSED)).filter(is_given_back=False)
    return max(0, product.most_per_buyer - (held.aggregate(total=Sum("quantity"))["total"] or 0))


def of(buyer: User) -> QuerySet[Any]:
    """What they bought or are about to, the newest first; each knows what of it was `given` back."""
    return _PEOPLE.filter(order__payer=buyer).order_by("-made_at")


def at(organisation: Organisation) -> QuerySet[Any]:
    """What was bought there and paid, the newest first; each knows what of it was `given` back."""
    paid = _PEOPLE.filter(variant__product__organisation=organisation, bought_at__isnull=False)
    return paid.order_by("-bought_at")


def to_dispatch(organisation: Organisation) -> QuerySet[Any]:
    """What was paid there, and neither left nor was given back whole."""
    return at(organisation).filter(status=Status.BOUGHT, is_given_back=False)


def given_back(purchase: Purchase) -> int:
    """How much of it went back to its buyer, in cents."""
    return Refund.objects.filter(order=purchase.pk).aggregate(total=Sum("amount"))["total"] or 0


@transaction.atomic
def dispatch(purchase: Purchase, *, tracking: str = "") -> Purchase:
    """It is on its way, and its buyer is told; where nothing is sent, it was handed over.

    :raises GivenBack: if all of its money went back
    :raises NotToDispatch: if it is not paid, or left already
    """
    locked = Purchase.objects.select_for_update(of=("self",), no_key=True)
    purchase = locked.select_related("order__payer", "order__payee").get(pk=purchase.pk)
    if purchase.status != Status.BOUGHT:
        raise NotToDispatch
    if given_back(purchase) >= purchase.order.amount:  # Its refund wrote the row that is locked.
        raise GivenBack
    purchase.status, purchase.dispatched_at = Status.DISPATCHED, Now()
    purchase.tracking = tracking if purchase.address else ""  # It tells where somebody lives, as that does.
    purchase.save(update_fields=["status", "dispatched_at", "tracking"])
    notices.tell(purchase.order.payer, Notification.Kind.PURCHASE_SENT, order=purchase.order)
    return purchase


def refund(  # noqa: PLR0913  # who acts, and whether pieces came back
    purchase: Purchase, *, by: User, amount: int, code: str, key: UUID, restocks: bool
) -> Refund:
    """Give money back, whole or in part, by the code of somebody who acts for the seller.

    Given back whole, its pieces can be sold again where they say so.

    :raises refunds.NotPaid, refunds.TooMuch, codes.WrongCode, …: as `refunds.give` does
    """
    refund = refunds.give(purchase.order, amount=amount, code=code, key=key, by=by)
    if restocks and given_back(purchase) == purchase.order.amount:
        stock.bring_back(purchase, by=by)
    return refund


class PurchasePurpose(purposes.Purpose):
    """An order that buys."""

    def check(self, order: Order) -> None:
        reserved = Purchase.objects.filter(pk=order.pk, status=Status.RESERVED)
        if not reserved.filter(variant__product__stopped_at=None).exists():
            raise purposes.Over

    def stepping(self, order: Order, status: Order.Status) -> Sequence[prepared.Call]:
        if status == Order.Status.PAID:
            return [_BUY(order=order.pk)]
        return [stock.lapsing(order)] if status in _ENDS else []

    def refunding(self, order: Order, refund: Refund) -> Sequence[prepared.Call]:
        """Nobody has to know any more where it goes, once all of it was given back and it has not left."""
        return [_FORGET(order=order.pk)]

    def title(self, order: Order) -> str:
        purchase = Purchase.objects.get(pk=order.pk)
        return f"{purchase.quantity} × {purchase.title}"

    def path(self, order: Order) -> str:
        return reverse("purchase", args=[order.reference])


@transaction.atomic
def _place(  # noqa: PLR0913  # a purchase is that many facts
    buyer: User, variant: Variant, *, quantity: int, address: Address | None, channel_id: str, at: datetime
) -> Order:
    product = variant.product
    order = orders.place(
        buyer,
        payee=organisations.identity(product.organisation),
        amount=product.price * quantity + product.shipping_fee,
        note="",
        words="",
        channel=CHANNEL,
        channel_id=channel_id,
        at=at,
        kind=Order.Kind.PURCHASE,
        lifetime=LIFETIME,
    )
    _check_most(buyer, product, quantity)  # Under the payer's lock, so they buy one thing at a time.
    purchase = Purchase(order=order, variant=variant, quantity=quantity, price=product.price)
    purchase.title, purchase.shipping_fee = _title(variant), product.shipping_fee
    purchase.address = addresses.sealed(address) if product.is_shipped and address else None
    purchase.save(force_insert=True)
    baskets.drop(buyer, product=product)
    stock.reserve(purchase)  # The last, as others wait for it.
    return order


def _knowing(bought: QuerySet[Purchase]) -> QuerySet[Any]:
    """Purchases with what of each was `given` back, in cents, and whether that is all: `is_given_back`."""
    back = Refund.objects.filter(order=OuterRef("pk")).order_by().values("order")
    given = Subquery(back.annotate(total=Sum("amount")).values("total"), output_field=BigIntegerField())
    known = bought.annotate(given=Coalesce(given, 0))
    return known.annotate(is_given_back=Q(given__gte=F("order__amount")))


_PEOPLE = _knowing(
    Purchase.objects.select_related(
        "order__payer", "order__payee", "variant__product__organisation__account"
    ).defer("variant__product__picture")
)


def _channel_id(buyer: User, *, key: UUID) -> str:
    """What the form's order is known by, so that it makes one; anew, where that one's purchase has lapsed.

    :raises BoughtAlready: if it made one that has not
    """
    channel_id = f"buy:{buyer.pk}:{key}"
    while known := Order.objects.filter(channel=CHANNEL, channel_id=channel_id).first():
        if not Purchase.objects.filter(order=known, status=Status.LAPSED).exists():
            raise BoughtAlready(known)
        key = uuid5(key, known.reference)
        channel_id = f"buy:{buyer.pk}:{key}"
    return channel_id


def _check(product: Product) -> None:
    """Whether its offer is open; how much is left is seen when it is taken."""
    is_open = products.offer(product) not in {Offer.SOON, Offer.OVER}
    if not (is_open and organisations.is_reviewed(product.organisation)):
        raise NotOnSale


def _check_most(buyer: User, product: Product, quantity: int) -> None:
    if quantity > (left := left_for(buyer, product)):
        raise TooManyForOne(left=left)


def _title(variant: Variant) -> str:
    return f"{variant.product.title} · {variant.name}" if variant.name else variant.product.title

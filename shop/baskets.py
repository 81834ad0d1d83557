"""What members asked for by a message: put aside for a day, nothing reserved, until they choose and pay."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from payments import clock, notices
from payments.models import Notification
from shop import products
from shop.models import Basket, Product
from shop.products import Offer

LIFETIME = timedelta(hours=24)
MOST = 10  # Of one member; the oldest makes room.


class Unknown(Exception):
    """No product has that code."""


class NotToBeHad(Exception):
    """It cannot be bought now; `offer` says why."""

    def __init__(self, offer: Offer) -> None:
        super().__init__(offer)
        self.offer = offer


@transaction.atomic
def put(user: User, *, code: str, note: str, channel: str, channel_id: str) -> Basket:
    """Put a product aside for them, and tell them; what they had put aside of it counts anew.

    :raises Unknown: if there is no such product
    :raises NotToBeHad: if it is sold out, or not on sale now
    """
    product = products.find(code)
    if product is None:
        raise Unknown
    if (offer := products.offer(product)) is not Offer.ON_SALE:
        raise NotToBeHad(offer)
    said = {"note": note, "channel": channel, "channel_id": channel_id, "expires_at": clock.now() + LIFETIME}
    basket, is_new = Basket.objects.update_or_create(
        user=user, product=product, defaults=said | {"made_at": Now()}
    )
    theirs = Basket.objects.filter(user=user).order_by("-made_at", "-pk").values_list("pk", flat=True)
    Basket.objects.filter(pk__in=list(theirs[MOST:])).delete()
    if is_new:
        notices.tell(user, Notification.Kind.PURCHASE_DRAFT)
    return basket


def of(user: User) -> list[Basket]:
    """What they put aside and may still buy, the newest first."""
    kept = Basket.objects.filter(user=user, expires_at__gt=Now()).order_by("-made_at", "-pk")
    return list(kept.select_related("product__organisation__account").defer("product__picture"))


def note_of(user: User, product: Product) -> str:
    """What they wrote beside its code."""
    kept = Basket.objects.filter(user=user, product=product, expires_at__gt=Now())
    return kept.values_list("note", flat=True).first() or ""


def drop(user: User, *, product: Product) -> None:
    """They bought it, or do not want it any more."""
    Basket.objects.filter(user=user, product=product).delete()


def drop_written(*, channel: str, channel_id: str) -> bool:
    """Its message was changed or deleted; whether it had put anything aside."""
    return bool(Basket.objects.filter(channel=channel, channel_id=channel_id).delete()[0])


def forget_due() -> int:
    """Forget what nobody bought within its day; return how many."""
    return Basket.objects.filter(expires_at__lte=Now()).delete()[0]


def forget_all(user_id: int) -> None:
    """Of somebody who has left."""
    Basket.objects.filter(user=user_id).delete()

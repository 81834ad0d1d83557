"""Where a purchase is sent: encrypted, for that purchase alone, or for the next, if its buyer wants.

It is forgotten some time after the parcel left, when nothing is paid, and when its buyer leaves.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from accounts import crypto
from accounts.models import User
from shop.models import Purchase, SavedAddress

KEPT_FOR = timedelta(days=90)  # After it was dispatched: parcels get lost, and come back.
KEPT_AT_MOST = timedelta(days=365)  # After it was paid, whatever its seller does.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Address:
    """A place in France, as an envelope has it."""

    name: str
    street: str
    more: str
    postcode: str
    city: str

    @property
    def lines(self) -> list[str]:
        written = (self.name, self.street, self.more, f"{self.postcode} {self.city}")
        return [line for line in written if line]


def sealed(address: Address) -> bytes:
    return crypto.encrypt(json.dumps(asdict(address), ensure_ascii=False))


def of(purchase: Purchase) -> Address | None:
    """Where it goes; nothing if it is not sent, or that is forgotten."""
    return _opened(purchase.address)


def saved(user: User) -> Address | None:
    """What they asked us to keep for the next time."""
    kept = SavedAddress.objects.filter(user=user).first()
    return _opened(kept.address) if kept else None


def save(user: User, address: Address) -> None:
    SavedAddress.objects.update_or_create(user=user, defaults={"address": sealed(address), "saved_at": Now()})


def forget_saved(user: User) -> None:
    SavedAddress.objects.filter(user=user).delete()


def forget_due() -> int:
    """Forget where parcels went that left long enough ago; return of how many."""
    is_due = Q(dispatched_at__lt=Now() - KEPT_FOR) | Q(bought_at__lt=Now() - KEPT_AT_MOST)
    due = Purchase.objects.filter(is_due, address__isnull=False).order_by("bought_at")
    keys = list(due.values_list("pk", flat=True)[:BATCH])
    return Purchase.objects.filter(pk__in=keys).update(address=None, tracking="")


def forget_all(user_id: int) -> None:
    """Of somebody who has left."""
    SavedAddress.objects.filter(user=user_id).delete()
    theirs = Purchase.objects.filter(order__payer=user_id, address__isnull=False)
    theirs.update(address=None, tracking="")


def _opened(secret: bytes | memoryview | None) -> Address | None:
    return Address(**json.loads(crypto.decrypt(secret))) if secret else None

"""What tests sell: acf sells a T-shirt that is shipped, and a mug that is handed over."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Organisation, User
from payments.models import Order
from shop import products, purchases
from shop.addresses import Address
from shop.models import Product, Variant
from shop.products import Facts

HOME = Address("Claire Martin", "12 rue des Lilas", "Bâtiment B", "75020", "Paris")


def facts(**changes: Any) -> Facts:
    said: dict[str, Any] = {
        "title": "T-shirt",
        "description": "Coton bio, coupe droite.",
        "price": 20_00,
        "is_shipped": True,
        "shipping_fee": 4_50,
        "opens_at": None,
        "closes_at": None,
        "most_per_buyer": 10,
    }
    return Facts(**(said | changes))


def sell(seller: Organisation, *, code: str, variant: str = "", pieces: int = 10, **changes: Any) -> Product:
    return products.create(
        seller, facts(**changes), code=code, variant=variant, pieces=pieces, by=seller.founded_by
    )


def buy(buyer: User, product: Product, quantity: int = 1, **changes: Any) -> Order:
    """As the form of its page does, of its first variant."""
    first = Variant.objects.select_related("product__organisation__account").filter(product=product).first()
    assert first
    terms: dict[str, Any] = {
        "quantity": quantity,
        "address": HOME,
        "key": uuid4(),
        "at": timezone.now(),
    }
    return purchases.buy(buyer, changes.pop("variant", first), **(terms | changes))


def left(product: Product) -> int:
    """Pieces of its first variant."""
    return Variant.objects.filter(product=product).values_list("stock", flat=True)[0]


@pytest.fixture
def shirt(acf: Organisation) -> Product:
    return sell(acf, code="TSHIRT42", variant="M")


@pytest.fixture
def mug(acf: Organisation) -> Product:
    return sell(acf, code="MUG7", title="Mug", price=8_00, is_shipped=False, shipping_fee=0)

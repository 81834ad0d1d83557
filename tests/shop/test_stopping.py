"""Staff stop a product that breaks the rules: nobody sees or buys it, and what was bought stays bought."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from accounts import audit
from accounts.models import User
from payments import orders, purposes
from payments.models import Notification, Order
from shop import products, purchases
from shop.models import Product
from tests.people import CODE, settled
from tests.staff import at_desk, page_of
from tests.stalls import buy, facts, left

REASON = "Sells what the law forbids"
pytestmark = pytest.mark.django_db


@pytest.fixture
def stopped(shirt: Product, odile: User) -> Product:
    products.stop(shirt, by=odile, reason=REASON)
    shirt.refresh_from_db()
    return shirt


class TestStopped:
    @pytest.mark.usefixtures("any_code")
    def test_cannot_be_bought(self, shirt: Product, claire: User, odile: User) -> None:
        waiting = buy(claire, shirt)
        products.stop(shirt, by=odile, reason=REASON)
        with pytest.raises(purchases.NotOnSale):
            buy(claire, shirt)
        with pytest.raises(purposes.Over):
            orders.confirm(waiting, code=CODE)
        assert Order.objects.get(pk=waiting.pk).status == "VOIDED"
        assert left(shirt) == 10

    def test_is_seen_by_nobody_but_its_seller(
        self, stopped: Product, lea: User, with_code: Callable[[User], User]
    ) -> None:
        assert products.find(stopped.code) is None
        assert not products.on_sale(stopped.organisation)
        assert Client().get(f"/buy/{stopped.code}/").status_code == 404
        seller = Client()
        seller.force_login(with_code(lea))
        page = seller.get(f"/organisations/{stopped.organisation.slug}/products/{stopped.code}/")
        assert "a retiré ce produit de la vente" in page.content.decode()
        assert REASON not in page.content.decode()

    def test_leaves_what_was_bought(self, shirt: Product, claire: User, odile: User) -> None:
        paid = settled(buy(claire, shirt))
        products.stop(shirt, by=odile, reason=REASON)
        assert purchases.to_dispatch(shirt.organisation).get().pk == paid.pk

    def test_is_told_and_kept_once(self, stopped: Product, lea: User, odile: User) -> None:
        with pytest.raises(products.StoppedAlready):
            products.stop(stopped, by=odile, reason=REASON)
        assert Notification.objects.get(kind="PRODUCT_STOPPED").user == lea
        (entry,) = audit.of(stopped)
        assert (entry.act, entry.staff, entry.reason) == ("product.stopped", odile, REASON)

    def test_is_not_on_sale_again_by_what_its_seller_was_writing(self, shirt: Product, odile: User) -> None:
        """The form was opened before."""
        opened = Product.objects.get(pk=shirt.pk)
        products.stop(shirt, by=odile, reason=REASON)
        products.change(opened, facts(title="T-shirt bis"))
        shirt.refresh_from_db()
        assert shirt.title == "T-shirt bis"
        assert shirt.stopped_at is not None
        with pytest.raises(DatabaseError, match="shop_product"), transaction.atomic():
            Product.objects.filter(pk=shirt.pk).update(stopped_at=None)

    def test_is_stopped_by_whoever_decides_for_a_reason(
        self, shirt: Product, agathe: User, bruno: User
    ) -> None:
        act = f"{page_of(shirt).removesuffix('change/')}act/stop/"
        assert at_desk(agathe).post(act, {"reason": REASON}).status_code == 403
        assert "/act/stop/" not in at_desk(agathe).get(page_of(shirt)).content.decode()
        desk = at_desk(bruno)
        assert desk.post(act, {"reason": ""}).status_code == 200
        assert desk.post(act, {"reason": REASON}).status_code == 302
        assert desk.post(act, {"reason": REASON}).status_code == 403
        shirt.refresh_from_db()
        assert shirt.stopped_at is not None

"""Where a purchase goes: encrypted, for it alone or as its buyer asks, and forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from payments import erasures
from payments.forgetting import Traces
from shop import addresses, baskets, forgetting, purchases
from shop.models import Basket, Product, Purchase, SavedAddress
from tests.people import settled
from tests.stalls import HOME, buy

pytestmark = pytest.mark.django_db


@pytest.fixture
def purchase(shirt: Product, claire: User) -> Purchase:
    return Purchase.objects.get(pk=settled(buy(claire, shirt)).pk)


class TestAddress:
    def test_is_encrypted(self, purchase: Purchase) -> None:
        assert addresses.of(purchase) == HOME
        with connection.cursor() as cursor:
            cursor.execute("SELECT p::text FROM shop_purchase p")
            (row,) = cursor.fetchone()
        assert "Lilas" not in row
        assert b"Lilas".hex() not in row

    def test_has_the_lines_of_an_envelope(self) -> None:
        assert HOME.lines == ["Claire Martin", "12 rue des Lilas", "Bâtiment B", "75020 Paris"]

    def test_is_forgotten_ninety_days_after_it_was_used(
        self, shirt: Product, claire: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        parcels = [settled(buy(claire, shirt)) for _ in range(2)]
        for order in parcels:
            purchases.dispatch(order.purchase, tracking="6A1")
        monkeypatch.setattr(addresses, "KEPT_FOR", timedelta(days=-1))
        monkeypatch.setattr(addresses, "BATCH", 1)
        assert [addresses.forget_due() for _ in range(3)] == [1, 1, 0]
        assert set(Purchase.objects.values_list("address", "tracking")) == {(None, "")}

    def test_is_kept_until_then(self, purchase: Purchase) -> None:
        purchases.dispatch(purchase, tracking="6A1")
        assert addresses.forget_due() == 0
        purchase.refresh_from_db()
        assert addresses.of(purchase) == HOME

    def test_is_forgotten_at_some_time_if_it_never_leaves(
        self, purchase: Purchase, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert addresses.forget_due() == 0
        monkeypatch.setattr(addresses, "KEPT_AT_MOST", timedelta(days=-1))
        assert addresses.forget_due() == 1

    def test_does_not_come_back(self, purchase: Purchase) -> None:
        addresses.forget_all(purchase.order.payer_id)
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Purchase.objects.filter(pk=purchase.pk).update(address=addresses.sealed(HOME))

    def test_is_saved_on_request_and_forgotten_on_request(self, claire: User) -> None:
        assert addresses.saved(claire) is None
        for _ in range(2):
            addresses.save(claire, HOME)
        assert addresses.saved(claire) == HOME
        addresses.forget_saved(claire)
        assert not SavedAddress.objects.exists()


class TestWhoeverLeaves:
    def test_is_forgotten(self, purchase: Purchase, shirt: Product, claire: User) -> None:
        addresses.save(claire, HOME)
        purchases.dispatch(purchase, tracking="6A1")
        baskets.put(claire, code="TSHIRT42", note="taille M", channel="x", channel_id="1")
        assert forgetting.forget(Traces.of(claire, [], handles=set())) is False
        assert not SavedAddress.objects.exists()
        assert not Basket.objects.exists()
        purchase.refresh_from_db()
        assert (purchase.address, purchase.tracking) == (None, "")

    def test_waits_for_what_they_bought(self, purchase: Purchase, claire: User) -> None:
        (obstacle,) = forgetting.OBSTACLES.values()
        assert obstacle in erasures.in_the_way(claire)
        purchases.dispatch(purchase)
        assert obstacle not in erasures.in_the_way(claire)

    def test_is_a_step_of_every_erasure(self) -> None:
        assert forgetting.forget in erasures.STEPS

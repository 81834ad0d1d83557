"""Products: a code that a post can name, an offer that begins and ends, stock that is counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation, User
from payments import self_check
from shop import pictures, products, stock
from shop.models import Product, Variant
from shop.products import Offer
from tests.stalls import facts, left, sell

pytestmark = pytest.mark.django_db
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 64


class TestCreate:
    def test_gives_it_a_first_variant(self, shirt: Product) -> None:
        (variant,) = shirt.variants.all()
        assert (variant.name, variant.stock, shirt.code) == ("M", 10, "TSHIRT42")
        assert [(move.change, move.reason) for move in stock.history(variant)] == [(10, "SELLER")]

    def test_refuses_a_code_that_is_taken(self, shirt: Product, acf: Organisation) -> None:
        with pytest.raises(products.CodeTaken):
            sell(acf, code="tshirt42")

    @pytest.mark.parametrize("code", ["TSHIRT", "42", "T1", "4SHIRT", "T-SHIRT42", "TÉ42", "T٤٢"])
    def test_refuses_a_code_that_no_post_could_name(self, acf: Organisation, code: str) -> None:
        with pytest.raises(IntegrityError, match="product_code_can_be_posted"), transaction.atomic():
            sell(acf, code=code)

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"price": 0}, "product_costs_something"),
            ({"most_per_buyer": 0}, "somebody_may_buy_a_product"),
            ({"shipping_fee": -1}, "shipping_is_paid_for_what_is_shipped"),
        ],
    )
    def test_refuses_what_makes_no_sense(self, acf: Organisation, changes: dict[str, Any], rule: str) -> None:
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            sell(acf, code="MUG7", **changes)

    def test_refuses_an_offer_that_ends_before_it_begins(self, acf: Organisation) -> None:
        now = timezone.now()
        with pytest.raises(IntegrityError, match="offer_ends_after_it_begins"), transaction.atomic():
            sell(acf, code="MUG7", opens_at=now, closes_at=now - timedelta(hours=1))

    def test_keeps_code_and_seller(self, shirt: Product) -> None:
        with pytest.raises(IntegrityError, match="shop_product is append-only"), transaction.atomic():
            Product.objects.filter(pk=shirt.pk).update(code="OTHER1")

    def test_takes_no_fee_for_what_is_not_shipped(self, acf: Organisation) -> None:
        assert sell(acf, code="MUG7", is_shipped=False, shipping_fee=5_00).shipping_fee == 0
        with pytest.raises(IntegrityError, match="shipping_is_paid_for"), transaction.atomic():
            Product.objects.update(shipping_fee=1)


class TestOffer:
    @pytest.mark.parametrize(
        ("opens", "closes", "pieces", "state"),
        [
            (None, None, 1, Offer.ON_SALE),
            (-1, 1, 1, Offer.ON_SALE),
            (1, None, 1, Offer.SOON),
            (None, -1, 1, Offer.OVER),
            (None, None, 0, Offer.SOLD_OUT),
        ],
    )
    def test_is_judged_by_the_databases_clock(
        self, acf: Organisation, opens: int | None, closes: int | None, pieces: int, state: Offer
    ) -> None:
        when = [timezone.now() + timedelta(hours=hours) if hours else None for hours in (opens, closes)]
        made = sell(acf, code="TIMED1", pieces=pieces, opens_at=when[0], closes_at=when[1])
        assert products.offer(made) is state

    def test_is_of_a_reviewed_organisation(self, shirt: Product) -> None:
        assert products.find("tshirt42") == shirt
        assert products.find("NOTHING1") is None


class TestVariants:
    def test_are_added_behind_the_others(self, shirt: Product, lea: User) -> None:
        products.add_variant(shirt, name="L", pieces=3, by=lea)
        assert [variant.name for variant in shirt.variants.all()] == ["M", "L"]

    def test_have_names_of_their_own(self, shirt: Product, lea: User) -> None:
        with pytest.raises(products.NamedAlready):
            products.add_variant(shirt, name="M", pieces=3, by=lea)

    def test_are_thirty_at_most(self, shirt: Product, lea: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(products, "MOST_VARIANTS", 1)
        with pytest.raises(products.TooMany):
            products.add_variant(shirt, name="L", pieces=3, by=lea)


class TestStock:
    def test_is_added_to_and_taken_from_with_a_history(self, shirt: Product, lea: User) -> None:
        variant = shirt.variants.get()
        for change in (5, -15):
            stock.count(variant, change, by=lea)
        assert left(shirt) == 0
        assert [move.change for move in stock.history(variant)] == [-15, 5, 10]

    @pytest.mark.parametrize("change", [-11, 1_000_000])
    def test_is_never_below_nothing_nor_beyond_belief(self, shirt: Product, lea: User, change: int) -> None:
        with pytest.raises(stock.NotThatMany):
            stock.count(shirt.variants.get(), change, by=lea)
        assert left(shirt) == 10
        rule = r"nothing_is_sold_twice|stock_is_of_this_world"
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            Variant.objects.update(stock=10 + change)

    def test_that_was_changed_past_its_history_is_found(self, shirt: Product) -> None:
        with transaction.atomic():
            Variant.objects.filter(product=shirt).update(stock=11)
            found = {breach.rule for breach in self_check.run()}
            transaction.set_rollback(True)
        assert "a variant's stock is what came and went of it" in found


class TestPictures:
    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            (JPEG, "image/jpeg"),
            (b"\x89PNG\r\n\x1a\n" + b"\0", "image/png"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        ],
    )
    def test_are_what_their_first_bytes_say(self, content: bytes, kind: str) -> None:
        assert pictures.read(content).type == kind

    @pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg>", b"<html>", b"RIFF\0\0\0\0WAVE"])
    def test_are_nothing_else(self, content: bytes) -> None:
        with pytest.raises(pictures.NotAPicture):
            pictures.read(content)

    def test_are_of_a_megabyte_at_most(self) -> None:
        with pytest.raises(pictures.TooLarge):
            pictures.read(JPEG + b"\0" * 1024 * 1024)

    def test_stay_when_nothing_new_is_given(self, shirt: Product) -> None:
        products.change(shirt, facts(picture=pictures.read(JPEG)))
        products.change(shirt, facts(title="Autre"))
        shirt.refresh_from_db()
        assert bytes(shirt.picture or b"") == JPEG
        with pytest.raises(IntegrityError, match="product_picture_is_known"), transaction.atomic():
            Product.objects.update(picture_type="text/html")

"""Products: a code that a post can name, an offer that begins and ends, stock that is counted."""

from __future__ import annotations

import struct
import zlib
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image

from accounts.models import Organisation, User
from payments import orders, self_check
from payments.pictures import NotAPicture, TooLarge, TooLong
from shop import pictures, products, stock
from shop.models import Product, Variant
from shop.models.products import MOST_PIECES
from shop.products import Offer
from shop.templatetags import shelves
from tests.snapshots import snapshot
from tests.stalls import buy, facts, left, sell

pytestmark = pytest.mark.django_db
_BODY = b"\0\0\0\0IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


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

    def test_is_had_of_many_in_one_query(self, acf: Organisation, django_assert_num_queries: Any) -> None:
        """However many newer ones cannot be had: a stall shows what can."""
        now = timezone.now()
        sell(acf, code="OPEN1", opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=1))
        sell(acf, code="OPEN2")
        for number in range(shelves.MOST):
            sell(acf, code=f"OUT{number}", pieces=0)
        sell(acf, code="SOON1", opens_at=now + timedelta(days=1))
        sell(acf, code="OVER1", closes_at=now - timedelta(days=1))
        with django_assert_num_queries(1):
            assert [product.code for product in shelves.on_sale(acf)] == ["OPEN2", "OPEN1"]

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

    @pytest.mark.parametrize("change", [-11, 1_000_000, 2_000_000])
    def test_is_never_below_nothing_nor_beyond_belief(self, shirt: Product, lea: User, change: int) -> None:
        with pytest.raises(stock.NotThatMany):
            stock.count(shirt.variants.get(), change, by=lea)
        assert left(shirt) == 10

    def test_is_never_below_nothing_whoever_writes_it(self, shirt: Product) -> None:
        with pytest.raises(IntegrityError, match="nothing_is_sold_twice"), transaction.atomic():
            Variant.objects.update(stock=-1)

    def test_has_room_for_what_comes_back(self, shirt: Product, claire: User, lea: User) -> None:
        """Its seller counts up to the ceiling while pieces are out: they come back above it, and may go."""
        order, variant = buy(claire, shirt, 3), shirt.variants.get()
        stock.count(variant, MOST_PIECES - 7, by=lea)
        orders.decline(order)
        assert left(shirt) == MOST_PIECES + 3
        with pytest.raises(stock.NotThatMany):
            stock.count(variant, 1, by=lea)
        stock.count(variant, -1, by=lea)
        assert left(shirt) == MOST_PIECES + 2

    def test_that_was_changed_past_its_history_is_found(self, shirt: Product) -> None:
        with transaction.atomic():
            Variant.objects.filter(product=shirt).update(stock=11)
            found = {breach.rule for breach in self_check.run()}
            transaction.set_rollback(True)
        assert "a variant's stock is what came and went of it" in found


def _headed(size: tuple[int, int]) -> bytes:
    """A PNG whose head says that size, and which has no pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + _BODY


class TestPictures:
    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
    def test_are_what_their_file_holds(self, format: str) -> None:
        assert pictures.read(snapshot(format)).type == f"image/{format.lower()}"

    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
    def test_say_nothing_of_where_they_were_taken(self, format: str) -> None:
        taken = snapshot(format, maker="Lilas")
        assert b"Lilas" in taken
        assert b"Lilas" not in pictures.read(taken).content

    def test_stand_upright_without_being_told_to(self) -> None:
        kept = pictures.read(snapshot(size=(8, 4), turned=True)).content
        with Image.open(BytesIO(kept)) as image:
            assert (image.size, dict(image.getexif())) == ((4, 8), {})

    @pytest.mark.parametrize(
        "content",
        [b"", b"<svg>", b"<html>", b"RIFF\0\0\0\0WAVE", b"\xff\xd8\xff", snapshot("GIF"), snapshot()[:300]],
    )
    def test_are_nothing_else(self, content: bytes) -> None:
        with pytest.raises(NotAPicture):
            pictures.read(content)

    def test_are_of_a_megabyte_at_most(self) -> None:
        with pytest.raises(TooLarge):
            pictures.read(snapshot() + b"\0" * 1024 * 1024)

    @pytest.mark.parametrize("size", [(4097, 1), (1, 4097), (12_000, 12_000), (15_000, 15_000)])
    def test_are_of_no_more_pixels_than_there_is_room_for(self, size: tuple[int, int]) -> None:
        """However small their file: it is refused by its head."""
        with pytest.raises(TooLong):
            pictures.read(_headed(size))

    def test_stay_when_nothing_new_is_given(self, shirt: Product) -> None:
        products.change(shirt, facts(picture=pictures.read(snapshot())))
        products.change(shirt, facts(title="Autre"))
        shirt.refresh_from_db()
        assert bytes(shirt.picture or b"") == pictures.read(snapshot()).content
        with pytest.raises(IntegrityError, match="product_picture_is_known"), transaction.atomic():
            Product.objects.update(picture_type="text/html")

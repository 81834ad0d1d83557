"""To buy by a post: the product is put aside, its variant chosen and paid on our pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Identity, User
from payments.models import Delivery, Notification, Order
from shop import baskets, stock
from shop.models import Basket, Product
from social import inbox
from social.channels.said import Said
from social.models import Message
from tests.social.conftest import came_of, delete, edit, hear, post
from tests.stalls import buy, left, sell

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("linked_long_ago")]


@pytest.fixture
def linked_long_ago(claire: User) -> None:
    for_days = timezone.now() - timedelta(days=9)
    User.objects.filter(pk=claire.pk).update(phone_verified_at=for_days, joined_at=for_days)
    Identity.objects.filter(user=claire).update(linked_at=for_days)


def answered(channel: str = "X") -> list[str]:
    return list(Delivery.objects.filter(channel=channel, notification=None).values_list("text", flat=True))


def say(text: str, *, channel: Message.Channel, by: str) -> Message:
    """Somebody says it in private, and it is decided on."""
    inbox.hear(channel, [Said("m1", by, text, timezone.now())], at=timezone.now())
    while inbox.handle_private():
        pass
    return Message.objects.get(external_id="m1")


class TestByPost:
    def test_puts_it_aside_and_reserves_nothing(self, shirt: Product, claire: User) -> None:
        row = post("claire_martin", "@Smoneyfr #acheter TSHIRT42 taille M")
        hear(row)
        assert came_of(row) == ("ANSWERED", "basket")
        (basket,) = baskets.of(claire)
        assert (basket.product, basket.note, basket.channel_id) == (shirt, "taille M", row["id"])
        assert (left(shirt), Order.objects.count()) == (10, 0)
        assert Notification.objects.filter(user=claire, kind="PURCHASE_DRAFT").count() == 1

    def test_is_answered_in_public_without_an_address(self, shirt: Product) -> None:
        hear(post("claire_martin", "@Smoneyfr #buy tshirt42"))
        (said,) = answered()
        assert "TSHIRT42" in said
        assert "http" not in said
        assert "/buy/" not in said

    def test_counts_anew_when_it_is_said_again(self, shirt: Product, claire: User) -> None:
        for _ in range(2):
            hear(post("claire_martin", "@Smoneyfr #acheter TSHIRT42"))
        assert Basket.objects.count() == 1
        assert Notification.objects.filter(user=claire, kind="PURCHASE_DRAFT").count() == 1

    def test_is_gone_with_its_post(self, shirt: Product) -> None:
        hear(row := post("claire_martin", "@Smoneyfr #acheter TSHIRT42"))
        delete(row)
        assert came_of(row, "DELETION") == ("VOIDED", "deleted")
        assert not Basket.objects.exists()

    def test_is_gone_when_its_post_is_edited(self, shirt: Product) -> None:
        hear(row := post("claire_martin", "@Smoneyfr #acheter TSHIRT42"))
        hear(edit(row, "@Smoneyfr #acheter TSHIRT42 taille L"))
        assert not Basket.objects.exists()

    @pytest.mark.parametrize(
        ("code", "problem"),
        [("NOTHING1", "product_unknown"), ("SOON1", "not_on_sale"), ("OUT1", "sold_out")],
    )
    def test_is_refused_where_there_is_nothing_to_have(self, shirt: Product, code: str, problem: str) -> None:
        sell(shirt.organisation, code="SOON1", opens_at=timezone.now() + timedelta(days=1))
        sell(shirt.organisation, code="OUT1", pieces=0)
        hear(row := post("claire_martin", f"@Smoneyfr #acheter {code}"))
        assert came_of(row) == ("REFUSED", problem)
        assert code in answered()[0]
        assert not Basket.objects.exists()


class TestInPrivate:
    @pytest.mark.parametrize(
        ("channel", "by", "there"),
        [(Message.Channel.DM, "1001", "DM"), (Message.Channel.SMS, "+33612340001", "TEXT")],
    )
    def test_is_answered_with_the_products_page(
        self, shirt: Product, channel: Message.Channel, by: str, there: str
    ) -> None:
        said = say("acheter TSHIRT42", channel=channel, by=by)
        assert (said.outcome, said.problem) == ("ANSWERED", "basket")
        (answer,) = answered(there)
        assert "/buy/TSHIRT42/" in answer
        assert "confirm" not in answer


class TestBasket:
    def test_lasts_for_a_day(self, shirt: Product, claire: User) -> None:
        basket = baskets.put(claire, code="TSHIRT42", note="", channel="x", channel_id="1")
        assert timedelta(hours=23) < basket.expires_at - timezone.now() <= timedelta(hours=24)
        assert baskets.forget_due() == 0
        long_ago = timezone.now() - timedelta(days=2)
        Basket.objects.update(made_at=long_ago, expires_at=long_ago + timedelta(days=1))
        assert baskets.of(claire) == []
        assert baskets.forget_due() == 1

    def test_is_empty_once_it_is_bought(self, shirt: Product, claire: User) -> None:
        baskets.put(claire, code="TSHIRT42", note="", channel="x", channel_id="1")
        buy(claire, shirt)
        assert not Basket.objects.exists()

    def test_stays_when_buying_fails(self, shirt: Product, claire: User) -> None:
        baskets.put(claire, code="TSHIRT42", note="", channel="x", channel_id="1")
        variant = shirt.variants.select_related("product__organisation__account").get()
        stock.count(shirt.variants.get(), -10, by=claire)
        with pytest.raises(stock.SoldOut):
            buy(claire, shirt, variant=variant)
        assert Basket.objects.exists()

    def test_holds_ten_products_and_lets_the_oldest_go(self, shirt: Product, claire: User) -> None:
        for number in range(11):
            sell(shirt.organisation, code=f"POSTER{number}")
            baskets.put(claire, code=f"POSTER{number}", note="", channel="x", channel_id=str(number))
        codes = [basket.product.code for basket in baskets.of(claire)]
        assert len(codes) == 10
        assert "POSTER0" not in codes

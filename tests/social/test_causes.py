"""A gift by post or in private: the organisation, and beside it the hashtag of its campaign."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Identity, Organisation, User
from giving import campaigns, endings, tallies
from giving.models import Campaign, Gift
from giving.tallies import Total
from payments import orders
from payments.models import Order
from social import causes
from tests.giving.conftest import terms
from tests.people import CODE
from tests.social.conftest import PEOPLE, delete, edit, hear, post
from tests.social.test_conversations import say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("joined_long_ago")]


@pytest.fixture
def on_x(acf: Organisation, monkeypatch: pytest.MonkeyPatch) -> Identity:
    """Acf has linked its account on X."""
    monkeypatch.setitem(PEOPLE, "acf", "4001")
    return Identity.objects.create(
        network="x",
        external_id="4001",
        handle="acf",
        user=acf.account,
        linked_at=timezone.now() - timedelta(days=9),
        seen_at=timezone.now(),
    )


@pytest.fixture
def well(acf: Organisation, on_x: Identity) -> Campaign:
    return campaigns.open_(acf, terms())


class TestHashtags:
    def test_are_all_but_the_commands(self) -> None:
        assert causes.hashtags("@Smoneyfr #Donner 20€ @acf #Puits #été") == {"puits", "été"}
        assert causes.hashtags("@Smoneyfr #donner 20€ @acf #e\u0301cole") == {"école"}
        assert causes.hashtags("@Smoneyfr #donner 20€ @acf") == frozenset()


class TestPost:
    @pytest.mark.parametrize("command", ["donner", "envoyer", "give"])
    def test_gives_to_the_campaign_of_its_hashtag(
        self, well: Campaign, on_x: Identity, with_code: Callable[[User], User], claire: User, command: str
    ) -> None:
        with_code(claire)
        hear(post("claire_martin", f"@Smoneyfr #{command} 20€ @acf #Puits bravo"))
        order = Order.objects.get()
        assert (order.kind, order.payee, order.amount, order.channel) == ("GIFT", on_x, 20_00, "x")
        assert (order.gift.campaign, order.gift.is_anonymous, order.gift.message) == (well, True, "")
        orders.confirm(order, code=CODE)
        assert tallies.of(well) == Total(20_00, 1)

    @pytest.mark.parametrize("tail", ["", " #autre", " #puitsdekaya"])
    def test_without_a_known_hashtag_pays_the_organisation(self, well: Campaign, tail: str) -> None:
        hear(post("claire_martin", f"@Smoneyfr #donner 20€ @acf{tail}"))
        assert Order.objects.get().kind == "SEND"
        assert not Gift.objects.exists()

    def test_after_the_end_pays_the_organisation(self, well: Campaign) -> None:
        endings.end(well)
        hear(post("claire_martin", "@Smoneyfr #donner 20€ @acf #puits"))
        assert Order.objects.get().kind == "SEND"

    def test_to_somebody_else_is_no_gift(self, well: Campaign) -> None:
        hear(post("claire_martin", "@Smoneyfr #donner 20€ @armanddossantos #puits"))
        assert Order.objects.get().kind == "SEND"

    def test_among_others_of_its_page_keeps_its_campaign(self, well: Campaign, lea: User) -> None:
        """Plain posts of the page are decided on together; this one is not lost among them."""
        Identity.objects.filter(user=lea).update(linked_at=timezone.now() - timedelta(days=9))
        hear(
            post("claire_martin", "@Smoneyfr #donner 20€ @acf #puits"),
            post("lea_petit", "@Smoneyfr #envoyer 5€ @armanddossantos #pizza"),
        )
        assert {order.payer.name: order.kind for order in Order.objects.all()} == {
            "Claire Martin": "GIFT",
            "Léa Petit": "SEND",
        }

    def test_that_is_edited_or_deleted_gives_nothing(self, well: Campaign) -> None:
        row = post("claire_martin", "@Smoneyfr #donner 20€ @acf #puits")
        hear(row)
        hear(edit(row, "@Smoneyfr #donner 30€ @acf #puits"))
        assert "VOIDED" in set(Order.objects.values_list("status", flat=True))
        delete(row)
        assert not Order.objects.filter(status="PENDING").exists()

    def test_that_is_refused_is_answered_as_any_other(self, well: Campaign) -> None:
        hear(post("claire_martin", "@Smoneyfr #donner 501€ @acf #puits"))
        assert not Order.objects.exists()
        assert not Gift.objects.exists()


class TestPrivate:
    def test_text_gives_to_the_campaign(self, well: Campaign) -> None:
        say("DONNER 20 @acf #puits")
        order = Order.objects.get()
        assert (order.kind, order.gift.campaign, order.channel) == ("GIFT", well, "sms")

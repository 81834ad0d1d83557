"""Staff look at pots, campaigns, monthly gifts, shops and callbacks, but for what is none of theirs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import crypto
from accounts.models import Organisation, User
from giving import campaigns, monthly_gifts, pot_closings
from giving.models import Campaign, MonthlyGift, Pot
from payments.models import Callback, CallbackDelivery, Erasure
from shop.models import Product, Purchase
from tests.giving.conftest import terms
from tests.giving.pots import held, opened
from tests.people import join, load, settled
from tests.staff import appointed, at_desk, list_of, page_of, read
from tests.stalls import HOME, buy, sell

MODELS = [Callback, Campaign, MonthlyGift, Pot, Product, Purchase]
ODD = (
    "%00",
    "'%22;--",
    "%25%25",
    "٢٠",
    "#pot",
    "#potABC234",
    "-1",
    "9" * 40,
    "x" * 2000,
    "%F0%9F%8D%B0",
    "a b '",
)
pytestmark = pytest.mark.django_db


def grow(acf: Organisation, *numbers: int) -> None:
    """One more of each for each number."""
    for number in numbers:
        payer = join(
            f"Payeur {number}", phone=f"+336123401{number:02}", handle=f"p{number}", external_id=f"50{number}"
        )
        load(payer, 80_00)
        held(opened(payer), acf.founded_by, 1_00)
        campaign = campaigns.open_(acf, terms(hashtag=f"puits{number}", goal=100_00 + number))
        monthly_gifts.start(campaign, payer=payer, amount=5_00, is_anonymous=True, at=timezone.now())
        settled(buy(payer, sell(acf, code=f"MUG{number}", title=f"Mug {number}")))
        callback = Callback.objects.create(
            organisation=acf,
            url=f"https://exemple{number}.fr/hook/clef-secrete?token=canari",
            secret=crypto.encrypt("canari"),
            events=["payment.received"],
            made_by=acf.founded_by,
            announced=0,
        )
        CallbackDelivery.objects.create(
            callback=callback, event=f"00000000-0000-7000-8000-0000000000{number:02}", kind="test",
            body="canaribody", answer="canarianswer", answer_status=500, gives_up_at=timezone.now(),
        )  # fmt: skip


@pytest.fixture
def grown(acf: Organisation, lea: User) -> Organisation:
    load(lea, 50_00)
    grow(acf, 1, 2)
    return acf


def one(model: type[Model]) -> Model:
    row = model._default_manager.first()  # noqa: SLF001  # Django's documented name
    assert row
    return row


@pytest.mark.parametrize("model", MODELS)
class TestPages:
    def test_are_there_where_there_is_nothing(self, desk: Client, model: type[Model]) -> None:
        read(desk, list_of(model))
        read(desk, f"{list_of(model)}?q=claire")

    def test_ask_no_more_for_more_rows(self, desk: Client, grown: Organisation, model: type[Model]) -> None:
        read(desk, list_of(model))
        with CaptureQueriesContext(connection) as few:
            read(desk, list_of(model))
        grow(grown, *range(3, 7))
        with CaptureQueriesContext(connection) as many:
            read(desk, list_of(model))
        assert len(many) == len(few)

    def test_show_a_row_and_take_nothing(self, desk: Client, grown: Organisation, model: type[Model]) -> None:
        row = one(model)
        read(desk, page_of(row))
        for address in (page_of(row), page_of(row).replace("change", "delete"), list_of(model) + "add/"):
            assert desk.post(address, {"title": "x", "status": "CLOSED"}).status_code == 403

    def test_lead_to_their_organisation(self, desk: Client, grown: Organisation, model: type[Model]) -> None:
        page = read(desk, page_of(one(model)))
        assert page_of(grown) in page or model is Pot

    def test_take_odd_words_and_days(self, desk: Client, grown: Organisation, model: type[Model]) -> None:
        for words in ODD:
            read(desk, f"{list_of(model)}?q={words}")
        days = {Callback: "made_at", Product: "created_at", Purchase: "made_at", MonthlyGift: "started_at"}
        field = days.get(model, "opened_at")
        for year in ("0001", "9999", "10000", "x"):
            since, until = (f"{year}-{day} 00:00:00%2B00:00" for day in ("01-01", "12-31"))
            address = f"{list_of(model)}?{field}__gte={since}&{field}__lt={until}"
            assert desk.get(address).status_code in {200, 302}, address
        for key in ("0", "x", "9" * 30, "00000000-0000-0000-0000-000000000000", "%00"):
            address = f"{list_of(model)}{key}/change/"
            assert desk.get(address).status_code in {302, 404}, address
            assert desk.get(f"{list_of(model)}{key}/act/stop/").status_code in {302, 404}, address

    def test_stay_where_whoever_it_is_of_has_left(
        self, desk: Client, grown: Organisation, model: type[Model]
    ) -> None:
        """Nobody deletes an organisation or a member: their rows stay, without what they were called."""
        left = User.objects.filter(is_staff=False, tier="IDENTIFIED")
        Erasure.objects.bulk_create(Erasure(user=user, traces=b"-") for user in left)
        left.update(
            name="",
            phone=None,
            phone_verified_at=None,
            email="",
            last_login=None,
            is_active=False,
            erased_at=timezone.now(),
        )
        read(desk, list_of(model))
        read(desk, page_of(one(model)))

    def test_are_for_staff_with_a_second_factor(
        self, client: Client, agathe: User, claire: User, model: type[Model]
    ) -> None:
        for user in (agathe, claire):
            client.force_login(user)
            response = client.get(list_of(model))
            assert (response.status_code, "/staff/login/" in response["Location"]) == (302, True)

    def test_are_for_each_role_of_staff_and_for_nobody_without(
        self, agathe: User, odile: User, bruno: User, model: type[Model]
    ) -> None:
        for member in (agathe, odile, bruno):
            read(at_desk(member), list_of(model))
        idle = appointed("Paul Stagiaire", "+33612340055", [])
        assert at_desk(idle).get(list_of(model)).status_code == 403


class TestWhatIsNotShown:
    def test_where_something_is_sent(self, desk: Client, grown: Organisation) -> None:
        Purchase.objects.update(status="DISPATCHED", dispatched_at=timezone.now(), tracking="canaritracking")
        page = read(desk, page_of(one(Purchase))) + read(desk, list_of(Purchase))
        assert not [words for words in (HOME.street, HOME.postcode, "canaritracking") if words in page]

    def test_the_link_to_a_pot(self, desk: Client, grown: Organisation) -> None:
        pot = Pot.objects.latest("pk")
        assert pot.slug not in read(desk, page_of(pot)) + read(desk, list_of(Pot))

    def test_keys_of_a_callback_and_what_was_said(self, desk: Client, grown: Organisation) -> None:
        callback = Callback.objects.latest("pk")
        page = read(desk, page_of(callback)) + read(desk, list_of(Callback))
        assert "exemple2.fr" in page
        assert not [words for words in ("canari", "clef-secrete") if words in page]

    def test_who_gives_each_month_in_the_list(self, desk: Client, grown: Organisation) -> None:
        assert "Payeur" not in read(desk, list_of(MonthlyGift))
        assert "Payeur 1" in read(desk, page_of(one(MonthlyGift)))


class TestSearch:
    def test_finds_by_the_organisation(self, desk: Client, grown: Organisation) -> None:
        for model, words in (
            (Callback, "exemple2.fr"),
            (Campaign, "Un puits"),
            (MonthlyGift, "Un puits"),
            (Product, "MUG2"),
            (Purchase, "Mug 2"),
        ):
            assert words in read(desk, f"{list_of(model)}?q=contre la Faim"), model
            assert words not in read(desk, f"{list_of(model)}?q=Croix-Rouge"), model

    def test_finds_a_pot_as_it_is_posted(self, desk: Client, grown: Organisation) -> None:
        pot = Pot.objects.latest("pk")
        page = read(desk, f"{list_of(Pot)}?q=%23pot{pot.code.lower()}")
        assert page_of(pot) in page
        assert page_of(one(Pot)) not in page

    def test_finds_by_code_and_reference(self, desk: Client, grown: Organisation) -> None:
        purchase = Purchase.objects.select_related("order").latest("pk")
        for words in (purchase.order.reference, "mug2"):
            assert page_of(purchase) in read(desk, f"{list_of(Purchase)}?q={words}")


class TestLinks:
    def test_lead_to_the_orders(self, desk: Client, grown: Organisation) -> None:
        purchase = Purchase.objects.select_related("order").latest("pk")
        assert page_of(purchase.order) in read(desk, page_of(purchase))
        monthly = one(MonthlyGift)
        assert isinstance(monthly, MonthlyGift)
        asked: Any = monthly_gifts.asked_lately(monthly, at=timezone.now()).get()
        assert page_of(asked) in read(desk, page_of(monthly))
        assert page_of(asked) in read(desk, page_of(monthly.campaign))

    def test_lead_from_a_pot_to_what_is_in_it(self, desk: Client, grown: Organisation) -> None:
        pot = Pot.objects.latest("pk")
        (contribution,) = pot.contributions.select_related("order")
        assert page_of(contribution.order) in read(desk, page_of(pot))
        pot_closings.give_back(pot)
        pot_closings.decide_due()
        assert page_of(contribution.order) not in read(desk, page_of(pot))

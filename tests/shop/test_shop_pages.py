"""The shop's pages: a product for everybody, its purchase for its buyer, its sales for its seller alone."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from accounts import organisations, seats
from accounts.models import Organisation, Role, User
from payments import ledger, limits, sheets
from payments.models import Order
from shop import addresses, baskets, pictures, products, purchases, stock
from shop.models import Basket, Product, Purchase
from shop.views import sales
from tests import bodies
from tests.browsers import PageOf
from tests.people import CODE, set_limit, settled
from tests.snapshots import snapshot
from tests.staff import hire
from tests.stalls import buy, facts, left, sell

pytestmark = pytest.mark.django_db
JPEG, PNG = snapshot(), snapshot("PNG")
WHERE = {
    "name": "Claire Martin",
    "street": "12 rue des Lilas",
    "more": "",
    "postcode": "75020",
    "city": "Paris",
}


def says(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return html.unescape(answer.content.decode())


def form(product: Product, **changes: Any) -> dict[str, Any]:
    said = {"variant": product.variants.all()[0].pk, "quantity": 1, "key": uuid4()}
    return said | (WHERE if product.is_shipped else {}) | changes


class TestProduct:
    def test_has_a_card_for_x(self, shirt: Product) -> None:
        products.change(shirt, facts(picture=pictures.read(JPEG)))
        page = says(Client(), "/buy/TSHIRT42/")
        for name, said in {
            "og:title": "T-shirt · 20,00\u00a0€",
            "og:description": "Coton bio, coupe droite.",
            "og:url": "/buy/TSHIRT42/",
            "og:image": "/buy/TSHIRT42/picture/",
            "product:price:amount": "20.00",
            "product:price:currency": "EUR",
        }.items():
            assert f'<meta property="{name}" content="' in page
            assert f'{said}">' in page
        assert 'name="twitter:card" content="summary_large_image"' in page

    def test_has_its_picture_as_what_it_is(self, shirt: Product) -> None:
        assert Client().get("/buy/TSHIRT42/picture/").status_code == 404
        products.change(shirt, facts(picture=pictures.read(JPEG)))
        answer = Client().get("/buy/TSHIRT42/picture/")
        assert (answer.content, answer["Content-Type"]) == (pictures.read(JPEG).content, "image/jpeg")
        assert answer["X-Content-Type-Options"] == "nosniff"

    def test_has_its_picture_again_only_when_it_is_another(self, shirt: Product) -> None:
        products.change(shirt, facts(picture=pictures.read(JPEG)))
        answer = Client().get("/buy/TSHIRT42/picture/")
        assert "public" in answer["Cache-Control"]
        seen = {"If-None-Match": answer["ETag"]}
        assert Client().get("/buy/TSHIRT42/picture/", headers=seen).status_code == 304
        products.change(shirt, facts(picture=pictures.read(PNG)))
        assert Client().get("/buy/TSHIRT42/picture/", headers=seen).status_code == 200

    def test_is_for_everybody_and_sends_strangers_to_sign_in(self, shirt: Product) -> None:
        page = says(Client(), "/buy/tshirt42/")
        assert "/account/login/?next=/buy/TSHIRT42/" in page
        answer = Client().post("/buy/TSHIRT42/order/", form(shirt))
        assert "/account/login/" in answer["Location"]

    def test_says_what_is_left_and_that_nothing_is(self, shirt: Product, claire: User) -> None:
        variant = shirt.variants.get()
        assert "pill-warn" not in says(Client(), "/buy/TSHIRT42/")
        stock.count(variant, -7, by=claire)
        assert "pill-warn" in says(Client(), "/buy/TSHIRT42/")
        stock.count(variant, -3, by=claire)
        page = says(Client(), "/buy/TSHIRT42/")
        assert "out of stock" in page
        assert "/account/login/?next=/buy/" not in page

    def test_says_when_it_begins_and_that_it_is_over(self, acf: Organisation) -> None:
        now = timezone.now()
        sell(acf, code="SOON1", opens_at=now + timedelta(days=1))
        sell(acf, code="OVER1", closes_at=now - timedelta(days=1))
        assert "preorder" in says(Client(), "/buy/SOON1/")
        assert "out of stock" in says(Client(), "/buy/OVER1/")

    def test_lets_nothing_of_its_seller_run(self, acf: Organisation) -> None:
        evil = "<script>alert(1)</script>"
        sell(acf, code="EVIL1", title=evil, description=evil)
        assert evil not in Client().get("/buy/EVIL1/").content.decode()

    @pytest.mark.parametrize("path", ["/buy/NOTHING1/", "/buy/NOTHING1/picture/"])
    def test_is_not_there_without_one(self, path: str) -> None:
        assert Client().get(path).status_code == 404


class TestBuying:
    def test_goes_by_the_page_of_the_code(self, shirt: Product, claire: User, page_of: PageOf) -> None:
        browser = page_of(claire)
        answer = browser.post("/buy/TSHIRT42/order/", form(shirt, quantity=2))
        order = Order.objects.get()
        assert answer["Location"] == f"/orders/{order.reference}/confirm/"
        assert "2 × T-shirt · M" in says(browser, answer["Location"])
        assert browser.post(answer["Location"], {"code": CODE})["Location"].endswith("/paid/")
        page = says(browser, f"/purchases/{order.reference}/")
        assert "12 rue des Lilas" in page
        assert order.reference in says(browser, "/purchases/")
        assert left(shirt) == 8

    def test_keeps_the_address_only_if_asked(self, shirt: Product, claire: User, page_of: PageOf) -> None:
        browser = page_of(claire)
        browser.post("/buy/TSHIRT42/order/", form(shirt))
        assert addresses.saved(claire) is None
        browser.post("/buy/TSHIRT42/order/", form(shirt, saves="on"))
        assert addresses.saved(claire)
        assert "12 rue des Lilas" in says(browser, "/buy/TSHIRT42/")
        browser.post("/purchases/address/forget/")
        assert addresses.saved(claire) is None

    @pytest.mark.parametrize(
        "wrong",
        [
            {"quantity": "0"},
            {"quantity": "-1"},
            {"quantity": "11"},
            {"quantity": "٢"},
            {"variant": "999"},
            {"variant": ""},
            {"postcode": "7502"},
            {"postcode": "٧٥٠٢٠"},
            {"street": ""},
            {"key": "x"},
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, shirt: Product, claire: User, page_of: PageOf, wrong: dict[str, str]
    ) -> None:
        answer = page_of(claire).post("/buy/TSHIRT42/order/", form(shirt, **wrong))
        assert answer.status_code == 422
        assert not Order.objects.exists()

    def test_of_another_products_variant_is_refused(
        self, shirt: Product, mug: Product, claire: User, page_of: PageOf
    ) -> None:
        wrong = form(shirt, variant=mug.variants.get().pk)
        assert page_of(claire).post("/buy/TSHIRT42/order/", wrong).status_code == 422

    def test_sent_twice_is_one(self, mug: Product, claire: User, page_of: PageOf) -> None:
        browser, said = page_of(claire), form(mug)
        first, again = (browser.post("/buy/MUG7/order/", said) for _ in range(2))
        assert first["Location"] == again["Location"]
        assert left(mug) == 9

    def test_reads_no_picture(
        self, shirt: Product, claire: User, page_of: PageOf, django_assert_max_num_queries: Any
    ) -> None:
        browser = page_of(claire)
        with django_assert_max_num_queries(100) as asked:
            browser.post("/buy/TSHIRT42/order/", form(shirt))
        assert Order.objects.exists()
        assert not [query for query in asked.captured_queries if '."picture"' in query["sql"]]

    def test_at_night_above_its_cap_keeps_nothing_and_says_when(
        self, shirt: Product, claire: User, page_of: PageOf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It would lapse before the morning, which nobody could pay it before."""
        monkeypatch.setattr(limits, "is_night", lambda _at: True)
        monkeypatch.setattr(limits, "_morning", lambda at: at + timedelta(hours=1))
        set_limit("NIGHT", 20_00)
        with override("en"):
            answer = page_of(claire).post("/buy/TSHIRT42/order/", form(shirt))
        assert answer.status_code == 422
        (said,) = answer.context["form"].non_field_errors()
        assert not Order.objects.exists()
        assert "20,00" in said or "20.00" in said
        assert "waits for you" not in said

    def test_says_that_somebody_was_faster(self, mug: Product, claire: User, page_of: PageOf) -> None:
        stock.count(mug.variants.get(), -10, by=claire)
        answer = page_of(claire).post("/buy/MUG7/order/", form(mug))
        assert answer.status_code == 422
        assert not Order.objects.exists()

    @pytest.mark.parametrize(
        ("status", "lapses", "said"),
        [
            ("PENDING", False, "Waits for the code"),
            ("FUNDING", False, "We are asking your bank."),
            ("REVIEW", False, "We look at this payment before it is made."),
            ("EXPIRED", True, "It was not paid in time"),
            ("DECLINED", True, "You declined it"),
            ("VOIDED", True, "It could not be paid"),
            ("RETURNED", True, "The money is back in your wallet."),
        ],
    )
    def test_says_how_its_payment_stands(
        self, mug: Product, claire: User, status: str, lapses: bool, said: str
    ) -> None:
        purchase = purchases.of(claire).get(pk=buy(claire, mug).pk)
        purchase.order.status = status
        purchase.status = "LAPSED" if lapses else "RESERVED"
        about = {"purchase": purchase, "product": mug, "refunds": [], "address": None}
        with override("en"):
            page = html.unescape(render_to_string("purchase.html", about))
        assert said in page
        assert ("It was not paid in time" in page) is (status == "EXPIRED")
        assert ("Waits for the code" in page) is (status == "PENDING")
        assert (f"/orders/{purchase.order.reference}/confirm/" in page) is (status == "PENDING")

    def test_is_nobody_elses_to_see(self, mug: Product, claire: User, armand: User, page_of: PageOf) -> None:
        order = buy(claire, mug)
        basket = baskets.put(claire, code="MUG7", note="", channel="x", channel_id="1")
        browser = page_of(armand)
        assert browser.get(f"/purchases/{order.reference}/").status_code == 404
        assert browser.post(f"/purchases/baskets/{basket.pk}/remove/").status_code == 404
        page_of(claire).post(f"/purchases/baskets/{basket.pk}/remove/")
        assert not Basket.objects.exists()

    def test_begins_with_the_variant_that_the_post_named(
        self, shirt: Product, claire: User, lea: User, page_of: PageOf
    ) -> None:
        large = products.add_variant(shirt, name="L", pieces=3, by=lea)
        baskets.put(claire, code="TSHIRT42", note="taille l", channel="x", channel_id="1")
        assert f'value="{large.pk}" checked' in says(page_of(claire), "/buy/TSHIRT42/")


class TestSeller:
    NEW = {
        "title": "Mug",
        "code": "mug7",
        "description": "",
        "price": "8,50",
        "variant": "",
        "pieces": "12",
        "most_per_buyer": "3",
        "shipping_fee": "",
    }

    def test_puts_a_product_on_sale(self, acf: Organisation, lea: User, page_of: PageOf) -> None:
        browser, home = page_of(lea), f"/organisations/{acf.slug}/products/"
        assert browser.get(home).status_code == 200
        answer = browser.post(f"{home}new/", self.NEW | {"picture": SimpleUploadedFile("mug.jpg", JPEG)})
        assert answer["Location"] == f"{home}MUG7/"
        product = Product.objects.get()
        assert (product.price, product.most_per_buyer, product.picture_type) == (8_50, 3, "image/jpeg")
        assert "/buy/MUG7/" in says(browser, answer["Location"])
        assert "MUG7" in says(browser, home)

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"code": "MUG"}, "code"),
            ({"code": "MUG٧"}, "code"),
            ({"price": "0"}, "price"),
            ({"price": "1.000"}, "price"),
            ({"pieces": "-1"}, "pieces"),
            ({"most_per_buyer": "0"}, "most_per_buyer"),
            ({"opens_at": "2026-12-02T10:00", "closes_at": "2026-12-01T10:00"}, "closes_at"),
            ({"opens_at": "0001-01-01T00:00"}, "opens_at"),
            ({"opens_at": "1999-12-31T23:59"}, "opens_at"),
            ({"closes_at": "2100-01-01T00:00"}, "closes_at"),
            ({"closes_at": "9999-12-31T23:59"}, "closes_at"),
            ({"picture": SimpleUploadedFile("x.svg", b"<svg/>")}, "picture"),
            ({"picture": SimpleUploadedFile("x.png", snapshot("PNG", size=(4097, 1)))}, "picture"),
        ],
    )
    def test_is_told_what_is_wrong_at_its_field(
        self, acf: Organisation, lea: User, page_of: PageOf, wrong: dict[str, Any], field: str
    ) -> None:
        answer = page_of(lea).post(f"/organisations/{acf.slug}/products/new/", self.NEW | wrong)
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]

    def test_is_told_that_a_code_is_taken(self, mug: Product, lea: User, page_of: PageOf) -> None:
        answer = page_of(lea).post(f"/organisations/{mug.organisation.slug}/products/new/", self.NEW)
        assert answer.status_code == 422

    def test_changes_it_but_not_its_code(self, mug: Product, lea: User, page_of: PageOf) -> None:
        page = f"/organisations/{mug.organisation.slug}/products/MUG7/change/"
        browser = page_of(lea)
        assert 'value="8"' in says(browser, page)
        browser.post(page, self.NEW | {"code": "OTHER1", "is_shipped": "on", "shipping_fee": "2"})
        mug.refresh_from_db()
        assert (mug.code, mug.price, mug.shipping_fee) == ("MUG7", 8_50, 2_00)

    def test_counts_the_stock(self, mug: Product, lea: User, page_of: PageOf) -> None:
        page = f"/organisations/{mug.organisation.slug}/products/MUG7/variants/"
        browser, variant = page_of(lea), mug.variants.get()
        for change in ("5", "-3", "-100", "x", ""):
            assert browser.post(f"{page}{variant.pk}/", {"change": change}).status_code == 302
        assert left(mug) == 12
        browser.post(page, {"name": "Bleu", "pieces": "4"})
        assert browser.post(page, {"name": "Bleu", "pieces": "4"}).status_code == 422
        assert [one.stock for one in mug.variants.all()] == [12, 4]

    def test_is_nobody_without_a_seat_and_reads_only_as_a_reader(
        self, mug: Product, claire: User, armand: User, page_of: PageOf
    ) -> None:
        order, home = settled(buy(claire, mug)), f"/organisations/{mug.organisation.slug}"
        looks = [f"{home}/products/", f"{home}/products/MUG7/"]
        money = [f"{home}/purchases/", f"{home}/purchases/sheet/", f"{home}/purchases/{order.reference}/"]
        acts = [
            f"{home}/products/new/",
            f"{home}/products/MUG7/change/",
            f"{home}/products/MUG7/variants/",
            f"{home}/products/MUG7/variants/{mug.variants.get().pk}/",
            f"{home}/purchases/{order.reference}/dispatch/",
            f"{home}/purchases/{order.reference}/refund/",
        ]
        browser = page_of(armand)
        assert {browser.get(path).status_code for path in (*looks, *money)} == {404}
        assert {browser.post(path).status_code for path in acts} == {404}
        seats.take(mug.organisation, armand, Role.READER)
        assert {browser.get(path).status_code for path in looks} == {200}
        assert {browser.get(path).status_code for path in money} == {404}
        assert {browser.post(path).status_code for path in acts} == {404}

    def test_of_another_organisation_sees_none_of_it(
        self, mug: Product, claire: User, armand: User, lea: User, page_of: PageOf
    ) -> None:
        found = organisations.found(bodies.facts(name="Autre", siren="552100554"), by=armand)
        other = bodies.accept(found, hire("Zoé", "+33612340029"))
        order = settled(buy(claire, mug))
        browser = page_of(armand)
        for path in ("products/MUG7/", f"purchases/{order.reference}/"):
            assert browser.get(f"/organisations/{other.slug}/{path}").status_code == 404


class TestSales:
    @pytest.fixture
    def paid(self, shirt: Product, claire: User) -> Purchase:
        return Purchase.objects.get(pk=settled(buy(claire, shirt)).pk)

    def at(self, purchase: Purchase) -> str:
        return f"/organisations/action-contre-la-faim/purchases/{purchase.order.reference}/"

    def test_show_where_it_goes_and_never_the_card(self, paid: Purchase, lea: User, page_of: PageOf) -> None:
        page = says(page_of(lea), self.at(paid))
        assert "12 rue des Lilas" in page
        assert "0003" not in page
        assert paid.order.reference in says(page_of(lea), "/organisations/action-contre-la-faim/purchases/")

    def test_show_nothing_that_is_not_paid(
        self, shirt: Product, claire: User, lea: User, page_of: PageOf
    ) -> None:
        order = buy(claire, shirt)
        path = f"/organisations/action-contre-la-faim/purchases/{order.reference}/"
        assert page_of(lea).get(path).status_code == 404

    def test_are_dispatched_once(self, paid: Purchase, claire: User, lea: User, page_of: PageOf) -> None:
        browser = page_of(lea)
        for tracking in ("6A1", "6A2"):
            browser.post(f"{self.at(paid)}dispatch/", {"tracking": tracking})
        assert "6A1" in says(page_of(claire), f"/purchases/{paid.order.reference}/")

    def test_that_were_given_back_whole_wait_for_nothing(
        self, paid: Purchase, claire: User, lea: User, page_of: PageOf
    ) -> None:
        browser, home = page_of(lea), "/organisations/action-contre-la-faim/purchases/"
        assert browser.get(home).context["to_dispatch"] == 1
        said = {"code": CODE, "key": uuid4(), "restocks": ""}
        browser.post(f"{self.at(paid)}refund/", said | {"amount": "24,50"})
        assert browser.get(home).context["to_dispatch"] == 0
        assert "/dispatch/" not in says(browser, self.at(paid))
        browser.post(f"{self.at(paid)}dispatch/", {"tracking": "6A1"})
        paid.refresh_from_db()
        assert (paid.status, paid.address) == ("BOUGHT", None)
        page = says(page_of(claire), f"/purchases/{paid.order.reference}/")
        assert "You are told when it is on its way." not in page
        assert "Vous serez prévenu" not in page

    def test_are_given_back_by_the_sellers_own_code(
        self, paid: Purchase, claire: User, lea: User, page_of: PageOf
    ) -> None:
        browser, path = page_of(lea), f"{self.at(paid)}refund/"
        said = {"amount": "24,50", "key": uuid4(), "restocks": "on"}
        assert browser.post(path, said | {"code": "000000"}).status_code == 422
        assert browser.post(path, said | {"amount": "25", "code": CODE}).status_code == 422
        assert browser.post(path, said | {"code": CODE})["Location"] == self.at(paid)
        assert ledger.balance(ledger.wallet(claire)) == 100_00
        assert left(paid.variant.product) == 10
        assert browser.get(path).status_code == 302

    def test_are_safe_for_a_spreadsheet(
        self, shirt: Product, claire: User, lea: User, page_of: PageOf
    ) -> None:
        evil = addresses.Address("=cmd|' /C calc'!A0", "+1", "@sum", "75020", "-Paris")
        settled(buy(claire, shirt, address=evil))
        answer = page_of(lea).get("/organisations/action-contre-la-faim/purchases/sheet/")
        head, line = answer.getvalue().decode("utf-8-sig").splitlines()
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert len(head.split(";")) == len(line.split(";")) == 13
        assert all(f"'{said}" in line for said in ("=cmd", "+1", "@sum", "-Paris"))
        assert "24,5" in line


SHEET = "/organisations/action-contre-la-faim/purchases/sheet/"


def test_what_was_bought_is_asked_in_as_many_queries_however_much_it_is(
    shirt: Product, claire: User, lea: User, page_of: PageOf, django_assert_max_num_queries: Any
) -> None:
    for _ in range(4):
        settled(buy(claire, shirt))
    browser = page_of(lea)
    browser.get(SHEET)
    with django_assert_max_num_queries(12):
        sheet = browser.get(SHEET).getvalue()
    assert len(sheet.splitlines()) == 1 + 4


def test_what_was_bought_is_written_line_by_line_to_the_end(
    shirt: Product, claire: User, lea: User, page_of: PageOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sales, "READ_AT_ONCE", 1)
    for _ in range(3):
        settled(buy(claire, shirt))
    answer = page_of(lea).get(SHEET)
    assert answer.streaming
    assert len(answer.getvalue().splitlines()) == 1 + 3


def test_a_sheet_of_sales_says_so_where_it_ends(
    shirt: Product, claire: User, lea: User, page_of: PageOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MOST_LINES", 2)
    orders = [settled(buy(claire, shirt)) for _ in range(3)]
    answer = page_of(lea).get(SHEET)
    _head, newest, before, last = answer.getvalue().decode("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in (newest, before)] == [
        order.reference for order in (orders[2], orders[1])
    ]
    assert ";" not in last


def test_sheets_of_sales_of_too_many_are_429(shirt: Product, lea: User, page_of: PageOf) -> None:
    browser = page_of(lea)
    assert [browser.get(SHEET).status_code for _ in range(11)] == [200] * 10 + [429]

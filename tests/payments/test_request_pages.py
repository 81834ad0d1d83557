"""The pages of requests and bills: who is asked pays or declines, who asked reminds or takes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Identity, User
from payments import orders, requests, strangers
from payments.models import Order, Request
from tests.asking import ask, share
from tests.browsers import PageOf
from tests.people import CODE, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(claire: User, armand: User) -> Request:
    """Armand asks Claire."""
    return ask(armand, claire)


def says(client: Client, path: str, *, follow: bool = False) -> str:
    return client.get(path, follow=follow).content.decode()


class TestAsked:
    def test_is_on_the_wallet_and_in_the_list(self, asked: Request, claire: User, page_of: PageOf) -> None:
        browser = page_of(claire)
        for path in ("/wallet/", "/wallet/summary/", "/requests/"):
            assert f"/requests/{asked.reference}/" in says(browser, path)

    def test_warns_of_a_stranger_and_shows_the_words(
        self, asked: Request, claire: User, page_of: PageOf
    ) -> None:
        page = says(page_of(claire), f"/requests/{asked.reference}/")
        assert "Vous ne vous êtes jamais payés" in page
        assert asked.words in page.replace("&#x27;", "'")

    def test_is_paid_on_the_page_of_the_code(self, asked: Request, claire: User, page_of: PageOf) -> None:
        browser = page_of(claire)
        answer = browser.post(f"/requests/{asked.reference}/pay/")
        order = Order.objects.get()
        assert answer["Location"] == f"/orders/{order.reference}/confirm/"
        assert f"/requests/{asked.reference}/" in says(browser, answer["Location"])
        assert browser.post(answer["Location"], {"code": CODE})["Location"].endswith("/paid/")
        asked.refresh_from_db()
        assert asked.status == "PAID"
        assert f"/orders/{order.reference}/" in says(browser, f"/requests/{asked.reference}/")

    def test_is_declined_on_its_page(self, asked: Request, claire: User, page_of: PageOf) -> None:
        page_of(claire).post(f"/requests/{asked.reference}/decline/")
        asked.refresh_from_db()
        assert asked.status == "DECLINED"

    def test_is_declined_with_its_order(self, asked: Request, claire: User, page_of: PageOf) -> None:
        order = requests.pay(asked, payer=claire)
        browser = page_of(claire)
        browser.post(f"/orders/{order.reference}/decline/")
        asked.refresh_from_db()
        order.refresh_from_db()
        assert (asked.status, order.status) == ("DECLINED", "DECLINED")
        assert "Vous avez choisi de payer la demande" in says(browser, f"/orders/{order.reference}/")

    def test_that_was_taken_back_has_a_void_order(
        self, asked: Request, claire: User, page_of: PageOf
    ) -> None:
        order = requests.pay(asked, payer=claire)
        requests.cancel(asked)
        page = says(page_of(claire), f"/orders/{order.reference}/")
        assert "plus personne ne vous le demande" in page

    def test_says_why_it_cannot_be_paid_now(self, asked: Request, claire: User, page_of: PageOf) -> None:
        for number in range(orders.OPEN_AT_ONCE):
            place(claire, asked.payee, channel_id=str(number))
        answer = page_of(claire).post(f"/requests/{asked.reference}/pay/", follow=True)
        assert "3 ordres attendent" in answer.content.decode()

    def test_that_ended_is_not_paid(self, asked: Request, claire: User, page_of: PageOf) -> None:
        requests.cancel(asked)
        browser = page_of(claire)
        for act in ("pay", "decline"):
            answer = browser.post(f"/requests/{asked.reference}/{act}/", follow=True)
            assert "Trop tard" in answer.content.decode()
        assert not Order.objects.exists()

    def test_is_nobody_elses(self, asked: Request, lea: User, armand: User, page_of: PageOf) -> None:
        assert page_of(lea).get(f"/requests/{asked.reference}/").status_code == 404
        for act in ("pay", "decline"):  # Nor may the asker answer for who is asked.
            assert page_of(armand).post(f"/requests/{asked.reference}/{act}/").status_code == 404


class TestAsker:
    def test_reminds_once(self, asked: Request, armand: User, page_of: PageOf) -> None:
        browser = page_of(armand)
        assert "/remind/" in says(browser, f"/requests/{asked.reference}/")
        for _ in range(2):
            browser.post(f"/requests/{asked.reference}/remind/")
        asked.refresh_from_db()
        assert asked.reminded_at
        assert "/remind/" not in says(browser, f"/requests/{asked.reference}/")

    def test_takes_it_back(self, asked: Request, armand: User, page_of: PageOf) -> None:
        browser = page_of(armand)
        browser.post(f"/requests/{asked.reference}/cancel/")
        asked.refresh_from_db()
        assert asked.status == "CANCELLED"
        answer = browser.post(f"/requests/{asked.reference}/cancel/", follow=True)
        assert "Trop tard" in answer.content.decode()

    def test_sees_what_they_asked_for(self, asked: Request, armand: User, page_of: PageOf) -> None:
        assert f"/requests/{asked.reference}/" in says(page_of(armand), "/requests/")


class TestBill:
    def test_says_who_has_paid(
        self, claire: User, armand: User, bob: Identity, page_of: PageOf, with_code: Callable[[User], User]
    ) -> None:
        bill = share(armand, [claire.identities.get(), bob], 30_00)
        first = bill.shares.order_by("pk")[0]
        orders.confirm(requests.pay(first, payer=with_code(claire)), code=CODE)
        browser = page_of(armand)
        page = says(browser, f"/bills/{bill.reference}/")
        assert "20,00" in page
        assert "En attente" in page
        assert "1 sur 2 ont payé" in says(browser, "/requests/")

    def test_is_reminded_of_and_taken_back_as_a_whole(
        self, claire: User, armand: User, bob: Identity, page_of: PageOf
    ) -> None:
        bill = share(armand, [claire.identities.get(), bob], 30_00)
        browser = page_of(armand)
        browser.post(f"/bills/{bill.reference}/remind/")
        assert not bill.shares.filter(reminded_at=None).exists()
        browser.post(f"/bills/{bill.reference}/cancel/")
        assert set(bill.shares.values_list("status", flat=True)) == {"CANCELLED"}

    def test_is_its_writers_alone(self, claire: User, armand: User, page_of: PageOf) -> None:
        bill = share(armand, [claire.identities.get()])
        browser = page_of(claire)
        assert browser.get(f"/bills/{bill.reference}/").status_code == 404
        assert browser.post(f"/bills/{bill.reference}/cancel/").status_code == 404


class TestSettings:
    def test_shut_strangers_out_and_let_them_in(self, claire: User, page_of: PageOf) -> None:
        browser = page_of(claire)
        browser.post("/settings/requests/", {"wish": "known"})
        assert strangers.are_shut_out(claire)
        assert 'value="known" checked' in says(browser, "/settings/requests/")
        browser.post("/settings/requests/", {"wish": "all"})
        assert not strangers.are_shut_out(claire)

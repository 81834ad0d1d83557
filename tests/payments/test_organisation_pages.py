"""An organisation's own page, and the public one, from which it is given to."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from accounts import organisations
from accounts.models import Identity, Organisation, User
from payments import ledger
from payments.models import Order
from tests.bodies import facts
from tests.browsers import PageOf
from tests.people import CODE, place, settled

pytestmark = pytest.mark.django_db
PAGE = "/o/action-contre-la-faim/"


def says(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def link_x(organisation: Organisation) -> Identity:
    return Identity.objects.create(
        network="x",
        external_id="4001",
        handle="acf_france",
        name="ACF",
        user=organisation.account,
        linked_at=organisation.founded_at,
    )


class TestOwnPage:
    def test_shows_what_it_holds(self, acf: Organisation, claire: User, lea: User, page_of: PageOf) -> None:
        settled(place(claire, organisations.identity(acf), 20_00))
        assert 'data-balance="2000"' in says(page_of(lea), f"/organisations/{acf.slug}/")

    def test_leads_to_the_documents_before_it_is_reviewed(self, lea: User, page_of: PageOf) -> None:
        founded = organisations.found(facts(), by=lea)
        page = says(page_of(lea), f"/organisations/{founded.slug}/")
        assert f"/organisations/{founded.slug}/documents/" in page
        assert "data-balance" not in page


class TestPublicPage:
    def test_is_there_for_everybody(self, acf: Organisation, client: Client) -> None:
        page = says(client, PAGE)
        assert acf.purpose in page
        assert 'property="og:title" content="Action contre la Faim"' in page
        assert "Montreuil" in page
        assert "102 rue de Paris" not in page

    def test_is_not_there_before_staff_have_looked(self, lea: User, client: Client) -> None:
        organisations.found(facts(), by=lea)
        assert client.get(PAGE).status_code == 404
        assert client.get("/o/nowhere/").status_code == 404

    def test_shows_its_address_as_a_square(self, acf: Organisation, client: Client) -> None:
        answer = client.get(PAGE)
        assert answer.context["address"].endswith(PAGE)
        assert answer.context["code"].path in answer.content.decode()

    def test_follows_no_website(self, acf: Organisation, client: Client) -> None:
        Organisation.objects.update(website="https://www.actioncontrelafaim.org/")
        assert 'rel="nofollow noopener noreferrer"' in says(client, PAGE)

    def test_shows_the_post_that_gives_once_x_is_linked(self, acf: Organisation, client: Client) -> None:
        assert "@acf_france" not in says(client, PAGE)
        link_x(acf)
        assert "€ @acf_france" in says(client, PAGE).replace("20 @acf", "€ @acf")


class TestGiving:
    def test_asks_who_it_is_first(self, acf: Organisation, client: Client) -> None:
        answer = client.post(f"{PAGE}give/", {"amount": "20", "key": uuid4()})
        assert answer["Location"].startswith("/account/login/")
        assert not Order.objects.exists()

    def test_comes_back_to_the_page_from_signing_in(
        self, acf: Organisation, claire: User, page_of: PageOf
    ) -> None:
        assert page_of(claire).get(f"{PAGE}give/")["Location"] == PAGE

    def test_is_confirmed_on_the_page_of_the_code(
        self, acf: Organisation, claire: User, page_of: PageOf
    ) -> None:
        browser = page_of(claire)
        answer = browser.post(f"{PAGE}give/", {"amount": "20", "note": "Courage", "key": uuid4()})
        order = Order.objects.get()
        assert (order.kind, order.amount, order.note) == ("SEND", 20_00, "Courage")
        assert answer["Location"] == f"/orders/{order.reference}/confirm/"
        browser.post(answer["Location"], {"code": CODE})
        assert ledger.balance(ledger.wallet(acf.account)) == 20_00

    def test_is_one_order_however_often_the_form_is_sent(
        self, acf: Organisation, claire: User, page_of: PageOf
    ) -> None:
        browser, form = page_of(claire), {"amount": "20", "key": uuid4()}
        first, again = (browser.post(f"{PAGE}give/", form)["Location"] for _ in range(2))
        assert (first, Order.objects.count()) == (again, 1)

    @pytest.mark.parametrize("amount", ["", "0", "-5", "1e3", "500,01", "1.000"])
    def test_of_what_cannot_be_is_refused(
        self, acf: Organisation, claire: User, page_of: PageOf, amount: str
    ) -> None:
        answer = page_of(claire).post(f"{PAGE}give/", {"amount": amount, "key": uuid4()})
        assert (answer.status_code, Order.objects.count()) == (422, 0)
        assert answer.context["form"].errors

    def test_without_a_form_key_is_refused(self, acf: Organisation, claire: User, page_of: PageOf) -> None:
        assert page_of(claire).post(f"{PAGE}give/", {"amount": "20"}).status_code == 422

    def test_waits_for_three_orders_at_most(self, acf: Organisation, claire: User, page_of: PageOf) -> None:
        browser = page_of(claire)
        answers = [
            browser.post(f"{PAGE}give/", {"amount": "5", "key": uuid4()}).status_code for _ in range(4)
        ]
        assert answers == [302, 302, 302, 422]

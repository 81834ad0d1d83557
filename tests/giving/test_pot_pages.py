"""The pages of money pots: opened, shared by link, given to, and closed by their organiser alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings as project
from django.test import Client
from django.utils import timezone

from accounts import freezes, identities
from accounts.models import Identity, User
from giving import pot_closings, pots
from giving.models import Contribution, Pot
from payments import ledger, orders
from payments.models import Order
from tests.browsers import PageOf
from tests.giving.pots import given, held, later, opened, opened_by_number
from tests.people import CODE

pytestmark = pytest.mark.django_db


@pytest.fixture
def pot(lea: User) -> Pot:
    return opened(lea)


def says(client: Client, path: str) -> str:
    return client.get(path, follow=True).content.decode()


def address(pot: Pot, act: str = "") -> str:
    return f"/p/{pot.slug}/{act}"


class TestOpening:
    def form(self, **changes: str) -> dict[str, str]:
        day = timezone.localdate() + timedelta(days=30)
        return {"title": "Un vélo", "story": "", "closes_on": day.isoformat(), "goal": "200"} | changes

    def test_leads_to_the_pot(self, lea: User, page_of: PageOf) -> None:
        browser = page_of(lea)
        assert "@lea_petit" in says(browser, "/pots/open/")
        answer = browser.post("/pots/open/", self.form())
        pot = Pot.objects.get()
        assert answer["Location"] == address(pot)
        assert (pot.title, pot.goal, pot.organiser, pot.hides_total) == ("Un vélo", 200_00, lea, False)
        assert address(pot) in says(browser, "/pots/")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", ""),
            ("title", "x" * 81),
            ("story", "x" * 2001),
            ("closes_on", ""),
            ("closes_on", "demain"),
            ("closes_on", "２０２６-12-01"),
            ("closes_on", "2020-01-01"),
            ("closes_on", "9999-12-31"),
            ("goal", "1.000"),
            ("goal", "-5"),
            ("goal", "٢٠"),
        ],
    )
    def test_says_what_is_wrong(self, lea: User, page_of: PageOf, field: str, value: str) -> None:
        answer = page_of(lea).post("/pots/open/", self.form(**{field: value}))
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
        assert not Pot.objects.exists()

    def test_says_that_there_are_enough(
        self, pot: Pot, lea: User, page_of: PageOf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pots, "OPEN_AT_ONCE", 1)
        assert page_of(lea).post("/pots/open/", self.form()).status_code == 422

    def test_is_for_members(self, client: Client) -> None:
        for path in ("/pots/", "/pots/open/"):
            assert client.get(path)["Location"].startswith("/account/login/")


class TestPage:
    def test_is_for_whoever_has_the_link_and_for_no_machine(self, pot: Pot, client: Client) -> None:
        answer = client.get(address(pot))
        page = answer.content.decode()
        assert answer.status_code == 200
        assert pot.title in page
        assert "@lea_petit" in page
        assert 'name="robots" content="noindex' in page
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "no-referrer"
        assert client.get("/p/aaaabbbbccccdddd/").status_code == 404
        assert f"next={address(pot)}" in page

    def test_shows_what_each_chose(self, pot: Pot, claire: User, client: Client, page_of: PageOf) -> None:
        held(pot, claire, 12_34, hides_name=True, hides_amount=True, message="Bonne route")
        public, own = says(client, address(pot)), says(page_of(claire), address(pot))
        assert "Bonne route" in public
        assert ">12<" in public.replace(' class="amount-cents"', "")  # The total, its cents apart.
        assert "Claire Martin" not in public
        assert "Claire Martin" in own
        assert "Claire Martin" in says(page_of(pot.organiser), address(pot))

    def test_hides_the_total(self, lea: User, claire: User, client: Client, page_of: PageOf) -> None:
        pot = opened(lea, hides_total=True, goal=50_00)
        held(pot, claire, 12_34)
        public = says(client, address(pot))
        assert "12,34" not in public
        assert "1234" not in public
        assert ">12<" not in public.replace(' class="amount-cents"', "")
        assert "12,34" in says(page_of(lea), address(pot))

    def test_invites_by_link_picture_and_post(self, pot: Pot, lea: User, page_of: PageOf) -> None:
        browser = page_of(lea)
        page = says(browser, address(pot))
        assert project.SITE_URL + address(pot) in page
        assert f"#pot{pot.code}" in page
        assert '<svg class="qr"' in page

    def test_offers_no_post_with_the_organisers_number(self, lea: User, page_of: PageOf) -> None:
        page = says(page_of(lea), address(opened_by_number(lea)))
        assert project.SITE_URL in page
        assert "#pot" not in page

    def test_is_gone_with_its_words(self, pot: Pot, client: Client) -> None:
        Pot.objects.update(title="", story="")
        assert client.get(address(pot)).status_code == 404


class TestGiving:
    def form(self, **changes: str) -> dict[str, str]:
        key = "0f2f8d5e-0f3b-4a53-8f9c-0d1c9f9c5a11"
        return {"amount": "12,50", "message": "Bon voyage !", "key": key} | changes

    def test_goes_by_the_page_of_the_code(self, pot: Pot, claire: User, lea: User, page_of: PageOf) -> None:
        browser = page_of(claire)
        answer = browser.post(address(pot, "contribute/"), self.form(hides_name="on"))
        order = Order.objects.get()
        assert answer["Location"] == f"/orders/{order.reference}/confirm/"
        confirm = says(browser, answer["Location"])
        for words in ("@lea_petit", "12,50", pot.title, address(pot)):
            assert words in confirm, words
        assert browser.post(answer["Location"], {"code": CODE})["Location"].endswith("/paid/")
        assert (Contribution.objects.get().hides_name, pots.tally(pot).total) == (True, 12_50)
        assert pot.title in says(browser, f"/orders/{order.reference}/")
        assert address(pot) in says(browser, "/pots/")

    def test_by_its_hashtag_shows_no_link_before_the_code(
        self, pot: Pot, claire: User, page_of: PageOf
    ) -> None:
        order = given(pot, claire, channel="x").order
        browser = page_of(claire)
        confirm = says(browser, f"/orders/{order.reference}/confirm/")
        assert pot.title in confirm
        assert pot.slug not in confirm
        browser.post(f"/orders/{order.reference}/confirm/", {"code": CODE})
        for page in ("paid/", ""):
            assert address(pot) in says(browser, f"/orders/{order.reference}/{page}"), page

    def test_by_its_hashtag_shows_no_link_once_it_is_declined(
        self, pot: Pot, claire: User, page_of: PageOf
    ) -> None:
        order = given(pot, claire, channel="x").order
        orders.decline(order)
        page = says(page_of(claire), f"/orders/{order.reference}/")
        assert pot.title in page
        assert pot.slug not in page

    def test_of_one_form_sent_twice_is_one_order(self, pot: Pot, claire: User, page_of: PageOf) -> None:
        browser = page_of(claire)
        first, second = (browser.post(address(pot, "contribute/"), self.form()) for _ in range(2))
        assert first["Location"] == second["Location"]
        assert Order.objects.count() == 1
        browser.post(address(pot, "contribute/"), self.form(amount="20"))
        assert Order.objects.count() == 2

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("amount", ""),
            ("amount", "0"),
            ("amount", "1.000"),
            ("amount", "999999"),
            ("message", "x" * 281),
            ("key", "1"),
        ],
    )
    def test_says_what_is_wrong(
        self, pot: Pot, claire: User, page_of: PageOf, field: str, value: str
    ) -> None:
        answer = page_of(claire).post(address(pot, "contribute/"), self.form(**{field: value}))
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
        assert not Order.objects.exists()

    def test_to_a_closed_pot_is_refused_in_words(self, pot: Pot, claire: User, page_of: PageOf) -> None:
        browser = page_of(claire)
        pot_closings.close(pot)
        answer = browser.post(address(pot, "contribute/"), self.form())
        assert (answer.status_code, Order.objects.count()) == (422, 0)
        assert "contribute/" not in says(browser, address(pot))

    def test_to_who_refuses_it_says_so(self, pot: Pot, claire: User, page_of: PageOf) -> None:
        identities.refuse_payments(pot.payee, at=timezone.now())
        answer = page_of(claire).post(address(pot, "contribute/"), self.form())
        assert answer.status_code == 422
        assert "ne souhaite pas être payée" in answer.content.decode()
        assert "This pot is closed" not in answer.content.decode()

    def test_to_ones_own_is_refused(self, pot: Pot, lea: User, page_of: PageOf) -> None:
        assert page_of(lea).post(address(pot, "contribute/"), self.form()).status_code == 422

    def test_begins_at_the_pot_for_who_had_to_sign_in(self, pot: Pot, claire: User, page_of: PageOf) -> None:
        assert page_of(claire).get(address(pot, "contribute/"))["Location"] == address(pot)

    def test_is_taken_back_on_the_orders_page(self, pot: Pot, claire: User, page_of: PageOf) -> None:
        order = held(pot, claire)
        page_of(claire).post(f"/orders/{order.reference}/take-back/")
        order.refresh_from_db()
        assert (order.status, ledger.balance(ledger.wallet(claire))) == ("CANCELLED", 100_00)


class TestClosing:
    def test_is_its_organisers_alone(self, pot: Pot, claire: User, page_of: PageOf) -> None:
        browser = page_of(claire)
        assert browser.get(address(pot, "close/")).status_code == 404
        assert browser.post(address(pot, "close/"), {"ending": "wallet"}).status_code == 404
        pot.refresh_from_db()
        assert pot.status == "OPEN"

    @pytest.mark.parametrize("ending", ["wallet", "bank", "back"])
    def test_is_chosen(self, pot: Pot, claire: User, page_of: PageOf, ending: str) -> None:
        held(pot, claire, 12_34)
        browser = page_of(pot.organiser)
        assert "12,34" in says(browser, address(pot, "close/"))
        assert browser.post(address(pot, "close/"), {"ending": ending})["Location"] == address(pot)
        pot.refresh_from_db()
        status = "RETURNED" if ending == "back" else "CLOSED"
        assert (pot.status, pot.to_bank) == (status, ending == "bank")
        assert 'hx-trigger="sse:wallet, sse:notice, every 5s"' in says(browser, address(pot))
        pot_closings.decide_due()
        page = says(browser, address(pot))
        assert "every 5s" not in page
        assert ("/wallet/cash-out/?amount=12%2C34" in page) == (ending == "bank")

    def test_to_the_bank_goes_on_with_all_of_it(self, claire: User, page_of: PageOf) -> None:
        page = page_of(claire).get("/wallet/cash-out/?amount=12%2C34")
        assert page.status_code == 200
        assert page.context["form"]["amount"].value() == "12,34"

    def test_needs_a_choice(self, pot: Pot, lea: User, page_of: PageOf) -> None:
        for said in ({"ending": ""}, {"ending": "mine"}):
            assert page_of(lea).post(address(pot, "close/"), said).status_code == 422

    def test_twice_is_once(self, pot: Pot, lea: User, page_of: PageOf) -> None:
        browser = page_of(lea)
        for ending in ("back", "wallet"):
            assert browser.post(address(pot, "close/"), {"ending": ending}).status_code == 302
        pot.refresh_from_db()
        assert pot.status == "RETURNED"

    def test_of_the_frozen_is_refused_in_words(self, pot: Pot, lea: User, page_of: PageOf) -> None:
        browser = page_of(lea)
        freezes.freeze(lea, reason="test")
        assert browser.post(address(pot, "close/"), {"ending": "wallet"}).status_code == 422

    def test_to_who_cannot_be_paid_is_refused_in_words(self, pot: Pot, lea: User, page_of: PageOf) -> None:
        browser = page_of(lea)
        identities.refuse_payments(pot.payee, at=timezone.now())
        answer = browser.post(address(pot, "close/"), {"ending": "wallet"})
        assert (answer.status_code, "Vous ne souhaitez pas être payé" in answer.content.decode()) == (
            422,
            True,
        )
        identities.unlink(lea, network=Identity.Network.X, at=timezone.now())
        answer = browser.post(address(pot, "close/"), {"ending": "wallet"})
        assert (answer.status_code, "qui n’est plus lié au vôtre" in answer.content.decode()) == (422, True)
        assert browser.post(address(pot, "close/"), {"ending": "back"}).status_code == 302

    def test_may_come_after_the_last_day(self, pot: Pot, lea: User, page_of: PageOf) -> None:
        later(pot, days=40)
        assert address(pot, "close/") in says(page_of(lea), address(pot))

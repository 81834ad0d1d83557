"""A card, as its holder meets it: the processor's page, the bank's, and what comes of it."""

from __future__ import annotations

import pytest

from launch.browser import Page
from launch.people import Person, until
from tests.whole import Whole

ASKS = "4000002500003155"
LACKS_FUNDS = "4000002500009996"
REFUSED = "4000002500000011"
FOREIGN = "4242424242424242"
FUNDINGS = (
    "SELECT f.status, f.transfer_id FROM payments_funding f JOIN accounts_user u ON u.id = f.user_id"
    " WHERE u.phone = %s"
)


@pytest.fixture
def holder(whole: Whole) -> Person:
    return whole.newcomer(is_linked=False)


def answer_bank(holder: Person, page: Page, answer: str) -> Page:
    """On the bank's page, which asks its cardholder."""
    assert "/authenticate/" in page.url
    form = next(form for form in page.forms if answer in form.buttons)
    return holder.browser.submit(page, form, press=answer)


class TestStrongAuthentication:
    @pytest.fixture
    def asked(self, holder: Person) -> Person:
        """They have a card whose bank asks each time."""
        back = answer_bank(holder, holder.register_card(ASKS), "approve")
        assert back.url.endswith("/wallet/load/")
        return holder

    def test_approved_loads_the_wallet(self, asked: Person) -> None:
        back = answer_bank(asked, asked.load("30"), "approve")
        assert back.url.startswith(asked.places.site)
        until(lambda: asked.balance() == "3000", "the wallet was not loaded")

    def test_refused_takes_nothing(self, asked: Person) -> None:
        back = answer_bank(asked, asked.load("30"), "refuse")
        assert back.says("Vous n’avez pas approuvé") or back.says("La banque a refusé")
        assert asked.balance() == "0"

    def test_loads_once_whoever_says_it_first(self, whole: Whole, asked: Person) -> None:
        """The redirect, the page opened again and the webhook all bring the same news."""
        back = answer_bank(asked, asked.load("30"), "approve")
        for _ in range(3):
            asked.browser.open(back.url)
        told = "SELECT count(*) FROM payments_acquirerevent WHERE kind = 'payment_intent.succeeded'"
        until(lambda: whole.rows(told) > [(0,)], "no webhook came")
        assert asked.balance() == "3000"


class TestDeclined:
    def test_at_registering_says_so(self, holder: Person) -> None:
        page = holder.register_card(REFUSED)
        assert page.status == 402
        assert page.says("refusé")
        assert holder.browser.open(f"{holder.places.site}/cards/").says("0011") is False

    def test_at_loading_says_so_and_takes_nothing(self, whole: Whole, holder: Person) -> None:
        holder.register_card(LACKS_FUNDS)
        declined = holder.load("30")
        assert declined.says("La banque a refusé", "pas assez")
        assert holder.balance() == "0"
        assert whole.rows(FUNDINGS, holder.phone) == [("FAILED", None)]


def test_a_foreign_card_is_refused_with_the_reason(holder: Person) -> None:
    page = holder.register_card(FOREIGN)
    assert page.status == 422
    assert page.says("États-Unis") or page.says("US")
    assert holder.browser.open(f"{holder.places.site}/wallet/load/").forms[-1].fields.get("amount") is None


@pytest.mark.parametrize(
    "amount", ["4,99", "0", "-20", "1.000", "99999999", "²0", "٢٠", "2\x000", "1e3", "vingt"]
)
def test_a_senseless_amount_gets_a_message_and_no_charge(whole: Whole, amount: str) -> None:
    claire = whole.claire()
    before = whole.rows("SELECT count(*) FROM payments_funding")
    answer = claire.load(amount)
    assert answer.status == 422
    assert answer.form("amount").fields["amount"] == amount.replace("\x00", "") or "\x00" in amount
    assert whole.rows("SELECT count(*) FROM payments_funding") == before

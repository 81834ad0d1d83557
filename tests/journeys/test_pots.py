"""A money pot from its opening to its end, by page and by post, over HTTP, as people do it."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

from django.utils import timezone

from launch.people import Person, until
from tests.whole import Whole


def opened(whole: Whole, organiser: Person) -> str:
    """A pot for a bike, as its page opens it; its path."""
    page = organiser.browser.open(f"{whole.at.site}/pots/open/")
    day = (timezone.localdate() + timedelta(days=30)).isoformat()
    page = organiser.browser.submit(
        page, page.form("title", "closes_on"), title="Un vélo", story="Pour Léa", closes_on=day
    )
    return urlsplit(page.url).path


def given(whole: Whole, giver: Person, path: str, amount: str) -> None:
    """By the pot's page, then by the page of the code."""
    page = giver.browser.open(whole.at.site + path)
    page = giver.browser.submit(page, page.form("amount", "message"), amount=amount, message="Bonne route")
    found = re.search(r"/orders/([0-9A-Z]{8})/confirm/", page.url)
    assert found, page.url
    giver.confirm(found[1])


def closed(whole: Whole, organiser: Person, path: str, ending: str) -> None:
    page = organiser.browser.open(f"{whole.at.site}{path}close/")
    organiser.browser.submit(page, page.form(action="/close/"), ending=ending)


class TestPot:
    def test_is_given_to_by_page_and_by_post_and_goes_to_its_organiser(self, whole: Whole) -> None:
        organiser, by_page, by_post = (whole.newcomer(euros=euros) for euros in (0, 20, 20))
        path = opened(whole, organiser)
        given(whole, by_page, path, "12,50")
        code = re.search(r"#pot[0-9A-Z]{6}", organiser.browser.open(whole.at.site + path).html)
        assert code
        whole.post(by_post, f"@Smoneyfr #donner 5€ @{organiser.handle} {code[0]} bravo")
        (reference,) = until(by_post.waiting, "the wallet shows no order")
        by_post.confirm(reference)
        page = organiser.browser.open(whole.at.site + path)
        assert page.says("17,50", "Bonne route", "bravo")
        assert organiser.balance() == "0"
        closed(whole, organiser, path, "wallet")
        until(lambda: organiser.balance() == "1750", "the money did not come")
        assert (by_page.balance(), by_post.balance()) == ("750", "1500")

    def test_is_given_back_to_everybody(self, whole: Whole) -> None:
        organiser, giver = whole.newcomer(), whole.newcomer(euros=20)
        path = opened(whole, organiser)
        given(whole, giver, path, "12,50")
        assert giver.balance() == "750"
        closed(whole, organiser, path, "back")
        until(lambda: giver.balance() == "2000", "the money did not come back")

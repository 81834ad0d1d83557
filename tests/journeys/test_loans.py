"""From a loan to its repayment, over HTTP: asked for by an organisation, lent to by page and by post."""

from __future__ import annotations

import re
from datetime import timedelta

from django.utils import timezone

from launch.people import Person, until
from tests.journeys.conftest import Charity, desk
from tests.whole import Whole

BEAT_SECONDS = 45.0  # What is full is decided by a beat, and ended by the next.


def proposed(whole: Whole, charity: Charity) -> str:
    """The address under which the organisation sees it."""
    base = f"{whole.at.site}/organisations/{charity.slug}/loans/"
    page = charity.owner.browser.open(f"{base}new/")
    facts = {"title": "Un four", "story": "Du pain.", "goal": "100", "rate": "4,5", "term_months": "12"}
    day = (timezone.localdate() + timedelta(days=10)).isoformat()
    form = page.form("title", "goal", "deadline")
    return str(charity.owner.browser.submit(page, form, deadline=day, **facts).url)


def lent_by_page(whole: Whole, lender: Person, address: str) -> None:
    page = lender.browser.open(address)
    page = lender.browser.submit(page, page.form("amount", action="/lend/"), amount="60", risk="on")
    found = re.search(r"/orders/([0-9A-Z]{8})/confirm/", page.url)
    assert found, page.text[:400]
    lender.confirm(found[1])


def test_a_loan_is_lent_to_by_page_and_by_post_and_repaid(whole: Whole, charity: Charity) -> None:
    own = proposed(whole, charity)
    slug = own.rstrip("/").rsplit("/", 1)[1]
    address = f"{whole.at.site}/l/{slug}/"
    assert whole.stranger().browser.open(address).status == 404
    desk(whole, "lend", slug)

    by_page, by_post = whole.newcomer(euros=100), whole.newcomer(euros=50)
    lent_by_page(whole, by_page, address)
    page = by_post.browser.open(address)
    tag = re.search(r"#pret[0-9A-Z]{6}", page.html)
    assert tag
    assert page.says(f"@{charity.handle}")
    whole.post(by_post, f"@Smoneyfr #envoyer 40€ @{charity.handle} {tag[0]}")
    (reference,) = until(by_post.waiting, "the wallet shows no order")
    assert by_post.confirm(reference).status == 422  # Nobody has said that they understood the risk.
    by_post.confirm(reference, agreed="on")

    owner = charity.owner.browser
    repay = f"{own}repay/"
    until(lambda: owner.open(repay).url == repay, "the loan does not run", seconds=BEAT_SECONDS)
    assert (by_page.balance(), by_post.balance()) == ("4000", "1000")
    until(lambda: owner.open(own).says("100,00"), "the organisation has no money", seconds=BEAT_SECONDS)
    page = owner.open(repay)
    owner.submit(page, page.form("code", "amount"), code=charity.owner.code)
    assert (by_page.balance(), by_post.balance()) == ("10000", "5000")
    assert by_page.browser.open(f"{whole.at.site}/loans/").says("Un four")

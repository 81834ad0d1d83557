"""From a campaign to money, over HTTP: opened by its organisation, given to on its page and by post."""

from __future__ import annotations

from launch.people import until
from tests.journeys.conftest import Charity
from tests.whole import Whole

HASHTAG = "puits"


def collected(whole: Whole, address: str) -> str:
    """What everybody reads on its page."""
    return whole.stranger().browser.open(f"{whole.at.site}{address}progress/").text


def test_a_campaign_is_given_to_on_its_page_and_by_post(whole: Whole, charity: Charity) -> None:
    owner, slug, handle = charity.owner, charity.slug, charity.handle
    page = owner.browser.open(f"{whole.at.site}/organisations/{slug}/campaigns/new/")
    form = page.form("title", "hashtag")
    opened = owner.browser.submit(page, form, title="Un puits", story="De l’eau.", hashtag=HASHTAG)
    address = opened.url.removeprefix(whole.at.site)
    assert address.startswith("/c/un-puits")
    assert opened.says("Un puits", f"@{handle} #{HASHTAG}")

    giver = whole.newcomer(euros=20)
    page = giver.browser.open(opened.url)
    giver.browser.submit(page, page.form("amount", action="/give/"), amount="5", rhythm="once", shown="named")
    (reference,) = until(giver.waiting, "the wallet shows no order")
    giver.confirm(reference)
    assert "5,00" in collected(whole, address)

    poster = whole.newcomer(euros=20)
    whole.post(poster, f"@Smoneyfr #donner 7€ @{handle} #{HASHTAG}")
    (reference,) = until(poster.waiting, "the wallet shows no order")
    poster.confirm(reference)
    until(lambda: "12,00" in collected(whole, address), "the page does not show what came together")
    assert (giver.balance(), poster.balance()) == ("1500", "1300")

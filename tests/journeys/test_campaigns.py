"""From a campaign to money, over HTTP: opened by its organisation, given to on its page and by post."""

from __future__ import annotations

import subprocess
import sys

import pytest

from launch import place
from launch.people import Person, until
from tests.whole import Whole

HASHTAG = "puits"


@pytest.fixture
def charity(whole: Whole) -> tuple[Person, str, str]:
    """Its owner, its address here, and its handle on X."""
    owner, on_x = whole.newcomer(is_linked=False), whole.stranger()
    on_x.be_on_x()
    whole.wait_until_handled(whole.post(on_x, "@Smoneyfr #envoyer 5€ @lea_petit"))  # So X has told who it is.
    command = [sys.executable, "-m", "tests.journeys.charity", owner.phone, on_x.handle]
    told = dict(whole.stack.environment) | {"PYTHONPATH": str(place.ROOT)}
    said = subprocess.run(command, cwd=place.ROOT, env=told, check=True, stdout=subprocess.PIPE, text=True)
    return owner, said.stdout.split()[-1], on_x.handle


def collected(whole: Whole, address: str) -> str:
    """What everybody reads on its page."""
    return whole.stranger().browser.open(f"{whole.at.site}{address}progress/").text


def test_a_campaign_is_given_to_on_its_page_and_by_post(
    whole: Whole, charity: tuple[Person, str, str]
) -> None:
    owner, slug, handle = charity
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

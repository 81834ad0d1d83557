"""What `./run demo` has made before somebody comes: every service with something in it, once."""

from __future__ import annotations

from launch import members, play, tour
from launch.browser import Browser
from launch.reviewers import Reviewer
from tests.whole import Whole

SEEN_BY_ALL = ("public page", "campaign", "all or nothing", "loan", "money pot", "shop", "last pieces")


def guides(whole: Whole) -> tour.Guides:
    """Newcomers in the place of the demo's members, and its staff."""
    staff = [Reviewer(row["name"], row["phone"], members.PASSWORD, whole.at) for row, _roles in members.ROLES]
    return tour.Guides(whole.newcomer(euros=100), whole.newcomer(), whole.newcomer(), *staff)


def test_every_service_has_something_in_it_once(whole: Whole) -> None:
    who = guides(whole)
    seen = tour.begin(who)
    pages = {name: Browser().open(whole.at.site + seen[name]) for name in SEEN_BY_ALL}
    assert {page.status for page in pages.values()} == {200}
    assert pages["campaign"].says(tour.WELL["title"], "25,00", "Bon courage !")
    assert pages["all or nothing"].says("15,00")
    assert pages["loan"].says("20,00")
    assert pages["money pot"].says("10,00", "Bonne route, Tom !")
    allowed = "SELECT count(*) FROM giving_receiptissuer WHERE since IS NOT NULL AND ended_at IS NULL"
    assert whole.rows(allowed) == [(1,)]

    orders = "SELECT count(*) FROM payments_order"
    before = whole.rows(orders)
    assert tour.begin(who) == seen
    assert whole.rows(orders) == before

    buyer = whole.newcomer(euros=50)
    play.give_by_post(buyer)
    play.buy(buyer, seen["shop"])
    assert Browser().open(whole.at.site + seen["campaign"]).says("30,00")

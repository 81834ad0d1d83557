"""From a product to a parcel, over HTTP: offered by an organisation, bought on its page and by post."""

from __future__ import annotations

import re

from launch.people import Person, until
from tests.journeys.conftest import Charity
from tests.whole import Whole

CODE = "MAILLOT7"  # The tour of the demo has TSHIRT42.
HOME = {"name": "Nour Benali", "street": "12 rue des Lilas", "postcode": "75020", "city": "Paris"}


def offered(whole: Whole, charity: Charity) -> str:
    """Two pieces of a shirt; the address of its page."""
    owner = charity.owner.browser
    page = owner.open(f"{whole.at.site}/organisations/{charity.slug}/products/new/")
    facts = {"title": "T-shirt", "code": CODE, "price": "20", "shipping_fee": "4,50", "pieces": "2"}
    owner.submit(page, page.form("title", "code", "price"), is_shipped="on", **facts)
    return f"{whole.at.site}/buy/{CODE}/"


def bought(buyer: Person, address: str) -> str:
    """The reference of what was bought and paid."""
    page = buyer.browser.open(address)
    page = buyer.browser.submit(page, page.form("quantity", "street", action="/order/"), **HOME)
    found = re.search(r"/orders/([0-9A-Z]{8})/confirm/", page.url)
    assert found, page.text[:400]
    buyer.confirm(found[1])
    return found[1]


def test_a_product_is_bought_on_its_page_and_by_post_and_sent(whole: Whole, charity: Charity) -> None:
    address, owner = offered(whole, charity), charity.owner.browser
    assert 'property="og:title" content="T-shirt' in whole.stranger().browser.open(address).html

    by_page, by_post = whole.newcomer(euros=50), whole.newcomer(euros=50)
    reference = bought(by_page, address)
    assert by_page.balance() == "2550"

    whole.post(by_post, f"@Smoneyfr #acheter {CODE}")
    until(lambda: by_post.browser.open(f"{whole.at.site}/purchases/").says("T-shirt"), "nothing is put aside")
    other = bought(by_post, address)
    assert whole.newcomer().browser.open(address).says("T-shirt")

    sales = f"{whole.at.site}/organisations/{charity.slug}/purchases/"
    assert {reference, other} <= set(re.findall(r"/purchases/([0-9A-Z]{8})/", owner.open(sales).html))
    page = owner.open(f"{sales}{reference}/")
    assert page.says(HOME["street"], HOME["city"])
    owner.submit(page, page.form("tracking"), tracking="6A123")
    assert by_page.browser.open(f"{whole.at.site}/purchases/{reference}/").says("6A123")

    page = owner.open(f"{sales}{other}/refund/")
    owner.submit(page, page.form("amount", "code"), amount="24,50", code=charity.owner.code, restocks="on")
    assert by_post.balance() == "5000"

"""Walks the demo by itself, from sign-up to the staff's view of the payment, and says each step."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import requests

from launch import place, stack, tour
from launch.browser import NotThere
from launch.live import Ear
from launch.members import CODE, PASSWORD, STAFF, people, places
from launch.people import Disappointed, Person, Places, until
from launch.reviewers import Reviewer, link

AMOUNT = "12,99€"
CENTS = 12_99
GIFT = "5€"
GIFT_CENTS = 5_00


def main() -> int:
    try:
        play(places(), tour.known(stack.known(place.DATA)))
    except (Disappointed, NotThere, requests.RequestException) as problem:
        print(f"\n✗ {problem}", flush=True)
        return 1
    print("\nAll of it works.", flush=True)
    return 0


def play(at: Places, seen: Mapping[str, object] | None = None) -> None:
    """All of it; the charity's part where it was introduced."""
    payer, payee = _newcomer(at), people(at)[1]
    with _step(f"{payer.name} signs up with {payer.phone}; the code is on the phone's page"):
        payer.sign_up()
    with _step("registers a foreign card, which is refused, then a French one; loads 50 €"):
        _register_and_load(payer)
    with _step(f"links @{payer.handle} on X"):
        payer.link_x()
    with _step(f"adds the address {payer.email}, and follows the link that arrives there"):
        payer.add_email()
    payee.sign_in()
    before = int(payee.balance())
    with Ear(payer) as payers_page, Ear(payee) as payees_page:
        with _step(f"posts: @Smoneyfr #envoyer {AMOUNT} @{payee.handle}"):
            post_id = payer.post(f"@Smoneyfr #envoyer {AMOUNT} @{payee.handle} pour le resto")
        with _step("the open page shows the order by itself; an SMS and an e-mail say so too"):
            reference = _told_of_the_order(payer, payers_page)
        with _step(f"enters a wrong code, then the right one: order {reference} is paid"):
            _confirm(payer, reference)
        with _step(f"{payee.name}'s open page shows the money by itself"):
            payees_page.wait_for("wallet")
            _expect(int(payee.balance()) == before + CENTS, "the payee has not got the money")
    _expect(int(payer.balance()) == 50_00 - CENTS, "the payer's wallet is not right")
    with _step("X shows the short reply under the post"):
        until(lambda: reference in payer.replies_to(post_id).html, "no reply under the post")
    if seen:
        with _step(f"gives to the charity by a post, #donner {GIFT}, and confirms"):
            give_by_post(payer)
        with _step("buys a T-shirt on its page, and finds it among the purchases"):
            buy(payer, str(seen["shop"]))
    with _step("staff find the order, its transfer and its post, with nothing to edit"):
        _look_as_staff(at, reference)


def give_by_post(payer: Person) -> None:
    """To the charity’s campaign, by a post on X."""
    before = int(payer.balance())
    payer.post(f"@Smoneyfr #donner {GIFT} @{tour.HANDLE} #{tour.WELL['hashtag']}")
    reference = until(payer.waiting, "the wallet shows no gift")[0]
    _expect(payer.confirm(reference).url.endswith("/paid/"), "the gift was not paid")
    _expect(int(payer.balance()) == before - GIFT_CENTS, "the gift left another amount")


def buy(payer: Person, path: str) -> None:
    """A piece of what is sold there, on its page."""
    reference = tour.order(payer, path, "/order/", **tour.HOME | {"name": payer.name})
    _expect(payer.open(f"/purchases/{reference}/").says(tour.SHIRT["title"]), "the purchase is not shown")


def _newcomer(at: Places) -> Person:
    number = random.randint(0, 9_999_999)  # noqa: S311  # a phone number, not a secret
    name = random.choice(["Inès Laurent", "Hugo Roux", "Nour Benali", "Zoé Fontaine"])  # noqa: S311  # a name, not a secret
    return Person(name, f"+3367{number:07}", f"ami_{number}", PASSWORD, CODE, at)


def _register_and_load(payer: Person) -> None:
    _expect("/cards/back/" in payer.register_card("4242424242424242").url, "a foreign card was taken")
    payer.register_card()
    payer.load("50")
    until(lambda: payer.balance() == "5000", "the wallet was not loaded")


def _told_of_the_order(payer: Person, page: Ear) -> str:
    page.wait_for("wallet")
    reference = until(payer.waiting, "the wallet shows no order")[0]
    order = payer.browser.open(f"{payer.places.site}/orders/{reference}/confirm/")
    _expect(order.says("#envoyer 12,99€", "pour le resto"), "the page does not show the post's words")
    until(lambda: any(reference in text for text in payer.texts()), "no SMS tells of the order")
    until(lambda: reference in payer.newest_mail(), "no e-mail tells of the order")
    return reference


def _confirm(payer: Person, reference: str) -> None:
    wrong = payer.confirm(reference, "000000")
    _expect(wrong.status == requests.codes.unprocessable_entity, "a wrong code was taken")
    paid = payer.confirm(reference)
    _expect(paid.url.endswith(f"/orders/{reference}/paid/"), f"the order was not paid: {paid.text[:300]}")


def _look_as_staff(at: Places, reference: str) -> None:
    staff = Reviewer(STAFF["name"], STAFF["phone"], PASSWORD, at)
    staff.sign_in()
    order = staff.open(staff.find("payments/order", reference) + "change/")
    _expect(order.says(reference, "#envoyer 12,99€"), "the order's page lacks its words")
    for part in ("/staff/payments/transfer/", "/staff/social/message/"):
        staff.open(link(order, part, "/change/"))
    _expect(
        not any("_save" in form.buttons.values() or "_save" in form.fields for form in order.forms),
        "it can be saved",
    )


def _expect(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise Disappointed(otherwise)


@contextmanager
def _step(words: str) -> Iterator[None]:
    print(f"· {words} …", end=" ", flush=True)
    start = time.monotonic()
    yield
    print(f"{time.monotonic() - start:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""The public feed: two members allow it, one pays the other by a post, all read it, one takes it out."""

from __future__ import annotations

from launch.browser import Browser, Page
from launch.people import Person, until
from tests.whole import Whole

NOTE = "pour les places de concert"


def test_from_both_wishes_to_what_everybody_reads(whole: Whole) -> None:
    payer, payee = whole.newcomer(euros=50), whole.newcomer()
    pay(whole, payer, payee, note="avant tout accord")
    for person in (payer, payee):
        allow(person)
    pay(whole, payer, payee, note=NOTE)
    until(lambda: is_shown(whole, NOTE), "the feed does not show the payment")
    page = read(whole, "/fil/")
    assert page.says(f"@{payer.handle}", f"@{payee.handle}")
    assert not page.says("avant tout accord"), "posted before they allowed it"
    assert not page.says("12,99"), "an amount is nobody's business"
    assert "12,99" not in read(whole, "/fil/atom/").html
    assert take_out(payee, NOTE).status == 200
    assert until(lambda: not is_shown(whole, NOTE), "what was taken out is still shown")


def allow(person: Person) -> None:
    page = person.browser.open(f"{person.places.site}/settings/feed/")
    page = person.browser.submit(page, page.form(action="/settings/feed/"))
    page.form(action="/settings/feed/withdraw/")  # They may change their mind.


def pay(whole: Whole, payer: Person, payee: Person, *, note: str) -> None:
    whole.post(payer, f"@Smoneyfr #envoyer 12,99€ @{payee.handle} {note}")
    (reference,) = until(payer.waiting, "the wallet shows no order")
    assert payer.confirm(reference).url.endswith(f"/orders/{reference}/paid/")


def read(whole: Whole, path: str) -> Page:
    """As somebody reads it who is no member."""
    return Browser().open(whole.at.site + path)


def is_shown(whole: Whole, note: str) -> bool:
    return read(whole, "/fil/").says(note)


def take_out(person: Person, note: str) -> Page:
    page = person.browser.open(f"{person.places.site}/fil/")
    before = page.html[: page.html.index(note)]
    entry = before.rpartition('id="entry-')[2].partition('"')[0]
    return person.browser.submit(page, page.form(action=f"/fil/{entry}/remove/"))

"""Money by post to somebody who has not joined: told under the post, theirs once they link their account."""

from __future__ import annotations

from launch.browser import Page
from launch.people import Person, until
from tests.journeys.test_orders import ordered
from tests.whole import Whole


def set_aside(whole: Whole, payer: Person, payee: Person) -> tuple[str, str, Page]:
    """Pay somebody on X who is no member: the post, the order's reference, the page after the code."""
    payee.be_on_x()
    post_id, reference = ordered(whole, payer, f"@Smoneyfr #envoyer 5€ @{payee.handle} pour le train")
    return post_id, reference, payer.confirm(reference)


class TestClaim:
    def test_the_payee_is_told_joins_and_has_the_money(self, whole: Whole) -> None:
        payer, payee = whole.newcomer(euros=20), whole.newcomer(is_linked=False)
        post_id, reference, page = set_aside(whole, payer, payee)
        assert page.says("GARDÉ", f"@{payee.handle}")
        (invitation,) = until(lambda: whole.replies(post_id), "nobody told the payee under the post")
        assert f"@{payee.handle}" in invitation
        assert "http" not in invitation
        assert (payer.balance(), payee.balance()) == ("1500", "0")

        payee.link_x()
        assert payee.balance() == "500"  # At once: the page after linking shows it.
        assert whole.orders(payer) == [(reference, "PAID")]
        until(lambda: len(whole.replies(post_id)) == 2, "no receipt under the post")
        assert payee.browser.open(f"{whole.at.site}/orders/{reference}/").says("pour le train")

    def test_the_payer_takes_it_back(self, whole: Whole) -> None:
        payer, payee = whole.newcomer(euros=20), whole.newcomer(is_linked=False)
        _, reference, _ = set_aside(whole, payer, payee)
        page = payer.browser.open(f"{whole.at.site}/orders/{reference}/")
        page = payer.browser.submit(page, page.form(action="/take-back/"))
        assert page.says("Vous avez repris ce paiement")
        assert (payer.balance(), whole.orders(payer)) == ("2000", [(reference, "CANCELLED")])
        payee.link_x()
        assert payee.balance() == "0"

    def test_whoever_refuses_payments_is_not_paid(self, whole: Whole) -> None:
        payer, payee = whole.newcomer(euros=20), whole.newcomer()
        settings = payee.browser.open(f"{whole.at.site}/settings/")
        payee.browser.submit(settings, settings.form(action="/settings/x/payments/"), press="refuse")
        post_id = whole.post(payer, f"@Smoneyfr #envoyer 5€ @{payee.handle}")
        (answer,) = until(lambda: whole.replies(post_id), "no answer under the post")
        assert "ne souhaite pas être payé" in answer
        assert payer.waiting() == []

"""What a post may become: an order that is paid, declined or void, or an answer that says why not."""

from __future__ import annotations

import requests

from launch.live import Ear
from launch.people import Person, until
from tests.whole import Whole

LEA = "lea_petit"


def ordered(whole: Whole, payer: Person, text: str) -> tuple[str, str]:
    """Post it; the post's id and the order's reference, as the payer's wallet shows it."""
    post_id = whole.post(payer, text)
    return post_id, until(payer.waiting, "the wallet shows no order")[0]


class TestRefused:
    def test_is_answered_once_with_the_line_to_write(self, whole: Whole) -> None:
        payer = whole.newcomer()
        post_id = whole.post(payer, f"@Smoneyfr #envoyer 1.000€ @{LEA}")
        (answer,) = until(lambda: whole.replies(post_id), "no answer under the post")
        assert f"@Smoneyfr #envoyer 1000,00€ @{LEA}" in answer or f"#envoyer 12,99€ @{LEA}" in answer
        whole.wait_for_polls()  # They bring it again.
        assert whole.replies(post_id) == [answer]
        assert payer.waiting() == []

    def test_somebody_who_is_not_linked_is_told_once_how_to_join(self, whole: Whole) -> None:
        stranger = whole.newcomer(is_linked=False)
        stranger.be_on_x()
        first = whole.post(stranger, f"@Smoneyfr #envoyer 5€ @{LEA}")
        (answer,) = until(lambda: whole.replies(first), "no answer under the post")
        assert "S-Money" in answer
        assert "http" not in answer
        second = whole.post(stranger, f"@Smoneyfr #envoyer 6€ @{LEA}")
        whole.wait_until_handled(second)
        whole.wait_for_polls()
        assert (len(whole.replies(first)), whole.replies(second)) == (1, [])

    def test_a_post_from_before_the_linking_orders_nothing(self, whole: Whole) -> None:
        payer = whole.newcomer(is_linked=False)
        payer.be_on_x()
        post_id = whole.post(payer, f"@Smoneyfr #envoyer 5€ @{LEA}")
        until(lambda: whole.replies(post_id), "no answer under the post")
        payer.link_x()
        whole.wait_for_polls()
        assert payer.waiting() == []


class TestPostTakenBack:
    def test_an_edit_before_the_code_voids_the_order_and_the_open_page_says_so(self, whole: Whole) -> None:
        payer = whole.newcomer(euros=20)
        post_id, reference = ordered(whole, payer, f"@Smoneyfr #envoyer 5€ @{LEA}")
        with Ear(payer) as page:
            whole.edit(post_id, f"@Smoneyfr #envoyer 15€ @{LEA}")
            page.wait_for("wallet")
        order = payer.browser.open(f"{whole.at.site}/orders/{reference}/confirm/")
        assert order.says("Cette commande est annulée") or order.says("annulé")
        assert [status for _, status in whole.orders(payer)] == ["VOIDED"]
        assert (payer.waiting(), payer.balance()) == ([], "2000")

    def test_a_deletion_before_the_code_voids_it_and_its_words_are_forgotten(self, whole: Whole) -> None:
        payer = whole.newcomer(euros=20)
        post_id, reference = ordered(whole, payer, f"@Smoneyfr #envoyer 5€ @{LEA} pour le cadeau")
        whole.wait_until_heard(payer)
        with Ear(payer) as page:
            whole.delete(post_id)
            page.wait_for("wallet")
        order = payer.browser.open(f"{whole.at.site}/orders/{reference}/")
        assert not order.says("pour le cadeau")
        assert whole.orders(payer) == [(reference, "VOIDED")]
        assert payer.balance() == "2000"

    def test_nothing_undoes_a_payment(self, whole: Whole) -> None:
        payer = whole.newcomer(euros=20)
        edited, first = ordered(whole, payer, f"@Smoneyfr #envoyer 5€ @{LEA}")
        payer.confirm(first)
        deleted, second = ordered(whole, payer, f"@Smoneyfr #envoyer 6€ @{LEA}")
        payer.confirm(second)
        whole.wait_until_heard(payer)
        whole.edit(edited, f"@Smoneyfr #envoyer 15€ @{LEA}")
        whole.delete(deleted)
        for post_id in (edited, deleted):
            whole.wait_until_handled(post_id, messages=2)
        assert whole.orders(payer) == [(first, "PAID"), (second, "PAID")]
        assert (payer.waiting(), payer.balance()) == ([], "900")


class TestPayer:
    def test_in_english(self, whole: Whole) -> None:
        payer = whole.newcomer(euros=20, language="en")
        post_id, reference = ordered(whole, payer, f"@Smoneyfr #send €12.99 @{LEA} for dinner")
        confirmation = payer.browser.open(f"{whole.at.site}/orders/{reference}/confirm/")
        assert confirmation.says("Pay €12.99", "for dinner")
        paid = payer.confirm(reference)
        assert paid.says("€12.99")
        (receipt,) = until(lambda: whole.replies(post_id), "no reply under the post")
        assert "€12.99" in receipt
        assert any("waits for your secret code" in text for text in payer.texts())

    def test_whose_wallet_lacks_money_has_the_card_pay_the_rest(self, whole: Whole) -> None:
        payer = whole.newcomer(euros=10)
        _, reference = ordered(whole, payer, f"@Smoneyfr #envoyer 12,99€ @{LEA}")
        confirmation = payer.browser.open(f"{whole.at.site}/orders/{reference}/confirm/")
        form = confirmation.form("code", "card")
        assert form.fields["at_most"] == "299"
        paid = payer.browser.submit(confirmation, form, code=payer.code)
        assert paid.url.endswith(f"/orders/{reference}/paid/")
        assert payer.balance() == "0"

    def test_declines(self, whole: Whole) -> None:
        payer = whole.newcomer(euros=20)
        post_id, reference = ordered(whole, payer, f"@Smoneyfr #envoyer 5€ @{LEA}")
        page = payer.browser.open(f"{whole.at.site}/orders/{reference}/confirm/")
        payer.browser.submit(page, page.form(action="/decline/"))
        assert whole.orders(payer) == [(reference, "DECLINED")]
        late = payer.browser.submit(page, page.form("code"), code=payer.code)
        assert late.url.endswith(f"/orders/{reference}/")
        assert (payer.balance(), whole.replies(post_id)) == ("2000", [])

    def test_confirms_twice_and_pays_once(self, whole: Whole) -> None:
        payer = whole.newcomer(euros=20)
        _, reference = ordered(whole, payer, f"@Smoneyfr #envoyer 5€ @{LEA}")
        page = payer.browser.open(f"{whole.at.site}/orders/{reference}/confirm/")
        for _ in range(2):
            paid = payer.browser.submit(page, page.form("code"), code=payer.code)
            assert paid.url.endswith(f"/orders/{reference}/paid/")
        assert payer.balance() == "1500"

    def test_has_the_code_locked_after_five_wrong_ones(self, whole: Whole) -> None:
        payer = whole.newcomer(euros=20)
        _, reference = ordered(whole, payer, f"@Smoneyfr #envoyer 5€ @{LEA}")
        page = payer.browser.open(f"{whole.at.site}/orders/{reference}/confirm/")
        for _ in range(5):
            answer = payer.browser.submit(page, page.form("code"), code="000000")
            assert answer.status == requests.codes.unprocessable_entity
        right = payer.browser.submit(page, page.form("code"), code=payer.code)
        assert right.status == requests.codes.unprocessable_entity
        assert (whole.orders(payer), payer.balance()) == ([(reference, "PENDING")], "2000")
        until(lambda: any("cinq" in text for text in payer.texts()), "no SMS says that the code is locked")


class TestPayee:
    def test_sees_the_money_at_once(self, whole: Whole) -> None:
        payer, payee = whole.newcomer(euros=20), whole.payee()
        before = int(payee.balance())
        _, reference = ordered(whole, payer, f"@Smoneyfr #envoyer 5€ @{LEA}")
        with Ear(payee) as page:
            payer.confirm(reference)
            page.wait_for("wallet", seconds=5)  # Far below a second; `./run bench journey` measures it.
        assert int(payee.balance()) == before + 5_00
        until(lambda: any(reference in text for text in payee.texts()), "no SMS tells the payee")


class TestHeard:
    def test_by_the_poll_alone(self, whole: Whole) -> None:
        payer = whole.newcomer(euros=20)
        with whole.unheard():
            _, reference = ordered(whole, payer, f"@Smoneyfr #envoyer 5€ @{LEA}")
        payer.confirm(reference)
        assert payer.balance() == "1500"

    def test_by_webhook_and_poll_is_one_order(self, whole: Whole) -> None:
        payer = whole.newcomer(euros=20)
        post_id, reference = ordered(whole, payer, f"@Smoneyfr #envoyer 5€ @{LEA}")
        whole.wait_for_polls()
        assert whole.orders(payer) == [(reference, "PENDING")]
        assert whole.rows("SELECT count(*) FROM social_message WHERE root_id = %s", post_id) == [(1,)]

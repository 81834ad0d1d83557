"""The outside fails for a while: what does not need it goes on, and what does comes when it is back."""

from __future__ import annotations

import pytest

from launch.people import until
from tests.journeys.test_orders import LEA, ordered
from tests.whole import Whole

TRIES, STATUS = (
    f"SELECT d.{column} FROM payments_delivery d JOIN payments_notification n ON n.id = d.notification_id"
    " JOIN payments_order o ON o.id = n.order_id WHERE d.channel = 'X' AND o.reference = %s"
    for column in ("tries", "status")
)


class TestX:
    @pytest.mark.parametrize("fault", ["429", "500", "bad_json"])
    def test_gets_the_reply_once_when_it_is_back(self, whole: Whole, fault: str) -> None:
        payer = whole.newcomer(euros=20)
        post_id, reference = ordered(whole, payer, f"@Smoneyfr #envoyer 5€ @{LEA}")
        with whole.faulty("x", fault):
            assert payer.confirm(reference).url.endswith("/paid/")
            until(lambda: whole.rows(TRIES, reference) > [(0,)], "nobody tried to reply")
        until(lambda: whole.rows(STATUS, reference) == [("SENT",)], "the reply never went out", seconds=40)
        (reply,) = whole.replies(post_id)
        assert reference in reply


class TestSMS:
    def test_holds_up_nothing(self, whole: Whole) -> None:
        payer, payee = whole.newcomer(euros=20), whole.payee()
        before = int(payee.balance())
        with whole.faulty("sms", "500"):
            _, reference = ordered(whole, payer, f"@Smoneyfr #envoyer 5€ @{LEA}")
            payer.confirm(reference)
            assert (payer.balance(), int(payee.balance())) == ("1500", before + 5_00)
        until(lambda: any(reference in text for text in payee.texts()), "the SMS never came", seconds=40)


class TestProcessor:
    def test_whose_answer_is_lost_charges_once(self, whole: Whole) -> None:
        payer = whole.newcomer(is_linked=False)
        payer.register_card()
        with whole.faulty("processor", "500_after"):
            asking = payer.load("30")
            assert asking.status == 200
            assert payer.balance() == "0"
        payer.browser.open(asking.url)
        until(lambda: payer.balance() == "3000", "the wallet was not loaded")
        assert whole.rows(
            "SELECT f.status FROM payments_funding f JOIN accounts_user u ON u.id = f.user_id"
            " WHERE u.phone = %s",
            payer.phone,
        ) == [("SUCCEEDED",)]

    def test_that_does_not_answer_takes_no_card(self, whole: Whole) -> None:
        payer = whole.newcomer(is_linked=False)
        with whole.faulty("processor", "500"):
            page = payer.browser.open(f"{whole.at.site}/cards/")
            again = payer.browser.submit(page, page.form(action="/cards/add/"))
        assert again.url.endswith("/cards/")
        assert again.status == 200

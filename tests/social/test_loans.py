"""A loan is lent to by a post, a direct message or an SMS that names it; a lender agrees to the risk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Identity, Organisation, User
from giving import loans
from giving.models import Loan, LoanShare
from payments import expiry
from payments.models import Order
from social.models import Message
from tests.giving.lending import decided, lapse, lent, opened
from tests.giving.test_loan_pages import browser
from tests.people import CODE, load
from tests.social.conftest import came_of, hear
from tests.social.conftest import post as written
from tests.social.test_causes import on_x
from tests.social.test_conversations import say, x_is_away

__all__ = ["browser", "on_x", "x_is_away"]  # Fixtures of other files.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("joined_long_ago")]


@pytest.fixture
def loan(acf: Organisation, on_x: Identity) -> Loan:
    return opened(acf)


class TestByPost:
    @pytest.mark.parametrize("tag", ["#pret", "#PRÊT", "＃Prêt"])
    def test_is_a_share_of_the_post(self, loan: Loan, claire: User, tag: str) -> None:
        row = written("claire_martin", f"@Smoneyfr #envoyer 50€ @acf {tag}{loan.code} bon four")
        hear(row)
        share = LoanShare.objects.select_related("order").get()
        order = share.order
        assert (order.kind, order.amount, order.note, order.payer) == ("LOAN", 50_00, "bon four", claire)
        assert (share.loan, share.lender, share.agreed_at) == (loan, claire, None)
        assert (order.channel, order.channel_id) == ("x", row["id"])

    def test_is_confirmed_by_who_agrees_to_the_risk(
        self, loan: Loan, claire: User, browser: Callable[[User], Client]
    ) -> None:
        hear(written("claire_martin", f"@Smoneyfr #envoyer 20€ @acf {loan.tag}"))
        site, page = browser(claire), f"/orders/{Order.objects.get().reference}/confirm/"
        assert "I have understood that I may lose all" in site.get(page).content.decode()
        unread = site.post(page, {"code": CODE})
        assert unread.status_code == 422
        assert "Tick that you agree" in unread.content.decode()
        assert (Order.objects.get().status, LoanShare.objects.get().agreed_at) == ("PENDING", None)
        assert site.post(page, {"code": CODE, "agreed": "on"}).status_code == 302
        assert (Order.objects.get().status, loans.lent(loan)) == ("HELD", 20_00)

    def test_of_no_open_loan_orders_nothing(self, loan: Loan, claire: User, acf: Organisation) -> None:
        for tag in ("#pretZZZZ99", f"{loan.tag} #pretZZZZ99"):
            row = written("claire_martin", f"@Smoneyfr #envoyer 50€ @acf {tag}")
            hear(row)
            assert came_of(row) == ("REFUSED", "no_loan")
        row = written("claire_martin", f"@Smoneyfr #envoyer 50€ @armanddossantos {loan.tag}")
        hear(row)
        assert (came_of(row), Order.objects.count()) == (("REFUSED", "no_loan"), 0)

    def test_says_how_much_may_be_lent(self, loan: Loan, claire: User, armand: User, any_code: None) -> None:
        for euros, problem in (("5", "too_small_a_share"), ("250", "too_large_a_share")):
            row = written("claire_martin", f"@Smoneyfr #envoyer {euros}€ @acf {loan.tag}")
            hear(row)
            assert came_of(row) == ("REFUSED", problem)
        assert not Order.objects.exists()

    def test_a_word_is_a_word(self, loan: Loan, claire: User) -> None:
        hear(written("claire_martin", "@Smoneyfr #envoyer 50€ @acf #preteurs"))
        assert Order.objects.get().kind == "SEND"


@pytest.mark.usefixtures("x_is_away")
class TestInPrivate:
    @pytest.mark.parametrize("channel", [Message.Channel.SMS, Message.Channel.DM])
    def test_is_a_share(self, loan: Loan, claire: User, channel: Message.Channel) -> None:
        by: dict[str, Any] = {} if channel == Message.Channel.SMS else {"by": "1001", "channel": channel}
        message = say(f"ENVOYER 50 @acf {loan.tag}", **by)
        assert message.order is not None
        assert (message.order.kind, LoanShare.objects.get().order) == ("LOAN", message.order)
        assert message.outcome == "ORDER"


def test_who_is_too_late_is_told(
    loan: Loan, claire: User, armand: User, browser: Callable[[User], Client], any_code: None
) -> None:
    """Two are shown the rest of it; the code decides, and whoever was slower reads why."""
    load(claire, 200_00)
    load(armand, 200_00)
    hear(written("claire_martin", f"@Smoneyfr #envoyer 150€ @acf {loan.tag}"))
    order = Order.objects.get()
    lent(loan, armand, 100_00)
    page = f"/orders/{order.reference}/confirm/"
    said = browser(claire).post(page, {"code": CODE, "agreed": "on"}, follow=True)
    order.refresh_from_db()
    assert (said.status_code, order.status, loans.lent(loan)) == (200, "VOIDED", 100_00)


def test_who_agrees_to_a_loan_that_is_full_is_told(
    loan: Loan, claire: User, armand: User, browser: Callable[[User], Client], any_code: None
) -> None:
    """It was decided on while the page was open."""
    load(armand, 200_00)
    hear(written("claire_martin", f"@Smoneyfr #envoyer 50€ @acf {loan.tag}"))
    order = Order.objects.get()
    lent(loan, armand, 200_00)
    assert decided(loan).status == Loan.Status.RUNNING
    page = f"/orders/{order.reference}/confirm/"
    said = browser(claire).post(page, {"code": CODE, "agreed": "on"}, follow=True)
    order.refresh_from_db()
    assert (said.status_code, order.status, order.loan_share.agreed_at) == (200, "VOIDED", None)


def test_who_agrees_to_a_loan_that_was_missed_is_told(
    loan: Loan, claire: User, browser: Callable[[User], Client], any_code: None
) -> None:
    """Its orders expired with it, and no sweep has ended them yet."""
    hear(written("claire_martin", f"@Smoneyfr #envoyer 50€ @acf {loan.tag}"))
    order = Order.objects.get()
    assert decided(lapse(loan)).status == Loan.Status.MISSED
    page = f"/orders/{order.reference}/confirm/"
    said = browser(claire).post(page, {"code": CODE, "agreed": "on"}, follow=True)
    order.refresh_from_db()
    assert (said.status_code, order.loan_share.agreed_at) == (422, None)
    assert expiry.expire_due() == 1

"""Where a notice of the bell leads: to a page that its reader may open."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from uuid_utils.compat import uuid7

from accounts.models import Organisation, User
from payments.models import Funding, Notification, Order, Payout, Refund
from payments.views import notice_pages

pytestmark = pytest.mark.django_db
Kind = Notification.Kind


class TestKinds:
    @pytest.mark.parametrize("kind", Kind)
    def test_of_no_row_lead_to_a_page_that_opens(
        self, kind: Notification.Kind, client: Client, claire: User, with_code: Callable[[User], User]
    ) -> None:
        client.force_login(with_code(claire))
        answer = client.get(notice_pages.address(Notification(user=claire, kind=kind)), follow=True)
        assert answer.status_code == 200
        assert "/login/" not in answer.request["PATH_INFO"]

    @pytest.mark.parametrize(
        ("kind", "page"),
        [
            (Kind.POT_TO_CLOSE, "/pots/"),
            (Kind.LOAN_LATE, "/loans/"),
            (Kind.IDENTITY_REFUSED, "/settings/identity/"),
            (Kind.BANK_ACCOUNT_ADDED, "/bank-accounts/"),
            (Kind.CODE_LOCKED, "/settings/code/unlock/"),
            (Kind.CALLBACK_PAUSED, "/organisations/"),
            (Kind.X_REVOKED, "/settings/"),
        ],
    )
    def test_lead_to_what_is_to_be_done(self, kind: Notification.Kind, page: str, claire: User) -> None:
        assert notice_pages.address(Notification(user=claire, kind=kind)) == page


class TestRows:
    @pytest.fixture
    def order(self, claire: User, acf: Organisation) -> Order:
        return Order(reference="ABCDEFGH", payer=claire, payee_user=acf.account)

    def test_an_order_leads_to_its_page_for_who_takes_part(self, order: Order, claire: User) -> None:
        told = Notification(user=claire, kind=Kind.PAYMENT_SENT, order=order)
        assert notice_pages.address(told) == "/orders/ABCDEFGH/"

    def test_a_refund_leads_its_receiver_to_the_order(self, order: Order, claire: User) -> None:
        told = Notification(user=claire, kind=Kind.REFUND_RECEIVED, refund=Refund(order=order))
        assert notice_pages.address(told) == "/orders/ABCDEFGH/"

    def test_a_refund_leads_an_owner_to_the_organisations_as_the_order_is_not_theirs(
        self, order: Order, lea: User
    ) -> None:
        told = Notification(user=lea, kind=Kind.REFUND_SENT, refund=Refund(order=order))
        assert notice_pages.address(told) == "/organisations/"

    def test_a_payout_leads_to_its_page_for_its_member_alone(self, acf: Organisation, lea: User) -> None:
        own, theirs = Payout(pk=uuid7(), user=lea), Payout(pk=uuid7(), user=acf.account)
        told = [Notification(user=lea, kind=Kind.PAYOUT_REQUESTED, payout=each) for each in (own, theirs)]
        assert [notice_pages.address(each) for each in told] == [
            f"/wallet/payouts/{own.pk}/",
            "/organisations/",
        ]

    def test_what_went_back_to_a_card_leads_to_its_top_up(self, claire: User) -> None:
        funding = Funding(pk=uuid7(), user=claire)
        told = Notification(user=claire, kind=Kind.CARD_REFUNDED, refund=Refund(funding=funding))
        assert notice_pages.address(told) == f"/wallet/load/{funding.pk}/"

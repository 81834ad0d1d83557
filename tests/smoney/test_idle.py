"""Signed in, and away for five minutes: all is looked at, nothing is done (PSD2 RTS, article 4(3)(d))."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from accounts.models import Identity, User
from tests.smoney.test_headers import ADDRESSES

pytestmark = [pytest.mark.django_db, pytest.mark.guarded]
PASSWORD = "le pont de bercy 1864"
# Filled in before they are sent: asked already when they are looked at.
NOBODYS = UUID(int=7)
OURS = (
    *("/orders/", "/requests/", "/bills/", "/wallet/", "/cards/", "/bank-accounts/", "/settings/"),
    *("/gifts/", "/purchases/", "/organisations/"),
)
FORMS = {
    "/wallet/load/",
    "/wallet/cash-out/",
    "/bank-accounts/add/",
    "/orders/1/refund/",
    "/gifts/receipts/address/",
    "/organisations/1/bank-accounts/add/",
    "/organisations/1/loans/1/repay/",
    "/organisations/1/payouts/now/",
    "/organisations/1/payouts/plan/",
}
BUTTONS = {
    "/gifts/receipts/for/1/",
    "/gifts/receipts/for/1/1/",
    "/cards/add/",
    "/cards/1/remove/",
    "/requests/1/remind/",
    "/bills/1/remind/",
    "/bank-accounts/1/accept/",
    "/bank-accounts/1/correct/",
    "/bank-accounts/1/remove/",
    "/settings/",
    "/settings/feed/",
    "/settings/identity/",
    "/settings/requests/",
    "/settings/identity/send/",
    "/settings/identity/1/remove/",
    "/settings/x/payments/",
    "/settings/x/unlink/",
    "/settings/messenger/",
    "/settings/messenger/unlink/",
    "/account/x_account/login/",
    "/account/x_account/organisations/1/",
    "/organisations/new/",
    "/organisations/join/1/",
    "/organisations/1/",
    "/organisations/1/bank-accounts/1/",
    "/organisations/1/bank-accounts/1/decide/",
    "/organisations/1/callbacks/1/secret/",
    "/organisations/1/details/",
    "/organisations/1/documents/",
    "/organisations/1/documents/1/remove/",
    "/organisations/1/documents/send/",
    "/organisations/1/fees/",
    "/organisations/1/invitations/1/withdraw/",
    "/organisations/1/members/",
    "/organisations/1/members/1/",
    "/organisations/1/members/1/leave/",
    "/organisations/1/members/invite/",
    "/organisations/1/payouts/",
    f"/organisations/1/payouts/{NOBODYS}/cancel/",
    "/organisations/1/payouts/plan/end/",
    "/organisations/1/x/unlink/",
}
# What asks for code and device, only looks, brings money back, ends something, or goes on at the bank's page.
OTHERS = {
    "/gifts/monthly/1/stop/",
    "/purchases/1/",
    "/purchases/address/forget/",
    "/purchases/baskets/1/remove/",
    "/bank-accounts/1/",
    "/cards/back/",
    "/bills/1/",
    "/bills/1/cancel/",
    "/requests/1/",
    "/requests/1/cancel/",
    "/requests/1/decline/",
    "/requests/1/pay/",
    "/orders/1/",
    "/orders/1/bank/",
    "/orders/1/bank/approve/",
    "/orders/1/bank/give-up/",
    "/orders/1/confirm/",
    "/orders/1/decline/",
    "/orders/1/not-me/",
    "/orders/1/paid/",
    "/orders/1/take-back/",
    "/settings/devices/1/forget/",
    "/settings/devices/others/forget/",
    "/settings/feed/withdraw/",
    "/settings/limits/1/cancel/",
    f"/gifts/receipts/{NOBODYS}/",
    f"/wallet/load/{NOBODYS}/",
    f"/wallet/payouts/{NOBODYS}/",
    f"/wallet/payouts/{NOBODYS}/cancel/",
}


@pytest.fixture
def away(claire: User, with_code: Callable[[User], User]) -> Iterator[Client]:
    """Claire's browser, where nobody has opened a page for five minutes."""
    with_code(claire).set_password(PASSWORD)
    claire.save()
    client = Client()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.post("/account/login/", {"login": str(claire.phone), "password": PASSWORD})
        clock.shift(timedelta(minutes=5, seconds=1))
        yield client


def is_asked(answer: Any) -> bool:
    return str(answer.headers.get("Location", "")).startswith("/account/reauthenticate/?next=")


class TestAway:
    def test_may_look(self, away: Client) -> None:
        for path in (
            *("/wallet/", "/wallet/history/", "/cards/", "/bank-accounts/", "/settings/"),
            *("/purchases/", "/gifts/receipts/", "/organisations/"),
        ):
            assert away.get(path).status_code == 200, path

    def test_is_asked_before_anything_is_done(self, away: Client) -> None:
        asked = {path for path in FORMS | BUTTONS if is_asked(away.post(path))}
        assert asked == FORMS | BUTTONS
        assert {path for path in FORMS | BUTTONS if is_asked(away.get(path))} == FORMS

    def test_does_nothing_at_an_address_that_this_test_does_not_know(self, away: Client) -> None:
        """A button sends on, a form is refused with 422, what is not there with 404; to look answers 200."""
        answers = {path: away.post(path) for path in ADDRESSES if path.startswith(OURS)}
        done = {path for path, answer in answers.items() if answer.status_code in {302, 404, 422}}
        assert done - {path for path in done if is_asked(answers[path])} == OTHERS

    def test_comes_back_to_the_page_and_does_it_then(self, away: Client) -> None:
        came_from = {"Referer": "http://testserver/cards/"}
        answer = away.post("/settings/x/payments/", {"wish": "refuse"}, headers=came_from)
        assert [str(message) for message in get_messages(answer.wsgi_request)]
        answer = away.post(answer["Location"], {"password": PASSWORD})
        assert answer["Location"] == "http://testserver/cards/"
        assert away.get("/wallet/load/").status_code == 200
        assert Identity.objects.filter(refuses_since=None).count() == 1
        away.post("/settings/x/payments/", {"wish": "refuse"})
        assert not Identity.objects.filter(refuses_since=None).exists()

    def test_is_sent_to_no_page_of_somebody_elses(self, away: Client) -> None:
        answer = away.post("/settings/", headers={"Referer": "https://evil.example/"})
        assert answer["Location"].endswith("?next=%2F")

    @pytest.mark.parametrize(
        "path",
        [
            "/settings/code/unlock/",
            "/settings/devices/this/",
            "/account/password/change/",
            "/account/email/",
            "/account/phone/change/",
        ],
    )
    def test_keeps_nothing_that_was_sent_meanwhile(self, away: Client, path: str) -> None:
        form = {"code": "canary", "password1": "canary", "email": "canary@example.org", "action_add": ""}
        answer = away.post(path, form | {"phone": "06 12 34 99 99"}, headers={"X-Canary": "canary"})
        assert is_asked(answer)
        assert "canary" not in str(dict(away.session))
        assert "account_reauthentication_state" not in away.session

    def test_keeps_no_account_number_meanwhile(self, away: Client) -> None:
        away.post("/bank-accounts/add/", {"number": "FR1420041010050500013M02606", "holder_name": "Claire"})
        assert "20041010050500013" not in str(dict(away.session))

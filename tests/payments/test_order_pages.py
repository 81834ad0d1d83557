"""The page of the code: a known device, a passkey or an SMS beside it, and “this was not me”."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts import devices, freezes
from accounts.models import Device, User
from payments import ledger, limits
from payments.models import Confirmation, Order
from tests.people import CODE, load, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.guarded]
PASSWORD = "le pont de bercy 1864"


@pytest.fixture
def payer(claire: User, with_code: Callable[[User], User], monkeypatch: pytest.MonkeyPatch) -> User:
    """Limits have their own tests."""
    monkeypatch.setattr(limits, "check_order_seen", lambda _order, _seen: None)
    load(claire, 300_00)
    claire.set_password(PASSWORD)
    claire.save()
    return with_code(claire)


@pytest.fixture
def browser(payer: User) -> Client:
    """Signed in a moment ago, on no known device."""
    client = Client()
    client.post("/account/login/", {"login": str(payer.phone), "password": PASSWORD})
    return client


def know(client: Client, user: User) -> Device:
    at = timezone.now() - timedelta(days=30)
    client.cookies[settings.DEVICE_COOKIE_NAME] = devices.register(user, name="Firefox", at=at)
    return Device.objects.get(user=user)


def confirm(client: Client, order: Order) -> str:
    """What becomes of it: the page that it leads to, or the words that it is refused with."""
    answer = client.post(f"/orders/{order.reference}/confirm/", {"code": CODE})
    return str(answer.headers.get("Location", "")) or answer.content.decode()


class TestConfirm:
    def test_a_dinner_with_a_friend_takes_the_code_alone(
        self, browser: Client, payer: User, armand: User
    ) -> None:
        order = place(payer, armand)
        page = browser.get(f"/orders/{order.reference}/confirm/").content.decode()
        assert "/settings/devices/this/" not in page
        assert confirm(browser, order).endswith("/paid/")
        assert Confirmation.objects.get().factor == "CODE"

    def test_above_thirty_euros_an_unknown_device_is_made_known_first(
        self, browser: Client, payer: User, armand: User
    ) -> None:
        order = place(payer, armand, 60_00)
        page = browser.get(f"/orders/{order.reference}/confirm/").content.decode()
        assert f"/settings/devices/this/?next=/orders/{order.reference}/confirm/" in page
        assert 'name="code"' not in page
        assert not confirm(browser, order).startswith("/")
        assert ledger.balance(ledger.wallet(armand)) == 0

    def test_a_known_device_takes_the_code_alone(self, browser: Client, payer: User, armand: User) -> None:
        device = know(browser, payer)
        assert confirm(browser, place(payer, armand, 60_00)).endswith("/paid/")
        assert Confirmation.objects.get().device == device

    def test_somebody_elses_device_counts_for_nothing(
        self, browser: Client, payer: User, armand: User
    ) -> None:
        know(browser, armand)
        assert not confirm(browser, place(payer, armand, 60_00)).startswith("/")

    def test_five_minutes_without_anybody_end_what_the_session_is_good_for(
        self, browser: Client, payer: User, armand: User
    ) -> None:
        order = place(payer, armand, 5_00)
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            browser.get("/wallet/")
            assert not confirm(browser, order).startswith("/")
            know(browser, payer)
            assert confirm(browser, order).endswith("/paid/")

    def test_a_held_order_leads_to_its_page_which_says_what_happens_next(
        self, browser: Client, payer: User, armand: User
    ) -> None:
        know(browser, payer)
        order = place(payer, armand, 200_00)
        assert confirm(browser, order) == f"/orders/{order.reference}/"
        assert confirm(browser, order) == f"/orders/{order.reference}/"
        page = browser.get(f"/orders/{order.reference}/", headers={"accept-language": "fr"}).content.decode()
        assert "cinq jours" in page

    def test_warns_before_the_code(self, browser: Client, payer: User, armand: User) -> None:
        armand.identities.update(joined_network_at=timezone.now() - timedelta(days=3))
        page = browser.get(f"/orders/{place(payer, armand).reference}/confirm/").content.decode()
        assert "callout-warn" in page

    def test_nonsense_for_a_passkey_is_refused(self, browser: Client, payer: User, armand: User) -> None:
        order = place(payer, armand, 60_00)
        for nonsense in ("{}", "[]", "nonsense", '{"id": 1}', "null"):
            answer = browser.post(
                f"/orders/{order.reference}/confirm/", {"code": CODE, "passkey": nonsense, "asked": "x:y"}
            )
            assert answer.status_code == 422


class TestNotMe:
    def test_asks_then_freezes_and_ends_all_else(self, browser: Client, payer: User, armand: User) -> None:
        thief = Client()
        thief.post("/account/login/", {"login": str(payer.phone), "password": PASSWORD})
        thief.get("/wallet/")
        browser.get("/wallet/")
        devices.register(payer, name="theirs", at=timezone.now())
        order = place(payer, armand)
        assert browser.get(f"/orders/{order.reference}/not-me/").status_code == 200
        assert not freezes.is_frozen(payer)
        page = browser.post(f"/orders/{order.reference}/not-me/").content.decode()
        assert "/account/password/change/" in page
        assert freezes.is_frozen(payer)
        assert thief.get("/wallet/").status_code == 302
        assert browser.get("/wallet/").status_code == 200
        assert not Device.objects.filter(removed_at=None).exists()
        assert UserSession.objects.filter(user=payer).count() == 1
        order.refresh_from_db()
        assert order.status == "DECLINED"

    def test_is_the_payers_alone(self, browser: Client, payer: User, armand: User, lea: User) -> None:
        order = place(lea, armand)
        for method in (browser.get, browser.post):
            assert method(f"/orders/{order.reference}/not-me/").status_code == 404
        assert not freezes.is_frozen(lea)

    def test_is_on_every_order(self, browser: Client, payer: User, armand: User) -> None:
        order = place(payer, armand)
        waiting = browser.get(f"/orders/{order.reference}/confirm/").content.decode()
        confirm(browser, order)
        paid = browser.get(f"/orders/{order.reference}/").content.decode()
        assert all(f"/orders/{order.reference}/not-me/" in page for page in (waiting, paid))

"""A passkey signs an order, in a browser with an authenticator of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Page, expect, sync_playwright

from accounts.models import User
from payments import limits
from payments.models import Confirmation, Order
from tests.journeys.chromium import hold_passkeys, launched
from tests.people import CODE, load, place

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.guarded]
PASSWORD = "le pont de bercy 1864"


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Page]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    # The server's threads keep no connection.
    monkeypatch.setitem(connections["default"].settings_dict, "CONN_MAX_AGE", 0)
    monkeypatch.setattr(limits, "check_order_seen", lambda _order, _seen: None)
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    with sync_playwright() as playwright:
        browser = launched(playwright)
        context = browser.new_context(locale="fr-FR", viewport={"width": 390, "height": 844})
        # The server of the tests is no ASGI server: it cannot hold the live stream.
        context.route("**/live/", lambda route: route.abort())
        page = context.new_page()
        page.set_default_timeout(20_000)
        hold_passkeys(page)
        yield page
        connections.close_all()
        browser.close()


@pytest.fixture
def order(claire: User, armand: User, with_code: Callable[[User], User]) -> Order:
    load(claire, 200_00)
    claire.set_password(PASSWORD)
    claire.save()
    return place(with_code(claire), armand, 60_00)


def sign_in(page: Page, site: str) -> None:
    page.goto(f"{site}/account/login/")
    page.fill("[name=login]", "06 12 34 00 01")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{site}/wallet/")


def add_passkey(page: Page, site: str) -> None:
    page.goto(f"{site}/account/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(re.compile("/webauthn/add/"))
    page.click("#mfa_webauthn_add")
    page.wait_for_url(f"{site}/settings/")


def test_pays_what_the_code_alone_does_not(page: Page, live_server: Any, order: Order) -> None:
    site = live_server.url
    sign_in(page, site)
    add_passkey(page, site)
    page.goto(f"{site}/orders/{order.reference}/confirm/")
    page.fill("[name=code]", "000000")
    page.click("#confirm-form [type=submit]")
    expect(page.locator("#confirm-form .errorlist")).to_be_visible()
    page.fill("[name=code]", CODE)
    page.click("#confirm-form [type=submit]")
    page.wait_for_url(f"{site}/orders/{order.reference}/paid/")
    assert Confirmation.objects.get().factor == "PASSKEY"


def test_an_answer_to_another_order_pays_nothing(
    page: Page, live_server: Any, order: Order, lea: User
) -> None:
    """What a thief could make of a passkey's answer: the same, sent with another order."""
    site = live_server.url
    sign_in(page, site)
    add_passkey(page, site)
    other = place(order.payer, lea, 150_00)
    page.goto(f"{site}/orders/{order.reference}/confirm/")
    page.evaluate(f"document.getElementById('confirm-form').action = '/orders/{other.reference}/confirm/'")
    page.fill("[name=code]", CODE)
    page.click("#confirm-form [type=submit]")
    expect(page.locator(".slip .errorlist")).to_be_visible()
    other.refresh_from_db()
    assert other.status == "PENDING"
    assert not Confirmation.objects.exists()

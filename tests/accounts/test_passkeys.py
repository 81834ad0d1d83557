"""Passkeys, in a browser with an authenticator of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connections
from playwright.sync_api import Page, sync_playwright

from accounts import codes, members
from accounts.models import User
from tests.accounts.conftest import PHONE, Outside
from tests.journeys.chromium import hold_passkeys, launched
from tests.people import CODE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Page]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    # The server's threads keep no connection.
    monkeypatch.setitem(connections["default"].settings_dict, "CONN_MAX_AGE", 0)
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    with sync_playwright() as playwright:
        browser = launched(playwright)
        context = browser.new_context(locale="en")
        # The server of the tests is no ASGI server: it cannot hold the live stream.
        context.route("**/live/", lambda route: route.abort())
        page = context.new_page()
        page.set_default_timeout(20_000)
        hold_passkeys(page)
        yield page
        # Those of the test, which is inside Playwright's event loop and has its own.
        connections.close_all()
        browser.close()


class TestPasskeys:
    def test_sign_up_with_one_and_in_again_with_nothing_else(
        self, page: Page, live_server: Any, outside: Outside
    ) -> None:
        page.goto(f"{live_server.url}/account/signup/")
        page.fill("[name=name]", "Camille Roux")
        page.fill("[name=phone]", PHONE)
        page.click("form[action='/account/signup/'] button.button-wide")
        page.wait_for_url(f"{live_server.url}/account/phone/verify/")
        page.fill("[name=code]", outside.last_code())
        page.click("form[action='/account/phone/verify/'] button.button-wide")
        page.wait_for_url(f"{live_server.url}/welcome/sign-in/")
        page.click("a[href*='/webauthn/add/']")
        page.wait_for_url(re.compile("/webauthn/add/"))
        page.click("#mfa_webauthn_add")
        page.wait_for_url(f"{live_server.url}/welcome/code/")
        user = User.objects.get()
        assert members.step(user) is members.Step.CODE
        assert not user.has_usable_password()
        codes.choose(user, CODE)

        page.context.clear_cookies()
        page.goto(f"{live_server.url}/account/login/")
        page.click("#passkey_login")
        page.wait_for_url(f"{live_server.url}/wallet/")
        page.goto(f"{live_server.url}/settings/code/unlock/")
        page.wait_for_url(re.compile(r"/reauthenticate/"))
        page.click("#mfa_webauthn_reauthenticate")
        page.wait_for_url(f"{live_server.url}/settings/code/unlock/")

        key = Authenticator.objects.get()
        page.goto(f"{live_server.url}/account/2fa/webauthn/keys/{key.pk}/remove/")
        page.click(".button-danger")
        page.wait_for_url(f"{live_server.url}/settings/")
        assert "only way to sign in" in page.content()
        assert Authenticator.objects.exists()

"""The pages by which money leaves: what they ask for on each device, what they say, and what is searched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts import devices
from accounts.models import User
from payments import activity, halts, ledger, orders, payouts, refunds, self_check
from payments.models import BankAccount, Notification, Payout
from tests.payments.test_passkey_orders import PASSWORD, add_passkey, page, sign_in
from tests.payments.test_payouts import ask
from tests.people import CODE, bank_account, load, place
from tests.sandbox.running import Sandbox

CASH_OUT = "/wallet/cash-out/"
ADD = "/bank-accounts/add/"
IBAN = "FR1420041010050500013M02606"
__all__ = ["page"]  # A fixture of another file's.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stranger(claire: User, with_code: Callable[[User], User]) -> Client:
    """Claire's browser, on a device that is not known."""
    client = Client()
    client.force_login(with_code(claire))
    return client


@pytest.fixture
def known(stranger: Client, claire: User) -> Client:
    """The same, made known."""
    token = devices.register(claire, name="Firefox, Linux", at=timezone.now())
    stranger.cookies[settings.DEVICE_COOKIE_NAME] = token
    return stranger


def form(client: Client, account: BankAccount, amount: str) -> Any:
    key = re.search(r'name="key" value="([^"]+)"', client.get(CASH_OUT).content.decode())
    said = {"amount": amount, "account": account.pk, "code": CODE, "key": key[1] if key else uuid4()}
    return client.post(CASH_OUT, said)


class TestKnownDevice:
    def test_cashes_out(self, known: Client, claire: User) -> None:
        assert form(known, bank_account(claire), "20").status_code == 302
        assert (Payout.objects.get().amount, Payout.objects.get().factor) == (20_00, "DEVICE")

    def test_says_until_when_it_waits(self, known: Client, claire: User) -> None:
        load(claire, 100_00)
        said = known.get(form(known, bank_account(claire), "150").url).content.decode()
        assert "En attente jusqu’au" in said
        assert "cancel/" in said

    def test_says_what_the_limits_leave(self, known: Client, claire: User) -> None:
        load(claire, 2_000_00)
        account = bank_account(claire)
        said = form(known, account, "1500")
        assert said.status_code == 422
        assert "1\u202f000,00" in said.content.decode()
        assert "Maximum" in said.content.decode()
        assert "Vers ma banque en 24 heures" in known.get("/settings/limits/").content.decode()

    def test_says_that_money_stands_still(
        self, known: Client, claire: User, armand: User, with_code: Callable[[User], User]
    ) -> None:
        order = orders.confirm(place(armand_payer(armand, with_code), claire, 5_00), code=CODE)
        account = bank_account(claire)
        halts.halt_for([self_check.Breach("balances add up to zero", 1)])
        for answer in (
            form(known, account, "20"),
            known.post(
                f"/orders/{order.reference}/refund/", {"amount": "5", "code": CODE, "key": str(uuid4())}
            ),
        ):
            assert answer.status_code == 422
            assert "Les paiements sont suspendus" in answer.content.decode()
        assert not refunds.of(order)

    def test_is_led_to_a_new_code_by_the_last_wrong_try(self, known: Client, claire: User) -> None:
        said = {"amount": "20", "account": bank_account(claire).pk, "code": "000001", "key": uuid4()}
        pages = [known.post(CASH_OUT, said).content.decode() for _ in range(5)]
        assert [reverse("code_unlock") in page for page in pages] == [False] * 4 + [True]

    def test_adds_a_bank_account_and_tells(self, known: Client, claire: User, bank: Sandbox) -> None:
        said = {"number": IBAN, "holder_name": "Claire Martin", "code": "000001"}
        assert known.post(ADD, said).status_code == 422
        assert known.post(ADD, said | {"code": CODE}).status_code == 302
        assert BankAccount.objects.get().factor == "DEVICE"
        assert Notification.objects.get().kind == "BANK_ACCOUNT_ADDED"


def armand_payer(armand: User, with_code: Callable[[User], User]) -> User:
    load(armand, 10_00)
    return with_code(armand)


class TestUnknownDevice:
    def test_is_to_be_made_known_first(self, stranger: Client, claire: User) -> None:
        account = bank_account(claire)
        for address in (CASH_OUT, ADD):
            said = stranger.get(address).content.decode()
            assert f"/settings/devices/this/?next={address}" in said
            assert 'name="code"' not in said
        assert form(stranger, account, "20").status_code == 200
        asked = {"number": IBAN, "holder_name": "Claire Martin", "code": CODE}
        assert stranger.post(ADD, asked).status_code == 200
        assert not Payout.objects.exists()
        assert BankAccount.objects.get() == account

    def test_forged_step_is_no_proof(self, stranger: Client, claire: User) -> None:
        account = bank_account(claire)
        facts = {"amount": "20", "account": account.pk, "code": CODE, "key": uuid4(), "asked": "1.x:y"}
        for answer in ("", "{}"):
            assert stranger.post(CASH_OUT, facts | {"passkey": answer}).status_code == 422
        assert not Payout.objects.exists()


@pytest.mark.browser
@pytest.mark.guarded
class TestPasskey:
    @pytest.fixture
    def site(self, page: Page, live_server: Any, claire: User, with_code: Any) -> Iterator[str]:
        with_code(claire).set_password(PASSWORD)
        claire.save()
        sign_in(page, live_server.url)
        add_passkey(page, live_server.url)
        yield live_server.url
        page.goto("about:blank")

    def test_signs_the_amount_and_the_account(self, page: Page, site: str, claire: User) -> None:
        bank_account(claire)
        page.goto(f"{site}{CASH_OUT}")
        page.fill("[name=amount]", "20")
        page.click("form.panel [type=submit]")
        page.fill("[name=code]", "000000")
        page.click("form.panel [type=submit]")
        expect(page.locator("form.panel .errorlist")).to_be_visible()
        page.fill("[name=code]", CODE)
        page.click("form.panel [type=submit]")
        page.wait_for_url(re.compile("/wallet/payouts/"))
        assert Payout.objects.get().factor == "PASSKEY"

    def test_signs_no_other_amount(self, page: Page, site: str, claire: User) -> None:
        bank_account(claire)
        page.goto(f"{site}{CASH_OUT}")
        page.fill("[name=amount]", "20")
        page.click("form.panel [type=submit]")
        page.fill("[name=code]", CODE)
        page.fill("[name=amount]", "90")
        page.click("form.panel [type=submit]")
        expect(page.locator("form.panel .errorlist")).to_be_visible()
        assert not Payout.objects.exists()


class TestHistory:
    def test_finds_payouts_by_bank_digits_and_reference(self, claire: User, with_code: Any) -> None:
        payout = ask(bank_account(with_code(claire)), 20_00)
        payouts.cancel(payout)
        wallet = ledger.wallet(claire)
        for query in ("postale", "2606", payout.pk.hex[-8:].upper()):
            assert [line.amount for line in activity.page(wallet, query=query)] == [20_00, -20_00], query
        assert activity.page(wallet, query="nothing of it") == []

    def test_finds_what_waits_for_its_payee(self, claire: User, bob: Any, with_code: Any) -> None:
        orders.confirm(place(with_code(claire), bob, 5_00), code=CODE)
        (line,) = activity.page(ledger.wallet(claire), query="@bob"[1:])
        assert (line.amount, line.status) == (-5_00, "HELD")

    def test_finds_nobody_elses(self, claire: User, armand: User, with_code: Any) -> None:
        ask(bank_account(with_code(claire)), 20_00)
        assert activity.page(ledger.wallet(armand), query="postale") == []

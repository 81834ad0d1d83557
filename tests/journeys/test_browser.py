"""The whole way in a real browser: joined by a passkey, paid by a post, on pages that anybody can use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from launch import members
from launch.browser import Browser
from launch.people import FRENCH_CARD, Person
from tests.journeys.chromium import Window, window
from tests.whole import Whole

pytestmark = pytest.mark.browser
OTHER_PAGES = (
    "/wallet/history/",
    "/cards/",
    "/help/",
    "/settings/",
    "/settings/limits/",
    "/settings/code/",
    "/account/2fa/",
    "/account/email/",
    "/account/phone/change/",
    "/account/password/change/",
    "/account/sessions/",
)


@pytest.fixture
def phone(whole: Whole) -> Iterator[Window]:
    """Their phone's browser."""
    with window(whole.at.site) as opened:
        yield opened


@pytest.fixture
def ines(whole: Whole) -> Person:
    """She has not joined; of her the tests use the number, the place on X and the code."""
    number = next(whole.numbers)
    names = ("Inès Laurent", f"+336800{number:05}", f"ines_{number}")
    return Person(*names, members.PASSWORD, members.CODE, whole.at, Browser())


def test_from_sign_up_to_paid(whole: Whole, phone: Window, ines: Person) -> None:
    join(phone, ines)
    sign_out_and_in(phone)
    register_card_and_load(phone, ines)
    link_x(phone, ines)
    reference = order(whole, phone, ines)
    confirm(phone, ines, reference)
    look_around(phone, reference)


def join(phone: Window, ines: Person) -> None:
    page = phone.page
    phone.open("/")
    phone.look()
    page.locator('a[href="/account/signup/"]').first.click()
    phone.expect("/account/signup/")
    page.locator('[name="name"]').fill(ines.name)
    page.locator('[name="phone"]').fill(ines.phone)
    page.locator('main form [type="submit"]').click()
    phone.expect("/account/phone/verify/")
    type_code(phone, ines.text_code())
    phone.expect("/welcome/sign-in/")
    page.locator('a[href^="/account/2fa/webauthn/add/"]').click()
    phone.expect("/account/2fa/webauthn/add/?next=/welcome/code/")
    page.locator("#mfa_webauthn_add").click()
    phone.expect("/welcome/code/")
    page.locator('[name="code"]').press_sequentially(ines.code)
    page.locator('[name="again"]').press_sequentially(ines.code)
    page.locator('main form [type="submit"]').click()
    phone.expect("/wallet/")


def sign_out_and_in(phone: Window) -> None:
    """By the passkey alone: neither number nor password is asked for."""
    page = phone.page
    phone.open("/account/logout/")
    phone.look()
    page.locator('main form [type="submit"]').click()
    phone.expect("/")
    phone.open("/account/login/")
    phone.look()
    page.locator("#passkey_login").click()
    phone.expect("/wallet/")


def register_card_and_load(phone: Window, ines: Person) -> None:
    page = phone.page
    phone.open("/cards/")
    phone.look()
    page.locator('form[action="/cards/add/"] [type="submit"]').first.click()
    for name, value in (("number", FRENCH_CARD), ("expiry", "1231"), ("cvc", "123"), ("holder", ines.name)):
        page.locator(f'[name="{name}"]').press_sequentially(value)
    page.locator('form[data-checkout] [type="submit"]').click()
    phone.expect("/wallet/load/")
    page.locator('[name="amount"]').fill("50")
    page.locator('main form [type="submit"]').click()
    page.wait_for_url("**/wallet/load/*/")
    phone.look()
    phone.open("/wallet/")
    expect(page.locator("[data-balance]")).to_have_attribute("data-balance", "5000")


def link_x(phone: Window, ines: Person) -> None:
    ines.be_on_x()
    page = phone.page
    phone.open("/settings/")
    phone.look()
    page.locator('form[action^="/account/x_account/login"] [type="submit"]').click()
    page.get_by_text("Another account").click()  # X asks who is there: in this browser nobody was yet.
    page.get_by_text(f"@{ines.handle}").click()
    page.locator('button[value="authorize"]').click()
    page.wait_for_url(f"{phone.site}/**")
    expect(page.locator("main")).to_contain_text(f"@{ines.handle}")
    phone.look()


def order(whole: Whole, phone: Window, ines: Person) -> str:
    """Post it from elsewhere; the open wallet shows the order by itself."""
    phone.open("/wallet/")
    whole.post(ines, "@Smoneyfr #envoyer 12,99€ @lea_petit pour le resto")
    waiting = phone.page.locator(".waiting a")
    waiting.wait_for()
    phone.look()
    waiting.click()
    phone.page.wait_for_url("**/confirm/")
    phone.look()
    phone.look_in_the_dark()
    expect(phone.page.locator("main")).to_contain_text("pour le resto")
    return phone.page.url.split("/")[-3]


def confirm(phone: Window, ines: Person, reference: str) -> None:
    type_code(phone, "000000")
    phone.page.locator("[aria-invalid]").wait_for()
    phone.look()
    type_code(phone, ines.code)
    phone.expect(f"/orders/{reference}/paid/")


def look_around(phone: Window, reference: str) -> None:
    for path in (f"/orders/{reference}/", *OTHER_PAGES):
        phone.open(path)
        phone.look()
    phone.open("/wallet/")
    phone.page.locator(".bell summary").click()
    expect(phone.page.locator(".notice").first).to_contain_text("12,99")
    phone.look()
    phone.look_in_the_dark()


def type_code(phone: Window, code: str) -> None:
    """Into the six boxes, which are drawn beside one field."""
    field = phone.page.locator('main [name="code"]')
    field.fill("")
    field.press_sequentially(code)
    boxes = phone.page.locator(".code-box[data-filled]")
    expect(boxes).to_have_count(len(code))
    phone.page.locator('main form:has([name="code"]) [type="submit"]').first.click()

"""Cashing out, as a member does it: an IBAN, its name check, an amount, the code, the money at the bank."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from launch.browser import Page
from launch.people import Person, until
from tests.journeys.chromium import Window, window
from tests.whole import Whole

IBAN = "FR1420041010050500013M02606"
CAMILLE = "FR76 3000 4000 3100 0101 0000 158"
DEAD = "FR7610278060000002020010240"
A_FILE_LATER = 90  # Seconds: a file, its payments, and the bank's answers.


@pytest.fixture
def member(whole: Whole) -> Person:
    """They have 50 euros; the browser that they signed up in is known."""
    return whole.newcomer(euros=50, is_linked=False)


def add(member: Person, number: str, name: str = "") -> Page:
    page = member.browser.open(f"{member.places.site}/bank-accounts/add/")
    form = page.form("number", "holder_name", "code")
    said = {"number": number, "holder_name": name or member.name, "code": member.code}
    return member.browser.submit(page, form, **said)


def cash_out(member: Person, euros: str, code: str = "") -> Page:
    page = member.browser.open(f"{member.places.site}/wallet/cash-out/")
    form = page.form("amount", "account", "code")
    return member.browser.submit(page, form, amount=euros, code=code or member.code)


def arrivals(member: Person) -> list[dict[str, Any]]:
    url = f"{member.places.sandbox}/sandbox/bank/payments"
    listed: list[dict[str, Any]] = member.browser.session.get(url, timeout=10).json()
    return [it for it in listed if it["name"] == member.name]


def test_money_arrives_at_the_bank(whole: Whole, member: Person) -> None:
    assert add(member, IBAN).url.endswith("/wallet/cash-out/")
    assert cash_out(member, "20", code="000001").status == 422
    page = cash_out(member, "20")
    assert page.says("20,00 €", "réservé")
    assert member.balance() == "3000"
    until(
        lambda: member.browser.open(page.url).says("Viré sur votre compte"),
        "it was not paid",
        seconds=A_FILE_LATER,
    )
    assert [(it["iban"], it["amount"]) for it in arrivals(member)] == [(IBAN, 20_00)]
    assert member.browser.open(f"{member.places.site}/wallet/history/").says("Vers votre banque", "2606")


def test_what_the_bank_sends_back_is_on_the_wallet_again(whole: Whole, member: Person) -> None:
    add(member, DEAD)
    page = cash_out(member, "20")
    until(lambda: member.balance() == "5000", "it did not come back", seconds=A_FILE_LATER)
    assert member.browser.open(page.url).says("Le titulaire du compte est décédé")


def test_cancelled_while_it_waits_is_on_the_wallet_again(whole: Whole, member: Person) -> None:
    add(member, IBAN)
    page = cash_out(member, "20")
    member.browser.submit(page, page.form(action="/cancel/"))
    assert member.balance() == "5000"
    assert arrivals(member) == []


def test_money_leaves_from_no_device_that_is_not_known(whole: Whole) -> None:
    stranger = whole.newcomer(euros=50, is_linked=False)
    devices = stranger.browser.open(f"{stranger.places.site}/settings/devices/")
    stranger.browser.submit(devices, devices.form(action="/forget/"))
    page = stranger.browser.open(f"{stranger.places.site}/bank-accounts/add/")
    assert any("/settings/devices/this/" in link for link in page.links)


def test_a_slip_in_the_number_is_said_in_plain_words(member: Person) -> None:
    page = add(member, "FR1420041010050500013M02607")
    assert page.status == 422
    assert page.says("Un chiffre de cet IBAN est faux")


def test_a_name_that_is_close_is_the_members_choice(member: Person) -> None:
    page = add(member, CAMILLE, "Camile Durant")
    assert page.says("Camille Durand")
    page = member.browser.submit(page, page.form(action="/correct/"))
    assert page.url.endswith("/wallet/cash-out/")
    assert page.says("Camille Durand")


@pytest.fixture
def phone(member: Person) -> Iterator[Window]:
    """Their phone's browser, signed in."""
    with window(member.places.site) as opened:
        opened.page.context.add_cookies(
            [
                {"name": cookie.name, "value": cookie.value or "", "url": member.places.site}
                for cookie in member.browser.session.cookies
                if "session" in cookie.name or "device" in cookie.name
            ]
        )
        yield opened


@pytest.mark.browser
def test_each_page_can_be_used_by_anybody(phone: Window, member: Person) -> None:
    look(phone, "/wallet/cash-out/")
    look(phone, "/bank-accounts/")
    look(phone, "/bank-accounts/add/")
    for number, name in ((CAMILLE, "Camile Durant"), (IBAN, member.name)):
        page = add(member, number, name)
        look(phone, page.url.removeprefix(member.places.site))
    look(phone, "/bank-accounts/")
    look(phone, cash_out(member, "12,50").url.removeprefix(member.places.site))
    look(phone, "/wallet/")


def look(phone: Window, path: str) -> None:
    phone.open(path)
    phone.look()
    phone.look_in_the_dark()

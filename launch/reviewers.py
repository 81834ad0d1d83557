"""Staff at their pages: they sign in with a second factor, and what they do has a reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from launch.browser import Browser, Page
from launch.people import Disappointed, Places, until

A_CODE_SECONDS = 30.0


@dataclass
class Reviewer:
    """One of staff, whose authenticator the sandbox holds."""

    name: str
    phone: str
    password: str
    places: Places
    browser: Browser = field(default_factory=Browser)
    is_in: bool = False

    def sign_in(self) -> None:
        """Once, with the code of this half minute, or with the next one where that was used."""
        if self.is_in:
            return
        code = self._code()
        if not self._enter(code):
            until(lambda: self._code() != code, "no other code", seconds=A_CODE_SECONDS + 5)
            if not self._enter(self._code()):
                raise Disappointed(f"{self.name} did not come in.")
        self.is_in = True

    def find(self, rows: str, words: str) -> str:
        """The path of the first row that a list finds, as `/staff/payments/order/…/`."""
        page = self.open(f"/staff/{rows}/?q={words}")
        return link(page, f"/staff/{rows}/", "/change/").partition("change/")[0]

    def do(self, row: str, act: str, **said: str) -> None:
        """What one of staff may do with a row, on the page that asks for the reason.

        :raises Disappointed: if it was refused
        """
        page = self.open(f"{row}act/{act}/")
        page = self.browser.submit(page, page.own_form(), **said)
        if "/act/" in page.url:
            raise Disappointed(f"{self.name} could not {act}: {page.text[:400]}")

    def open(self, path: str) -> Page:
        return self.browser.open(self.places.site + path)

    def _enter(self, code: str) -> bool:
        page = self.open("/staff/login/")
        form = page.form("username", "password", "otp_token")
        said = {"username": self.phone, "password": self.password, "otp_token": code}
        return "/login/" not in self.browser.submit(page, form, **said).url

    def _code(self) -> str:
        url = f"{self.places.sandbox}/sandbox/authenticator/{self.name}"
        said: Mapping[str, str] = self.browser.session.get(url, timeout=10).json()
        return said["code"]


def link(page: Page, start: str, end: str) -> str:
    """The first address on the page that begins and goes on so.

    :raises Disappointed: if there is none
    """
    for address in page.links:
        if re.match(f"{re.escape(start)}.*{re.escape(end)}", address):
            return address
    raise Disappointed(f"{page.url} ({page.status}) leads to no {start}: {page.text[:300]}")

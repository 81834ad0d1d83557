"""People who use S-Money, each with a browser, a phone and a place on X: over HTTP, as anybody would."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

from launch.browser import Browser, Page

T = TypeVar("T")
PATIENCE_SECONDS = 20.0
FRENCH_CARD = "4000002500000003"


class Disappointed(Exception):
    """Something that should have happened did not."""


@dataclass(frozen=True)
class Places:
    """Where the site is, and the sandbox with X, the phone and the mailbox."""

    site: str
    sandbox: str


@dataclass
class Person:
    """Somebody with a name, a number, an X handle, a password and a secret code."""

    name: str
    phone: str
    handle: str
    password: str
    code: str
    places: Places
    browser: Browser = field(default_factory=Browser)

    # --- The site -----------------------------------------------------------------------------

    def open(self, path: str) -> Page:
        return self.browser.open(self.places.site + path)

    def sign_up(self) -> None:
        page = self.open("/account/signup/")
        page = self.browser.submit(page, page.form("name", "phone"), name=self.name, phone=self.phone)
        page = self.browser.submit(page, page.form("code"), code=self.text_code())
        form = page.form("password1", "password2")
        page = self.browser.submit(page, form, password1=self.password, password2=self.password)
        page = self.browser.submit(page, page.form("code", "again"), code=self.code, again=self.code)
        self._expect(page, "/wallet/")

    def sign_in(self) -> None:
        page = self.open("/account/login/")
        form = page.form("login", "password")
        page = self.browser.submit(page, form, login=self.phone, password=self.password)
        self._expect(page, "/wallet/")

    def sign_in_if_known(self) -> bool:
        """Sign in, unless there is no such member yet."""
        try:
            self.sign_in()
        except Disappointed:
            return False
        return True

    def register_card(self, number: str = FRENCH_CARD) -> Page:
        """Go to the processor's page, fill it in, and come back."""
        page = self.open("/cards/")
        page = self.browser.submit(page, page.form(action="/cards/add/"))
        form = page.form("number", "expiry", "cvc")
        return self.browser.submit(page, form, number=number, expiry="12/31", cvc="123", holder=self.name)

    def load(self, euros: str) -> Page:
        page = self.open("/wallet/load/")
        return self.browser.submit(page, page.form("amount", "card"), amount=euros)

    def link_x(self) -> None:
        """Leave for X, sign in there, allow S-Money, and come back."""
        self.be_on_x()
        page = self.open("/settings/")
        page = self.browser.submit(page, page.form(action="/x_account/login"))
        page = self.browser.submit(page, page.form("person"), press="authorize")
        self._expect(page, self.places.site)
        if not self.has_linked_x():
            raise Disappointed(f"@{self.handle} is not linked.")

    def add_email(self) -> None:
        """Give an address, prove once more who one is, and follow the link that arrives there."""
        page = self._give_email()
        if "password" in page.html and "/reauthenticate/" in page.url:
            self.browser.submit(page, page.form("password"), password=self.password)
            self._give_email()
        address = self.places.site + r"/account/confirm-email/\S+"
        links = until(lambda: re.findall(address, self.newest_mail()), f"no mail for {self.email}")
        page = self.browser.open(links[0])
        self.browser.submit(page, page.form(action="/account/confirm-email/"))

    def has_linked_x(self) -> bool:
        return self.open("/settings/").says(f"@{self.handle}")

    def waiting(self) -> list[str]:
        """The references of the orders that wait for the code, as the wallet shows them."""
        html = self.open("/wallet/summary/").html
        return list(dict.fromkeys(re.findall(r"/orders/([0-9A-Z]{8})/confirm/", html)))

    def confirm(self, reference: str, code: str = "", **also: str) -> Page:
        """Enter the code, and what is asked beside it; make the browser known first if that is asked."""
        address = f"/orders/{reference}/confirm/"
        page = self.open(address)
        if any("/settings/devices/this/" in link for link in page.links):
            self.make_device_known()
            page = self.open(address)
        return self.browser.submit(page, page.form("code"), code=code or self.code, **also)

    def make_device_known(self) -> None:
        """Have a code sent by SMS, proving once more who one is where that is asked, and enter it."""
        page = self._ask_for_device_code()
        if "/reauthenticate/" in page.url:
            self.browser.submit(page, page.form("password"), password=self.password)
            page = self._ask_for_device_code()
        self.browser.submit(page, page.form("sent"), sent=self.text_code())

    def balance(self) -> str:
        """The balance as the wallet shows it."""
        found = re.search(r'data-balance="(-?[0-9]+)"', self.open("/wallet/summary/").html)
        if not found:
            raise Disappointed("The wallet shows no balance.")
        return found[1]

    # --- The phone and X ------------------------------------------------------------------------

    def text_code(self) -> str:
        """The code of the newest text message; its last line is made for machines."""
        said = until(lambda: [m for m in self.texts() if re.search(r"#[0-9A-Za-z-]+$", m)], "no code by SMS")
        return str(said[0]).rsplit("#", 1)[1].strip()

    def texts(self) -> list[str]:
        url = f"{self.places.sandbox}/sandbox/phone/{self.phone}/messages"
        return [message["body"] for message in self.browser.session.get(url, timeout=10).json()]

    @property
    def email(self) -> str:
        return f"{self.handle}@example.fr"

    def newest_mail(self) -> str:
        """The words of the newest e-mail, or nothing."""
        url = f"{self.places.sandbox}/sandbox/mail/{self.email}/messages"
        mails = self.browser.session.get(url, timeout=10).json()
        return f"{mails[0]['subject']}\n{mails[0]['text']}" if mails else ""

    def be_on_x(self) -> None:
        page = self.browser.open(f"{self.places.sandbox}/x/people")
        mine = f"@{self.handle}"
        if mine not in page.html and self.handle not in page.html:
            self.browser.submit(page, page.form("handle", "name"), handle=self.handle, name=self.name)
            return
        profile = self.browser.open(f"{self.places.sandbox}/x/{self.handle}")
        forms = [form for form in profile.forms if "/x/people/be" in form.action and form.buttons]
        if forms and not self._is_on_x(profile):
            own = next(form for form in forms if profile.html.count(f"Be @{self.handle}"))
            self.browser.submit(profile, own, press=next(iter(own.buttons)))

    def post(self, text: str) -> str:
        """Write on X; return the post's id."""
        self.be_on_x()
        page = self.browser.open(f"{self.places.sandbox}/x/")
        page = self.browser.submit(page, page.form("text"), text=text)
        found = re.search(r"/x/" + self.handle + r"/status/([0-9]+)", page.html)
        if not found:
            raise Disappointed("X shows no such post.")
        return found[1]

    def replies_to(self, post_id: str) -> Page:
        return self.browser.open(f"{self.places.sandbox}/x/{self.handle}/status/{post_id}")

    def _ask_for_device_code(self) -> Page:
        page = self.open("/settings/devices/this/")
        if "/reauthenticate/" in page.url:
            return page
        return self.browser.submit(page, page.form("action"))

    def _give_email(self) -> Page:
        page = self.open("/account/email/")
        return self.browser.submit(page, page.form("email"), press="1", email=self.email)

    def _is_on_x(self, profile: Page) -> bool:
        return f"Be @{self.handle}" not in profile.html

    def _expect(self, page: Page, address: str) -> None:
        if not (urlsplit(page.url).path.startswith(address) or page.url.startswith(address)):
            raise Disappointed(f"Came to {page.url} ({page.status}) instead of {address}: {page.text[:400]}")


def until(look: Callable[[], T], otherwise: str, *, seconds: float = PATIENCE_SECONDS) -> T:
    """Look again and again until there is something to see.

    :raises Disappointed: with `otherwise`, if there is nothing in that time
    """
    ends_at = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > ends_at:
            raise Disappointed(f"After {seconds:.0f} s: {otherwise}.")
        time.sleep(0.1)

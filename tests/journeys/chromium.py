"""A real browser, and what must hold on each page that is opened in it: passed by axe, quiet, narrow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, ViewportSize, sync_playwright

from launch import testing

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE: ViewportSize = {"width": 390, "height": 844}
NARROWEST: ViewportSize = {"width": 360, "height": 780}
SERIOUS = {"serious", "critical"}
WATCH_THE_POLICY = """
document.addEventListener("securitypolicyviolation", (violation) =>
  console.error(`policy: ${violation.effectiveDirective} ${violation.blockedURI}`));
"""
# A refused form is an answer too; Chromium notes its status as if the page were broken.
REFUSED = "the server responded with a status of 422"


@dataclass
class Window:
    """A page of the browser, and what it complained of."""

    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.site + path)

    def expect(self, path: str) -> None:
        """Come to the page, and look at all of it."""
        self.page.wait_for_url(f"{self.site}{path}")
        self.look()

    def look(self) -> None:
        """What holds on every page."""
        where = self.page.url.removeprefix(self.site)
        self.page.wait_for_load_state()
        violations = _violations(self.page)
        assert not violations, f"{where}: {violations}"
        self.page.set_viewport_size(NARROWEST)
        width = self.page.evaluate("document.documentElement.scrollWidth")
        self.page.set_viewport_size(PHONE)
        assert width <= NARROWEST["width"], f"{where} scrolls sideways"
        assert not self.complaints, f"{where}: {self.complaints}"
        self.passed.append(where)

    def look_in_the_dark(self) -> None:
        self.page.emulate_media(color_scheme="dark")
        self.look()
        self.page.emulate_media(color_scheme="light")

    def note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and REFUSED not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")


@contextmanager
def window(site: str) -> Iterator[Window]:
    """A phone's window, with an authenticator that holds passkeys."""
    with sync_playwright() as playwright:
        browser = launched(playwright)
        context = browser.new_context(viewport=PHONE, locale="fr-FR", reduced_motion="reduce")
        context.add_init_script(WATCH_THE_POLICY)
        page = context.new_page()
        opened = Window(page, site)
        page.on("console", opened.note)
        page.on("pageerror", lambda problem: opened.complaints.append(f"{page.url}: {problem}"))
        hold_passkeys(page)
        yield opened
        browser.close()


def launched(playwright: Playwright) -> Browser:
    """The machine's Chromium; `./run test` leaves the tests out that want it, where there is none."""
    path = testing.chromium()
    assert path, testing.HOW_TO_GET_CHROMIUM
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


def hold_passkeys(page: Page) -> None:
    """Give the page an authenticator that says yes."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def _violations(page: Page) -> list[dict[str, Any]]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        {"rule": entry["id"], "nodes": [node["html"][:200] for node in entry["nodes"]]}
        for entry in found
        if entry["impact"] in SERIOUS
    ]

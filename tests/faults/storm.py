"""Those who pay through the storm, a thread for a few: they post in turn, wait, and give the code.

What fails they repeat as people do: they reload the page. `python -m tests.faults.storm payers folder`.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any

import django
import urllib3

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smoney.settings")
if __name__ == "__main__":
    django.setup()

from benchmarks import _members, journey

PAYEE = "storm_payee"
MEMBERS_EACH = 6
PATIENCE_SECONDS = 90
LOOK_SECONDS = 1  # A page is told what is new, and asks then: whoever looks more often is load, not a payer.
WAITS = re.compile(r"/orders/[0-9A-Z]{8}/confirm/")
CENT = "0,01€"
AWAY = (urllib3.exceptions.HTTPError, OSError)


class Payer:
    """A few members by turns: a new payment is judged by all of a month, and nobody has thousands."""

    def __init__(self, number: int) -> None:
        self.guests = [_guest(MEMBERS_EACH * number + each) for each in range(MEMBERS_EACH)]
        self.guest = self.guests[0]
        self.posted = self.paid = 0
        self.slowest = 0.0
        self.tokens: dict[str, str] = {}  # Of a session's forms, by handle.
        self.problem = ""

    def pay_until(self, file: Path) -> None:
        """Order after order, until the moment in the file; the last that was begun is brought to its end."""
        try:
            while time.monotonic() < moment(file):
                self._pay()
        except Exception as problem:  # noqa: BLE001  # the test says what it was
            self.problem = repr(problem)

    def _pay(self) -> None:
        start, self.guest = time.monotonic(), self.guests[self.posted % MEMBERS_EACH]
        text = f"@Smoneyfr #envoyer {CENT} @{PAYEE} n° {self.posted}"
        answer = journey.HTTP.request(
            "POST",
            f"{journey.SANDBOX}/sandbox/x/posts",
            json={"as": self.guest.handle, "text": text},
            headers={"Connection": "close"},  # One that was kept may end under a post: was it posted then?
        )
        assert answer.status < 400, answer.data
        self.posted += 1
        address = self._until(start, self._waiting)
        self._until(start, lambda: self._is_paid(address))
        self.paid += 1
        self.slowest = max(self.slowest, time.monotonic() - start)

    def _until(self, start: float, look: Any) -> Any:
        while time.monotonic() < start + PATIENCE_SECONDS:
            try:
                if found := look():
                    return found
            except AWAY:
                pass
            time.sleep(LOOK_SECONDS)
        raise TimeoutError(f"@{self.guest.handle} n° {self.posted - 1}")

    def _waiting(self) -> str:
        page = self.guest.ask("GET", "/wallet/summary/", timeout=10)
        found = WAITS.search(page.data.decode()) if page.status == 200 else None
        return found[0] if found else ""

    def _is_paid(self, address: str) -> bool:
        """Whether the code was taken, or the order's own page is no longer the one that asks for it."""
        if self.guest.handle in self.tokens and self._is_taken(address):
            return True
        page = self.guest.ask("GET", address, timeout=10)
        if token := re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.data.decode()):
            self.tokens[self.guest.handle] = token[1]
        return page.status == 200 and str(page.url).endswith(address.removesuffix("confirm/"))

    def _is_taken(self, address: str) -> bool:
        """Whether the form, sent from where it was opened before, leads to the page that says it is paid."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.guest.cookies.items())
        answer = journey.HTTP.request(
            "POST",
            journey.SITE + address,
            headers={"Cookie": cookies, "Referer": journey.SITE + address},
            fields={"csrfmiddlewaretoken": self.tokens[self.guest.handle], "code": journey.CODE},
            encode_multipart=False,
            redirect=False,
            timeout=15,
        )
        return str(answer.headers.get("Location", "")).endswith("/paid/")


def _guest(number: int) -> journey.Guest:
    handle = f"storm_{number}"
    return journey.Guest(handle, _members.join(journey.HTTP, number, handle=handle, is_payer=True))


def moment(file: Path) -> float:
    """When to end, which may come nearer meanwhile."""
    return float(file.read_text(encoding="utf-8"))


def main(payers: int, folder: Path) -> None:
    _members.join(journey.HTTP, MEMBERS_EACH * payers, handle=PAYEE, is_payer=False)
    people = [Payer(number) for number in range(payers)]
    (folder / "here").touch()
    until = folder / "until"
    while not until.exists():
        time.sleep(0.05)
    threads = [threading.Thread(target=payer.pay_until, args=(until,)) for payer in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = {
        "posted": sum(payer.posted for payer in people),
        "paid": sum(payer.paid for payer in people),
        "slowest": max(payer.slowest for payer in people),
        "drained": time.monotonic() - moment(until),
        "problems": [payer.problem for payer in people if payer.problem],
    }
    print(json.dumps(told), flush=True)  # noqa: T201  # its result


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))

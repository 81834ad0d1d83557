"""From a post to the payer's open page, and from the code to the payee's: p95 under a steady load.

`./run bench journey [seconds] [orders a second]`. Members, their cards and X accounts are made first;
then each order goes the whole way over HTTP: post, webhook, order, page, code, transfer, page.
The yardstick is the clock: the figures are seconds, and the load is what is given.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import SimpleCookie
from typing import Any

import django
import urllib3

NEEDS = "demo"
PAYERS, PAYEES = 60, 10  # A member may place ten orders a day.
CODE = "270914"
PATIENCE_SECONDS = 20

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smoney.settings")
SITE, SANDBOX = os.environ["SITE_URL"], os.environ["X_API_URL"]
# What the client costs is taken from the machine that is measured: no more of one than is needed.
HTTP = urllib3.PoolManager(maxsize=200, timeout=30, retries=False)


@dataclass
class Guest:
    """A member with an open wallet: a session, the events that the page has heard, and what it has shown.

    As the page itself does, it gets the summary at each event; those heard meanwhile make one more.
    """

    handle: str
    cookies: dict[str, str]
    changed: threading.Condition = field(default_factory=threading.Condition)
    events: int = 0
    shown: dict[str, float] = field(default_factory=dict)  # address of an order → when it was shown first

    def open(self) -> None:
        for work in (self._listen, self._refresh):
            threading.Thread(target=work, daemon=True).start()

    def ask(self, method: str, path: str, **options: Any) -> urllib3.BaseHTTPResponse:
        """Ask the site as this member, and go where it sends; the last answer."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies, "Referer": SITE + path}
        answer = HTTP.request(method, SITE + path, headers=headers, redirect=False, **options)
        for name, cookie in SimpleCookie(answer.headers.get("Set-Cookie", "")).items():
            self.cookies[name] = cookie.value
        return self.ask("GET", answer.headers["Location"]) if answer.status == HTTPStatus.FOUND else answer

    def wait_to_see(self, is_it: Callable[[str], bool]) -> tuple[str, float]:
        """The address of an order that the page shows, and when it was there."""
        with self.changed:
            self.changed.wait_for(lambda: any(map(is_it, self.shown)), timeout=PATIENCE_SECONDS)
            found = next(filter(is_it, self.shown), None)
            if found is None:
                raise TimeoutError(f"@{self.handle}'s page never showed it")
            return found, self.shown[found]

    def _listen(self) -> None:
        stream = self.ask("GET", "/live/", preload_content=False, timeout=120)
        for line in stream:
            if line.rstrip() == b"event: wallet":
                with self.changed:
                    self.events += 1
                    self.changed.notify_all()

    def _refresh(self) -> None:
        seen = 0
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.events > seen)  # noqa: B023  # called here and now
                seen = self.events
            page = self.ask("GET", "/wallet/summary/").data.decode()
            with self.changed:
                for address in re.findall(r"/orders/[0-9A-Z]{8}/(?:confirm/)?", page):
                    self.shown.setdefault(address, time.monotonic())
                self.changed.notify_all()


def main() -> int:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    pace = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    print(f"{PAYERS} payers and {PAYEES} payees join …", file=sys.stderr, flush=True)
    guests = _guests()
    for guest in guests:
        guest.open()
    time.sleep(2)
    print(f"{pace} orders a second for {seconds} s …", file=sys.stderr, flush=True)
    walks = _run(guests[:PAYERS], guests[PAYERS:], orders=seconds * pace, pace=pace)
    for case, number in (("post_to_payer", 0), ("code_to_payee", 1)):
        values = sorted(walk[number] for walk in walks)
        p95 = statistics.quantiles(values, n=20)[18]
        line = {"bench": "journey", "case": case, "value": round(p95, 3), "unit": "s"}
        print(json.dumps(line | {"median": round(statistics.median(values), 3), "orders": len(walks)}))
    return 0


def _run(payers: list[Guest], payees: list[Guest], *, orders: int, pace: int) -> list[tuple[float, float]]:
    """Start the orders at their times, each in a thread of its own; a failed one fails the bench."""
    start = time.monotonic()
    with ThreadPoolExecutor(max_workers=64) as pool:
        walks = []
        for number in range(orders):
            time.sleep(max(0, start + number / pace - time.monotonic()))
            payer, payee = payers[number % len(payers)], payees[number % len(payees)]
            walks.append(pool.submit(_walk, payer, payee))
        return [walk.result() for walk in walks]


def _walk(payer: Guest, payee: Guest) -> tuple[float, float]:
    """One order, whole; how long each side waited, in seconds."""
    text = f"@Smoneyfr #envoyer 1,23€ @{payee.handle}"
    posted_at, before = time.monotonic(), set(payer.shown)
    post = {"as": payer.handle, "text": text}
    assert HTTP.request("POST", f"{SANDBOX}/sandbox/x/posts", json=post).status < HTTPStatus.BAD_REQUEST
    address, shown_at = payer.wait_to_see(lambda shown: shown.endswith("/confirm/") and shown not in before)
    page = payer.ask("GET", address).data.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token, page[:500]
    form = {"csrfmiddlewaretoken": token[1], "code": CODE}
    coded_at = time.monotonic()
    paid = payer.ask("POST", address, fields=form, encode_multipart=False)
    assert str(paid.url).endswith("/paid/"), paid.data[:500]
    _address, received_at = payee.wait_to_see(address.removesuffix("confirm/").__eq__)
    return shown_at - posted_at, received_at - coded_at


def _guests() -> list[Guest]:
    django.setup()
    from benchmarks import _members  # noqa: PLC0415  # Django must be set up first

    def come(number: int) -> Guest:
        handle = f"bench_{number}"
        return Guest(handle, _members.join(HTTP, number, handle=handle, is_payer=number < PAYERS))

    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(come, range(PAYERS + PAYEES)))


if __name__ == "__main__":
    sys.exit(main())

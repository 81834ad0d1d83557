"""A program of an organisation's, for tests: a real HTTP server on loopback that keeps what it was told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts import crypto
from accounts.models import Organisation
from payments import payouts, strong
from payments.models import BankAccount, Payout, PayoutBatch


@dataclass
class Told:
    """One POST, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Program:
    """What the receiver was told, and how it answers: `statuses` in turn, then the last of them."""

    url: str = ""
    told: list[Told] = field(default_factory=list)
    statuses: list[int] = field(default_factory=lambda: [200])
    text: bytes = b"thanks"
    headers: dict[str, str] = field(default_factory=dict)
    drips_seconds: int = 0

    def status(self) -> int:
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


class _Handler(BaseHTTPRequestHandler):
    program: ClassVar[Program]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.program.told.append(Told(self.path, dict(self.headers), body))
        self.send_response(self.program.status())
        for name, value in self.program.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.program.text)))
        self.end_headers()
        if not self.program.drips_seconds:
            self.wfile.write(self.program.text)
            return
        until = time.monotonic() + self.program.drips_seconds
        while time.monotonic() < until:  # A byte now and then: no single wait is long.
            self.wfile.write(b"x")
            self.wfile.flush()
            threading.Event().wait(0.05)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def program() -> Iterator[Program]:
    told = Program()
    handler = type("Handler", (_Handler,), {"program": told})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # whoever hangs up is no error
    told.url = f"http://127.0.0.1:{server.server_port}/hook?a=b"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def payout(db: None) -> Callable[[Organisation, int], Payout]:
    """A payout of the organisation's that the bank has paid."""

    def paid(organisation: Organisation, amount: int) -> Payout:
        number = "FR1420041010050500013M02606"
        facts = {
            "iban": crypto.encrypt(number),
            "country": "FR",
            "last4": number[-4:],
            "bank_name": "LA BANQUE POSTALE",
            "holder_name": organisation.account.name,
            "outcome": "MATCH",
            "factor": "PASSKEY",
            "passkey_id": 1,
        }
        fingerprint = crypto.fingerprint(number, of="iban")
        account, _ = BankAccount.objects.get_or_create(
            user=organisation.account, fingerprint=fingerprint, defaults=facts
        )
        shown = strong.Shown(shown_at=timezone.now(), passkey_id=1)
        made = payouts._reserve(account, amount=amount, key=uuid4(), shown=shown)  # noqa: SLF001  # round the code
        batch = PayoutBatch.objects.create(way="API", document=b"x", digest="x", count=1, control_sum=amount)
        payouts.export([made], batch=batch)
        payouts.settle(made, amount=None)
        made.refresh_from_db()
        return made

    return paid

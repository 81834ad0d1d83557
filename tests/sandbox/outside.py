"""A sandbox whose bank is quick to be slow, and somebody who listens to its webhooks."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import requests
import stripe

from tests.sandbox import running

SECRET = "whsec_demo"
PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Heard:
    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @cached_property
    def event(self) -> stripe.Event:
        event: stripe.Event = stripe.Webhook.construct_event(
            self.body, self.headers["Stripe-Signature"], SECRET
        )
        return event

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class Listener:
    """The merchant's end of the webhooks: keeps what it hears, and fails as often as it was told to."""

    url: str = ""
    failures: int = 0
    heard: queue.Queue[Heard] = field(default_factory=queue.Queue)
    known: list[Heard] = field(default_factory=list)

    def wait_for(self, is_it: Callable[[Heard], bool], *, count: int = 1) -> list[Heard]:
        """Return the first deliveries that are it, also those of before; at most some seconds from now."""
        limit = time.monotonic() + PATIENCE_SECONDS
        while len(found := [it for it in self.known if is_it(it)]) < count:
            self.known.append(self.heard.get(timeout=max(0.01, limit - time.monotonic())))
        return found

    def event(self, kind: str, id: str, *, count: int = 1) -> list[Heard]:
        """Wait for the event of this kind about this object."""

        def is_it(it: Heard) -> bool:
            if it.path != "/acquirer" or id.encode() not in it.body:
                return False
            event = it.event
            return event.type == kind and event.data.object["id"] == id

        return self.wait_for(is_it, count=count)


@dataclass(frozen=True)
class Outside:
    url: str
    smtp_port: int
    listener: Listener

    def stripe(self, **more: Any) -> stripe.StripeClient:
        more = {"max_network_retries": 0} | more
        return stripe.StripeClient("sk_test_demo", base_addresses={"api": self.url}, **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=30, **more)

    def post(self, path: str, **more: Any) -> requests.Response:
        return requests.post(self.url + path, timeout=30, **more)


@contextmanager
def outside(data: Path) -> Iterator[Outside]:
    smtp_port = running.free_port()
    with listening() as listener:
        sandbox = running.start(
            data,
            SANDBOX_SMTP_PORT=str(smtp_port),
            SANDBOX_SLOW_SECONDS="1.5",
            SANDBOX_LATE_SECONDS="1.5",
            ACQUIRER_WEBHOOK_SECRET=SECRET,
            ACQUIRER_WEBHOOK_URL=f"{listener.url}/acquirer",
            SMS_WEBHOOK_URL=f"{listener.url}/sms",
        )
        try:
            yield Outside(sandbox.url, smtp_port, listener)
        finally:
            assert running.stop(sandbox) == 0


@contextmanager
def listening() -> Iterator[Listener]:
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            is_failing = listener.failures > 0
            listener.failures -= is_failing
            self.send_response(500 if is_failing else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            listener.heard.put(Heard(self.path, dict(self.headers), body, time.monotonic()))

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""A sandbox of one's own in a process of its own, and somebody who listens to its webhooks."""

from __future__ import annotations

import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import requests
import stripe

ROOT = Path(__file__).resolve().parents[2]
SECRET = "whsec_demo"
PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Heard:
    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def event(self) -> stripe.Event:
        return stripe.Webhook.construct_event(self.body, self.headers["Stripe-Signature"], SECRET)  # type: ignore[no-any-return]

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
            if it.path != "/acquirer":
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
def outside(data: Path, **environment: str) -> Iterator[Outside]:
    port, smtp_port = free_port(), free_port()
    with listening() as listener:
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox"],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "sandbox.settings",
                "SANDBOX_DATA": str(data),
                "SANDBOX_PORT": str(port),
                "SANDBOX_URL": f"http://localhost:{port}",
                "SANDBOX_SMTP_PORT": str(smtp_port),
                "SANDBOX_SLOW_SECONDS": "1.5",
                "SANDBOX_LATE_SECONDS": "1.5",
                "ACQUIRER_API_KEY": "sk_test_demo",
                "ACQUIRER_WEBHOOK_SECRET": SECRET,
                "ACQUIRER_WEBHOOK_URL": f"{listener.url}/acquirer",
                "SMS_ACCOUNT_SID": "AC_demo",
                "SMS_AUTH_TOKEN": "demo-sms-token",
                "SMS_WEBHOOK_URL": f"{listener.url}/sms",
                **environment,
            },
        )
        try:
            _wait_until_up(f"http://localhost:{port}/", process)
            yield Outside(f"http://localhost:{port}", smtp_port, listener)
        finally:
            process.terminate()
            process.wait(timeout=15)


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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_up(url: str, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < limit:
        assert process.poll() is None, "the sandbox ended at once"
        try:
            requests.get(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the sandbox did not come up")

"""A sandbox as a process of its own, what is asked of it, and a receiver of its webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import queue
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

ROOT = Path(__file__).resolve().parent.parent.parent
CONSUMER_SECRET = "demo-x-consumer-secret"
CLIENT = ("demo-x-client", "demo-x-client-secret")
CALLBACK = "http://localhost:8000/accounts/x/login/callback/"
SERVICE_ID = "2014100900"
APP = {"Authorization": "Bearer demo-x-bearer"}
VERIFIER = "a-verifier-that-is-long-enough-for-rfc-7636-by-far"


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox."""

    url: str
    process: subprocess.Popen[bytes]

    def get(self, path: str, headers: Any = None, **query: Any) -> requests.Response:
        return requests.get(self.url + path, params=query, headers=headers or APP, timeout=10)

    def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> requests.Response:
        return requests.request(method, self.url + path, json=body or {}, headers=headers or {}, timeout=10)

    def person(self, **more: Any) -> dict[str, str]:
        """Somebody new."""
        answer = self.send("POST", "/sandbox/x/people", {"handle": f"t_{secrets.token_hex(5)}"} | more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def post(self, handle: str, text: str, **more: Any) -> str:
        """The id of a new post."""
        answer = self.send("POST", "/sandbox/x/posts", {"as": handle, "text": text} | more)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def tokens(self, person_id: str, scope: str = "users.read tweet.read") -> dict[str, Any]:
        """What the app gets after the person's consent."""
        return dict(self.exchange(self.consent(person_id, scope)).json())

    def consent(
        self, person_id: str, scope: str, decision: str = "authorize", handle: str = ""
    ) -> dict[str, str]:
        """What comes back to the app's callback."""
        query = authorization(scope)
        form = {"person": person_id, "decision": decision, "handle": handle}
        answer = requests.post(
            f"{self.url}/i/oauth2/authorize", params=query, data=form, timeout=10, allow_redirects=False
        )
        assert answer.status_code == 302, answer.text
        assert answer.headers["Location"].startswith(CALLBACK)
        return {
            name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()
        }

    def exchange(self, back: dict[str, str], **changed: str) -> requests.Response:
        said = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": CALLBACK}
        return self.token(said | {"code_verifier": VERIFIER} | changed)

    def token(self, said: dict[str, str], auth: tuple[str, str] = CLIENT) -> requests.Response:
        return requests.post(f"{self.url}/2/oauth2/token", data=said, auth=auth, timeout=10)

    def user(self, person_id: str, scope: str = "users.read tweet.read tweet.write") -> dict[str, str]:
        """Headers that speak for the person."""
        return {"Authorization": f"Bearer {self.tokens(person_id, scope)['access_token']}"}


@dataclass
class Receiver:
    """A webhook receiver that answers the challenge, and can be told to fail."""

    url: str
    secret: str = CONSUMER_SECRET
    status: int = 200
    seen: queue.Queue[tuple[dict[str, str], bytes, float]] = field(default_factory=queue.Queue)

    def event(self, seconds: float = 5) -> dict[str, Any]:
        return dict(json.loads(self.seen.get(timeout=seconds)[1])["data"])

    def sign(self, body: bytes) -> str:
        return (
            "sha256="
            + base64.b64encode(hmac.new(self.secret.encode(), body, hashlib.sha256).digest()).decode()
        )


def authorization(scope: str = "users.read tweet.read", **changed: str) -> dict[str, str]:
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    sound = {
        "response_type": "code",
        "client_id": CLIENT[0],
        "redirect_uri": CALLBACK,
        "scope": scope,
        "state": "st4te",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    return sound | changed


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(data: Path, **environment: str) -> Sandbox:
    """A sandbox on free ports, ready to be asked."""
    port = free_port()
    url = f"http://localhost:{port}"
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    ports = {"SANDBOX_PORT": str(port), "SANDBOX_SMTP_PORT": str(free_port())}
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox"],
        cwd=ROOT,
        env=kept | ports | {"SANDBOX_DATA": str(data), "SANDBOX_URL": url} | environment,
    )
    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert process.poll() is None, "the sandbox did not start"
        try:
            requests.get(url, timeout=1)
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.05)
        else:
            return Sandbox(url, process)
    process.kill()
    raise AssertionError("the sandbox did not answer in time")


def stop(sandbox: Sandbox) -> int:
    sandbox.process.send_signal(signal.SIGTERM)
    return sandbox.process.wait(timeout=15)


class Ear(ThreadingHTTPServer):
    """A receiver's server."""

    receiver: Receiver


def serve() -> Ear:
    """A receiver's server, on a thread."""
    server = Ear(("127.0.0.1", 0), _Handler)
    server.receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


class _Handler(BaseHTTPRequestHandler):
    server: Ear

    def do_GET(self) -> None:
        token = parse_qs(urlsplit(self.path).query)["crc_token"][0]
        receiver = self.server.receiver
        self._answer(200, json.dumps({"response_token": receiver.sign(token.encode())}).encode())

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.seen.put(({name.lower(): value for name, value in self.headers.items()}, body, time.time()))
        self._answer(receiver.status, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: Any) -> None:
        """Say nothing."""

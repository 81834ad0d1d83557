"""The outside on loopback: a carrier that keeps what it was sent, and X with somebody signed in there."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts import codes
from accounts.models import User
from tests.people import CODE

PHONE = "+33612345678"
PASSWORD = "le pont de bercy 1864"


@dataclass
class Outside:
    """What the carrier and X know."""

    url: str = ""
    texts: list[dict[str, str]] = field(default_factory=list)
    carrier_answers: tuple[int, Any] | None = None
    x_person: dict[str, Any] = field(
        default_factory=lambda: {
            "id": "2244994945",
            "username": "camille_x",
            "name": "Camille",
            "created_at": "2013-12-14T04:35:55.000Z",
            "profile_image_url": "https://pbs.twimg.com/profile_images/1/a.jpg",
        }
    )
    challenges: dict[str, str] = field(default_factory=dict)

    def last_code(self) -> str:
        return str(re.findall(r"#([0-9]{6})$", self.texts[-1]["Body"])[0])

    def agree(self, redirect_url: str) -> dict[str, str]:
        """The person says yes on X: what X sends back with them."""
        asked = dict(parse_qsl(urlsplit(redirect_url).query))
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.challenges)}"
        self.challenges[code] = asked["code_challenge"]
        return {"code": code, "state": asked["state"]}


class _Handler(BaseHTTPRequestHandler):
    outside: Outside

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        if "Messages.json" in self.path:
            self._send_text(form)
        else:
            self._give_token(form)

    def do_GET(self) -> None:
        assert set(parse_qs(urlsplit(self.path).query)) == {"user.fields"}
        self._answer(200, {"data": self.outside.x_person})

    def _send_text(self, form: dict[str, str]) -> None:
        if self.outside.carrier_answers:
            self._answer(*self.outside.carrier_answers)
            return
        self.outside.texts.append(form | {"Authorization": self.headers["Authorization"]})
        self._answer(201, {"sid": f"SM{len(self.outside.texts)}", "status": "queued"})

    def _give_token(self, form: dict[str, str]) -> None:
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if self.outside.challenges.pop(form["code"], None) != challenge:
            self._answer(400, {"error": "invalid_request"})
            return
        self._answer(200, {"access_token": "canary-token", "token_type": "bearer", "expires_in": 7200})

    def _answer(self, status: int, body: Any) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def outside(settings: Any) -> Iterator[Outside]:
    known = Outside()
    handler = type("Handler", (_Handler,), {"outside": known})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    known.url = f"http://127.0.0.1:{server.server_port}"
    settings.SMS_API_URL = settings.X_API_URL = known.url
    settings.X_AUTHORIZE_URL = f"{known.url}/i/oauth2/authorize"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield known
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def camille(db: None) -> User:
    """Signed up, with a password, without a secret code."""
    return User.objects.create_user(PHONE, PASSWORD, name="Camille Roux", phone_verified_at=timezone.now())


@pytest.fixture
def member(camille: User) -> User:
    """Camille, with her secret code."""
    codes.choose(camille, CODE)
    return camille


@pytest.fixture
def at_home(client: Client, member: User) -> Client:
    """Her browser, signed in by password."""
    client.post("/account/login/", {"login": "06 12 34 56 78", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(member.pk)
    return client

"""What Meta tells the page's webhook, signed: https://developers.facebook.com/docs/messenger-platform/webhooks"""

from __future__ import annotations

import hmac
import json
import time
from hashlib import sha256
from typing import Any

import requests
from django.conf import settings

from sandbox.messenger.models import Note, Person

TIMEOUT_SECONDS = 20


def tell(note: Note, *, payload: str = "") -> str:
    """Tell of a message, typed or tapped. Returns what went wrong, or nothing."""
    message: dict[str, Any] = {"mid": note.mid, "text": note.text}
    if payload:
        message["quick_reply"] = {"payload": payload}
    return _post(note.person, {"message": message})


def tell_of_link(person: Person, ref: str) -> str:
    """Tell that a conversation was opened by a link of the page's own."""
    return _post(person, {"referral": {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}})


def sign(body: bytes) -> str:
    return f"sha256={hmac.new(settings.MESSENGER_APP_SECRET.encode(), body, sha256).hexdigest()}"


def _post(person: Person, event: dict[str, Any]) -> str:
    now = int(time.time() * 1000)
    page = {"id": settings.MESSENGER_PAGE_ID}
    row = {"sender": {"id": person.pk}, "recipient": page, "timestamp": now} | event
    body = json.dumps({"object": "page", "entry": [page | {"time": now, "messaging": [row]}]}).encode()
    headers = {"X-Hub-Signature-256": sign(body), "Content-Type": "application/json"}
    with requests.Session() as session:
        session.trust_env = False  # a proxy has no business between two services on loopback
        try:
            answer = session.post(
                settings.MESSENGER_WEBHOOK_URL, data=body, headers=headers, timeout=TIMEOUT_SECONDS
            )
        except requests.RequestException as broken:
            return type(broken).__name__
    return "" if answer.ok else f"HTTP {answer.status_code}"

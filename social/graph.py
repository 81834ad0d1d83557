"""Messenger over HTTP (Meta's Graph API): one call is one request, with a timeout; nothing is tried twice.

https://developers.facebook.com/docs/messenger-platform/send-messages
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import requests

TIMEOUT_SECONDS = (3.05, 10)
PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
# https://developers.facebook.com/docs/messenger-platform/error-codes: too many calls.
LIMITED = frozenset({4, 613, 80006})


class Refused(Exception):
    """Meta understood and will not send it."""


class Limited(Exception):
    """Too many calls; later."""


class Unreachable(Exception):
    """No answer that counts: it may have been sent."""


class Graph:
    """The page's own voice."""

    def __init__(self, url: str, *, page_id: str, token: str) -> None:
        self._url = f"{url}/{page_id}/messages"
        self._token = token
        self._session = requests.Session()
        self._session.trust_env = False  # Neither a proxy nor a .netrc gets between us and them.

    def send(self, person_id: str, text: str, *, replies: Iterable[tuple[str, str]] = ()) -> str:
        """Answer a person, with buttons of (title, payload); the message's `mid`."""
        message: dict[str, object] = {"text": text}
        buttons = [{"content_type": "text", "title": title, "payload": said} for title, said in replies]
        if buttons:
            message["quick_replies"] = buttons
        body: dict[str, Any] = {
            "recipient": {"id": person_id},
            "messaging_type": "RESPONSE",
            "message": message,
        }
        try:
            response = self._session.post(
                self._url,
                json=body,
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as problem:
            raise Unreachable(type(problem).__name__) from None  # The request in the chain holds the token.
        return _read(response)


def _read(response: requests.Response) -> str:
    try:
        answer = response.json()
    except ValueError:
        raise Unreachable(f"HTTP {response.status_code}") from None
    if not isinstance(answer, dict):
        raise Unreachable(f"HTTP {response.status_code}")
    error = answer.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if code in LIMITED or response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        raise Limited
    if response.status_code in PASSING or response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Unreachable(f"HTTP {response.status_code}")
    if not response.ok:
        raise Refused(f"{response.status_code} {code or ''}".strip())
    if not isinstance(answer.get("message_id"), str):
        raise Unreachable("no message_id")
    return str(answer["message_id"])

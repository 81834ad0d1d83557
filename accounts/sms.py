"""A client of the SMS carrier (Twilio's API): one request, a timeout, no second try."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

import requests

TIMEOUT_SECONDS = (3, 8)  # To connect, to answer.
# The last is our own bill: no reason to keep a text from whom it is for.
PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.PAYMENT_REQUIRED})


class Refused(Exception):
    """The carrier understood and will not send it: the same text to the same number fails again."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Unreachable(Exception):
    """The carrier gave no answer that counts: the text may have been sent or not."""


@dataclass(frozen=True)
class Sent:
    sid: str


class SMS:
    """https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource."""

    def __init__(self, url: str, *, account: str, token: str, sender: str) -> None:
        self._url = f"{url}/2010-04-01/Accounts/{account}/Messages.json"
        self._auth = (account, token)
        self._sender = sender
        self._session = requests.Session()  # Keeps its connection for the next text.

    def send(self, phone: str, text: str) -> Sent:
        """Send `text` to `phone`, which is in E.164.

        :raises Refused: if the carrier says no
        :raises Unreachable: if it cannot be asked, or fails
        """
        try:
            response = self._session.post(
                self._url,
                data={"From": self._sender, "To": phone, "Body": text},
                auth=self._auth,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as problem:
            # Its words hold the address, and with it the account: they go no further.
            raise Unreachable(type(problem).__name__) from None
        return _read(response)


def _read(response: requests.Response) -> Sent:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    is_theirs = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    if not isinstance(answer, dict) or response.status_code in PASSING or is_theirs:
        raise Unreachable(f"HTTP {response.status_code}")
    if response.status_code != HTTPStatus.CREATED:
        code = answer.get("code")
        raise Refused(code if isinstance(code, int) else response.status_code)
    if not isinstance(answer.get("sid"), str):
        raise Unreachable("no sid")
    return Sent(sid=answer["sid"])

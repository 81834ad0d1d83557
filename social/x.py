"""X over HTTP: one call is one request, with a timeout; nothing is tried twice here, and nothing is guessed.

X's own client, xdk, is not used: it has no timeout, keeps its connection to itself, imports for more than a
second, and refuses a whole page where one field of one post is not of the type that its version expects.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from json import loads
from typing import Any
from urllib.parse import quote

import requests

TIMEOUT_SECONDS = (3.05, 10)  # To connect, and between two bytes.
HURRIED_SECONDS = (0.4, 0.9)  # Where a page waits for it.
WHOLE_SECONDS = 20  # For all of an answer, however it drips: a task ends after 45 s.
STREAM_SECONDS = (3.05, 25)  # X says something every 20 s, if only a line break.
CREDITS_SECONDS = 30  # To ask again when X wants money first: being refused costs nothing.
PAGE = 100  # The most posts that X gives or looks up in one call.
WINDOW_SECONDS = 900  # X's limits are per 15 minutes.
LONGEST_HANDLE = 15
DM_FIELDS = "created_at,sender_id,dm_conversation_id,event_type,text"
UNPAID = ("/problems/credits", "/problems/usage-capped")  # The latter comes as a 429.
CHUNK = 64 * 1024
LARGEST_ANSWER = 8 * 1024 * 1024
POST_FIELDS = "author_id,created_at,display_text_range,edit_controls,edit_history_{0}_ids,entities,lang"
POST_FIELDS += ",note_{0},referenced_{0}s"
EXPANSIONS = "author_id,entities.mentions.username"
USER_FIELDS = "created_at,profile_image_url,protected"


class Refused(Exception):
    """X said no: the same call would be refused again."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(status, problem)
        self.status = status
        self.problem = problem


class Limited(Exception):
    """Too many calls, or too little money; X may take the next in `seconds`."""

    def __init__(self, seconds: int, *, is_unpaid: bool = False) -> None:
        super().__init__(seconds)
        self.seconds = seconds
        self.is_unpaid = is_unpaid

    def __str__(self) -> str:
        return "X wants to be paid" if self.is_unpaid else "X takes no more calls for now"


class Unreachable(Exception):
    """No answer, half of one, or none that makes sense: what was asked may have been done."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What speaks for an account, and what renews it; X takes each refresh token once."""

    access: str
    refresh: str
    lifetime_seconds: int

    def __repr__(self) -> str:
        return "Tokens(…)"


@dataclass(frozen=True, slots=True)
class Webhook:
    id: str
    url: str
    is_valid: bool


@dataclass(frozen=True, slots=True)
class Subscription:
    id: str
    event_type: str
    user_id: str
    webhook_id: str


@dataclass(frozen=True, slots=True)
class Calls:
    """How many calls of a kind X still takes in this quarter of an hour."""

    left: int
    allowed: int


class X:
    """X's API. `bearer` is the app's; a person's token is given to the calls that speak for somebody."""

    def __init__(
        self,
        url: str,
        *,
        bearer: str,
        client_id: str = "",
        client_secret: str = "",
        is_hurried: bool = False,
    ) -> None:
        self._url = url
        self._bearer = bearer
        self._timeout = HURRIED_SECONDS if is_hurried else TIMEOUT_SECONDS
        self._client = (quote(client_id, safe=""), quote(client_secret, safe=""))
        self._session = requests.Session()
        self._session.trust_env = False  # Neither a proxy nor a .netrc gets between us and X.
        self._session.headers["User-Agent"] = "S-Money"
        self.calls: dict[str, Calls] = {}  # What X said last, by path.

    def mentions(
        self, user_id: str, *, since_id: str = "", page_token: str = "", noun: str = "tweet"
    ) -> dict[str, Any]:
        """One page of posts that mention the user, the newest first, as X writes it."""
        query = _fields(noun) | {"max_results": str(PAGE)}
        query |= {"since_id": since_id} if since_id else {}
        query |= {"pagination_token": page_token} if page_token else {}
        return self._call("GET", f"/2/users/{user_id}/mentions", params=query)

    def posts(self, ids: Iterable[str], *, noun: str = "tweet") -> dict[str, Any]:
        """These posts, at most 100, as X writes them; what is gone is among its errors."""
        return self._call("GET", "/2/tweets", params=_fields(noun) | {"ids": ",".join(ids)})

    def user(self, user_id: str) -> dict[str, Any]:
        """Somebody, as X describes them now; suspended or gone, they are among its errors."""
        return self._call("GET", f"/2/users/{quote(user_id, safe='')}", params={"user.fields": USER_FIELDS})

    def reply(self, post_id: str, text: str, *, token: str) -> str:
        """Answer a post for the token's account; the new post's id."""
        body = {"text": text, "reply": {"in_reply_to_tweet_id": post_id}}
        answer = self._call("POST", "/2/tweets", token=token, json=body)
        return _text(answer, "data", "id")

    def people(self, handles: Iterable[str]) -> dict[str, Any]:
        """Whom these handles mean now, at most 100, as X writes it."""
        query = {"usernames": ",".join(handles), "user.fields": USER_FIELDS}
        return self._call("GET", "/2/users/by", params=query)

    def direct_messages(self, *, token: str) -> list[dict[str, Any]]:
        """What was written to and by the token's account lately, the newest first."""
        query = {"event_types": "MessageCreate", "max_results": str(PAGE), "dm_event.fields": DM_FIELDS}
        return _rows(self._call("GET", "/2/dm_events", token=token, params=query))

    def send_direct_message(self, user_id: str, text: str, *, token: str) -> str:
        """Write to a person for the token's account; the message's id."""
        path = f"/2/dm_conversations/with/{user_id}/messages"
        return _text(self._call("POST", path, token=token, json={"text": text}), "data", "dm_event_id")

    def me(self, *, token: str) -> str:
        """The id of the token's account."""
        return _text(self._call("GET", "/2/users/me", token=token), "data", "id")

    def refresh(self, refresh_token: str) -> Tokens:
        """New tokens for an old one, which is spent by this."""
        body = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        answer = self._call("POST", "/2/oauth2/token", data=body, auth=self._client)
        lifetime = answer.get("expires_in")
        if not isinstance(lifetime, int):
            raise Unreachable("X gave a token without a lifetime")
        return Tokens(_text(answer, "access_token"), _text(answer, "refresh_token"), lifetime)

    def webhooks(self) -> list[Webhook]:
        answer = self._call("GET", "/2/webhooks")
        return [
            Webhook(str(row.get("id")), str(row.get("url")), bool(row.get("valid"))) for row in _rows(answer)
        ]

    def add_webhook(self, url: str) -> Webhook:
        """Register the address, which X challenges before it answers."""
        answer = self._call("POST", "/2/webhooks", json={"url": url})
        row = answer.get("data")
        return Webhook(
            _text(answer, "data", "id") if isinstance(row, dict) else _text(answer, "id"), url, True
        )

    def check_webhook(self, webhook_id: str) -> None:
        """Have X challenge the address again, and send again what it held back."""
        self._call("PUT", f"/2/webhooks/{webhook_id}")

    def subscriptions(self) -> list[Subscription]:
        return [
            Subscription(
                str(row.get("subscription_id") or ""),
                str(row.get("event_type")),
                str((row.get("filter") or {}).get("user_id")),
                str(row.get("webhook_id") or ""),
            )
            for row in _rows(self._call("GET", "/2/activity/subscriptions"))
        ]

    def subscribe(self, event_type: str, *, user_id: str, webhook_id: str) -> None:
        body = {"event_type": event_type, "filter": {"user_id": user_id}, "webhook_id": webhook_id}
        self._call("POST", "/2/activity/subscriptions", json=body)

    def unsubscribe(self, subscription_id: str) -> None:
        self._call("DELETE", f"/2/activity/subscriptions/{subscription_id}")

    def replay(self, webhook_id: str, *, since: datetime, until: datetime) -> None:
        """Have X call the webhook again with what happened in these minutes; it knows the last 24 hours."""
        body = {"webhook_id": webhook_id, "from_date": _minute(since), "to_date": _minute(until)}
        self._call("POST", "/2/webhooks/replay", json=body)

    def rules(self) -> set[str]:
        """What the stream tells of."""
        return {str(row.get("value")) for row in _rows(self._call("GET", "/2/tweets/search/stream/rules"))}

    def add_rule(self, value: str) -> None:
        self._call("POST", "/2/tweets/search/stream/rules", json={"add": [{"value": value}]})

    def stream(self, *, noun: str = "tweet") -> Iterator[dict[str, Any] | None]:
        """What the rules find, as X writes it and as it comes; None is a sign of life, the first at once.

        It ends by an exception alone, or by who reads it.
        """
        path = "/2/tweets/search/stream"
        headers = {"Authorization": f"Bearer {self._bearer}"}
        try:
            with self._session.get(
                self._url + path,
                params=_fields(noun),
                headers=headers,
                timeout=STREAM_SECONDS,
                allow_redirects=False,
                stream=True,
            ) as response:
                if not response.ok or response.is_redirect:
                    _check(response, _read(response))
                yield None
                for line in _lines(response):
                    yield _object(line) if line.strip() else None
        except (requests.RequestException, ValueError) as problem:
            raise Unreachable(type(problem).__name__) from None
        raise Unreachable("X ended the stream")

    def _call(self, method: str, path: str, *, token: str = "", **request: Any) -> dict[str, Any]:
        if "auth" not in request:
            request["headers"] = {"Authorization": f"Bearer {token or self._bearer}"}
        try:
            with self._session.request(
                method,
                self._url + path,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
                **request,
            ) as response:
                answer = _read(response)
        except (requests.RequestException, ValueError) as problem:
            # `from None`: the request in the chain holds tokens.
            raise Unreachable(type(problem).__name__) from None
        self._note(f"{method} {path}", response)
        _check(response, answer)
        return answer

    def _note(self, path: str, response: requests.Response) -> None:
        left, allowed = (response.headers.get(f"x-rate-limit-{name}", "") for name in ("remaining", "limit"))
        if _is_number(left) and _is_number(allowed):
            self.calls[path] = Calls(int(left), int(allowed))


def _fields(noun: str) -> dict[str, str]:
    return {
        f"{noun}.fields": POST_FIELDS.format(noun),
        "expansions": EXPANSIONS,
        "user.fields": USER_FIELDS,
    }


def _read(response: requests.Response) -> dict[str, Any]:
    """:raises ValueError: if it is too long, too slow, or not what it should be"""
    body, until = bytearray(), time.monotonic() + WHOLE_SECONDS
    for piece in response.iter_content(CHUNK):
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise ValueError("more than X ever says")
        if time.monotonic() > until:
            raise ValueError("slower than X ever is")
    try:
        answer = loads(body)
    except ValueError:
        if response.ok:
            raise
        return {}  # A refusal in other words than JSON is still one.
    return answer if isinstance(answer, dict) else {}


def _lines(response: requests.Response) -> Iterator[bytes]:
    """Each as soon as it is whole; what is left when the stream breaks is none."""
    rest = b""
    for piece in response.iter_content(None):
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        if len(rest) > LARGEST_ANSWER:
            raise ValueError("more than X ever says")


def _object(line: bytes) -> dict[str, Any]:
    said = loads(line)
    if not isinstance(said, dict) or "data" not in said:
        raise ValueError("X says why it ends the stream, or nothing that makes sense")
    return said


def _check(response: requests.Response, answer: dict[str, Any]) -> None:
    """:raises Limited, Refused, Unreachable: unless the answer is one"""
    status = response.status_code
    if status == HTTPStatus.PAYMENT_REQUIRED or str(answer.get("type")).endswith(UNPAID):
        raise Limited(CREDITS_SECONDS, is_unpaid=True)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Limited(_seconds_left(response.headers.get("x-rate-limit-reset", "")))
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Refused(status, _problem(answer))
    if not response.ok or response.is_redirect:
        raise Unreachable(str(status))


def _minute(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M")


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 10  # noqa: PLR2004  # as many digits as we keep


def _seconds_left(reset: str) -> int:
    if not (reset.isascii() and reset.isdigit()):
        return WINDOW_SECONDS
    return min(max(int(reset) - int(time.time()), 1), WINDOW_SECONDS)


def _problem(answer: dict[str, Any]) -> str:
    """What X gave as its reason, in one line."""
    errors = [error for error in answer.get("errors") or () if isinstance(error, dict)]
    said = (
        answer.get("detail") or answer.get("error_description") or answer.get("error") or answer.get("title")
    )
    more = next((error.get("message") or error.get("detail") for error in errors), "")
    return " ".join(f"{said or ''} {more or ''}".split())[:200]


def _rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in answer.get("data") or () if isinstance(row, dict)]


def _text(answer: dict[str, Any], *path: str) -> str:
    value: Any = answer
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, str) or not value:
        raise Unreachable(f"X gave no {'.'.join(path)}")
    return value

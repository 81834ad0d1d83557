"""Faults on demand: how the outside fails, switched on for a service by a page or a script.

A fault is drawn for each call by its share. What is refused (429, 500) has no effect; everything else has had
its effect before the answer is lost, late, cut or senseless, which is what a client must be able to bear.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

# Which service an API path belongs to. Pages are never faulty.
SERVICES = {
    "x": ("/2/", "/1.1/"),
    "x_events": (),  # What X tells by webhooks: any fault loses it, for a replay to bring.
    "processor": ("/v1/",),
    "sms": ("/2010-04-01/",),
    "bank": ("/bank/v1/",),
    "messenger": ("/graph/",),
}


class Kind(StrEnum):
    NONE = "none"
    RATE_LIMITED = "429"
    UNPAID = "402"
    CAPPED = "usage_capped"
    FORBIDDEN = "403"
    BROKEN = "500"
    BROKEN_AFTER = "500_after"
    TIMEOUT = "timeout"
    SLOW = "slow"
    HALF_BODY = "half_body"
    BAD_JSON = "bad_json"


ABOUT = {
    Kind.NONE: "everything works",
    Kind.RATE_LIMITED: "429, nothing is done",
    Kind.UNPAID: "402, X's credits are used up: nothing is done",
    Kind.CAPPED: "429, X's monthly cap is reached: nothing is done",
    Kind.FORBIDDEN: "403, X says that we were not mentioned: nothing is done",
    Kind.BROKEN: "500, nothing is done",
    Kind.BROKEN_AFTER: "500, but it was done",
    Kind.TIMEOUT: "it is done; instead of an answer, 504 after the seconds",
    Kind.SLOW: "it is done; the answer comes after the seconds",
    Kind.HALF_BODY: "it is done; the connection breaks in the middle of the answer",
    Kind.BAD_JSON: "it is done; the answer is no JSON",
}
REFUSALS = {
    Kind.RATE_LIMITED: 429,
    Kind.UNPAID: 402,
    Kind.CAPPED: 429,
    Kind.FORBIDDEN: 403,
    Kind.BROKEN: 500,
}
# In X's words, where they are more than the status.
PROBLEMS = {
    Kind.UNPAID: {
        "title": "CreditsDepleted",
        "detail": "Your enrolled account does not have any credits to fulfill this request.",
        "type": "https://api.x.com/2/problems/credits",
    },
    Kind.CAPPED: {
        "title": "UsageCapExceeded",
        "detail": "Usage cap exceeded: Monthly product cap",
        "type": "https://api.x.com/2/problems/usage-capped",
        "period": "Monthly",
    },
    Kind.FORBIDDEN: {
        "detail": "Reply to this conversation is not allowed because you have not been mentioned or otherwise"
        " engaged by the author of the post you are replying to.",
        "type": "https://api.x.com/2/problems/not-authorized-for-resource",
    },
}
STREAMS = {"/2/tweets/search/stream"}  # They never end: a fault refuses them, or cuts them off.
WAIT_SECONDS = {Kind.TIMEOUT: 30.0, Kind.SLOW: 2.0}


@dataclass(frozen=True)
class Fault:
    service: str
    kind: Kind = Kind.NONE
    share: int = 100  # per cent of the calls
    seconds: float = 0  # to wait, for slow and timeout
    hits: int = 0


_current: dict[str, Fault] = {service: Fault(service) for service in SERVICES}


class NotAFault(Exception):
    """The words say no fault that there is."""


def current() -> list[Fault]:
    return list(_current.values())


def set_fault(service: str, *, kind: str, share: int = 100, seconds: float | None = None) -> Fault:
    """Replace the service's fault.

    :raises NotAFault: if there is no such service or kind, or the share is no percentage
    """
    if service not in SERVICES or kind not in set(Kind) or not 0 <= share <= 100:  # noqa: PLR2004 (per cent)
        raise NotAFault(
            f"service is one of {', '.join(SERVICES)}; kind one of {', '.join(Kind)}; share 0 to 100"
        )
    wait = WAIT_SECONDS.get(Kind(kind), 0.0) if seconds is None else seconds
    fault = Fault(service, Kind(kind), share, max(0.0, wait))
    _current[service] = fault
    return fault


def as_json(fault: Fault) -> dict[str, Any]:
    return asdict(fault)


class Faults:
    """ASGI middleware: draws a fault for each API call and plays it."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        fault = _draw(str(scope.get("path", ""))) if scope["type"] == "http" else None
        if fault is None:
            await self.app(scope, receive, send)
        elif fault.kind in REFUSALS:
            await _refuse(send, fault.kind)
        elif scope["path"] in STREAMS:
            await self.app(scope, receive, send)
        else:
            start, body = await self._done(scope, receive)
            await _play(fault, start, body, send)

    async def _done(self, scope: Message, receive: Receive) -> tuple[Message, bytes]:
        """Let the call have its effect, and keep its answer."""
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await self.app(scope, receive, keep)
        return kept[0], b"".join(message.get("body", b"") for message in kept[1:])


def strikes(service: str) -> bool:
    """Whether the service's fault befalls what goes on already."""
    fault = _current[service]
    return fault.kind is not Kind.NONE and random.random() * 100 < fault.share  # noqa: S311 (a fault, not a secret)


def _draw(path: str) -> Fault | None:
    for service, prefixes in SERVICES.items():
        fault = _current[service]
        if fault.kind is Kind.NONE or not path.startswith(prefixes):
            continue
        if random.random() * 100 < fault.share:  # noqa: S311 (a fault, not a secret)
            _current[service] = Fault(service, fault.kind, fault.share, fault.seconds, fault.hits + 1)
            return fault
    return None


async def _play(fault: Fault, start: Message, body: bytes, send: Send) -> None:
    match fault.kind:
        case Kind.SLOW:
            await asyncio.sleep(fault.seconds)
            await _pass_on(send, start, body)
        case Kind.TIMEOUT:
            await asyncio.sleep(fault.seconds)
            await _answer(send, 504)
        case Kind.HALF_BODY:
            await send(start)
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        case Kind.BAD_JSON:
            await _answer(send, 200, b"<html><body>Something went wrong</body></html>", b"text/html")
        case _:
            await _answer(send, 500)


async def _pass_on(send: Send, start: Message, body: bytes) -> None:
    await send(start)
    await send({"type": "http.response.body", "body": body})


async def _refuse(send: Send, kind: Kind) -> None:
    status = REFUSALS[kind]
    problem = _problem(status) | PROBLEMS.get(kind, {})
    limits = []
    if kind is Kind.RATE_LIMITED:
        reset = str(int(time.time()) + 5).encode()
        limits = [(b"x-rate-limit-limit", b"1"), (b"x-rate-limit-remaining", b"0")]
        limits += [(b"x-rate-limit-reset", reset), (b"retry-after", b"5")]
    await _answer(send, status, json.dumps(problem).encode(), more=limits)


async def _answer(
    send: Send,
    status: int,
    body: bytes = b"",
    content_type: bytes = b"application/problem+json",
    more: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    content = body or json.dumps(_problem(status)).encode()
    headers = [(b"content-type", content_type), (b"content-length", str(len(content)).encode()), *more]
    await _pass_on(send, {"type": "http.response.start", "status": status, "headers": headers}, content)


def _problem(status: int) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    return {"title": title, "detail": title, "type": "about:blank", "status": status}

"""The filtered stream: one connection, a line for each post that a rule finds, a line break every 20 seconds.

It stands before Django, whose pages are whole before they go out. After a reconnect it repeats, as X does.
https://docs.x.com/x-api/posts/filtered-stream
"""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

from sandbox import faults
from sandbox.x import objects
from sandbox.x.models import Post, Rule

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

PATH = "/2/tweets/search/stream"
MOST = 1  # connections
REPEATED_SECONDS = 60  # of the past, told again to who connects
LOOK_SECONDS = 0.1  # how soon a fault ends a connection

_listeners: dict[asyncio.Queue[str], asyncio.AbstractEventLoop] = {}
_told: deque[tuple[float, str]] = deque(maxlen=50)


def tell(post: Post) -> None:
    """Send the post to whoever listens, if a rule finds it. From any thread."""
    rules = [rule for rule in Rule.objects.order_by("pk") if rule.value[1:].lower() in post.mentions]
    if not rules or post.author.is_protected:
        return
    payload, includes = objects.activity(post)
    found = [{"id": str(rule.pk), "tag": rule.tag} for rule in rules]
    line = json.dumps({"data": payload, "includes": includes, "matching_rules": found}, ensure_ascii=False)
    _told.append((time.monotonic(), line))
    for queue, loop in list(_listeners.items()):
        loop.call_soon_threadsafe(queue.put_nowait, line)


def connections() -> int:
    return len(_listeners)


class Streams:
    """ASGI middleware: answers the stream's address, and leaves everything else to the application."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["path"], scope["method"]) != (PATH, "GET"):
            await self.app(scope, receive, send)
        elif not _is_ours(scope):
            await _refuse(send, 401, {"title": "Unauthorized", "detail": "Unauthorized"})
        elif len(_listeners) >= MOST:
            await _refuse(send, 429, TOO_MANY)
        else:
            await _serve(receive, send)


TOO_MANY = {
    "title": "ConnectionException",
    "detail": "This stream is currently at the maximum allowed connection limit.",
    "connection_issue": "TooManyConnections",
    "type": "https://api.x.com/2/problems/streaming-connection",
}


async def _serve(receive: Receive, send: Send) -> None:
    queue: asyncio.Queue[str] = asyncio.Queue()
    _listeners[queue] = asyncio.get_running_loop()
    for at, line in list(_told):
        if at > time.monotonic() - REPEATED_SECONDS:
            queue.put_nowait(line)
    gone = asyncio.ensure_future(_gone(receive))
    try:
        headers = [(b"content-type", b"application/json; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await _say(send, "")
        await _go_on(queue, gone, send)
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
        del _listeners[queue]


async def _go_on(queue: asyncio.Queue[str], gone: asyncio.Future[None], send: Send) -> None:
    """Until the client leaves, or a fault cuts it off."""
    alive_at = time.monotonic()
    while not gone.done() and not faults.strikes("x"):
        try:
            line = await asyncio.wait_for(queue.get(), LOOK_SECONDS)
        except TimeoutError:
            if time.monotonic() < alive_at + settings.X_KEEPALIVE_SECONDS:
                continue
            line = ""
        await _say(send, line)
        alive_at = time.monotonic()


async def _say(send: Send, line: str) -> None:
    await send({"type": "http.response.body", "body": f"{line}\r\n".encode(), "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _is_ours(scope: Message) -> bool:
    said = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    scheme, _, value = said.partition(" ")
    # Not by `tokens`, which tells `events`, which tells us.
    return scheme.lower() == "bearer" and hmac.compare_digest(value, settings.X_BEARER_TOKEN)


async def _refuse(send: Send, status: int, problem: dict[str, str]) -> None:
    body = json.dumps(problem | {"status": status}).encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

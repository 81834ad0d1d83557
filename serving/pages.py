"""Django's pages in threads of a pool, behind an ASGI server: one hop into a thread, one hop back.

Django's own handler makes a thread, and so a database connection, for each request; a WSGI bridge keeps its
threads and hops back for each piece of an answer. Ours are whole before they go out: none is a stream.
More requests than can be answered soon are refused at once, so that those taken in are answered in time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from io import BytesIO
from typing import IO, Any, cast

from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import set_script_prefix

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Refusal = Callable[[HttpRequest, HTTPStatus], HttpResponse]

# Requests that wait for a thread: at 30 ms of work each, the last of them is answered within two seconds.
MOST_WAITING = 64
RETRY_SECONDS = 3
LARGEST = 10 * 1024 * 1024  # Bytes of a body, which is read before anybody looks at the request.


class Pages(ASGIHandler):
    """An ASGI 3 application: https://asgi.readthedocs.io/en/latest/specs/www.html."""

    def __init__(self, *, threads: int, refusal: Refusal | None = None) -> None:
        """`refusal` says what is told to whoever is not let in: 413 or 503."""
        BaseHandler.__init__(self)
        self._refusal = refusal or _plain
        self.load_middleware(is_async=False)
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="pages")
        self._taken, self._most = 0, threads + MOST_WAITING

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        incoming = Limited(receive)
        try:
            body = await self.read_body(incoming)
        except RequestAborted:
            if incoming.is_too_much:
                await self.send_response(self._refused(scope, HTTPStatus.REQUEST_ENTITY_TOO_LARGE), send)
            return
        with body:
            if self._taken >= self._most:
                response: HttpResponseBase = self._refused(scope, HTTPStatus.SERVICE_UNAVAILABLE)
            else:
                response = await self._answered(scope, body)
            await self.send_response(response, send)

    def _refused(self, scope: dict[str, Any], status: HTTPStatus) -> HttpResponse:
        response = self._refusal(ASGIRequest(scope, BytesIO()), status)
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            response["Retry-After"] = str(RETRY_SECONDS)
        return response

    async def _answered(self, scope: dict[str, Any], body: IO[bytes]) -> HttpResponseBase:
        self._taken += 1  # In the loop's own thread, so it needs no lock.
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._answer, scope, body)
        finally:
            self._taken -= 1

    def _answer(self, scope: dict[str, Any], body: IO[bytes]) -> HttpResponseBase:
        """What `WSGIHandler` does, in one thread from beginning to end."""
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response = self._whole(request) if request else cast("HttpResponseBase", refusal)
        response.close()  # Here, as it gives back what this thread holds.
        return response

    def _whole(self, request: ASGIRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.streaming:
            return response
        whole = HttpResponse(b"".join(response), status=response.status_code, headers=dict(response.items()))
        whole.cookies = response.cookies
        response.close()
        return whole


class Limited:
    """What is received, until there is too much of it: then it ends as if the sender had left."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._length = 0

    @property
    def is_too_much(self) -> bool:
        return self._length > LARGEST

    async def __call__(self) -> Message:
        message = await self._receive()
        self._length += len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.is_too_much else message


def _plain(_request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    return HttpResponse(f"{status.phrase}. Nothing was done.", status=status, content_type="text/plain")

"""Django's pages behind an ASGI server: what comes in, what goes out, and in which thread it was made."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.core.signals import request_finished
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import override_settings
from django.urls import path

from serving import pages

GATE = threading.Event()
View = Callable[[HttpRequest], HttpResponseBase]


def header(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.headers.get("X-Forwarded-Proto", "none"))


def length(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.body)))


def thread(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(threading.current_thread().name)


def stream(_request: HttpRequest) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(iter([b"one ", b"two"]), status=202, headers={"X-Kept": "yes"})
    answer.set_cookie("kept", "yes")
    return answer


def slow(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(GATE.wait(10)))


def broken(_request: HttpRequest) -> HttpResponse:
    raise ValueError


urlpatterns = [path(f"{view.__name__}/", view) for view in (header, length, thread, stream, slow, broken)]


@pytest.fixture
def ask() -> Iterator[Callable[..., tuple[int, dict[bytes, bytes], bytes]]]:
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        served = pages.Pages(threads=1)

        def run(
            name: str, *, body: tuple[bytes, ...] = (b"",), headers: tuple[tuple[bytes, bytes], ...] = ()
        ) -> tuple[int, dict[bytes, bytes], bytes]:
            answer: tuple[int, dict[bytes, bytes], bytes] = asyncio.run(
                _ask(served, f"/{name}/", body, headers)
            )
            return answer

        yield run


async def _ask(served: pages.Pages, where: str, body: tuple[bytes, ...], headers: Any) -> Any:
    scope = {"type": "http", "method": "POST", "path": where, "query_string": b"", "headers": headers}
    incoming = [
        {"type": "http.request", "body": part, "more_body": number < len(body) - 1}
        for number, part in enumerate(body)
    ]
    said: list[pages.Message] = []

    async def receive() -> dict[str, Any]:
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(message: pages.Message) -> None:
        said.append(message)

    await served(scope, receive, send)
    if not said:
        return 0, {}, b""
    return said[0]["status"], dict(said[0]["headers"]), b"".join(part.get("body", b"") for part in said[1:])


class TestPages:
    def test_come_with_what_was_sent(self, ask: Callable[..., Any]) -> None:
        assert ask("length", body=(b"12", b"345"))[::2] == (200, b"5")

    def test_take_no_header_with_an_underscore_for_one_with_a_hyphen(self, ask: Callable[..., Any]) -> None:
        """Behind a proxy, the header says whether the visitor spoke TLS."""
        assert ask("header", headers=((b"x-forwarded-proto", b"https"),))[2] == b"https"
        assert ask("header", headers=((b"x_forwarded_proto", b"https"),))[2] == b"none"

    def test_refuse_what_is_too_large_before_it_is_read(
        self, ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pages, "LARGEST", 10)
        assert ask("length", body=(b"12345", b"67890"))[0] == 200
        assert ask("length", body=(b"12345", b"67890", b"1"))[0] == 413

    def test_refuse_in_the_words_of_the_site(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pages, "LARGEST", 1)

        def refusal(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
            return HttpResponse(request.headers["Accept-Language"], status=status)

        with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
            served = pages.Pages(threads=1, refusal=refusal)
            answer = asyncio.run(_ask(served, "/length/", (b"12",), ((b"accept-language", b"fr"),)))
        assert answer[::2] == (413, b"fr")

    def test_say_nothing_to_somebody_who_left(self, ask: Callable[..., Any]) -> None:
        assert ask("length", body=()) == (0, {}, b"")

    def test_are_whole_when_they_were_made_in_pieces(self, ask: Callable[..., Any]) -> None:
        status, headers, content = ask("stream")
        assert (status, headers[b"X-Kept"], content) == (202, b"yes", b"one two")
        assert headers[b"Set-Cookie"].startswith(b"kept=yes")

    def test_are_made_and_put_away_in_the_same_thread(self, ask: Callable[..., Any]) -> None:
        """A connection to the database belongs to a thread: it is looked after where it is used."""
        ended: list[str] = []

        def note(**_: object) -> None:
            ended.append(threading.current_thread().name)

        request_finished.connect(note)
        try:
            made = [ask("thread")[2].decode() for _ in range(3)]
        finally:
            request_finished.disconnect(note)
        assert len(set(made)) == 1
        assert made[0].startswith("pages")
        assert ended == made

    def test_are_refused_when_too_many_wait(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One is being made, one waits, the third is told to come back; both others are answered."""
        monkeypatch.setattr(pages, "MOST_WAITING", 1)
        GATE.clear()

        async def three() -> list[Any]:
            served = pages.Pages(threads=1)
            asking = [asyncio.create_task(_ask(served, "/slow/", (b"",), ())) for _ in range(3)]
            refused = await asyncio.wait_for(asking[2], timeout=10)
            GATE.set()
            return [*await asyncio.gather(*asking[:2]), refused]

        with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
            first, second, refused = asyncio.run(three())
        assert (first[0], second[0]) == (200, 200)
        assert (refused[0], refused[1][b"Retry-After"]) == (503, b"3")

    def test_say_that_they_broke(self, ask: Callable[..., Any]) -> None:
        assert ask("broken")[0] == 500

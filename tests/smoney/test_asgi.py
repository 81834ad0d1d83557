"""The two ways into a web process: which of them a request takes, and how much it may bring."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from serving import pages
from smoney import asgi


def taken(monkeypatch: pytest.MonkeyPatch, path: str, *, body: tuple[bytes, ...] = ()) -> tuple[str, bytes]:
    """Which handler gets the request, and what it reads of its body."""
    incoming = [{"type": "http.request", "body": part, "more_body": True} for part in body]
    got: list[tuple[str, bytes]] = []

    def handler(name: str) -> Any:
        async def handle(_scope: Any, receive: pages.Receive, _send: Any) -> None:
            read = b""
            while (message := await receive())["type"] == "http.request":
                read += message["body"]
            got.append((name, read))

        return handle

    async def receive() -> dict[str, Any]:
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(_message: pages.Message) -> None: ...

    monkeypatch.setattr(asgi, "_streams", handler("streams"))
    monkeypatch.setattr(asgi, "_pages", handler("pages"))
    asyncio.run(asgi.application({"type": "http", "path": path}, receive, send))
    return got[0]


@pytest.mark.parametrize("path", ["/", "/live", "/live/more/", "/lively/", "/wallet/live/"])
def test_one_address_alone_is_a_stream(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    assert taken(monkeypatch, "/live/")[0] == "streams"
    assert taken(monkeypatch, path)[0] == "pages"


def test_a_stream_is_not_sent_more_than_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LARGEST", 10)
    body = (b"12345", b"67890")
    assert taken(monkeypatch, "/live/", body=body) == ("streams", b"1234567890")
    assert taken(monkeypatch, "/live/", body=(*body, b"1", b"2")) == ("streams", b"1234567890")

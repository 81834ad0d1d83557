"""A TCP proxy on loopback that delays and cuts: between the site and its database, or the outside."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import uvloop


@dataclass
class Proxy:
    """What it does is changed while it runs; `delay_seconds` is for each piece that passes."""

    target: int
    port: int = 0
    delay_seconds: float = 0.0
    is_closed: bool = False
    passed: int = 0
    loop: asyncio.AbstractEventLoop = field(default_factory=uvloop.new_event_loop)
    ends: set[_End] = field(default_factory=set)

    def cut(self) -> None:
        """End all connections, in the middle of whatever they say."""
        self.loop.call_soon_threadsafe(self._cut)

    async def serve(self) -> None:
        self._server = await self.loop.create_server(lambda: _End(self), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def end(self) -> None:
        self._server.close()
        self._cut()
        await self._server.wait_closed()

    def _cut(self) -> None:
        for end in list(self.ends):
            end.transport.abort()


class _End(asyncio.Protocol):
    """One end of a connection: what it hears, the other says. No task and no queue: a storm says much."""

    transport: asyncio.Transport

    def __init__(self, proxy: Proxy, other: _End | None = None) -> None:
        self.proxy, self.other = proxy, other
        self._said_at = 0.0  # When the last piece goes out: none overtakes another.
        self._early: list[bytes] = []  # What a caller said before the target had answered.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.proxy.ends.add(self)
        if self.other is not None:
            self.other.meet(self)
        elif self.proxy.is_closed:
            self.transport.abort()
        else:
            self._call = self.proxy.loop.create_task(self._go_on())

    async def _go_on(self) -> None:
        try:
            target = "127.0.0.1", self.proxy.target
            await self.proxy.loop.create_connection(lambda: _End(self.proxy, self), *target)
        except OSError:
            self.transport.abort()

    def meet(self, other: _End) -> None:
        self.other = other
        if self.transport.is_closing():
            other.transport.abort()
        for piece in self._early:
            other.say(piece)

    def data_received(self, data: bytes) -> None:
        proxy, now = self.proxy, self.proxy.loop.time()
        proxy.passed += len(data)
        if self.other is None:
            self._early.append(data)
        elif not proxy.delay_seconds and self._said_at < now:
            self.other.say(data)
        else:
            self._said_at = max(now + proxy.delay_seconds, self._said_at + 0.001)
            proxy.loop.call_at(self._said_at, self.other.say, data)

    def say(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)

    def pause_writing(self) -> None:
        if self.other is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None:
            self.other.transport.resume_reading()

    def connection_lost(self, problem: Exception | None) -> None:
        self.proxy.ends.discard(self)
        if self.other is None:
            return
        if problem is not None:
            self.other.transport.abort()
        else:  # After what is delayed still.
            self.proxy.loop.call_at(self._said_at + 0.001, self.other.transport.close)


@contextlib.contextmanager
def before(target: int) -> Iterator[Proxy]:
    """A proxy before that port, in a thread of its own."""
    proxy = Proxy(target)
    proxy.loop.run_until_complete(proxy.serve())
    thread = threading.Thread(target=proxy.loop.run_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(proxy.end(), proxy.loop).result(timeout=10)
        proxy.loop.call_soon_threadsafe(proxy.loop.stop)
        thread.join(timeout=5)
        proxy.loop.close()

"""A TCP proxy on loopback that delays and cuts: between the site and its database, or the outside."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """What it does is changed while it runs; `delay_seconds` is for each piece that passes."""

    target: int
    port: int = 0
    delay_seconds: float = 0.0
    is_closed: bool = False
    passed: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def cut(self) -> None:
        """End all connections, in the middle of whatever they say."""
        self._loop.call_soon_threadsafe(self._cut)

    async def serve(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def end(self) -> None:
        self._server.close()
        self._cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_closed:
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, back}
        for work in (self._pass(reader, back), self._pass(there, writer)):
            task = self._loop.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(65_536):
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                self.passed += len(piece)
                writer.write(piece)
                await writer.drain()
        self._open.discard(writer)
        writer.close()

    def _cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()


@contextlib.contextmanager
def before(target: int) -> Iterator[Proxy]:
    """A proxy before that port, in a thread of its own."""
    proxy = Proxy(target)
    proxy._loop.run_until_complete(proxy.serve())  # noqa: SLF001  # its own
    thread = threading.Thread(target=proxy._loop.run_forever, daemon=True)  # noqa: SLF001  # its own
    thread.start()
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(proxy.end(), proxy._loop).result(timeout=10)  # noqa: SLF001  # its own
        proxy._loop.call_soon_threadsafe(proxy._loop.stop)  # noqa: SLF001  # its own
        thread.join(timeout=5)
        proxy._loop.close()  # noqa: SLF001  # its own

"""Live pages hear their own member's hints, and leave nothing behind when they close."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest
import redis

from payments import hints, live

WALLET = "event: wallet\ndata: wallet\n\n"
ME, SOMEBODY = 9_000_001, 9_000_002  # Nobody whom a test elsewhere may tell of something meanwhile.


async def opened(user_id: int) -> AsyncGenerator[str, None]:
    """A stream that is listened to: its first hint came."""
    events = live._events(user_id)  # noqa: SLF001  # the stream without its HTTP
    assert await asyncio.wait_for(anext(events), 10) == WALLET
    return events


@pytest.fixture
def broker(settings: Any) -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)


class TestStream:
    def test_carries_its_members_hints_and_nobody_elses(self, broker: redis.Redis) -> None:
        async def listen() -> str:
            async with aclosing(await opened(ME)) as events:
                broker.publish(hints.channel(SOMEBODY), "theirs")
                broker.publish(hints.channel(ME), "mine")
                while (event := await asyncio.wait_for(anext(events), 10)).startswith(":"):
                    pass
                return event

        assert asyncio.run(listen()) == "event: mine\ndata: mine\n\n"

    def test_stays_open_while_nothing_happens(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """For longer than a broker may take to answer."""
        monkeypatch.setattr(live, "KEEP_ALIVE_SECONDS", live.PATIENCE_SECONDS + 1)

        async def listen() -> list[str]:
            async with aclosing(await opened(ME)) as events:
                return [await asyncio.wait_for(anext(events), 20) for _ in range(3)]

        assert asyncio.run(listen()) == [": still here\n\n"] * 3

    def test_leaves_no_connection_behind(self, broker: redis.Redis) -> None:
        def subscribed() -> int:
            return sum(count for _, count in broker.pubsub_numsub(*map(hints.channel, range(7000, 7200))))

        async def come_and_go() -> int:
            streams = [await opened(number) for number in range(7000, 7200)]
            most = await asyncio.to_thread(subscribed)
            waiting = [asyncio.ensure_future(anext(stream)) for stream in streams]
            await asyncio.sleep(0)
            for one in waiting:
                one.cancel()  # As Django does when the browser is gone.
            await asyncio.gather(*waiting, return_exceptions=True)
            return most

        assert asyncio.run(come_and_go()) == 200
        assert subscribed() == 0

    @pytest.mark.parametrize("is_frozen", [True, False], ids=["frozen", "gone"])
    def test_hints_by_itself_without_a_broker(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch, is_frozen: bool
    ) -> None:
        monkeypatch.setattr(live, "WITHOUT_BROKER_SECONDS", 0)

        async def listen() -> list[str]:
            async with aclosing(live._events(1)) as events:  # noqa: SLF001  # the stream without its HTTP
                return [await asyncio.wait_for(anext(events), 5) for _ in range(2)]

        with socket.create_server(("127.0.0.1", 0)) as ear:
            settings.REDIS_URL = f"redis://127.0.0.1:{ear.getsockname()[1]}/0"
            if not is_frozen:
                ear.close()
            assert asyncio.run(listen()) == [WALLET, WALLET]

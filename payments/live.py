"""A stream of hints to an open page: `wallet`, `notice`. It carries no data, only that there is some.

A page that was cut off gets a hint when it is back, so nothing that happened meanwhile is missed;
without a broker the stream hints every few seconds, and the page goes on as if it polled.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import redis
import redis.asyncio
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from payments import hints

KEEP_ALIVE_SECONDS = 15
WITHOUT_BROKER_SECONDS = 4
PATIENCE_SECONDS = 2  # A broker that is frozen takes the call and never answers.
# After that the page connects again, and its session is looked at again.
LIFE_SECONDS = 600


async def live(request: HttpRequest) -> HttpResponseBase:
    user = await request.auser()
    await sync_to_async(connections.close_all)()  # A stream that lives long holds no connection.
    if not user.is_authenticated:
        return HttpResponse(status=401)
    stream = StreamingHttpResponse(_events(user.pk), content_type="text/event-stream")
    stream["Cache-Control"] = "no-store"
    stream["X-Accel-Buffering"] = "no"
    return stream


async def _events(user_id: int) -> AsyncGenerator[str, None]:
    ends_at = asyncio.get_running_loop().time() + LIFE_SECONDS
    while asyncio.get_running_loop().time() < ends_at:
        try:
            async with aclosing(_heard(user_id, until=ends_at)) as heard:
                async for event in heard:
                    yield event
        except redis.RedisError:
            yield _event("wallet")
            await asyncio.sleep(WITHOUT_BROKER_SECONDS)


async def _heard(user_id: int, *, until: float) -> AsyncGenerator[str, None]:
    broker = redis.asyncio.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS
    )
    async with broker, broker.pubsub() as ear:
        await ear.subscribe(hints.channel(user_id))
        yield _event("wallet")
        while asyncio.get_running_loop().time() < until:
            said = await ear.get_message(ignore_subscribe_messages=True, timeout=KEEP_ALIVE_SECONDS)
            yield "".join(map(_event, said["data"].decode().split())) if said else ": still here\n\n"


def _event(name: str) -> str:
    return f"event: {name}\ndata: {name}\n\n"

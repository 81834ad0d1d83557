"""Hints to start sooner: a task to run, a page to refresh. Losing one costs time, never money.

They go out after the transaction commits, and a broker that is away is not waited for: it gets a second
once, then nothing for some seconds. Beat's sweeps and the pages' own reconnecting find what a lost hint left.
"""

from __future__ import annotations

import logging
from functools import cache, partial
from time import monotonic
from typing import Any

import redis
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu import pools

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 1
AWAY_SECONDS = 5


def run(task: str) -> None:
    """Wake a worker for the task, by its name."""
    transaction.on_commit(partial(_send, task), robust=True)


def refresh(user_id: int, event: str) -> None:
    """Tell the user's open pages that something changed: `wallet`, `notice` or an order's reference."""
    transaction.on_commit(partial(_publish, user_id, event), robust=True)


def channel(user_id: int) -> str:
    """The channel that the user's open pages listen on."""
    return f"live:{user_id}"


def _send(task: str) -> None:
    if _is_away():
        return
    try:
        with _producers().acquire(block=True, timeout=PATIENCE_SECONDS) as producer:
            current_app.send_task(task, producer=producer, retry=False, ignore_result=True)
    except Exception:
        _note_away()
        logger.warning("A hint could not be sent", extra={"task": task}, exc_info=True)


def _publish(user_id: int, event: str) -> None:
    if _is_away():
        return
    try:
        _broker().publish(channel(user_id), event)
    except redis.RedisError:
        _note_away()
        logger.warning("A page could not be told", extra={"user_id": user_id, "event": event})


class _Away:
    """Until when, on this process's clock, the broker is not asked: it did not answer a moment ago."""

    until = 0.0


def _is_away() -> bool:
    return monotonic() < _Away.until


def _note_away() -> None:
    _Away.until = monotonic() + AWAY_SECONDS


@cache
def _producers() -> Any:
    """Celery's own connections try for seconds before they give up, and wait as long for an answer."""
    impatient = {
        "socket_timeout": PATIENCE_SECONDS,
        "socket_connect_timeout": PATIENCE_SECONDS,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
    }
    return pools.producers[current_app.connection_for_write(transport_options=impatient)]


@cache
def _broker() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS
    )

"""Hints to start sooner: a task to run, a page to refresh. Losing one costs time, never money.

They go out after the transaction commits, and a broker that is away is not waited for:
beat's sweeps and the pages' own reconnecting find what a lost hint left.
"""

from __future__ import annotations

import logging
from functools import cache, partial

import redis
from celery import current_app
from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)


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
    try:
        current_app.send_task(task, retry=False, ignore_result=True)
    except Exception:
        logger.warning("A hint could not be sent", extra={"task": task}, exc_info=True)


def _publish(user_id: int, event: str) -> None:
    try:
        _broker().publish(channel(user_id), event)
    except redis.RedisError:
        logger.warning("A page could not be told", extra={"user_id": user_id, "event": event})


@cache
def _broker() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)

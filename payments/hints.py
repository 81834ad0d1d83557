"""Hints to start sooner: a task to run, a page to refresh. Losing one costs time, never money.

They go out after the transaction commits. A task that was asked for and has not begun is not asked for
again: when it begins, it sees what was committed until then, so a rush makes batches. A broker that is
away is not waited for: it gets a second once, then nothing for some seconds. Beat's sweeps and the pages'
own reconnecting find what a lost hint left.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from functools import cache, partial
from itertools import compress
from time import monotonic, sleep
from types import MappingProxyType
from typing import Any

import redis
from celery import Task, current_app
from celery.signals import task_prerun
from django.conf import settings
from django.db import transaction
from kombu import pools

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 1
AWAY_SECONDS = 5
# One command for all whose orders a page of posts makes: as many would take longer than what they are about.
_PUBLISH = "for _, channel in ipairs(KEYS) do redis.call('PUBLISH', channel, ARGV[1]) end"
AWAITED_SECONDS = 2  # A task that was asked for and never came is asked for again after this.


class Gathering(Task):  # type: ignore[type-arg]  # Celery's takes no parameters at run time
    """A task that waits a moment when it begins: what comes together is sent together.

    What it sends goes to the outside, where nobody reads it sooner.
    """

    gather_seconds = 0.25


def run(task: str) -> None:
    """Wake a worker for the task, by its name."""
    give(tasks=[task])


def refresh(user_id: int, *events: str) -> None:
    """Tell the user's open pages what changed: `wallet`, `notice`."""
    give(pages={user_id: events})


def give(*, tasks: Collection[str] = (), pages: Mapping[int, Sequence[str]] = MappingProxyType({})) -> None:
    """Wake workers for these tasks, and tell these users' open pages what changed, by one question."""
    transaction.on_commit(partial(_give, tasks, pages), robust=True)


def channel(user_id: int) -> str:
    """The channel that the user's open pages listen on."""
    return f"live:{user_id}"


def _give(tasks: Collection[str], pages: Mapping[int, Sequence[str]]) -> None:
    if _is_away():
        return
    try:
        with _broker().pipeline(transaction=False) as pipe:
            for task in tasks:
                pipe.set(_awaited(task), 1, nx=True, ex=AWAITED_SECONDS)
            for events, channels in _by_events(pages).items():
                pipe.eval(_PUBLISH, len(channels), *channels, events)
            is_new = pipe.execute()[: len(tasks)]
        for task in compress(tasks, is_new):
            with _producers().acquire(block=True, timeout=PATIENCE_SECONDS) as producer:
                current_app.send_task(task, producer=producer, retry=False)
    except Exception:
        _note_away()
        logger.warning("A hint could not be given", extra={"tasks": tasks, "pages": pages}, exc_info=True)


def _by_events(pages: Mapping[int, Sequence[str]]) -> dict[str, list[str]]:
    """The channels of those who are told the same."""
    told: dict[str, list[str]] = {}
    for user_id, events in pages.items():
        told.setdefault(" ".join(events), []).append(channel(user_id))
    return told


@task_prerun.connect
def _note_begun(task: Task[Any, Any], **_: object) -> None:
    """From here on, what is committed may come too late for this run, and wants a hint of its own."""
    if isinstance(task, Gathering):
        sleep(task.gather_seconds)
    try:
        _broker().delete(_awaited(task.name))
    except redis.RedisError:
        logger.warning("A hint could not be taken down", extra={"task": task.name})


def _awaited(task: str) -> str:
    return f"awaited:{task}"


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

"""Ends a worker that takes nothing from its queue any more, so that whoever supervises it starts another.

A worker may lose its way in a broken connection and sit there, alive and deaf. It is deaf when its queue is
not empty, look after look, and no task of its own began or ended meanwhile; a frozen one stirs at its first.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable
from typing import Any

import redis
from celery.signals import task_postrun, task_prerun, worker_ready
from django.conf import settings

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 10
LOOKS = 9  # With its threads all waiting for the outside a worker begins nothing for 55 s.
FAILURE = 70  # EX_SOFTWARE of sysexits.h


class Watchdog:
    """Counts the looks in a row that found these queues waiting and nothing stirring."""

    def __init__(self, queues: Iterable[str], *, broker: redis.Redis) -> None:
        self.queues, self.broker = list(queues), broker
        self.stirred = self.seen = self.deaf = 0

    def note(self) -> None:
        """A task has begun, or ended."""
        self.stirred += 1

    def look(self) -> bool:
        """Whether the worker is deaf by now. A broker that is away says nothing about it."""
        is_idle, self.seen = self.stirred == self.seen, self.stirred
        self.deaf = self.deaf + 1 if is_idle and self._is_asked() else 0
        return self.deaf >= LOOKS

    def _is_asked(self) -> bool:
        try:
            return any(self.broker.llen(queue) for queue in self.queues)
        except redis.RedisError:
            return False


@worker_ready.connect
def watch(sender: Any, **_signal: object) -> None:
    """From when a worker is ready."""
    broker = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
    watchdog = Watchdog([queue.name for queue in sender.task_consumer.queues], broker=broker)
    for moment in (task_prerun, task_postrun):
        moment.connect(lambda **_signal: watchdog.note(), weak=False)
    threading.Thread(target=_keep_looking, args=(watchdog,), name="watchdog", daemon=True).start()


def _keep_looking(watchdog: Watchdog) -> None:
    pause = threading.Event()
    while not watchdog.look():
        pause.wait(SECONDS_BETWEEN_LOOKS)
    logger.critical("A worker takes nothing from its queue, and ends", extra={"queues": watchdog.queues})
    logging.shutdown()
    os._exit(FAILURE)  # An orderly end would wait for the connection that it is stuck in.

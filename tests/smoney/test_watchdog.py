"""A worker that takes nothing from its queue ends."""

from __future__ import annotations

import pytest
import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from smoney.watchdog import LOOKS, Watchdog

QUEUE = "watched"


@pytest.fixture
def broker() -> redis.Redis:
    broker = redis.Redis.from_url(settings.REDIS_URL)
    broker.delete(QUEUE)
    return broker


def test_knows_one_that_lets_its_queue_wait(broker: redis.Redis) -> None:
    broker.lpush(QUEUE, "hint")
    watchdog = Watchdog([QUEUE], broker=broker)
    assert [watchdog.look() for _ in range(LOOKS)] == [False] * (LOOKS - 1) + [True]


def test_leaves_one_that_begins_something_now_and_then(broker: redis.Redis) -> None:
    broker.lpush(QUEUE, "hint")
    watchdog = Watchdog([QUEUE], broker=broker)
    for _ in range(3):
        assert not any(watchdog.look() for _ in range(LOOKS - 1))
        watchdog.note()
        assert not watchdog.look()


def test_leaves_one_that_nobody_asks(broker: redis.Redis) -> None:
    watchdog = Watchdog([QUEUE], broker=broker)
    assert not any(watchdog.look() for _ in range(3 * LOOKS))


def test_says_nothing_where_the_broker_is_away() -> None:
    away = redis.Redis(port=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0))
    watchdog = Watchdog([QUEUE], broker=away)
    assert not any(watchdog.look() for _ in range(3 * LOOKS))

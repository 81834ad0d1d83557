"""Health: ready only while everything that a request needs is there; what is missing is named, not why."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from redis import Redis, RedisError

from smoney import health


@pytest.mark.django_db
class TestReady:
    def test_says_so_where_everything_is_there(self, client: Client) -> None:
        response = client.get(reverse("health:ready"))
        assert response.status_code == 200
        assert response.json() == {"ready": True, "database": True, "redis": True, "migrations": True}

    def test_names_the_part_that_is_missing(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def _refuse() -> bool:
            raise RedisError(settings.REDIS_URL)

        monkeypatch.setitem(health.PARTS, "redis", _refuse)
        response = client.get(reverse("health:ready"))
        assert response.status_code == 503
        assert response.json() == {"ready": False, "database": True, "redis": False, "migrations": True}
        assert settings.REDIS_URL not in response.text

    def test_is_asked_by_several_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever has their answer first hangs up, and cuts off nobody."""
        ping, is_asked, may_answer = Redis.ping, threading.Event(), threading.Event()

        def slow(client: Redis) -> bool:
            connection = client.connection_pool.get_connection()
            is_asked.set()
            assert may_answer.wait(timeout=10)
            return bool(connection.is_connected and ping(client))

        with ThreadPoolExecutor() as pool:
            monkeypatch.setattr(Redis, "ping", slow)
            first = pool.submit(health.PARTS["redis"])
            assert is_asked.wait(timeout=10)
            monkeypatch.setattr(Redis, "ping", ping)
            assert health.PARTS["redis"]()
            may_answer.set()
            assert first.result(timeout=10)

    def test_sees_that_a_migration_is_missing(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(health, "_are_applied", False)
        monkeypatch.setattr("smoney.health.MigrationExecutor.migration_plan", lambda *_: ["0099_later"])
        assert client.get(reverse("health:ready")).json()["migrations"] is False


class TestLive:
    def test_needs_nothing(self, client: Client) -> None:
        assert client.get(reverse("health:live")).json() == {"live": True}

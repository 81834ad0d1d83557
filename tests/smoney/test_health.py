"""Health: ready only while everything that a request needs is there; what is missing is named, not why."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from redis import RedisError

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

    def test_sees_that_a_migration_is_missing(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(health, "_are_applied", False)
        monkeypatch.setattr("smoney.health.MigrationExecutor.migration_plan", lambda *_: ["0099_later"])
        assert client.get(reverse("health:ready")).json()["migrations"] is False


class TestLive:
    def test_needs_nothing(self, client: Client) -> None:
        assert client.get(reverse("health:live")).json() == {"live": True}

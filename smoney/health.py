"""Answers to who watches over the processes: alive (this one serves) and ready (what it needs is there).

They say which part is missing and never why: that is for the log.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis, RedisError

TIMEOUT_SECONDS = 2
logger = logging.getLogger(__name__)


@never_cache
@require_safe
def live(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({"live": True})


@never_cache
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    parts = {name: _is_well(name, look) for name, look in PARTS.items()}
    is_ready = all(parts.values())
    return JsonResponse({"ready": is_ready, **parts}, status=200 if is_ready else 503)


def _is_well(name: str, look: Callable[[], bool]) -> bool:
    try:
        return look()
    except (Error, RedisError):
        logger.warning("A part that we need does not answer", exc_info=True, extra={"part": name})
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _redis() -> bool:
    """By a client of its own: closing one that threads share would cut off another's answer."""
    with _client() as client:
        return bool(client.ping())


def _migrations() -> bool:
    """Whether no migration of this code is missing; once so it stays so: a process keeps its code."""
    global _are_applied  # noqa: PLW0603  # a process's own memory
    if not _are_applied:
        executor = MigrationExecutor(connection)
        _are_applied = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _are_applied


def _client() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )


_are_applied = False
PARTS = {"database": _database, "redis": _redis, "migrations": _migrations}

app_name = "health"
urlpatterns = [path("live", live, name="live"), path("ready", ready, name="ready")]

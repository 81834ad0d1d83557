"""Hears X by its filtered stream, where it is wanted: one connection, begun again after longer pauses.

A stream may end at any moment and says nothing of what it left out: each time it begins, the poll is asked
to read what came meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread

from django.conf import settings
from django.db import Error, close_old_connections, connection
from django.utils import timezone

from social import events, outside, posts, ways, x
from social.models import Way

logger = logging.getLogger(__name__)

SHORTEST_SECONDS, LONGEST_SECONDS = 1, 64


def start(over: Event, *, backfill: Callable[[], None]) -> Thread:
    """Listen on a thread until it is over; it ends with the next line that X says."""
    thread = Thread(target=listen, args=(over,), kwargs={"backfill": backfill}, name="stream", daemon=True)
    thread.start()
    return thread


def listen(over: Event, *, backfill: Callable[[], None]) -> None:
    pause = SHORTEST_SECONDS
    while not over.is_set():
        wait, has_begun = _once(over, backfill)
        pause = SHORTEST_SECONDS if has_begun else min(2 * pause, LONGEST_SECONDS)
        over.wait(max(wait, pause))
    connection.close()


def _once(over: Event, backfill: Callable[[], None]) -> tuple[int, bool]:
    """One connection, to its end; how long X wants to be left alone, and whether it began."""
    has_begun = False
    try:
        _see_to_rule()
        for said in outside.x().stream():
            close_old_connections()
            if not has_begun:
                has_begun = True
                backfill()
            if over.is_set():
                break
            _take(said)
    except x.Limited as limited:
        # One connection too many, as a rule: X has not noticed yet that our last one ended.
        _note(limited)
        return min(limited.seconds, LONGEST_SECONDS), has_begun
    except (x.Refused, x.Unreachable) as problem:
        _note(problem)
    except Error:
        logger.exception("The database is away; the stream begins again soon")
        connection.close()
    return 0, has_begun


def _take(said: posts.Json | None) -> None:
    if said:
        try:
            events.hear(posts.page(said), at=timezone.now())
        except posts.Malformed:
            logger.exception("The stream said something that could not be read")
    ways.worked(Way.Name.STREAM)


def _see_to_rule() -> None:
    rule = f"@{settings.X_SERVICE_HANDLE}"
    if rule not in outside.x().rules():
        outside.x().add_rule(rule)


def _note(problem: Exception) -> None:
    logger.warning("The stream ended", extra={"problem": str(problem)})
    try:
        ways.failed(Way.Name.STREAM, problem)
    except Error:
        connection.close()

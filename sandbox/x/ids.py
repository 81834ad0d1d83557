"""Ids as X gives them: numbers that grow with time and do not fit in JavaScript's."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

EPOCH_MS = 1_288_834_974_657  # X's own: 4 November 2010

_lock = threading.Lock()
_last = 0


def new() -> int:
    """An id greater than all that this process gave before."""
    global _last  # noqa: PLW0603 (the one counter of this process)
    with _lock:
        _last = max(_last + 1, at(time.time()))
        return _last


def at(seconds: float) -> int:
    """The smallest id of that moment (Unix time)."""
    return (int(seconds * 1000) - EPOCH_MS) << 22


def moment(number: int) -> datetime:
    """When the id was given."""
    return datetime.fromtimestamp(((number >> 22) + EPOCH_MS) / 1000, tz=UTC)

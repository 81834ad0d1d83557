"""Rate limits, counted in this process: so many calls of an endpoint's family in 15 minutes, app or person.

https://docs.x.com/x-api/fundamentals/rate-limits
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from django.conf import settings

WINDOW_SECONDS = 15 * 60

_lock = threading.Lock()
_windows: dict[tuple[str, str], tuple[int, int]] = {}  # (family, who) → (end, calls)


@dataclass(frozen=True)
class Family:
    """What counts together, and how much of it the app and a person may do. None: they may not."""

    name: str
    app: int | None = None
    person: int | None = None


@dataclass(frozen=True)
class Reading:
    """What the headers say."""

    limit: int
    remaining: int
    reset: int
    is_exceeded: bool

    @property
    def headers(self) -> dict[str, str]:
        return {
            "x-rate-limit-limit": str(self.limit),
            "x-rate-limit-remaining": str(self.remaining),
            "x-rate-limit-reset": str(self.reset),
        }


def count(family: Family, *, person_id: int | None) -> Reading:
    """Count a call of the person, or of the app alone, which must be allowed in the family."""
    base = family.app if person_id is None else family.person
    assert base is not None, family
    limit = base * settings.X_RATE_FACTOR
    key, now = (family.name, str(person_id or "app")), int(time.time())
    with _lock:
        reset, calls = _windows.get(key, (0, 0))
        if now >= reset:
            reset, calls = now + WINDOW_SECONDS, 0
        _windows[key] = (reset, calls + 1)
    return Reading(limit, max(0, limit - calls - 1), reset, calls >= limit)

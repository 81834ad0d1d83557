"""What every page of a signed-in member shows: what is new behind the bell, and whether their money moves."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts import freezes
from accounts.models import User
from payments import notices, standstill


def bell(request: HttpRequest) -> dict[str, object]:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    # Each is asked for when a page shows it.
    return {
        "unseen_notices": SimpleLazyObject(lambda: notices.unseen(user)),
        "is_halted": SimpleLazyObject(standstill.is_halted),
        "is_frozen": SimpleLazyObject(lambda: freezes.is_frozen(user)),
    }

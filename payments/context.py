"""What every page of a signed-in member shows: whether there is something new behind the bell."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from payments import notices


def bell(request: HttpRequest) -> dict[str, object]:
    user = getattr(request, "user", None)
    return (
        {"unseen_notices": SimpleLazyObject(lambda: notices.unseen(user))} if isinstance(user, User) else {}
    )

"""What a request is about: the signed-in member."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import User


def member(request: HttpRequest) -> User:
    """The signed-in user of a view that asks for one."""
    assert isinstance(request.user, User)
    return request.user

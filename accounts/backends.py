"""Who proves to be a member by number and password; staff do so in the admin's form as well."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from accounts import phones
from accounts.models import User


class Backend(AuthenticationBackend):  # type: ignore[misc]  # untyped
    """allauth's, which does not know that the admin's form calls the number a username."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        written = credentials.pop("username", None)
        if written is not None:
            try:
                credentials["phone"] = phones.parse(str(written))
            except phones.NotAFrenchMobile:
                return None
            # Only members' sign-in counts its failures by itself.
            get_adapter(request).pre_authenticate(request, **credentials)
        user: User | None = super().authenticate(request, **credentials)
        return user

    def get_user(self, user_id: int) -> User | None:
        """Who is signed in, with their secret code, which every page of money asks for."""
        try:
            user = User.objects.select_related("secret_code").get(pk=user_id)
        except User.DoesNotExist:
            return None
        return user if self.user_can_authenticate(user) else None

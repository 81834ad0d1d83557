"""allauth's provider of X, at the addresses of the settings and for linking alone."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.twitter_oauth2.provider import TwitterOAuth2Provider
from django.http import HttpRequest

from accounts.x_account.views import XAdapter

FIELDS = ["id", "name", "username", "created_at", "profile_image_url", "verified", "protected"]


class XProvider(TwitterOAuth2Provider):  # type: ignore[misc]  # untyped
    id = "x_account"
    name = "X"
    oauth2_adapter_class = XAdapter
    pkce_enabled_default = True

    def get_fields(self) -> list[str]:
        return FIELDS

    def get_redirect_from_request_kwargs(self, _request: HttpRequest) -> dict[str, Any]:
        """The address decides nothing: allauth would let it add scopes and start a sign-in."""
        return {"process": AuthProcess.CONNECT}


provider_classes = [XProvider]

"""The way to X and back."""

from __future__ import annotations

import re
from typing import Any

from allauth.socialaccount.models import SocialToken
from allauth.socialaccount.providers.base import AuthProcess, ProviderException
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.twitter_oauth2.views import TwitterOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_POST

from accounts import access, organisation_access
from accounts.models import Role, Seat

ID = re.compile(r"[0-9]{1,20}")
HANDLE = re.compile(r"[A-Za-z0-9_]{1,15}")


class XAdapter(TwitterOAuth2Adapter):  # type: ignore[misc]  # untyped
    provider_id = "x_account"

    @property
    def access_token_url(self) -> str:
        return f"{settings.X_API_URL}/2/oauth2/token"

    @property
    def profile_url(self) -> str:
        return f"{settings.X_API_URL}/2/users/me"

    @property
    def authorize_url(self) -> str:
        return settings.X_AUTHORIZE_URL

    def get_user_info(self, token: SocialToken) -> dict[str, Any]:
        """Who X says it is.

        :raises ProviderException: if it says nothing that can be used
        """
        try:
            profile: dict[str, Any] = super().get_user_info(token)
            is_somebody = ID.fullmatch(profile["id"]) and HANDLE.fullmatch(profile["username"])
        except (KeyError, TypeError) as problem:
            raise ProviderException from problem
        if not is_somebody:
            raise ProviderException
        return {"name": ""} | profile


@organisation_access.seat_required(Role.OWNER)
@require_POST
def organisation_login(request: HttpRequest, seat: Seat) -> HttpResponseBase:
    """To X for an organisation: for which one, this session keeps beside the state that comes back."""
    provider = XAdapter(request).get_provider()
    answer: HttpResponseBase = provider.redirect(
        request, process=AuthProcess.CONNECT, data={"organisation": seat.organisation.slug}
    )
    return answer


oauth2_login = access.member_required(
    access.attended_required()(require_POST(OAuth2LoginView.adapter_view(XAdapter)))
)
oauth2_callback = OAuth2CallbackView.adapter_view(XAdapter)

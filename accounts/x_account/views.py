"""The way to X and back."""

from __future__ import annotations

from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.twitter_oauth2.views import TwitterOAuth2Adapter
from django.conf import settings
from django.views.decorators.http import require_POST

from accounts import access


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


oauth2_login = access.member_required(require_POST(OAuth2LoginView.adapter_view(XAdapter)))
oauth2_callback = OAuth2CallbackView.adapter_view(XAdapter)

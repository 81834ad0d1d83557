"""`x_account_login` and `x_account_callback`."""

from __future__ import annotations

from allauth.socialaccount.providers.oauth2.urls import default_urlpatterns

from accounts.x_account.provider import XProvider

urlpatterns = default_urlpatterns(XProvider)

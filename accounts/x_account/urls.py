"""`x_account_login` and `x_account_callback`, and the way there for an organisation."""

from __future__ import annotations

from allauth.socialaccount.providers.oauth2.urls import default_urlpatterns
from django.urls import path

from accounts.x_account.provider import XProvider
from accounts.x_account.views import organisation_login

urlpatterns = [
    *default_urlpatterns(XProvider),
    path("x_account/organisations/<slug:slug>/", organisation_login, name="x_account_organisation_login"),
]

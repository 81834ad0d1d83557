"""Where everything is."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("accounts.urls")),  # First, as `organisations/new/` is no organisation's page.
    path("", include("payments.urls")),
    path("", include("giving.urls")),
    path("", include("giving.pot_urls")),
    path("", include("giving.loan_urls")),
    path("", include("shop.urls")),
    path("", include("social.urls")),
    path("account/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("staff/", admin.site.urls),
    path("health/", include("smoney.health")),
]
handler500 = "smoney.outage.server_error"

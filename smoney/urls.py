"""Where everything is."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("payments.urls")),
    path("", include("social.urls")),
    path("", include("accounts.urls")),
    path("account/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("staff/", admin.site.urls),
    path("health/", include("smoney.health")),
]
handler500 = "smoney.outage.server_error"

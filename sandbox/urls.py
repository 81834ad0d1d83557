"""The sandbox's addresses, each service where its clients expect it."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("sandbox.x.urls")),
    path("", include("sandbox.processor.urls")),
    path("", include("sandbox.phone.urls")),
]

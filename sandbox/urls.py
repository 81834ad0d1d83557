"""The sandbox's addresses, each service where its clients expect it."""

from __future__ import annotations

from django.urls import include, path

from sandbox import views

urlpatterns = [
    path("", views.index, name="index"),
    path("sandbox/faults", views.fault_switch, name="faults"),
    path("sandbox/usage", views.usage, name="usage"),
    path("", include("sandbox.x.urls")),
    path("", include("sandbox.processor.urls")),
    path("", include("sandbox.phone.urls")),
    path("", include("sandbox.messenger.urls")),
    path("", include("sandbox.bank.urls")),
    path("", include("sandbox.program.urls")),
]

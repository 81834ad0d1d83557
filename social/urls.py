"""The addresses of what is heard, and of how well it is."""

from __future__ import annotations

from django.urls import path

from social import views

urlpatterns = [
    path("status/", views.status, name="status"),
    path("webhooks/x", views.x, name="webhook-x"),
]

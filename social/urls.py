"""The addresses of what is heard."""

from __future__ import annotations

from django.urls import path

from social import views

urlpatterns = [
    path("webhooks/x", views.x, name="webhook-x"),
]

"""The addresses of what is heard, and of trying it."""

from __future__ import annotations

from django.urls import path

from social import help_views, views

urlpatterns = [
    path("aide/essayer/", help_views.rehearse, name="rehearsal"),
    path("webhooks/x", views.x, name="webhook-x"),
]

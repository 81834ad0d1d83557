"""The addresses of what is heard."""

from __future__ import annotations

from django.urls import path

from social import linking, views, webhooks

urlpatterns = [
    path("webhooks/x", views.x, name="webhook-x"),
    path("webhooks/sms", webhooks.sms, name="webhook-sms"),
    path("webhooks/messenger", webhooks.messenger, name="webhook-messenger"),
    path("settings/messenger/", linking.messenger, name="messenger"),
    path("settings/messenger/unlink/", linking.messenger_unlink, name="messenger_unlink"),
]

"""The addresses of what is heard, of trying it, and of how well it is."""

from __future__ import annotations

from django.urls import path

from social import help_views, linking, views, webhooks

urlpatterns = [
    path("help/", help_views.help_, name="help"),
    path("aide/essayer/", help_views.rehearse, name="rehearsal"),
    path("status/", views.status, name="status"),
    path("webhooks/x", views.x, name="webhook-x"),
    path("webhooks/sms", webhooks.sms, name="webhook-sms"),
    path("webhooks/messenger", webhooks.messenger, name="webhook-messenger"),
    path("settings/messenger/", linking.messenger, name="messenger"),
    path("settings/messenger/unlink/", linking.messenger_unlink, name="messenger_unlink"),
]

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SocialConfig(AppConfig):
    name = "social"
    verbose_name = _("Messages")

    def ready(self) -> None:
        from social import profiles  # noqa: F401, PLC0415  # registers who asks X

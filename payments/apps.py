from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from payments import privileges


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Money")

    def ready(self) -> None:
        from payments import checks  # noqa: F401, PLC0415  # registers them

        post_migrate.connect(privileges.grant, sender=self)

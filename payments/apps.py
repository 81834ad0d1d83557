from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from payments import privileges


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        from payments import checks  # noqa: F401, PLC0415  # registers them

        post_migrate.connect(privileges.grant, sender=self)

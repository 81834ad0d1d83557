from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from payments import privileges


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Money")

    def ready(self) -> None:
        from accounts import seats  # noqa: PLC0415  # models are there from here on
        from payments import checks, seat_notices  # noqa: F401, PLC0415  # models are there from here on; registers checks

        seats.told_by(seat_notices.tell)
        post_migrate.connect(privileges.grant, sender=self)

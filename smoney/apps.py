"""The project's own app configurations."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class SMoneyConfig(AppConfig):
    """Loads Celery with Django, so that tasks find their broker in every process."""

    name = "smoney"

    def ready(self) -> None:
        from smoney import celery  # noqa: F401, PLC0415  # apps must be loaded first


class StaffAdminConfig(AdminConfig):
    """Django admin behind a second factor."""

    default_site = "smoney.staff.StaffSite"

"""Celery: it only wakes workers; what is due is in PostgreSQL."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smoney.settings")

app = Celery("smoney")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
app.autodiscover_tasks(["accounts", "payments", "social"])

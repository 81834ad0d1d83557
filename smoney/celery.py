"""Celery: it only wakes workers; what is due is in PostgreSQL."""

from __future__ import annotations

import os

from celery import Celery
from kombu.transport.redis import QoS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smoney.settings")

# A channel that closes gives back what was not begun, and asks for it a connection that is gone: the worker
# would neither go on nor end. What it holds are hints, and beat gives them again.
QoS.restore_at_shutdown = False

app = Celery("smoney")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
app.autodiscover_tasks(["accounts", "payments", "social"])

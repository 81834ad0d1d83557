"""Celery: it only wakes workers; what is due is in PostgreSQL."""

from __future__ import annotations

import gc
import os

from celery import Celery
from celery.signals import worker_process_init
from kombu.transport.virtual import QoS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smoney.settings")

# What is not begun when a channel closes is not given back: the broker keeps none of it (settings.py).
QoS.restore_at_shutdown = False

ROWS_BETWEEN_LOOKS = 20_000  # For the garbage collector: a page of posts makes several thousand.

app = Celery("smoney")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
app.autodiscover_tasks(["accounts", "payments", "giving", "shop", "social"])
app.conf.imports = ["smoney.watchdog"]


@worker_process_init.connect
def spare_what_stays(**_signal: object) -> None:
    """What was loaded stays: the collector need not look through it after every few hundred rows."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(ROWS_BETWEEN_LOOKS)

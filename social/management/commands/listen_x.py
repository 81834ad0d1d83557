"""`manage.py listen_x`: the process that hears X. Run as many as you like: one polls, the others stand by."""

from __future__ import annotations

import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand

from social import listening


class Command(BaseCommand):
    help = "Listens to X: sees to the webhook and its subscriptions, and polls mentions. SIGTERM ends it."

    def handle(self, *_args: Any, **_options: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        listening.listen(stop)

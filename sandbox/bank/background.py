"""The bank's work beside requests: what is due is done."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import DatabaseError
from django.db.models import Min
from django.utils import timezone

from sandbox.bank import books
from sandbox.bank.models import Payment

log = logging.getLogger(__name__)

IDLE_SECONDS = 5.0
PATIENCE_SECONDS = 10


def start() -> Callable[[], None]:
    """Start the thread that does what is due. Returns the function that stops it."""
    stopping = threading.Event()

    def stop() -> None:
        stopping.set()
        books.wake.set()
        thread.join(timeout=PATIENCE_SECONDS)

    thread = threading.Thread(target=_run, args=(stopping,), name="bank", daemon=True)
    thread.start()
    return stop


def _run(stopping: threading.Event) -> None:
    while not stopping.is_set():
        books.wake.clear()
        try:
            books.act(timezone.now())
            pause = _pause()
        except DatabaseError:
            log.exception("bank round broken off")
            pause = 1.0
        books.wake.wait(pause)


def _pause() -> float:
    """Return the seconds until something is due, a few at most."""
    due = Payment.objects.aggregate(at=Min("acts_at"))["at"]
    wait: float = (due - timezone.now()).total_seconds() if due else IDLE_SECONDS
    return max(0.0, min(wait, IDLE_SECONDS))

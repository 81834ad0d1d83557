"""The sender: events go out at once, are tried again with longer and longer pauses, and given up after a day.

Due rows are the queue, so that nothing is lost when the sandbox or the receiver stops.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import requests
from django.db import connection
from django.utils import timezone

from sandbox import faults
from sandbox.x import events, webhooks
from sandbox.x.models import Delivery, Webhook

SENDERS = 8
TIMEOUT_SECONDS = 10
AT_ONCE = SENDERS * 4  # under way or handed out
CHALLENGE_SECONDS = 30  # how late an hourly challenge may be
LOOK_SECONDS = 0.5  # how late a retry may be; new events wake the sender at once
PATIENCE = timedelta(hours=24)
LONGEST_PAUSE_SECONDS = 60

log = logging.getLogger(__name__)
_threads = threading.local()


class Sender(threading.Thread):
    """Finds what is due and has it sent by a few threads, each row by one of them."""

    def __init__(self) -> None:
        super().__init__(name="x-webhook-sender", daemon=True)
        self._is_stopped = False
        self._under_way: set[int] = set()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="x-webhook")

    def run(self) -> None:
        challenge_at = 0.0
        while not self._is_stopped:
            events.something_is_due.wait(LOOK_SECONDS)
            events.something_is_due.clear()
            try:
                if time.monotonic() >= challenge_at:
                    _challenge_hourly()
                    challenge_at = time.monotonic() + CHALLENGE_SECONDS
                while self._send_what_is_due():
                    pass
            except Exception:
                log.exception("webhook sender stumbled")
        connection.close()

    def stop(self) -> None:
        self._is_stopped = True
        events.something_is_due.set()
        self.join(timeout=2)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _send_what_is_due(self) -> bool:
        """Hand out a batch. Whether there may be more at once."""
        with self._lock:
            under_way = set(self._under_way)
        free = AT_ONCE - len(under_way)
        if free <= 0:
            return False  # a sender that has finished wakes us
        due = Delivery.objects.filter(due_at__lte=timezone.now(), webhook__is_valid=True).exclude(
            pk__in=under_way
        )
        rows = list(due.select_related("webhook").order_by("due_at", "pk")[:free])
        with self._lock:
            self._under_way |= {row.pk for row in rows}
        for row in rows:
            self._pool.submit(self._send, row)
        return len(rows) == free

    def _send(self, row: Delivery) -> None:
        try:
            deliver(row)
        except Exception:
            log.exception("webhook delivery stumbled", extra={"delivery": row.pk})
        finally:
            with self._lock:
                was_full = len(self._under_way) >= AT_ONCE
                self._under_way.discard(row.pk)
            if was_full:
                events.something_is_due.set()


def deliver(row: Delivery) -> None:
    """Try once, and note what came of it. Any answer but 2xx is tried again."""
    if faults.strikes("x_events"):
        Delivery.objects.filter(pk=row.pk).update(attempts=row.attempts + 1, outcome="lost", due_at=None)
        return
    body = row.body.encode()
    headers = {"Content-Type": "application/json", "x-twitter-webhooks-signature": webhooks.signature(body)}
    try:
        response = _session().post(
            row.webhook.url, data=body, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
        )
        is_delivered, outcome = response.ok and not response.is_redirect, f"{response.status_code}"
    except requests.RequestException as problem:
        is_delivered, outcome = False, type(problem).__name__
    now, attempts = timezone.now(), row.attempts + 1
    pause = timedelta(seconds=min(2 ** (attempts - 1), LONGEST_PAUSE_SECONDS))
    is_over = is_delivered or now - row.created_at > PATIENCE
    Delivery.objects.filter(pk=row.pk).update(
        attempts=attempts,
        outcome=outcome,
        delivered_at=now if is_delivered else None,
        due_at=None if is_over else now + pause,
    )


def start() -> Callable[[], None]:
    sender = Sender()
    sender.start()
    return sender.stop


def _session() -> requests.Session:
    """One of this thread's own, so that connections are kept."""
    if not hasattr(_threads, "session"):
        _threads.session = requests.Session()
        _threads.session.trust_env = False
    session: requests.Session = _threads.session
    return session


def _challenge_hourly() -> None:
    for webhook in Webhook.objects.filter(checked_at__lt=timezone.now() - webhooks.CRC_INTERVAL):
        webhooks.check(webhook)

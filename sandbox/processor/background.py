"""The processor's work beside requests: webhooks are sent, slow banks answer, forgotten sessions expire."""

from __future__ import annotations

import hmac
import json
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus

import requests
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, Min
from django.utils import timezone

from sandbox.processor import events, refunds, sessions, shapes
from sandbox.processor.models import Delivery, PaymentIntent, Refund

log = logging.getLogger(__name__)

SENDERS = 8
TIMEOUT_SECONDS = 10
LEASE = timedelta(seconds=30)
LONGEST_PAUSE_SECONDS = 60
IDLE_SECONDS = 1.0


def start() -> Callable[[], None]:
    """Start the thread that does what is due. Returns the function that stops it."""
    stopping = threading.Event()
    pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="webhook")

    def stop() -> None:
        stopping.set()
        events.wake.set()
        thread.join(timeout=TIMEOUT_SECONDS)
        pool.shutdown(wait=False, cancel_futures=True)

    thread = threading.Thread(target=_run, args=(stopping, pool), name="processor", daemon=True)
    thread.start()
    return stop


def _run(stopping: threading.Event, pool: ThreadPoolExecutor) -> None:
    sending: set[Future[None]] = set()
    while not stopping.is_set():
        events.wake.clear()
        now = timezone.now()
        sending = {it for it in sending if not it.done()}
        try:
            _settle_due(now)
            sessions.expire_due(now)
            sending |= {pool.submit(_send, it) for it in _lease_due(now, SENDERS - len(sending))}
            pause = _pause() if len(sending) < SENDERS else IDLE_SECONDS
        except DatabaseError:
            log.exception("processor round broken off")
            pause = IDLE_SECONDS
        events.wake.wait(pause)


def _settle_due(at: datetime) -> None:
    due = PaymentIntent.objects.filter(status=PaymentIntent.Status.PROCESSING, settles_at__lte=at)
    for id in list(due.values_list("pk", flat=True)):
        sessions.settle(id)
    for id in list(Refund.objects.filter(settles_at__lte=at).values_list("pk", flat=True)):
        with transaction.atomic():
            refunds.settle(Refund.objects.get(pk=id))


def _lease_due(at: datetime, room: int) -> list[Delivery]:
    due = Delivery.objects.filter(delivered_at__isnull=True, due_at__lte=at).select_related("event")
    taken = list(due.order_by("due_at", "pk")[:room])
    if taken:
        Delivery.objects.filter(pk__in=[it.pk for it in taken]).update(due_at=at + LEASE)
    return taken


def _pause() -> float:
    """Return the seconds until something is due, a second at most."""
    webhooks = Delivery.objects.filter(delivered_at__isnull=True)
    slow = PaymentIntent.objects.filter(status=PaymentIntent.Status.PROCESSING)
    dues = [
        webhooks.aggregate(at=Min("due_at"))["at"],
        slow.aggregate(at=Min("settles_at"))["at"],
        Refund.objects.aggregate(at=Min("settles_at"))["at"],
    ]
    waits: list[float] = [(due - timezone.now()).total_seconds() for due in dues if due]
    return max(0.0, min([*waits, IDLE_SECONDS]))


def _send(delivery: Delivery) -> None:
    status, problem = _post(delivery)
    row = Delivery.objects.filter(pk=delivery.pk)
    if status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        row.update(delivered_at=timezone.now(), answer=status, problem="", tries=F("tries") + 1)
    else:
        pause = timedelta(seconds=min(2**delivery.tries, LONGEST_PAUSE_SECONDS))
        row.update(due_at=timezone.now() + pause, answer=status, problem=problem, tries=F("tries") + 1)
    events.wake.set()


def _post(delivery: Delivery) -> tuple[int | None, str]:
    """Send the event, signed as Stripe signs: HMAC-SHA256 over the time and the exact body."""
    body = json.dumps(shapes.event(delivery.event), separators=(",", ":"))
    headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": _sign(body)}
    with requests.Session() as session:
        session.trust_env = False  # a proxy has no business between two services on loopback
        try:
            answer = session.post(
                settings.ACQUIRER_WEBHOOK_URL,
                data=body.encode(),
                headers=headers,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as broken:
            return None, type(broken).__name__
    return answer.status_code, "" if answer.ok else answer.reason or "refused"


def _sign(body: str) -> str:
    at = int(time.time())
    key = settings.ACQUIRER_WEBHOOK_SECRET.encode()
    return f"t={at},v1={hmac.new(key, f'{at}.{body}'.encode(), sha256).hexdigest()}"

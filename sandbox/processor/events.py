"""What is told to the merchant: an event is written in the transaction that makes it true, and sent after."""

from __future__ import annotations

import threading
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from sandbox.processor import shapes
from sandbox.processor.models import Delivery, Event, Method

# Set when something became due; the sender in `background` waits for it.
wake = threading.Event()


def record(kind: str, shape: shapes.Shape, *, method: Method | None = None) -> Event:
    """Tell the webhook; for a card of the LATE kind late, and twice."""
    event = Event.objects.create(kind=kind, object=shape)
    now = timezone.now()
    if method is not None and method.behaviour == Method.Behaviour.LATE:
        due = [now + timedelta(seconds=settings.PROCESSOR_LATE_SECONDS)] * 2
    else:
        due = [now]
    Delivery.objects.bulk_create(Delivery(event=event, due_at=at) for at in due)
    transaction.on_commit(wake.set)
    return event


def send_again(event: Event) -> None:
    Delivery.objects.create(event=event)
    wake.set()

"""Sends organisations' callbacks what is due to them, each event with its outcome."""

from __future__ import annotations

import logging
from http import HTTPStatus
from time import monotonic

from django.conf import settings
from django.db import Error
from django.utils import timezone

from payments import callbacks, hints, receiver
from payments.models import CallbackDelivery

logger = logging.getLogger(__name__)

BATCH = 20
# What begins then may take some seconds more, and is within its lease.
BUSY_SECONDS = 20


def send_due() -> int:
    """Send until nothing is due, or for some seconds, when another task goes on; how many were tried."""
    until, done = monotonic() + BUSY_SECONDS, 0
    while batch := callbacks.claim(limit=BATCH):
        done += _send_batch(batch, seconds=max(0, int(until - monotonic())))
        if monotonic() > until:
            hints.run("payments.call_back")  # There may be more.
            break
    return done


def _send_batch(batch: list[CallbackDelivery], *, seconds: int) -> int:
    """Whoever does not answer is asked once in a batch: the others do not wait for them."""
    until, done = monotonic() + seconds, 0
    silent: set[int] = set()
    for delivery in batch:
        if delivery.callback_id in silent or monotonic() > until:
            callbacks.put_back(delivery)
        else:
            done += 1
            if not _send(delivery):
                silent.add(delivery.callback_id)
    return done


def _send(delivery: CallbackDelivery) -> bool:
    """One event, once; whether there was an answer."""
    try:
        answer = _answered(delivery)
    except receiver.Forbidden:
        callbacks.not_taken(delivery, problem="the address is not one that we call")
    except receiver.Unreachable as problem:
        callbacks.not_taken(delivery, problem=f"no answer: {problem}"[:80])
    except Error:
        raise  # The database's: the lease ends, and it is due again.
    except Exception as problem:
        # It would break each time, and take the rest of its batch with it.
        logger.exception("A callback could not be called", extra={"delivery": delivery.pk})
        callbacks.not_taken(delivery, problem=type(problem).__name__)
    else:
        if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            callbacks.taken(delivery, answer)
        else:
            callbacks.not_taken(delivery, problem=f"HTTP {answer.status}", answer=answer)
        return True
    return False


def _answered(delivery: CallbackDelivery) -> receiver.Answer:
    """:raises receiver.Forbidden, receiver.Unreachable: as its client"""
    at = int(timezone.now().timestamp())
    headers = {
        "S-Money-Signature": callbacks.signature(delivery.callback, delivery.body, at=at),
        "S-Money-Event": str(delivery.event),
    }
    client = receiver.Receiver(delivery.callback.url, may_be_here=settings.IS_LOCAL)
    return client.post(delivery.body.encode(), headers)

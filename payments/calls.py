"""Sends organisations' callbacks what is due to them, each event with its outcome."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from time import monotonic

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payments import callbacks, hints, receiver
from payments.models import CallbackDelivery

logger = logging.getLogger(__name__)

BATCH = 20
# What begins then may take some seconds more, and is within its lease.
BUSY_SECONDS = 20
# Of what sends to the outside at once, callbacks take no more: SMS and replies on X go beside them.
TURNS = 2
NOT_CALLED = "the address is not one that we call"
NO_ANSWER = "no answer: "
# Python's names of what kept an address from answering, as `receiver.Unreachable` gives them.
_SILENCES = {
    "gaierror": gettext_lazy("nobody has an address of that name: is it spelt right?"),
    "TimeoutError": gettext_lazy("no answer in time"),
    "ConnectionRefusedError": gettext_lazy("nothing listens there"),
    "ConnectionResetError": gettext_lazy("it hung up without an answer"),
    "RemoteDisconnected": gettext_lazy("it hung up without an answer"),
    "SSLCertVerificationError": gettext_lazy("its certificate is not valid"),
}
TAKE_TURN = "SELECT pg_try_advisory_lock(hashtextextended('payments.calls:' || %s, 0))"
GIVE_TURN = "SELECT pg_advisory_unlock(hashtextextended('payments.calls:' || %s, 0))"


def send_due() -> int:
    """Send until nothing is due, or for some seconds, when another task goes on; how many were tried.

    None, if as many are at it as may be: they go on until nothing is due.
    """
    with _turn() as is_ours:
        return _send_all() if is_ours else 0


def _send_all() -> int:
    """Whoever does not answer is asked once: the others do not wait for them."""
    until, done = monotonic() + BUSY_SECONDS, 0
    silent: set[int] = set()

    def is_over() -> bool:
        return monotonic() > until

    while batch := callbacks.claim(limit=BATCH, besides=silent):
        done += _send_batch(batch, silent, is_over)
        if is_over():
            hints.run("payments.call_back")  # There may be more.
            break
    return done


@contextmanager
def _turn() -> Iterator[bool]:
    """One of the few turns there are, and whether one was free; whoever's connection ends has none."""
    with connection.cursor() as cursor:
        for number in range(TURNS):
            cursor.execute(TAKE_TURN, [str(number)])
            if cursor.fetchone()[0]:
                break
        else:
            yield False
            return
    try:
        yield True
    finally:
        with connection.cursor() as cursor:
            cursor.execute(GIVE_TURN, [str(number)])


def _send_batch(batch: list[CallbackDelivery], silent: set[int], is_over: Callable[[], bool]) -> int:
    """How many were tried, the first in any case; whoever does not answer is `silent` from then on."""
    done = 0
    for delivery in batch:
        is_late = done > 0 and is_over()
        if delivery.callback_id in silent or is_late or not callbacks.is_told(delivery):
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
        callbacks.not_taken(delivery, problem=NOT_CALLED)
    except receiver.Unreachable as problem:
        callbacks.not_taken(delivery, problem=f"{NO_ANSWER}{problem}"[:80])
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


def in_words(problem: str) -> str:
    """What kept an event from being taken, which is kept in English, in the reader's words."""
    if problem == NOT_CALLED:
        return _("the address is not one that we call")
    if problem.startswith(NO_ANSWER):
        silence = problem.removeprefix(NO_ANSWER)
        return str(_SILENCES.get(silence) or _("no answer (%(problem)s)") % {"problem": silence})
    return problem  # `HTTP 500`, or the name of what broke.

"""Addresses of organisations that are told of their money, and events on their way to one.

An event is claimed in a transaction that commits before the outside is called, as a delivery of ours is. What
is not taken is sent again, ever later, for three days; an address that took nothing for as long is paused.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Iterable
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Now

from accounts import constraints, crypto, organisations, seats
from accounts.models import Organisation, Role, User
from payments import horizon, notices, receiver
from payments.models import Callback, CallbackDelivery, Notification

LEASE = timedelta(seconds=60)  # Above the time limit of a task, which is 55 s.
PATIENCE = timedelta(days=3)
TEST_PATIENCE = timedelta(minutes=10)  # Whoever sends a test looks whether it arrived.
KEPT = timedelta(days=30)  # What was answered.
BACK_OFF_SECONDS = (5, 30, 120, 600, 1800, 3600, 2 * 3600, 4 * 3600, 6 * 3600)
JITTER_PERCENT = 20
MOST = 10  # Of an organisation.
MOST_AT_ONCE = 4  # Of one callback in a batch: whoever is slow is slow for themselves.
MOST_FAILING = 2  # In a batch, one event of each: whoever answers waits for no more of them.
_CLAIM = """
    UPDATE payments_callbackdelivery
       SET due_at = statement_timestamp() + %(lease)s::interval, tries = tries + 1
     WHERE id IN (
       SELECT d.id FROM payments_callback c CROSS JOIN LATERAL (
         SELECT id, due_at FROM payments_callbackdelivery
          WHERE callback_id = c.id AND status = 'DUE' AND due_at <= statement_timestamp()
          ORDER BY due_at LIMIT %(each)s FOR UPDATE SKIP LOCKED) d
        WHERE c.paused_at IS NULL AND c.removed_at IS NULL
          AND (c.fails_since IS NOT NULL) = %(is_failing)s AND c.id <> ALL(%(besides)s::bigint[])
        ORDER BY d.due_at LIMIT %(limit)s)
    RETURNING id
"""

Status = CallbackDelivery.Status


class TooMany(Exception):
    """The organisation has as many as it may."""


class KnownAlready(Exception):
    """That address is told already."""


class NotReviewed(Exception):
    """The organisation is none that may be paid: we call nobody for it."""


class TestUnderWay(Exception):
    """A test is on its way there still."""


def of(organisation: Organisation) -> QuerySet[Callback]:
    """The organisation's, the oldest first."""
    return Callback.objects.filter(organisation=organisation, removed_at=None).order_by("pk")


def add(organisation: Organisation, url: str, *, events: Iterable[str], by: User) -> tuple[Callback, str]:
    """Tell that address from now on; the secret by which it knows us, which is shown once.

    :raises receiver.Forbidden: if it is none that we call
    :raises KnownAlready: if it is told already
    :raises NotReviewed: if staff have not accepted the organisation
    :raises TooMany: if as many are as may be
    """
    if not organisations.is_reviewed(organisation):
        raise NotReviewed
    receiver.check(url, may_be_here=settings.IS_LOCAL)
    secret = f"whsec_{secrets.token_urlsafe(32)}"
    with constraints.kept("address_is_a_callback_once", otherwise=KnownAlready):
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        if of(organisation).count() >= MOST:
            raise TooMany
        made = Callback.objects.create(
            organisation=organisation,
            url=url,
            secret=crypto.encrypt(secret),
            events=sorted(set(events)),
            made_by=by,
            announced=horizon.settled() or horizon.drawn(),  # What is drawn may be committed after this.
        )
    return made, secret


def remove(callback: Callback) -> None:
    """Tell it nothing more, for good."""
    Callback.objects.filter(pk=callback.pk, removed_at=None).update(removed_at=Now())


def pause(callback: Callback) -> bool:
    """Tell it nothing for the time being; whether it was told until now. What happens meanwhile waits."""
    running = Callback.objects.filter(pk=callback.pk, paused_at=None, removed_at=None)
    return bool(running.update(paused_at=Now()))


def resume(callback: Callback) -> None:
    """Go on where it was paused; what was given up stays so until it is sent again by hand."""
    paused = Callback.objects.filter(pk=callback.pk, removed_at=None).exclude(paused_at=None)
    paused.update(paused_at=None, fails_since=None)


@transaction.atomic
def test(callback: Callback) -> CallbackDelivery:
    """An event of nothing, to see whether it arrives: one at a time.

    :raises NotReviewed: if staff have not accepted the organisation
    :raises TestUnderWay: if one has neither arrived nor been given up
    """
    if not organisations.is_reviewed(callback.organisation):
        raise NotReviewed
    Callback.objects.select_for_update(no_key=True).get(pk=callback.pk)
    if callback.deliveries.filter(kind=CallbackDelivery.Kind.TEST, status=Status.DUE).exists():
        raise TestUnderWay
    event = uuid4()
    return announce(callback, event, CallbackDelivery.Kind.TEST, body=f'{{"id": "{event}", "type": "test"}}')


def announce(callback: Callback, event: UUID, kind: CallbackDelivery.Kind, *, body: str) -> CallbackDelivery:
    """Have the callback told of an event, in these words.

    :raises django.db.IntegrityError: `callback_is_told_of_an_event_once`
    """
    return CallbackDelivery.objects.create(
        callback=callback, event=event, kind=kind, body=body, gives_up_at=Now() + _patience(kind)
    )


def note_announced(callback: Callback, number: int) -> None:
    """It has been told of all transfers up to that number."""
    told = Callback.objects.filter(pk=callback.pk, removed_at=None, announced__lt=number)
    told.update(announced=number)


def log(callback: Callback, *, before: int | None = None, limit: int = 25) -> list[CallbackDelivery]:
    """What it was told, and how it answered, the newest first."""
    every = CallbackDelivery.objects.filter(callback=callback, **({"pk__lt": before} if before else {}))
    return list(every.order_by("-pk")[:limit])


def send_again(delivery: CallbackDelivery) -> bool:
    """Tell it once more, in the same words; whether it was not on its way still."""
    ended = CallbackDelivery.objects.filter(pk=delivery.pk).exclude(status=Status.DUE)
    return bool(
        ended.update(
            status=Status.DUE,
            tries=0,
            due_at=Now(),
            gives_up_at=Now() + _patience(delivery.kind),
            sent_at=None,
        )
    )


def claim(*, limit: int, besides: Collection[int] = ()) -> list[CallbackDelivery]:
    """Take what is due for the length of a lease, but for these callbacks.

    A few events of each callback that takes what it is told; where nothing of theirs is due, one of each of
    the few that have failed longest unasked.
    """
    return _claim(limit, each=MOST_AT_ONCE, is_failing=False, besides=besides) or _claim(
        min(limit, MOST_FAILING), each=1, is_failing=True, besides=besides
    )


def put_back(delivery: CallbackDelivery) -> None:
    """It was claimed and not tried: as if it had not been."""
    CallbackDelivery.objects.filter(pk=delivery.pk, status=Status.DUE).update(
        due_at=Now(), tries=F("tries") - 1
    )


def is_told(delivery: CallbackDelivery) -> bool:
    """Whether its callback is one that is told still: neither paused nor removed since it was claimed."""
    return Callback.objects.filter(pk=delivery.callback_id, paused_at=None, removed_at=None).exists()


def signature(callback: Callback, body: str, *, at: int) -> str:
    """By which the receiver knows that we said this, and when (as Stripe signs: seconds since 1970)."""
    secret = crypto.decrypt(callback.secret)
    digest = hmac.new(secret.encode(), f"{at}.{body}".encode(), sha256).hexdigest()
    return f"t={at},v1={digest}"


def taken(delivery: CallbackDelivery, answer: receiver.Answer) -> None:
    CallbackDelivery.objects.filter(pk=delivery.pk, status=Status.DUE).update(
        status=Status.SENT, sent_at=Now(), answer_status=answer.status, answer=answer.text, problem=""
    )
    theirs = Callback.objects.filter(pk=delivery.callback_id, removed_at=None)
    theirs.exclude(fails_since=None).update(fails_since=None)


def not_taken(delivery: CallbackDelivery, *, problem: str, answer: receiver.Answer | None = None) -> None:
    """Send it again later, or give it up after three days; pause whoever took nothing for as long."""
    said = {
        "problem": problem,
        "answer_status": answer.status if answer else None,
        "answer": answer.text if answer else "",
    }
    due = CallbackDelivery.objects.filter(pk=delivery.pk, status=Status.DUE)
    wait = timedelta(seconds=back_off(delivery.tries))
    if not due.filter(gives_up_at__gt=Now() + wait).update(due_at=Now() + wait, **said):
        due.update(status=Status.FAILED, **said)
    theirs = Callback.objects.filter(pk=delivery.callback_id, removed_at=None)
    theirs.update(fails_since=Coalesce("fails_since", Now()))
    if theirs.filter(fails_since__lte=Now() - PATIENCE).exists():
        _pause_and_tell(delivery.callback)


def back_off(tries: int) -> int:
    """After so many tries, for how many seconds to wait: about, so that many do not come at once."""
    step = BACK_OFF_SECONDS[min(tries, len(BACK_OFF_SECONDS)) - 1]
    percent = 100 - JITTER_PERCENT + secrets.randbelow(2 * JITTER_PERCENT + 1)
    return max(1, step * percent // 100)


def purge() -> int:
    """Forget what was answered a month ago: a receiver may have said anything; of how many."""
    old = CallbackDelivery.objects.filter(made_at__lt=Now() - KEPT).exclude(status=Status.DUE)
    return old.exclude(answer="").update(answer="")


def _patience(kind: str) -> timedelta:
    return TEST_PATIENCE if kind == CallbackDelivery.Kind.TEST else PATIENCE


def _claim(limit: int, *, each: int, is_failing: bool, besides: Collection[int]) -> list[CallbackDelivery]:
    facts: dict[str, Any] = {
        "lease": f"{LEASE.seconds} seconds",
        "each": each,
        "limit": limit,
        "is_failing": is_failing,
        "besides": list(besides),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, facts)
        ids = [pk for (pk,) in cursor.fetchall()]
    claimed = CallbackDelivery.objects.filter(pk__in=ids).select_related("callback")
    return list(claimed.order_by("pk"))


@transaction.atomic
def _pause_and_tell(callback: Callback) -> None:
    if not pause(callback):
        return
    for seat in seats.at(callback.organisation).filter(role=Role.OWNER):
        notices.tell(seat.user, Notification.Kind.CALLBACK_PAUSED)

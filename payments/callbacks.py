"""Addresses of organisations that are told of their money, and events on their way to one.

An event is claimed in a transaction that commits before the outside is called, as a delivery of ours is. What
is not taken is sent again, ever later, for three days; an address that took nothing for as long is paused.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Now

from accounts import crypto, seats
from accounts.models import Organisation, Role, User
from payments import horizon, notices, receiver
from payments.models import Callback, CallbackDelivery, Notification

LEASE = timedelta(seconds=60)  # Above the time limit of a task, which is 55 s.
PATIENCE = timedelta(days=3)
KEPT = timedelta(days=30)  # What was answered.
BACK_OFF_SECONDS = (5, 30, 120, 600, 1800, 3600, 2 * 3600, 4 * 3600, 6 * 3600)
JITTER_PERCENT = 20
MOST = 10  # Of an organisation.
MOST_AT_ONCE = 4  # Of one callback in a batch: whoever is slow is slow for themselves.
_CLAIM = """
    UPDATE payments_callbackdelivery
       SET due_at = statement_timestamp() + %(lease)s::interval, tries = tries + 1
     WHERE id IN (
       SELECT d.id FROM payments_callback c CROSS JOIN LATERAL (
         SELECT id, due_at FROM payments_callbackdelivery
          WHERE callback_id = c.id AND status = 'DUE' AND due_at <= statement_timestamp()
          ORDER BY due_at LIMIT %(each)s FOR UPDATE SKIP LOCKED) d
        WHERE c.paused_at IS NULL AND c.removed_at IS NULL
        ORDER BY d.due_at LIMIT %(limit)s)
    RETURNING id
"""

Status = CallbackDelivery.Status


class TooMany(Exception):
    """The organisation has as many as it may."""


class KnownAlready(Exception):
    """That address is told already."""


def of(organisation: Organisation) -> QuerySet[Callback]:
    """The organisation's, the oldest first."""
    return Callback.objects.filter(organisation=organisation, removed_at=None).order_by("pk")


def add(organisation: Organisation, url: str, *, events: Iterable[str], by: User) -> tuple[Callback, str]:
    """Tell that address from now on; the secret by which it knows us, which is shown once.

    :raises receiver.Forbidden: if it is none that we call
    :raises KnownAlready: if it is told already
    :raises TooMany: if as many are as may be
    """
    receiver.check(url, may_be_here=settings.IS_LOCAL)
    secret = f"whsec_{secrets.token_urlsafe(32)}"
    try:
        with transaction.atomic():
            Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
            if of(organisation).count() >= MOST:
                raise TooMany
            made = Callback.objects.create(
                organisation=organisation,
                url=url,
                secret=crypto.encrypt(secret),
                events=sorted(set(events)),
                made_by=by,
                announced=horizon.drawn(),
            )
    except IntegrityError as problem:
        if "address_is_a_callback_once" in str(problem):
            raise KnownAlready from problem
        raise
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


def test(callback: Callback) -> CallbackDelivery:
    """An event of nothing, to see whether it arrives."""
    event = uuid4()
    return announce(callback, event, CallbackDelivery.Kind.TEST, body=f'{{"id": "{event}", "type": "test"}}')


def announce(callback: Callback, event: UUID, kind: CallbackDelivery.Kind, *, body: str) -> CallbackDelivery:
    """Have the callback told of an event, in these words.

    :raises django.db.IntegrityError: `callback_is_told_of_an_event_once`
    """
    return CallbackDelivery.objects.create(
        callback=callback, event=event, kind=kind, body=body, gives_up_at=Now() + PATIENCE
    )


def note_announced(callback: Callback, number: int) -> None:
    """It has been told of all transfers up to that number."""
    Callback.objects.filter(pk=callback.pk, announced__lt=number).update(announced=number)


def log(callback: Callback, *, before: int | None = None, limit: int = 25) -> list[CallbackDelivery]:
    """What it was told, and how it answered, the newest first."""
    every = CallbackDelivery.objects.filter(callback=callback, **({"pk__lt": before} if before else {}))
    return list(every.order_by("-pk")[:limit])


def send_again(delivery: CallbackDelivery) -> bool:
    """Tell it once more, in the same words; whether it was not on its way still."""
    ended = CallbackDelivery.objects.filter(pk=delivery.pk).exclude(status=Status.DUE)
    return bool(
        ended.update(status=Status.DUE, tries=0, due_at=Now(), gives_up_at=Now() + PATIENCE, sent_at=None)
    )


def claim(*, limit: int) -> list[CallbackDelivery]:
    """Take what is due for the length of a lease, of each callback a few."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"lease": f"{LEASE.seconds} seconds", "each": MOST_AT_ONCE, "limit": limit})
        ids = [pk for (pk,) in cursor.fetchall()]
    claimed = CallbackDelivery.objects.filter(pk__in=ids).select_related("callback")
    return list(claimed.order_by("pk"))


def put_back(delivery: CallbackDelivery) -> None:
    """It was claimed and not tried: as if it had not been, for a minute."""
    CallbackDelivery.objects.filter(pk=delivery.pk, status=Status.DUE).update(
        due_at=Now() + LEASE, tries=F("tries") - 1
    )


def signature(callback: Callback, body: str, *, at: int) -> str:
    """By which the receiver knows that we said this, and when (as Stripe signs: seconds since 1970)."""
    secret = crypto.decrypt(callback.secret)
    digest = hmac.new(secret.encode(), f"{at}.{body}".encode(), sha256).hexdigest()
    return f"t={at},v1={digest}"


def taken(delivery: CallbackDelivery, answer: receiver.Answer) -> None:
    CallbackDelivery.objects.filter(pk=delivery.pk, status=Status.DUE).update(
        status=Status.SENT, sent_at=Now(), answer_status=answer.status, answer=answer.text, problem=""
    )
    Callback.objects.filter(pk=delivery.callback_id).exclude(fails_since=None).update(fails_since=None)


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
    theirs = Callback.objects.filter(pk=delivery.callback_id)
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


@transaction.atomic
def _pause_and_tell(callback: Callback) -> None:
    if not pause(callback):
        return
    for seat in seats.at(callback.organisation).filter(role=Role.OWNER):
        notices.tell(seat.user, Notification.Kind.CALLBACK_PAUSED)

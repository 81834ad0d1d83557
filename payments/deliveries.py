"""Messages on their way out: due rows with leases, at least once. The only writer of their status.

A row is claimed in a transaction that commits before the outside is called; a process that dies
with it leaves a row that is due again when its lease ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from time import monotonic

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts import prepared
from accounts.prepared import Prepared
from payments.models import Delivery

LEASE = timedelta(seconds=60)  # Above the time limit of a task, which is 55 s.
TRIES = 16
# Of the first minutes none is long: when the other side is back, what waited follows within one.
BACK_OFF_SECONDS = (2, 5, 10, 20, 30, 30, 30, 30, 300, 900, 3600)
_SENT = Prepared(
    "delivery_is_sent",
    """
    UPDATE payments_delivery
       SET status = 'SENT', sent_at = statement_timestamp(), external_id = %(external_id)s, problem = ''
     WHERE id = %(delivery)s AND status = 'DUE'
    """,
    delivery="uuid",
    external_id="text",
)


def claim(*channels: Delivery.Channel, limit: int) -> list[Delivery]:
    """Take what is due on these channels for the length of a lease."""
    with transaction.atomic():
        due = list(
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("notification__user")
            .filter(status=Delivery.Status.DUE, channel__in=channels, due_at__lte=Now())
            .order_by("due_at")[:limit]
        )
        Delivery.objects.filter(pk__in=[row.pk for row in due]).update(
            due_at=Now() + LEASE, tries=F("tries") + 1
        )
    for row in due:
        row.tries += 1
    return due


def in_time(claimed: Sequence[Delivery], *, seconds: int) -> Iterator[Delivery]:
    """The first of these, and the next while `seconds` last; the rest is due again, as if never claimed."""
    until = monotonic() + seconds
    for place, delivery in enumerate(claimed):
        if place and monotonic() > until:
            rest = Delivery.objects.filter(pk__in=[row.pk for row in claimed[place:]])
            rest.filter(status=Delivery.Status.DUE).update(due_at=Now(), tries=F("tries") - 1)
            return
        yield delivery


def sent(delivery: Delivery, *, external_id: str) -> None:
    prepared.run(sending(delivery, external_id=external_id))


def sending(delivery: Delivery, *, external_id: str) -> prepared.Call:
    """What settles a row that went out, for `prepared.run`."""
    return _SENT(delivery=delivery.pk, external_id=external_id)


def postpone(delivery: Delivery, *, problem: str, seconds: int | None = None) -> None:
    """Try again later; give up after the last try, unless the other side named the time."""
    if delivery.tries >= TRIES and seconds is None:
        give_up(delivery, problem=problem)
        return
    step = min(delivery.tries, len(BACK_OFF_SECONDS)) - 1
    wait = timedelta(seconds=BACK_OFF_SECONDS[step] if seconds is None else seconds)
    _settle(delivery, Delivery.Status.DUE, due_at=Now() + wait, problem=problem)


def give_up(delivery: Delivery, *, problem: str) -> None:
    _settle(delivery, Delivery.Status.FAILED, problem=problem)


def _settle(delivery: Delivery, status: Delivery.Status, **fields: object) -> None:
    Delivery.objects.filter(pk=delivery.pk, status=Delivery.Status.DUE).update(status=status, **fields)

"""Messages on their way out: due rows with leases, at least once. The only writer of their status.

A row is claimed in a transaction that commits before the outside is called; a process that dies
with it leaves a row that is due again when its lease ends.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from payments.models import Delivery

LEASE = timedelta(seconds=60)  # Above the time limit of a task, which is 55 s.
TRIES = 16
# Of the first minutes none is long: when the other side is back, what waited follows within one.
BACK_OFF_SECONDS = (2, 5, 10, 20, 30, 30, 30, 30, 300, 900, 3600)


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


def sent(delivery: Delivery, *, external_id: str) -> None:
    _settle(delivery, Delivery.Status.SENT, sent_at=Now(), external_id=external_id, problem="")


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

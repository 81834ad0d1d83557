"""STOP and START: who does not want to hear from us on a channel. Looked at when a message leaves."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat, Greatest, Now

from payments.models import Delivery, Silence


def begin(channel: Delivery.Channel, address: str) -> None:
    """They said STOP; saying it again changes nothing."""
    Silence.objects.bulk_create([Silence(channel=channel, address=address)], ignore_conflicts=True)


def end(channel: Delivery.Channel, address: str) -> bool:
    """They said START; whether they were silent before."""
    now = _standing(channel, address)
    return bool(now.update(ended_at=Now()))


def holds(channel: Delivery.Channel, address: str) -> bool:
    return _standing(channel, address).exists()


def standing(channel: Delivery.Channel, address: str) -> Silence | None:
    """The silence that holds now."""
    return _standing(channel, address).first()


def forget(addresses: Sequence[str]) -> None:
    """Nobody has these any more; that somebody was silent stays."""
    theirs = Silence.objects.filter(address__in=addresses)
    theirs.update(
        address=Concat(Value("erased-"), Cast("pk", CharField())),
        ended_at=Greatest(Coalesce("ended_at", Now()), F("since")),
    )


def _standing(channel: Delivery.Channel, address: str) -> QuerySet[Silence]:
    return Silence.objects.filter(channel=channel, address=address, ended_at=None)

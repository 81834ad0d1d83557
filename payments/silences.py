"""STOP and START: who does not want to hear from us on a channel. Looked at when a message leaves."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.functions import Now

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


def _standing(channel: Delivery.Channel, address: str) -> QuerySet[Silence]:
    return Silence.objects.filter(channel=channel, address=address, ended_at=None)

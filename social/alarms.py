"""What about X wants a person: told to all of staff once, and once more only after it was over."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import User
from payments import notices
from payments.models import Notification
from social.models import Alarm

logger = logging.getLogger(__name__)

# What happened, and is no state that ends: the next time is told again after this.
HAPPENED = {Alarm.Kind.MISSED: timedelta(hours=1)}
_ONCE = "alarm_is_raised_once_until_it_ends"


def sound(kind: Alarm.Kind, *, detail: str = "") -> Alarm | None:
    """Tell staff, unless they know; the alarm, if it is new."""
    if lasting := HAPPENED.get(kind):
        _open(kind).filter(raised_at__lt=Now() - lasting).update(ended_at=Now())
    if _open(kind).exists():
        return None
    try:
        with transaction.atomic():
            alarm = Alarm.objects.create(kind=kind, detail=detail[:200])
            for person in User.objects.filter(is_staff=True, is_active=True):
                notices.tell(person, Notification.Kind.X_ALARM)
    except IntegrityError as refusal:
        if _ONCE not in str(refusal):
            raise
        return None  # Another process was quicker.
    logger.critical("An alarm about X", extra={"alarm": str(kind), "detail": detail})
    return alarm


def end(*kinds: Alarm.Kind) -> None:
    """It is well again."""
    Alarm.objects.filter(kind__in=kinds, ended_at=None).update(ended_at=Now())


def is_on(kind: Alarm.Kind) -> bool:
    return _open(kind).exists()


def _open(kind: Alarm.Kind) -> QuerySet[Alarm]:
    return Alarm.objects.filter(kind=kind, ended_at=None)

"""How each way between X and us does, noted as it is used: what staff and members are shown is read here.

A way that works is noted every few seconds at most, so that a rush of posts does not write one row in turns.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from social import alarms, outside, x
from social.models import Alarm, Way

NOTED_SECONDS = 5
SILENT_AFTER = timedelta(minutes=5)
LATE_SECONDS = 60  # And four polls at least: members are told that their posts are read later than usual.
# Whose calls X counts how: what it said last is shown to staff.
_CALLS = {
    Way.Name.POLL: "GET /2/users/{id}/mentions",
    Way.Name.LOOK: "GET /2/tweets",
    Way.Name.REPLY: "POST /2/tweets",
}


def worked(name: Way.Name) -> None:
    """X answered, or called."""
    now = timezone.now()
    row = Way.objects.filter(pk=name).first()
    if row and not row.problem and row.worked_at and row.worked_at > now - timedelta(seconds=NOTED_SECONDS):
        return
    well = {"worked_at": now, "failing_since": None, "problem": "", "waits_until": None}
    Way.objects.update_or_create(pk=name, defaults=well | _calls(name))
    if row and row.problem:
        alarms.end(Alarm.Kind.SILENT, Alarm.Kind.CREDITS)


def failed(name: Way.Name, problem: Exception) -> None:
    """X did not answer, or not what was asked."""
    now = timezone.now()
    row = Way.objects.filter(pk=name).first()
    since = (row.failing_since if row else None) or now
    wait = timedelta(seconds=problem.seconds) if isinstance(problem, x.Limited) else None
    said = " ".join(f"{type(problem).__name__}: {problem}".split())[:200]
    ill = {"failing_since": since, "problem": said, "waits_until": now + wait if wait else None}
    Way.objects.update_or_create(pk=name, defaults=ill | _calls(name))
    if isinstance(problem, x.Limited) and problem.is_unpaid:
        alarms.sound(Alarm.Kind.CREDITS)
    elif since < now - SILENT_AFTER:
        alarms.sound(Alarm.Kind.SILENT, detail=f"{name}: {said}")


def worked_at(name: Way.Name) -> datetime | None:
    return Way.objects.filter(pk=name).values_list("worked_at", flat=True).first()


def take_replay(name: Way.Name, *, at: datetime, pause: timedelta) -> bool:
    """Note that a replay is asked for, before it is; whether it may be, so soon after the last."""
    Way.objects.get_or_create(pk=name)
    recently = Way.objects.filter(pk=name, replayed_at__gt=at - pause)
    return not recently.exists() and bool(Way.objects.filter(pk=name).update(replayed_at=at))


def read_until(at: datetime) -> datetime | None:
    """Since when posts are read late: the last time that we had what was posted; None while all is well."""
    readers = Way.objects.filter(name__in=(Way.Name.POLL, Way.Name.STREAM), worked_at__isnull=False)
    latest = max((row.worked_at for row in readers if row.worked_at), default=None)
    patience = timedelta(seconds=max(LATE_SECONDS, 4 * settings.X_POLL_SECONDS))
    return latest if latest and latest < at - patience else None


def _calls(name: Way.Name) -> dict[str, int]:
    path = _CALLS.get(name, "").format(id=settings.X_SERVICE_ID)
    calls = outside.x().calls.get(path)
    return {"calls_left": calls.left, "calls_allowed": calls.allowed} if calls else {}

"""Hears what is said to us: the poll that misses nothing, the look back; keeps webhook and stream going.

Webhook and stream are quick and may lose; the poll reads every mention again, some minutes deep, and the
inbox keeps each once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from http import HTTPStatus
from threading import Event
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from payments.models import Order, Request
from social import (
    alarms,
    credentials,
    events,
    inbox,
    meter,
    outside,
    posts,
    streaming,
    subscriptions,
    ways,
    x,
)
from social.models import Alarm, Cursor, Message, Way

logger = logging.getLogger(__name__)

CHANNEL = "x"
# X is known to skip posts when it is asked for those since an id alone: read some minutes again.
OVERLAP = timedelta(minutes=5)
REACH = 800  # X keeps no more mentions than that, 100 a page.
NOUNS = ("tweet", "post")  # How X's API calls a post: until 2.166, and from 2.167.
# X lets a post be edited for an hour. Reading costs, so what is older is looked at once an hour.
EDITABLE = timedelta(hours=1)
SUBSCRIBE_SECONDS = 300  # To see whether all that we asked for still stands.
LINKING = timedelta(seconds=5)  # It may be committed that long after the time that it is given.
LOOK_SECONDS = 0.5  # How soon the poll notices that the stream wants it.
ELSEWHERE_SECONDS = 10  # Another process polls: how soon to see whether it still does.
# An id of X holds its milliseconds since this moment above 22 bits.
_ID_EPOCH_MS, _ID_SHIFT = 1288834974657, 22


class PolledElsewhere(Exception):
    """Another process polls."""


def listen(stop: Event) -> None:
    """Poll until told to stop, whatever X and the database do; one process at a time does."""
    while not stop.is_set():
        try:
            with only_poller():
                _listen(stop)
        except PolledElsewhere:
            stop.wait(ELSEWHERE_SECONDS)
        except Error:
            logger.exception("The database is away; listening again soon")
            connection.close()
            stop.wait(settings.X_POLL_SECONDS)


@contextmanager
def only_poller() -> Iterator[None]:
    """Be the one that polls, for as long as this process keeps its connection.

    :raises PolledElsewhere: if another one is
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended('social.listening', 0))")
        if not cursor.fetchone()[0]:
            raise PolledElsewhere
    try:
        yield
    finally:
        connection.close()  # The lock goes with the session.


def poll() -> int:
    """Read what mentions us since the cursor, and some minutes before; how many posts are new.

    The cursor moves when all pages are recorded: broken off, the next poll starts where this one did.

    :raises x.Refused, x.Limited, x.Unreachable, posts.Malformed: if X does not answer
    """
    cursor, _is_new = Cursor.objects.get_or_create(channel=CHANNEL)
    at = timezone.now()
    since = _before(cursor.since_id) if cursor.since_id else _id_at(at - OVERLAP)
    found, new = _read_since(since, at)
    newest = max([cursor.since_id, *(post.id for post in found)], key=_number)
    Cursor.objects.filter(channel=CHANNEL).update(since_id=newest, polled_at=Now())
    ways.worked(Way.Name.POLL)
    if gap := subscriptions.outage(found, polled_at=cursor.polled_at, at=at):
        _ask_for_replay(gap, at)
    return new


def recheck() -> int:
    """Ask X for the posts of all that waits, and record those edited or gone unheard; how many were."""
    at = timezone.now()
    is_due = Q(created_at__gte=at - EDITABLE) | Q(created_at__minute=at.minute)
    ordered = Order.objects.filter(is_due, channel=CHANNEL, status=Order.Status.PENDING).order_by("pk")
    asked = Request.objects.filter(is_due, channel=CHANNEL, status=Request.Status.OPEN).order_by("pk")
    ids = [id for waiting in (ordered, asked) for id in waiting.values_list("channel_id", flat=True)]
    roots = list(dict.fromkeys(ids))  # Of a bill each share is asked for by one post.
    return sum(_recheck(roots[n : n + x.PAGE], at) for n in range(0, len(roots), x.PAGE))


def _listen(stop: Event) -> None:
    """Poll, with the stream beside it where it is wanted."""
    over, wake = Event(), Event()
    if settings.X_STREAM:
        streaming.start(over, backfill=wake.set)
    try:
        _poll_until(stop, wake)
    finally:
        over.set()


def _poll_until(stop: Event, wake: Event) -> None:
    """Poll; and ask for what becomes of whoever linked their account since the last round."""
    subscribe_at, looked_at = 0.0, timezone.now()
    while not stop.is_set():
        _attempt(_keep_token)
        since, looked_at = looked_at, timezone.now()
        is_new = subscriptions.linked().filter(linked_at__gte=since - LINKING).exists()
        if monotonic() >= subscribe_at or is_new:
            _attempt(subscriptions.subscribe)
            subscribe_at = monotonic() + SUBSCRIBE_SECONDS
        wake.clear()
        _wait(stop, wake, seconds=max(_attempt(poll, Way.Name.POLL), settings.X_POLL_SECONDS))


def _wait(stop: Event, wake: Event, *, seconds: int) -> None:
    """Until it is time for the next poll, or the stream asks for one."""
    until = monotonic() + seconds
    while not stop.is_set() and not wake.is_set() and monotonic() < until:
        stop.wait(min(LOOK_SECONDS, max(until - monotonic(), 0)))


def _keep_token() -> None:
    """Have a valid token before a reply wants one. X gives the next one once: a busy worker may lose it."""
    with suppress(credentials.Renewing, credentials.Unavailable):  # Said already, where it was found out.
        credentials.access_token()


def _attempt(work: Callable[[], Any], way: Way.Name | None = None) -> int:
    """Do it once; how many seconds X wants us to wait."""
    try:
        work()
    except (x.Limited, x.Refused, x.Unreachable, posts.Malformed) as problem:
        logger.warning("X did not do what was asked", extra={"work": work.__name__, "problem": str(problem)})
        if way:
            ways.failed(way, problem)
        return problem.seconds if isinstance(problem, x.Limited) else 0
    return 0


def _ask_for_replay(since: datetime, at: datetime) -> None:
    """What the webhook did not bring; the poll itself went well."""
    try:
        subscriptions.make_good(since=since, at=at)
    except (x.Limited, x.Refused, x.Unreachable) as problem:
        logger.warning("X was not to be asked for a replay", extra={"problem": str(problem)})


def _read_since(since: str, at: datetime) -> tuple[list[posts.Post], int]:
    """All that X still has, page by page, recorded; and how many of it are new."""
    found: list[posts.Post] = []
    token, new = "", 0
    while len(found) < REACH:
        page = _mentions(since, token)
        found += page.posts
        new += events.hear(page, at=at)
        token = page.next_token
        if not token:
            break
    if len(found) >= REACH:
        alarms.sound(Alarm.Kind.MISSED, detail=f"since {since}")
    return found, new


def _mentions(since_id: str, token: str) -> posts.Page:
    return _page(
        lambda noun: outside.x().mentions(
            settings.X_SERVICE_ID, since_id=since_id, page_token=token, noun=noun
        )
    )


def _posts(ids: list[str]) -> posts.Page:
    return _page(lambda noun: outside.x().posts(ids, noun=noun))


def _page(ask: Callable[[str], dict[str, Any]]) -> posts.Page:
    """Ask in the spelling that X understands."""
    try:
        raw = ask(NOUNS[0])
    except x.Refused as refused:
        if refused.status != HTTPStatus.BAD_REQUEST:
            raise
        raw = ask(NOUNS[1])
    page = posts.page(raw)
    if page.malformed:
        logger.error("Posts could not be read", extra={"post_ids": page.malformed})
    return page


def _recheck(roots: list[str], at: datetime) -> int:
    page = _posts(roots)
    meter.count_reads((post.id for post in page.posts), at=at)
    gone = [posts.Deletion(id, "", {"missing": id}) for id in page.missing if id in roots]
    new = inbox.record_deletions(gone, at=at)
    later = {version for post in page.posts for version in post.versions if version != post.root_id}
    heard = Message.objects.filter(channel=CHANNEL, kind=Message.Kind.POST, external_id__in=later)
    unheard = sorted(later - set(heard.values_list("external_id", flat=True)))
    for n in range(0, len(unheard), x.PAGE):
        new += events.hear(_posts(unheard[n : n + x.PAGE]), at=at)
    return new


def _number(id: str) -> int:
    return int(id or 0)


def _before(since_id: str) -> str:
    """The first id that X could have given that many minutes before."""
    ms = (int(since_id) >> _ID_SHIFT) - int(OVERLAP.total_seconds() * 1000)
    return str(max(ms, 1) << _ID_SHIFT)


def _id_at(moment: datetime) -> str:
    ms = int(moment.timestamp() * 1000) - _ID_EPOCH_MS
    return str(max(ms, 1) << _ID_SHIFT)

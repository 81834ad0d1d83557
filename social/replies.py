"""Sends our replies on X: what is due in the deliveries of its channel, within the day's budget.

X has no idempotency key, and a reply whose answer was lost may stand already: it is sent again with the
same words, which X refuses as a duplicate. That refusal is then the receipt. While X is away a reply waits,
and is tried for a day: after that nobody would know what it is about.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from time import monotonic

from django.utils import timezone

from accounts import prepared
from payments import deliveries, hints
from payments.models import Delivery
from social import credentials, meter, outside, ways, x
from social.models import Way

logger = logging.getLogger(__name__)

BATCH = 20
BUSY_SECONDS = (
    3  # None begins later in a task: with a new token, at X's slowest, it ends after 33 s of its 45.
)
DUPLICATE = "duplicate content"
UNAVAILABLE_SECONDS = 30
RENEWING_SECONDS = 2
LONGEST_PAUSE_SECONDS = 30  # However long X was away: once it is back, replies follow within a minute.
PATIENCE = timedelta(hours=24)


def send_due() -> int:
    """Send the replies that are due; how many went out. When X has had enough of us, the others wait too."""
    until, sent = monotonic() + BUSY_SECONDS, 0
    while due := deliveries.claim(Delivery.Channel.X, limit=BATCH):
        try:
            sent += _send_all(due)
        except x.Limited:
            return sent
        if monotonic() > until:
            hints.run("social.reply")  # There may be more.
            break
    return sent


def _send_all(due: list[Delivery]) -> int:
    """:raises x.Limited: X takes no more for a while, and what is due waits as long"""
    if not meter.has_budget(at=timezone.now()):
        _leave_to_notices(due)
        return 0
    if not (token := _token(due)):
        return 0
    sent = 0
    for place, delivery in enumerate(deliveries.in_time(due, seconds=BUSY_SECONDS)):
        try:
            sent += _send(delivery, token)
        except x.Limited as limited:
            ways.failed(Way.Name.REPLY, limited)
            _wait(due[place:], limited, seconds=limited.seconds)
            raise
    if sent:
        ways.worked(Way.Name.REPLY)
    return sent


def _token(due: list[Delivery]) -> str:
    """What speaks for us; without it, all that is due waits."""
    try:
        return credentials.access_token()
    except credentials.Renewing as problem:
        _wait(due, problem, seconds=RENEWING_SECONDS)
    except (credentials.Unavailable, x.Limited, x.Unreachable) as problem:
        ways.failed(Way.Name.REPLY, problem)
        _wait(due, problem, seconds=UNAVAILABLE_SECONDS)
    return ""


def _send(delivery: Delivery, token: str) -> bool:
    """:raises x.Limited: X takes no more for a while"""
    try:
        external_id = outside.x().reply(delivery.reply_to, delivery.text, token=token)
    except x.Unreachable as problem:
        ways.failed(Way.Name.REPLY, problem)
        _wait([delivery], problem, seconds=min(2**delivery.tries, LONGEST_PAUSE_SECONDS))
        return False
    except x.Refused as refused:
        return _take_refusal(delivery, refused, token)
    _note_sent(delivery, external_id)
    return True


def _take_refusal(delivery: Delivery, refused: x.Refused, token: str) -> bool:
    if refused.status == HTTPStatus.UNAUTHORIZED:
        credentials.distrust(token)
        ways.failed(Way.Name.REPLY, refused)
        deliveries.postpone(delivery, problem="X no longer takes the token")
        return False
    if delivery.tries > 1 and DUPLICATE in refused.problem.lower():
        _note_sent(delivery, "")
        return True
    # Not summoned, deleted, blocked: X answered, and would answer so again. The notice is in the app.
    logger.warning("X refused a reply", extra={"delivery_id": str(delivery.pk), "status": refused.status})
    deliveries.give_up(delivery, problem=f"{refused.status} {refused.problem}"[:200])
    ways.worked(Way.Name.REPLY)
    return False


def _note_sent(delivery: Delivery, external_id: str) -> None:
    prepared.run(
        deliveries.sending(delivery, external_id=external_id), meter.replying(delivery, at=timezone.now())
    )


def _leave_to_notices(due: list[Delivery]) -> None:
    """Beyond the budget: what the app tells anyway is not said on X, and an answer waits for tomorrow's."""
    now = timezone.now()
    for delivery in due:
        if delivery.notification_id:
            deliveries.give_up(delivery, problem="over budget: told in the app alone")
        else:
            _wait(
                [delivery],
                problem="over budget",
                seconds=int((meter.tomorrow(at=now) - now).total_seconds()) + 1,
            )


def _wait(due: list[Delivery], problem: Exception | str, *, seconds: int) -> None:
    said = problem if isinstance(problem, str) else type(problem).__name__
    for delivery in due:
        if _written_at(delivery) < timezone.now() - PATIENCE:
            deliveries.give_up(delivery, problem=said)
        else:
            deliveries.postpone(delivery, problem=said, seconds=seconds)


def _written_at(delivery: Delivery) -> datetime:
    """Its id (UUID version 7) begins with the milliseconds."""
    return datetime.fromtimestamp((delivery.pk.int >> 80) / 1000, UTC)

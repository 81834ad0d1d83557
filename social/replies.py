"""Sends our replies on X: what is due in the deliveries of its channel.

X has no idempotency key, and a reply whose answer was lost may stand already: it is sent again with the
same words, which X refuses as a duplicate. That refusal is then the receipt.
"""

from __future__ import annotations

import logging
from http import HTTPStatus

from payments import deliveries, hints
from payments.models import Delivery
from social import credentials, outside, x

logger = logging.getLogger(__name__)

BATCH = 2  # With a new token, at X's slowest, this ends before a task's 45 s. X takes 100 in 15 minutes.
DUPLICATE = "duplicate content"
UNAVAILABLE_SECONDS = 30
RENEWING_SECONDS = 2


def send_due() -> int:
    """Send the replies that are due; how many went out. When X has had enough of us, the others wait too."""
    due = deliveries.claim(Delivery.Channel.X, limit=BATCH)
    if not due:
        return 0
    try:
        token = credentials.access_token()
    except credentials.Renewing as problem:
        _wait(due, problem, seconds=RENEWING_SECONDS)
        return 0
    except (credentials.Unavailable, x.Limited, x.Unreachable) as problem:
        _wait(due, problem, seconds=UNAVAILABLE_SECONDS)
        return 0
    sent = 0
    for place, delivery in enumerate(due):
        try:
            sent += _send(delivery, token)
        except x.Limited as limited:
            _wait(due[place:], limited, seconds=limited.seconds)
            return sent
    if len(due) == BATCH:
        hints.run("social.reply")  # There may be more.
    return sent


def _send(delivery: Delivery, token: str) -> bool:
    """:raises x.Limited: X takes no more for a while"""
    try:
        external_id = outside.x().reply(delivery.reply_to, delivery.text, token=token)
    except x.Unreachable as problem:
        deliveries.postpone(delivery, problem=f"X did not answer: {problem}"[:200])
        return False
    except x.Refused as refused:
        return _take_refusal(delivery, refused, token)
    deliveries.sent(delivery, external_id=external_id)
    return True


def _take_refusal(delivery: Delivery, refused: x.Refused, token: str) -> bool:
    if refused.status == HTTPStatus.UNAUTHORIZED:
        credentials.distrust(token)
        deliveries.postpone(delivery, problem="X no longer takes the token")
        return False
    if delivery.tries > 1 and DUPLICATE in refused.problem.lower():
        deliveries.sent(delivery, external_id="")
        return True
    logger.warning("X refused a reply", extra={"delivery_id": str(delivery.pk), "status": refused.status})
    deliveries.give_up(delivery, problem=f"{refused.status} {refused.problem}"[:200])
    return False


def _wait(due: list[Delivery], problem: Exception, *, seconds: int) -> None:
    for delivery in due:
        deliveries.postpone(delivery, problem=type(problem).__name__, seconds=seconds)

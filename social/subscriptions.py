"""Sees to it that X calls us, and has it call again for what it may have called in vain.

What was mentioned is found by the poll too; that a post was deleted, a handle changed or access taken back
is only told once, so after an outage X is asked for a replay.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Min, QuerySet
from django.urls import reverse

from accounts.models import Identity
from social import outside, posts, ways, x
from social.models import Message, Way

logger = logging.getLogger(__name__)

MENTION, DELETION = "post.mention.create", "post.delete"
RENAMING, REVOCATION = "profile.update.handle", "oauth.revoke"
DIRECT = "dm.received"
OF_MEMBERS = (DELETION, RENAMING, REVOCATION)
OF_OURS = (MENTION, DIRECT, REVOCATION)
GRACE = timedelta(seconds=60)  # A webhook may come that late, and a way is noted every few seconds.
AWAY = timedelta(minutes=5)  # Without a poll for so long, nothing of ours ran.
REACH = timedelta(hours=24)  # X keeps its events that long.
REPLAY_PAUSE = timedelta(minutes=10)


def subscribe() -> None:
    """See to it that X calls us: a webhook, what is ours, and what becomes of everybody who is linked.

    Of who is linked no more we hear nothing: their posts and names are their own.

    :raises x.Refused, x.Limited, x.Unreachable: if X does not answer
    """
    webhook_id = _webhook_id()
    rows = outside.x().subscriptions()
    known = {(row.event_type, row.user_id) for row in rows if row.webhook_id == webhook_id}
    ours = {(event_type, settings.X_SERVICE_ID) for event_type in OF_OURS}
    wanted = ours | {(event_type, user_id) for user_id in _linked_ids() for event_type in OF_MEMBERS}
    for event_type, user_id in sorted(wanted - known):
        try:
            outside.x().subscribe(event_type, user_id=user_id, webhook_id=webhook_id)
        except x.Refused as refused:  # One who left X must not keep the others from being heard.
            extra = {"event_type": event_type, "status": refused.status}
            logger.warning("X refused a subscription", extra=extra)
    for row in rows:
        is_ours = row.webhook_id == webhook_id and row.event_type in OF_MEMBERS
        if is_ours and (row.event_type, row.user_id) not in wanted:
            _unsubscribe(row)


def linked() -> QuerySet[Identity]:
    return Identity.objects.filter(network=Identity.Network.X, user__isnull=False)


def outage(found: Iterable[posts.Post], *, polled_at: datetime | None, at: datetime) -> datetime | None:
    """Since when the webhook brings nothing, by what a poll found that began at `at`; None if it does.

    Either nobody of us was there, or posts came since its last event, or one that it should have brought.
    """
    signs = [polled_at] if polled_at and polled_at < at - AWAY else []
    heard_at = ways.worked_at(Way.Name.WEBHOOK)
    if heard_at:
        signs += [post.posted_at for post in found if heard_at + GRACE < post.posted_at < at - GRACE]
        late = Message.objects.filter(received_at=at, posted_at__lt=at - GRACE, posted_at__gt=at - REACH)
        signs += [first for first in late.aggregate(first=Min("posted_at")).values() if first]
    return max(min(signs), at - REACH) if signs else None


def make_good(*, since: datetime, at: datetime) -> bool:
    """Have X send again what happened since; whether it was asked to. Not more often than every ten minutes.

    :raises x.Refused, x.Limited, x.Unreachable: if X does not answer
    """
    if not ways.take_replay(Way.Name.WEBHOOK, at=at, pause=REPLAY_PAUSE):
        return False
    outside.x().replay(_webhook_id(), since=since - GRACE, until=at)
    logger.warning("X was asked to send its events again", extra={"since": since.isoformat()})
    return True


def _unsubscribe(row: x.Subscription) -> None:
    try:
        outside.x().unsubscribe(row.id)
    except x.Refused as refused:  # It is gone already, or is asked for again in some minutes.
        extra = {"event_type": row.event_type, "status": refused.status}
        logger.warning("X refused to end a subscription", extra=extra)


def _webhook_id() -> str:
    url = settings.SITE_URL + reverse("webhook-x")
    webhook = next((webhook for webhook in outside.x().webhooks() if webhook.url == url), None)
    if webhook is None:
        return outside.x().add_webhook(url).id
    if not webhook.is_valid:
        outside.x().check_webhook(webhook.id)
    return webhook.id


def _linked_ids() -> set[str]:
    return set(linked().values_list("external_id", flat=True))

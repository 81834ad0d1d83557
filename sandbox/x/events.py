"""What happened, told to those who subscribed: a delivery, written in the transaction that makes it true.

The envelope is that of the X Activity API: https://docs.x.com/x-api/activity/event-payloads
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from sandbox.x import ids, objects, stream, text
from sandbox.x.models import Delivery, DirectMessage, Person, Post, Subscription

TYPES = frozenset(
    {
        *(
            f"profile.update.{what}"
            for what in ("bio", "profile_picture", "banner_picture", "screenname", "handle")
        ),
        *("post.create", "post.delete", "post.mention.create"),
        *("dm.received", "dm.sent", "follow.follow", "follow.unfollow", "like.create", "oauth.revoke"),
    }
)
PRIVATE = frozenset({"post.mention.create", "dm.received", "dm.sent"})  # need the person's consent to the app

something_is_due = threading.Event()


def post_created(post: Post) -> None:
    """Tell of the author's post, and of each person whom it names in its own words.

    Nobody hears of a protected or suspended author's posts, nor of the handles that X put before a reply.
    """
    if post.author.is_protected or post.author.is_suspended:
        return
    transaction.on_commit(partial(stream.tell, post))
    wanted = _subscriptions(
        {"post.create": [post.author_id], "post.mention.create": _named_in_own_words(post)}
    )
    if wanted:
        payload, includes = objects.activity(post)
        _tell(wanted, uuid=str(post.pk), payload=payload, includes=includes)


def posts_deleted(author: Person, post_ids: Iterable[int]) -> None:
    wanted = _subscriptions({"post.delete": [author.pk]})
    for post_id in post_ids if wanted else ():
        payload = {"id": str(post_id), "author_id": str(author.pk)}
        # X wraps the user in "data" here, and here alone.
        _tell(wanted, uuid=f"-{ids.new()}", payload=payload, includes={"users": [{"data": _brief(author)}]})


def handle_changed(person: Person, *, before: str) -> None:
    wanted = _subscriptions({"profile.update.handle": [person.pk]})
    payload = {"before": before, "after": person.handle}
    _tell(wanted, uuid=str(ids.new()), payload=payload, includes={"users": [_brief(person)]})


def direct_message(message: DirectMessage, payload: dict[str, Any]) -> None:
    """Tell of it on both sides: who got it, and who wrote it."""
    wanted = _subscriptions({"dm.received": [message.recipient_id], "dm.sent": [message.sender_id]})
    includes = {"users": [_brief(message.sender), _brief(message.recipient)]}
    _tell(wanted, uuid=str(message.pk), payload=payload, includes=includes)


def access_revoked(person: Person) -> None:
    """They took back what they let the app do."""
    wanted = _subscriptions({"oauth.revoke": [person.pk]})
    payload = {"date_time": objects.stamp(timezone.now()), "user_id": str(person.pk)}
    _tell(wanted, uuid=str(ids.new()), payload=payload, includes={"users": [_brief(person)]})


def _named_in_own_words(post: Post) -> list[int]:
    if post.repost_of_id is not None:
        return []
    own = text.names(post.text[post.lead :])
    return [post.mentions[name] for name in own if name in post.mentions]


def _subscriptions(whose: dict[str, list[int]]) -> list[Subscription]:
    """Those of these types and people that a webhook serves: one query."""
    everybody = {person for people in whose.values() for person in people}
    rows = Subscription.objects.filter(
        person_id__in=everybody, event_type__in=whose, webhook__isnull=False
    ).select_related("webhook")
    return [row for row in rows if row.person_id in whose[row.event_type]]


def _tell(
    wanted: list[Subscription], *, uuid: str, payload: dict[str, Any], includes: dict[str, Any]
) -> None:
    rows = []
    for subscription in wanted:
        data: dict[str, Any] = {
            "event_uuid": uuid,
            "filter": {"user_id": str(subscription.person_id)},
            "event_type": subscription.event_type,
            "payload": payload,
            "includes": includes,
        }
        if subscription.tag:
            data["tag"] = subscription.tag
        body = json.dumps({"data": data}, ensure_ascii=False)
        rows.append(Delivery(webhook=subscription.webhook, event_type=subscription.event_type, body=body))
    if rows:
        Delivery.objects.bulk_create(rows)
        transaction.on_commit(something_is_due.set)


def _brief(person: Person) -> dict[str, Any]:
    return {
        "id": str(person.pk),
        "username": person.handle,
        "name": person.name,
        "protected": person.is_protected,
    }

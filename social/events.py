"""What X tells of, from whichever way it comes, brought to where it belongs: harmless when it comes again.

Events come in any order, more than once, and hours late when they are replayed: none is taken for news
because it has just arrived.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts import identities, seats
from accounts.models import Identity
from payments import notices
from payments.models import Notification
from social import credentials, inbox, meter, posts

logger = logging.getLogger(__name__)


def take(event: posts.Event, *, at: datetime) -> None:
    """Keep what it says."""
    match event:
        case posts.Page():
            # Replayed, it says who they were when it was posted.
            hear(event, at=at, known_at=min([at, *(post.posted_at for post in event.posts)]))
        case posts.Deletion():
            inbox.record_deletions([event], at=at)
        case posts.Renaming():
            _rename(event, at=at)
        case posts.Revocation():
            _revoke(event, at=event.at or at)


def hear(page: posts.Page, *, at: datetime, known_at: datetime | None = None) -> int:
    """Keep a page of posts, whose people were so at `known_at`, and what it cost; how many posts are new."""
    reading = meter.reading((post.id for post in page.posts), at=at)
    return inbox.record(page, at=at, known_at=known_at, also=[reading])


def _rename(event: posts.Renaming, *, at: datetime) -> None:
    """Follow them from the handle that we know. From another one, the event is old, or others are to come."""
    known = Identity.objects.filter(
        network=Identity.Network.X, external_id=event.person_id, handle__iexact=event.before
    )
    if known.exists():
        label = identities.Label(event.person_id, event.after)
        identities.see([label], network=Identity.Network.X, at=at)


def _revoke(event: posts.Revocation, *, at: datetime) -> None:
    """A member's posts order nothing until they link again; without our own consent we are mute."""
    if event.person_id == settings.X_SERVICE_ID:
        credentials.revoked(at=at)
        return
    with transaction.atomic():
        identity = identities.revoke(Identity.Network.X, event.person_id, at=at)
        if identity and identity.user:
            for reader in seats.readers(identity.user):
                notices.tell(reader, Notification.Kind.X_REVOKED)

"""Whom a handle means in a private message, where no network says it: X is asked, before anything is decided.

Money follows the number that X gives now; of a handle that X cannot be asked about, what we saw lately counts
only if one person had it.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts import identities
from accounts.models import Identity
from social import entities, outside, posts, x
from social.entities import Mention

logger = logging.getLogger(__name__)

FRESH = timedelta(hours=1)  # Within it nobody is asked again about a handle.
MOST = 20  # More are no order.


def mentions(text: str) -> tuple[Mention, ...]:
    """Everybody whom the text names, with X's number of them; may ask X, so in no transaction."""
    names = {span.word for span in entities.handles(text)} - {settings.X_SERVICE_HANDLE}
    wanted = sorted(name for name in names if len(name) <= x.LONGEST_HANDLE)[:MOST]
    known = {name: _lately(name) for name in wanted}
    told = _ask([name for name, id in known.items() if not id])
    found = [Mention(name, id or told.get(name.lower(), "")) for name, id in known.items()]
    return (*found, Mention(settings.X_SERVICE_HANDLE, settings.X_SERVICE_ID))


def _lately(name: str) -> str:
    """Whose it is, if it was seen within the hour."""
    seen = _with(name).filter(seen_at__gt=Now() - FRESH)
    return _only(list(seen.values_list("external_id", flat=True)[:2]))


def _ask(names: list[str]) -> dict[str, str]:
    """Ids by handle in small letters, from X, or else from what was seen of old."""
    if not names:
        return {}
    try:
        people = posts.people(outside.x().people(names))
    except (x.Refused, x.Limited, x.Unreachable, posts.Malformed) as problem:
        logger.warning("X could not be asked about handles", extra={"problem": type(problem).__name__})
        old = {name.lower(): list(_with(name).values_list("external_id", flat=True)[:2]) for name in names}
        return {name: _only(ids) for name, ids in old.items()}
    labels = [
        identities.Label(person.id, person.handle, person.name, person.picture_url, person.joined_at)
        for person in people
    ]
    identities.see(labels, network=Identity.Network.X, at=timezone.now())
    return {person.handle.lower(): person.id for person in people}


def _with(name: str) -> QuerySet[Identity]:
    return Identity.objects.filter(network=Identity.Network.X, handle__iexact=name)


def _only(ids: list[str]) -> str:
    return ids[0] if len(ids) == 1 else ""

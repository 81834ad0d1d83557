"""A member's leave to link one account of a network: given out once, good for ten minutes and one use.

It is made on the site by whoever is signed in, and comes back by the network's own signed webhook: nobody can
slip an account of theirs to somebody else, nor use a link twice.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now

from accounts import crypto, identities
from accounts.models import Identity, User
from social.models import LinkTicket

LIFETIME = timedelta(minutes=10)
FORGOTTEN = timedelta(days=1)


class Unknown(Exception):
    """Nobody gave it out, or it was used, or its time is over."""


def issue(user: User) -> str:
    """A new ticket; the member's earlier ones are good for nothing from now on."""
    ticket = secrets.token_urlsafe(32)
    with transaction.atomic():
        LinkTicket.objects.filter(expires_at__lt=Now() - FORGOTTEN).delete()
        LinkTicket.objects.filter(user=user, used_at=None).update(expires_at=Now())
        LinkTicket.objects.create(digest=digest_of(ticket), user=user, expires_at=Now() + LIFETIME)
    return ticket


def redeem(digest: str, *, network: Identity.Network, external_id: str, at: datetime) -> Identity:
    """Link whoever brings the ticket of that digest to the member who was given it.

    :raises Unknown: if it is good for nothing
    :raises identities.AlreadyLinked, identities.HasAnother: as `identities.link`; it is used up all the same
    """
    row = LinkTicket.objects.filter(digest=digest, user__is_active=True).select_related("user").first()
    good = LinkTicket.objects.filter(digest=digest, used_at=None, expires_at__gt=Now())
    if row is None or not good.update(used_at=Now()):
        raise Unknown
    return identities.link(
        row.user,
        network=network,
        external_id=external_id,
        handle=str(network.label),
        name="",
        picture_url="",
        joined_network_at=None,
        at=at,
    )


def digest_of(ticket: str) -> str:
    """What is kept of it."""
    return crypto.fingerprint(ticket, of="link ticket")

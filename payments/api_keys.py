"""Keys by which an organisation's programs read what it received. It is shown once, kept as a digest."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from accounts import crypto, organisations
from accounts.models import Organisation, User
from payments.models import ApiKey

MOST = 10  # Of an organisation, that are not revoked.
PREFIX = "smk_"
SHOWN = 10  # Of its characters, to tell it from others: the rest is as long as a key.
NOTED_EVERY = timedelta(minutes=1)  # When it was last used.


class TooMany(Exception):
    """The organisation has as many as it may."""


class Unknown(Exception):
    """Nobody made that key, or it was revoked."""


class NotReviewed(Exception):
    """The organisation of that key is none that may be paid."""


def of(organisation: Organisation) -> QuerySet[ApiKey]:
    """The organisation's, the newest first, with those that were revoked."""
    return ApiKey.objects.filter(organisation=organisation).select_related("made_by").order_by("-pk")


@transaction.atomic
def make(organisation: Organisation, *, name: str, by: User) -> tuple[ApiKey, str]:
    """A key that reads, and what it is, which nobody is shown again.

    :raises TooMany: if as many are as may be
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    if of(organisation).filter(revoked_at=None).count() >= MOST:
        raise TooMany
    key = PREFIX + secrets.token_urlsafe(32)
    made = ApiKey.objects.create(
        organisation=organisation, name=name, digest=_digest(key), prefix=key[:SHOWN], made_by=by
    )
    return made, key


def revoke(key: ApiKey) -> None:
    """From now on it opens nothing, for good."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=Now())


def opened(key: str) -> ApiKey:
    """Whose key it is; that it was used is noted, once a minute.

    :raises Unknown: if it opens nothing
    :raises NotReviewed: if its organisation is not accepted by staff
    """
    known = ApiKey.objects.select_related("organisation__account").filter(revoked_at=None)
    found = known.filter(digest=_digest(key)).first()
    if found is None:
        raise Unknown
    if not organisations.is_reviewed(found.organisation):
        raise NotReviewed
    long_ago = Q(last_used_at=None) | Q(last_used_at__lt=Now() - NOTED_EVERY)
    known.filter(long_ago, pk=found.pk).update(last_used_at=Now())
    return found


def _digest(key: str) -> str:
    return crypto.fingerprint(key, of="api key")

"""The service's own token on X, encrypted at rest, renewed by one process at a time.

X takes a refresh token once and gives the next with the answer. The lease on the row says who asks;
it is taken and given back in statements of their own, so nothing is locked while X is called.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from accounts import crypto
from social import alarms, outside, x
from social.models import Alarm, Credential

CHANNEL = "x"
LEASE = timedelta(
    seconds=30
)  # Twice what one call of X may take; a process that died with it blocks no longer.
# A token is renewed before it ends: calls under way still need it, and if the next refresh token is lost
# between X and us, an operator has so long to give us another one.
MARGIN = timedelta(minutes=30)


class Unavailable(Exception):
    """There is no valid token, and X refuses to renew it."""


class Renewing(Exception):
    """There is no valid token in this moment: another process renews it."""


def access_token() -> str:
    """A token that is valid for some minutes.

    :raises Unavailable: if there is none
    :raises Renewing: if there is none yet
    :raises x.Limited, x.Unreachable: if X could not be asked
    """
    fresh = Credential.objects.filter(channel=CHANNEL, expires_at__gt=Now() + MARGIN).first()
    if fresh:
        return crypto.decrypt(fresh.access_token)
    _seed()
    return _renew()


def distrust(token: str) -> None:
    """X refused this token before its time: the next who asks renews it."""
    row = Credential.objects.get(channel=CHANNEL)
    if row.access_token and crypto.decrypt(row.access_token) == token:
        same = Credential.objects.filter(channel=CHANNEL, access_token=row.access_token)
        same.update(expires_at=Now())


def revoked(*, at: datetime) -> None:
    """Our own account's consent was taken back: the token is worth nothing, and somebody has to know."""
    if Credential.objects.filter(channel=CHANNEL, issued_at__lte=at).update(expires_at=Now()):
        alarms.sound(Alarm.Kind.REVOKED)


def _seed() -> None:
    """The first time, the operator's refresh token is all there is."""
    if settings.X_REFRESH_TOKEN:
        seed = Credential(
            channel=CHANNEL,
            access_token=b"",
            refresh_token=crypto.encrypt(settings.X_REFRESH_TOKEN),
            expires_at=Now(),
            issued_at=Now(),
        )
        if not Credential.objects.filter(channel=CHANNEL).exists():
            Credential.objects.bulk_create([seed], ignore_conflicts=True)


def _renew() -> str:
    free = Q(leased_until=None) | Q(leased_until__lte=Now())
    if not Credential.objects.filter(free, channel=CHANNEL).update(leased_until=Now() + LEASE):
        return _still_valid()
    row = Credential.objects.get(channel=CHANNEL)
    try:
        tokens = _ask(crypto.decrypt(row.refresh_token))
    except x.Refused as refused:
        alarms.sound(Alarm.Kind.REVOKED, detail=str(refused.status))
        return _to_its_end(refused)
    alarms.end(Alarm.Kind.REVOKED)
    Credential.objects.filter(channel=CHANNEL).update(
        access_token=crypto.encrypt(tokens.access),
        refresh_token=crypto.encrypt(tokens.refresh),
        expires_at=Now() + timedelta(seconds=tokens.lifetime_seconds),
        leased_until=None,
        issued_at=Now(),
    )
    return tokens.access


def _ask(refresh_token: str) -> x.Tokens:
    """New tokens; from the operator's newer refresh token, if ours was lost on the way."""
    try:
        return outside.x().refresh(refresh_token)
    except x.Refused:
        if settings.X_REFRESH_TOKEN in ("", refresh_token):
            raise
        return outside.x().refresh(settings.X_REFRESH_TOKEN)


def _to_its_end(refused: x.Refused) -> str:
    """What cannot be renewed may still be good for a while."""
    try:
        return _still_valid()
    except Renewing:
        raise Unavailable from refused


def _still_valid() -> str:
    """While another process renews it, the old one serves to its end."""
    row = Credential.objects.filter(channel=CHANNEL, expires_at__gt=Now()).first()
    if row is None:
        raise Renewing
    return crypto.decrypt(row.access_token)

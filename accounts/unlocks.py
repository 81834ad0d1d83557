"""A new secret code for whoever forgot it: a code by SMS, beside the password or passkey just shown.

The code by SMS lives ten minutes by the database's clock, three tries, and once.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db.models.functions import Now

from accounts import codes, tries
from accounts.models import UNLOCK_TRIES, UnlockCode, User

LIFETIME_MINUTES = 10


class WrongUnlockCode(Exception):
    """It is not the code that was sent."""

    def __init__(self, tries_left: int) -> None:
        super().__init__(tries_left)
        self.tries_left = tries_left


class NoUnlockCode(Exception):
    """None was sent, or it is too old, was used, or was tried too often: another has to be sent."""


def start(user: User) -> str:
    """The code to send to the user; one that was sent before counts no more."""
    code = f"{secrets.randbelow(10**codes.LENGTH):0{codes.LENGTH}}"
    UnlockCode.objects.update_or_create(
        user=user,
        defaults={
            "digest": tries.digest(user, code),
            "tries": 0,
            "expires_at": Now() + timedelta(minutes=LIFETIME_MINUTES),
        },
    )
    return code


def is_started(user: User) -> bool:
    """Whether a code was sent that may still be entered."""
    return UnlockCode.objects.filter(user=user, tries__lt=UNLOCK_TRIES, expires_at__gt=Now()).exists()


def finish(user: User, *, sent: str, new_code: str) -> None:
    """Give the user the new secret code, if `sent` is what they were sent.

    :raises codes.WeakCode: if the new one would be guessed; no try is counted then
    :raises WrongUnlockCode: if it is another; the try stays counted
    :raises NoUnlockCode: if there is nothing to compare with
    :raises RuntimeError: inside a transaction
    """
    if weakness := codes.weakness(user, new_code):
        raise codes.WeakCode(weakness)
    one = tries.count(UnlockCode, user, limit=UNLOCK_TRIES) if is_started(user) else None
    if one is None:
        raise NoUnlockCode
    if not tries.is_right(one, user=user, digits=sent):
        raise WrongUnlockCode(UNLOCK_TRIES - one.number)
    # Of two that bring the right code at once, the one that deletes it has used it.
    used, _ = UnlockCode.objects.filter(user=user, digest=one.digest, expires_at__gt=Now()).delete()
    if not used:
        raise NoUnlockCode
    codes.unlock(user, new_code)

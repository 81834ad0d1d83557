"""Codes sent by SMS for one purpose: ten minutes by the database's clock, three tries, used once."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db.models.functions import Now

from accounts import tries
from accounts.models import UNLOCK_TRIES, DeviceCode, UnlockCode, User

LENGTH = 6
LIFETIME_MINUTES = 10

Purpose = type[UnlockCode | DeviceCode]


class WrongSentCode(Exception):
    """It is not the code that was sent."""

    def __init__(self, tries_left: int) -> None:
        super().__init__(tries_left)
        self.tries_left = tries_left


class NoSentCode(Exception):
    """None was sent, or it is too old, was used, or was tried too often: another has to be sent."""


def start(purpose: Purpose, user: User) -> str:
    """The code to send to the user; one that was sent before counts no more."""
    code = f"{secrets.randbelow(10**LENGTH):0{LENGTH}}"
    purpose.objects.update_or_create(
        user=user,
        defaults={
            "digest": tries.digest(user, code),
            "tries": 0,
            "expires_at": Now() + timedelta(minutes=LIFETIME_MINUTES),
        },
    )
    return code


def take_back(purpose: Purpose, user: User) -> None:
    """What was to be sent is not on its way: nobody may guess at it."""
    purpose.objects.filter(user=user).delete()


def is_started(purpose: Purpose, user: User) -> bool:
    """Whether a code was sent that may still be entered."""
    return purpose.objects.filter(user=user, tries__lt=UNLOCK_TRIES, expires_at__gt=Now()).exists()


def use(purpose: Purpose, user: User, *, sent: str) -> None:
    """Let pass, once, whoever brings what was sent.

    :raises WrongSentCode: if it is another; the try stays counted
    :raises NoSentCode: if there is nothing to compare with
    :raises RuntimeError: inside a transaction
    """
    one = tries.count(purpose, user, limit=UNLOCK_TRIES) if is_started(purpose, user) else None
    if one is None:
        raise NoSentCode
    if not tries.is_right(one, user=user, digits=sent):
        raise WrongSentCode(UNLOCK_TRIES - one.number)
    # Of two that bring the right code at once, the one that deletes it has used it.
    used, _ = purpose.objects.filter(user=user, digest=one.digest, expires_at__gt=Now()).delete()
    if not used:
        raise NoSentCode

"""Members and their numbers: a number belongs to whoever verified it, and to nobody before.

A sign-up that was not verified is replaced by the next one with its number, so that nobody can
keep a number that is not theirs, nor wait inside an account for its owner to come.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from accounts.models import SecretCode, User


class NumberTaken(Exception):
    """Another member verified the number."""


class Step(Enum):
    """What a member who was signed up still has to do."""

    SIGN_IN = "choose a password or a passkey"
    CODE = "choose a secret code"
    DONE = "nothing"


def by_phone(phone: str) -> User | None:
    """The member whose number it is."""
    return User.objects.filter(phone=phone, phone_verified_at__isnull=False).first()


def claim_phone(user: User, phone: str) -> None:
    """Note the number that the user says is theirs.

    :raises NumberTaken: if it is another member's
    """
    _set_phone(user, phone, verified_at=None)


def verify_phone(user: User, phone: str, *, at: datetime) -> None:
    """Make the number the user's, who has shown that they read what is sent to it.

    :raises NumberTaken: if it is another member's
    """
    _set_phone(user, phone, verified_at=at)


def passkeys(user: User) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("pk"))


def can_sign_in(user: User) -> bool:
    """Whether the user has a password or a passkey."""
    return user.has_usable_password() or bool(passkeys(user))


def step(user: User) -> Step:
    """How far the user has come in signing up; one who has come through once may always go on."""
    if SecretCode.objects.filter(user=user).exists():
        return Step.DONE
    return Step.CODE if can_sign_in(user) else Step.SIGN_IN


def _set_phone(user: User, phone: str, *, verified_at: datetime | None) -> None:
    try:
        with transaction.atomic():
            _lock(phone)
            _nobodys(phone).exclude(pk=user.pk).delete()
            user.phone, user.phone_verified_at = phone, verified_at
            user.save(update_fields=["phone", "phone_verified_at"])
    except IntegrityError:
        raise NumberTaken from None


def _lock(phone: str) -> None:
    """Let sign-ups with one number wait for each other: a form that was sent twice must not fail."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"phone {phone}"])


def _nobodys(phone: str) -> QuerySet[User]:
    """Sign-ups with the number that were never finished; staff are made by command, not signed up."""
    return User.objects.filter(phone=phone, phone_verified_at=None, last_login=None, is_staff=False)

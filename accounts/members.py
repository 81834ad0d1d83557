"""Members and their numbers: a number belongs to whoever verified it, and to nobody before.

Anybody may claim any number, and as many as like the same one: nobody can keep a number that is not
theirs, nor hinder its owner, nor wait inside an account for its owner to come.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accounts.models import User


class NumberTaken(Exception):
    """The number is another member's."""


class Step(Enum):
    """What a member who was signed up still has to do."""

    SIGN_IN = "choose a password or a passkey"
    CODE = "choose a secret code"
    DONE = "nothing"


def by_phone(phone: str) -> User | None:
    """The member whose number it is."""
    return User.objects.filter(phone=phone, phone_verified_at__isnull=False).first()


def claim_phone(user: User, phone: str) -> None:
    """Note the number that the user says is theirs."""
    User.objects.filter(pk=user.pk).update(phone=phone, phone_verified_at=None)
    user.phone, user.phone_verified_at = phone, None


def verify_phone(user: User, phone: str, *, at: datetime) -> None:
    """Make the number the user's, who has read what was sent to it; other claims to it are forgotten.

    :raises NumberTaken: if it is another member's
    """
    try:
        with transaction.atomic():
            # In one order, or two who verify at once would wait for each other.
            at_stake = User.objects.filter(Q(pk=user.pk) | Q(phone=phone)).order_by("pk")
            list(at_stake.select_for_update().values("pk"))
            if not User.objects.filter(pk=user.pk).update(phone=phone, phone_verified_at=at):
                raise NumberTaken  # By who has made this claim be forgotten.
            _claims().filter(phone=phone).delete()
    except IntegrityError:
        raise NumberTaken from None
    user.phone, user.phone_verified_at = phone, at


def forget_claims(*, before: datetime) -> int:
    """Forget who began to sign up before that moment and never verified a number; return how many."""
    _rows, deleted = _claims().filter(joined_at__lt=before).delete()
    return deleted.get(User._meta.label, 0)  # noqa: SLF001  # Django's, and documented


def passkeys(user: User) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("pk"))


def can_sign_in(user: User) -> bool:
    """Whether the user has a password or a passkey."""
    return user.has_usable_password() or bool(passkeys(user))


def step(user: User) -> Step:
    """How far the user has come in signing up; one who has come through once may always go on."""
    if hasattr(user, "secret_code"):
        return Step.DONE
    return Step.CODE if can_sign_in(user) else Step.SIGN_IN


def _claims() -> QuerySet[User]:
    """Sign-ups that were not verified; staff are made by command, not signed up; not who has left.

    Nor an organisation's account, which never has a number.
    """
    unverified = User.objects.filter(phone_verified_at=None, last_login=None, is_staff=False, erased_at=None)
    return unverified.filter(organisation=None)

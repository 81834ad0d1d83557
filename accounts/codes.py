"""The secret code: six digits that confirm each order, five wrong tries until it locks."""

from __future__ import annotations

import re
from datetime import datetime
from enum import Enum

from django.utils import timezone

from accounts import prepared, tries
from accounts.models import TRIES, SecretCode, User
from accounts.prepared import Prepared

LENGTH = 6

_DIGITS = re.compile(r"[0-9]{6}")
_YEAR = re.compile(r"19[3-9][0-9]|20[01][0-9]")
_RUNS = "01234567890", "09876543210"
_NOW = Prepared("now", "SELECT clock_timestamp()")


class Weakness(Enum):
    """Why a code cannot be chosen."""

    NOT_SIX_DIGITS = "it is not six digits"
    REPEATED = "it repeats a digit or a pair"
    RUN = "it counts up or down"
    PHONE = "it is in the phone number"
    YEAR = "it begins or ends with a year of birth"


class WeakCode(Exception):
    """Somebody else would try this code first."""

    def __init__(self, weakness: Weakness) -> None:
        super().__init__(weakness)
        self.weakness = weakness


class WrongCode(Exception):
    """It is not the user's code. With no tries left, this try locked it."""

    def __init__(self, tries_left: int) -> None:
        super().__init__(tries_left)
        self.tries_left = tries_left


class CodeLocked(Exception):
    """The tries were used up before; `unlock` makes a new code."""


class NoCode(Exception):
    """The user has not chosen a code yet."""


class TooLate(Exception):
    """What the code is for is over: no try was counted."""


def choose(user: User, code: str) -> None:
    """Set the user's code, first or new. A locked one stays locked: see `unlock`.

    :raises WeakCode: if it would be guessed
    """
    _refuse_weak(user, code)
    SecretCode.objects.update_or_create(
        user=user, defaults={"digest": tries.digest(user, code), "changed_at": timezone.now()}
    )


def change(user: User, *, old: str, new: str) -> None:
    """Replace the user's code, which they know.

    :raises WeakCode: if the new one would be guessed; the old one is not tried then
    :raises WrongCode, CodeLocked, NoCode: as `verify` does
    """
    _refuse_weak(user, new)
    verify(user, old)
    choose(user, new)


def verify(user: User, code: str) -> None:
    """Let pass whoever knows the user's code. Every try counts, until a right one clears them.

    :raises WrongCode: if it is another; the try stays counted, whatever the caller does then
    :raises CodeLocked: if it was tried too often
    :raises NoCode: if the user has none
    :raises RuntimeError: inside a transaction
    """
    tries.clear(verified(user, code))


def verified(user: User, code: str, *, until: datetime | None = None) -> prepared.Call:
    """As `verify`, but what gives the tries back is left to the caller, for `prepared.run` or `tries.clear`.

    :raises WrongCode, CodeLocked, NoCode, RuntimeError: as `verify` does
    :raises TooLate: if it is `until` or later, by the database's clock
    """
    one = tries.count(SecretCode, user, limit=TRIES, until=until)
    if one is None:
        raise _why_none(user, until=until)
    if not tries.is_right(one, user=user, digits=code):
        raise WrongCode(TRIES - one.number)
    # Tries that were counted meanwhile are somebody else's, and stay.
    return tries.clearing(SecretCode, user, one)


def is_locked(user: User) -> bool:
    """Whether the tries at their code are used up by now."""
    return SecretCode.objects.filter(user=user, tries__gte=TRIES).exists()


def unlock(user: User, new_code: str) -> None:
    """Give the user a new code and fresh tries. The caller has proved who they are, twice.

    :raises WeakCode: if it would be guessed
    """
    _refuse_weak(user, new_code)
    SecretCode.objects.update_or_create(
        user=user, defaults={"digest": tries.digest(user, new_code), "tries": 0, "changed_at": timezone.now()}
    )


def weakness(user: User, code: str) -> Weakness | None:
    """What makes the code easy to guess, if anything."""
    if not _DIGITS.fullmatch(code):
        return Weakness.NOT_SIX_DIGITS
    if len(set(code)) == 1 or code[:2] * 3 == code or code[:3] * 2 == code:
        return Weakness.REPEATED
    if any(code in run for run in _RUNS):
        return Weakness.RUN
    if code in f"0{str(user.phone or '')[-9:]}":
        return Weakness.PHONE
    if _YEAR.fullmatch(code[:4]) or _YEAR.fullmatch(code[-4:]):
        return Weakness.YEAR
    return None


def _why_none(user: User, *, until: datetime | None) -> Exception:
    """Why no try was counted."""
    if until is not None and prepared.run(_NOW())[0][0] >= until:
        return TooLate()
    return CodeLocked() if SecretCode.objects.filter(user=user).exists() else NoCode()


def _refuse_weak(user: User, code: str) -> None:
    if found := weakness(user, code):
        raise WeakCode(found)

"""The secret code of whoever lets their money move: checked, and its owner told when a try locked it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from accounts import codes, prepared, tries
from accounts.models import User
from payments import notices
from payments.models import Notification


def check(user: User, *, code: str) -> None:
    """Go on if `code` is the user's secret code.

    :raises codes.WrongCode: the wrong try is counted, also when the caller fails
    :raises codes.CodeLocked, codes.NoCode: as `codes.verify` does
    """
    with _telling(user):
        codes.verify(user, code)


@contextmanager
def checked(user: User, *, code: str, until: datetime) -> Iterator[prepared.Call]:
    """As `check`, around a transaction: in it the caller runs what gives the tries back.

    Where that fails they are given back all the same, as the code was right.

    :raises codes.WrongCode, codes.CodeLocked, codes.NoCode: as `check` does
    :raises codes.TooLate: if it is `until` or later; no try is counted for what is over
    """
    with _telling(user):
        clearing = codes.verified(user, code, until=until)
    try:
        yield clearing
    except BaseException:
        tries.clear(clearing)
        raise


@contextmanager
def _telling(user: User) -> Iterator[None]:
    try:
        yield
    except codes.WrongCode as problem:
        if problem.tries_left == 0:
            notices.tell(user, Notification.Kind.CODE_LOCKED)
        raise

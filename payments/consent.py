"""The secret code of whoever lets their money move: checked, and its owner told when a try locked it."""

from __future__ import annotations

from accounts import codes
from accounts.models import User
from payments import notices
from payments.models import Notification


def check(user: User, *, code: str) -> None:
    """Go on if `code` is the user's secret code.

    :raises codes.WrongCode: the wrong try is counted, also when the caller fails
    :raises codes.CodeLocked, codes.NoCode: as `codes.verify` does
    """
    try:
        codes.verify(user, code)
    except codes.WrongCode as problem:
        if problem.tries_left == 0:
            notices.tell(user, Notification.Kind.CODE_LOCKED)
        raise

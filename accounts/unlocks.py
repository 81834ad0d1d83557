"""A new secret code for whoever forgot it: a code by SMS, beside the password or passkey just shown."""

from __future__ import annotations

from accounts import codes, sent_codes
from accounts.models import UnlockCode, User


def start(user: User) -> str:
    """The code to send to the user; one that was sent before counts no more."""
    return sent_codes.start(UnlockCode, user)


def take_back(user: User) -> None:
    """The code could not be sent: nobody may guess at it."""
    sent_codes.take_back(UnlockCode, user)


def is_started(user: User) -> bool:
    """Whether a code was sent that may still be entered."""
    return sent_codes.is_started(UnlockCode, user)


def finish(user: User, *, sent: str, new_code: str) -> None:
    """Give the user the new secret code, if `sent` is what they were sent.

    :raises codes.WeakCode: if the new one would be guessed; no try is counted then
    :raises sent_codes.WrongSentCode: if it is another; the try stays counted
    :raises sent_codes.NoSentCode: if there is nothing to compare with
    :raises RuntimeError: inside a transaction
    """
    if weakness := codes.weakness(user, new_code):
        raise codes.WeakCode(weakness)
    sent_codes.use(UnlockCode, user, sent=sent)
    codes.unlock(user, new_code)

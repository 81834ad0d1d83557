"""Tells members of what becomes of a seat at an organisation, in the transaction in which it does."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import Seat, User
from accounts.seats import Change
from payments import notices
from payments.models import Notification

_KINDS = {
    Change.OFFERED: Notification.Kind.SEAT_OFFERED,
    Change.TAKEN: Notification.Kind.SEAT_TAKEN,
    Change.CHANGED: Notification.Kind.SEAT_CHANGED,
    Change.ENDED: Notification.Kind.SEAT_ENDED,
}


def tell(change: Change, seat: Seat | None, members: Collection[User]) -> None:
    """Tell each of them, once of a seat: by SMS too, but where nobody has it yet."""
    for member in members:
        notices.tell(member, _KINDS[change], seat=seat)

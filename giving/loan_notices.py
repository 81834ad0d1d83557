"""Who is told of a loan: its lenders, those who own the organisation, staff."""

from __future__ import annotations

from collections.abc import Sequence

from accounts import seats
from accounts.models import Role, User
from giving.models import Loan
from payments import notices, rows
from payments.models import Notification

_MOST = 20  # In one statement.


def tell(users: Sequence[User], kind: Notification.Kind) -> None:
    """Say it to each of them, in the caller's transaction, without making a phone ring."""
    for start in range(0, len(users), _MOST):
        some = users[start : start + _MOST]
        notices.tell_all(*(rows.made(Notification, user=user, kind=kind) for user in some), is_quiet=True)


def owners(loan: Loan) -> list[User]:
    return [seat.user for seat in seats.at(loan.organisation).filter(role=Role.OWNER)]


def lenders(loan: Loan) -> list[User]:
    theirs = loan.shares.filter(is_taken=True).values("lender")
    return list(User.objects.filter(pk__in=theirs).order_by("pk"))


def staff() -> list[User]:
    return list(User.objects.filter(is_staff=True, is_active=True).order_by("pk"))

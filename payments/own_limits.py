"""What members allow themselves, below the policy: lower at once, higher by their code and a day later.

The database dates each wish and lets the newest one that counts, count (`migrations/sql/0020_limits.sql`).
Amounts are cents; no amount is no own limit.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import User
from payments import consent, limits
from payments.models import Limit, OwnLimit

Name = OwnLimit.Name
# The policy that each stays below; of several, the highest.
POLICY: dict[OwnLimit.Name, tuple[Limit.Name, ...]] = {
    Name.ORDER: (Limit.Name.ORDER_TO_PERSON, Limit.Name.ORDER_TO_ORGANISATION),
    Name.DAY: (Limit.Name.DAY,),
    Name.MONTH: (Limit.Name.MONTH,),
    Name.PAYOUT_DAY: (Limit.Name.PAYOUT_DAY,),
    Name.PAYOUT_MONTH: (Limit.Name.PAYOUT_MONTH,),
}


class AbovePolicy(Exception):
    """It would limit nothing: the policy allows `figure`."""

    def __init__(self, name: OwnLimit.Name, *, figure: int) -> None:
        super().__init__(name)
        self.name, self.figure = name, figure


class CodeWanted(Exception):
    """Something is to be raised, which wants the secret code."""


class CountsAlready(Exception):
    """It is too late to cancel it, or it was cancelled."""


def ask(user: User, wishes: Mapping[OwnLimit.Name, int | None], *, code: str = "") -> list[OwnLimit]:
    """Set the limits that differ from those that count; return them, dated.

    :raises AbovePolicy: for a limit that would limit nothing
    :raises CodeWanted: if one is higher than now, and there is no code
    :raises codes.WrongCode, CodeLocked, NoCode: as `codes.verify` does
    """
    standing = limits.standing(user)
    counting = {name: of(standing, name) for name in Name}
    changed = {name: amount for name, amount in wishes.items() if amount != counting[name]}
    for name, amount in changed.items():
        figure = ceiling(standing, name)
        if amount is not None and amount > figure:
            raise AbovePolicy(name, figure=figure)
    is_raise = any(_is_raise(counting[name], amount) for name, amount in changed.items())
    if is_raise and not code:
        raise CodeWanted
    if is_raise:
        consent.check(user, code=code)
    with transaction.atomic():
        asked = [_insert(user, name, amount) for name, amount in changed.items()]
        # As the database dated them: another wish may have been first.
        if not is_raise and any(wish.effective_at > wish.asked_at for wish in asked):
            raise CodeWanted
    return asked


def cancel(wish: OwnLimit) -> None:
    """Let it stay as it is.

    :raises CountsAlready: if it is not to come
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).values_list("pk").get(pk=wish.user_id)
        if not _pending(wish.user).filter(pk=wish.pk).update(cancelled_at=Now()):
            raise CountsAlready


def pending(user: User) -> list[OwnLimit]:
    """What was asked for and does not count yet."""
    return list(_pending(user).order_by("effective_at"))


def of(standing: limits.Standing, name: OwnLimit.Name) -> int | None:
    """The member's own limit that counts, if they have one."""
    return standing.own.get(POLICY[name][0])


def ceiling(standing: limits.Standing, name: OwnLimit.Name) -> int:
    """What the policy allows."""
    return max(standing.policy[policy] for policy in POLICY[name])


def _is_raise(before: int | None, after: int | None) -> bool:
    return before is not None and (after is None or after > before)


def _insert(user: User, name: OwnLimit.Name, amount: int | None) -> OwnLimit:
    wish = OwnLimit.objects.create(user=user, name=name, amount=amount, asked_at=Now(), effective_at=Now())
    wish.refresh_from_db()
    return wish


def _pending(user: User) -> QuerySet[OwnLimit]:
    return OwnLimit.objects.filter(user=user, cancelled_at=None, effective_at__gt=Now())

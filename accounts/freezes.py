"""Members whose money stands still: they sign in, read and receive; nothing leaves, nothing is loaded.

Anyone of staff freezes, as a rule or the member does; two unfreeze (`payments.proposals`).
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts import audit, prepared
from accounts.models import Freeze, User
from accounts.prepared import Prepared

# Of the member whom a statement calls `user`.
IS_FROZEN = "EXISTS (SELECT FROM accounts_freeze WHERE user_id = %(user)s AND ended_at IS NULL)"
_IS_FROZEN = Prepared("is_frozen", f"SELECT {IS_FROZEN}", user="bigint")


class Frozen(Exception):
    """The member's money stands still."""


def check(user: User) -> None:
    """:raises Frozen: if the member's money stands still"""
    if is_frozen(user):
        raise Frozen


def is_frozen(user: User) -> bool:
    return bool(prepared.run(_IS_FROZEN(user=user.pk))[0][0])


def standing() -> QuerySet[Freeze]:
    """The freezes that hold now."""
    return Freeze.objects.filter(ended_at=None)


@transaction.atomic
def freeze(user: User, *, reason: str, by: User | None = None) -> Freeze:
    """Stop the member's money; one who is frozen already stays so, for the first reason.

    Waits for who holds the payer's lock: what was under way is done before this returns.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    known = Freeze.objects.filter(user=user, ended_at=None).first()
    if known:
        return known
    made = Freeze.objects.create(user=user, reason=reason, by=by)
    audit.record(by, "member.frozen", about=user, before=None, after={"freeze": made.pk}, reason=reason)
    return made


@transaction.atomic
def end(user: User, *, by: User) -> None:
    """Let the member's money move again; called when two of staff have decided it."""
    Freeze.objects.filter(user=user, ended_at=None).update(ended_at=Now(), ended_by=by)
    audit.record(by, "member.unfrozen", about=user, before=None, after=None)

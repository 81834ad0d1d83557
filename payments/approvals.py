"""What approving does, where two of staff decide on a member, on the rights of staff, or on a limit."""

from __future__ import annotations

from django.db import connection

from accounts import audit, freezes, tiers
from accounts.models import User
from payments import limits, proposals
from payments.models import Limit, Proposal


class Outdated(Exception):
    """What was to be changed has changed since it was proposed."""


@proposals.does(Proposal.Kind.UNFREEZE)
def unfreeze(proposal: Proposal, by: User) -> None:
    """:raises Outdated: if they have left: their money stands still for good"""
    member = _member(proposal)
    if member.erased_at is not None:
        raise Outdated
    freezes.end(member, by=by)


@proposals.does(Proposal.Kind.RIGHTS)
def change_rights(proposal: Proposal, by: User) -> None:
    """The tables' owner does it, who asks the database whether it was approved: the application may not.

    :raises django.db.IntegrityError: `nobody_decides_their_own_rights`
    """
    member = _member(proposal)
    before = rights(member)
    with connection.cursor() as cursor:
        cursor.execute("SELECT apply_rights(%s)", [proposal.pk])
    audit.record(
        by, "rights.changed", about=member, before=before, after=proposal.terms, reason=proposal.reason
    )


@proposals.does(Proposal.Kind.LIMIT)
def change_limit(proposal: Proposal, by: User) -> None:
    """:raises Outdated: if the figure is no longer the one that was to be changed"""
    limit = Limit.objects.select_for_update().get(pk=proposal.about.partition(":")[2])
    if limit.amount != proposal.terms["before"]:
        raise Outdated
    amount = proposal.terms["amount"]
    before = limits.set_policy(User.Tier(limit.tier), Limit.Name(limit.name), amount=amount)
    audit.record(
        by,
        "limit.changed",
        about=limit,
        before={"amount": before},
        after={"amount": amount},
        reason=proposal.reason,
    )


@proposals.does(Proposal.Kind.TIER)
def raise_tier(proposal: Proposal, by: User) -> None:
    """:raises Outdated: if the member is known that well already"""
    member = _member(proposal)
    before, tier = {"tier": member.tier}, User.Tier(proposal.terms["tier"])
    try:
        tiers.raise_to(member, tier)
    except tiers.NotHigher as refusal:
        raise Outdated from refusal
    audit.record(by, "tier.raised", about=member, before=before, after={"tier": tier}, reason=proposal.reason)


def rights(user: User) -> dict[str, object]:
    """What the user may do as staff: the terms of a proposal to change it."""
    groups = sorted(user.groups.values_list("name", flat=True))
    return {"is_staff": user.is_staff, "is_superuser": user.is_superuser, "groups": groups}


def _member(proposal: Proposal) -> User:
    return User.objects.get(pk=proposal.about.partition(":")[2])

"""How well we know a member: by their number, their identity, or more. Writes their tier."""

from __future__ import annotations

from accounts import constraints
from accounts.models import User

Tier = User.Tier
LOWEST_FIRST = (Tier.PHONE, Tier.IDENTIFIED, Tier.ENHANCED)


class NotHigher(Exception):
    """They are known that well already, or better. `tier` is the member's."""

    def __init__(self, tier: User.Tier) -> None:
        super().__init__(tier)
        self.tier = tier


class NumberTaken(Exception):
    """An organisation of that SIREN or RNA was accepted before."""


def raise_to(user: User, tier: User.Tier) -> None:
    """The member has proved more of who they are. Of two at once, the higher stays.

    :raises NotHigher: if that changes nothing
    """
    lower = LOWEST_FIRST[: LOWEST_FIRST.index(tier)]
    _write(user, tier, instead_of=lower)


def admit(user: User) -> None:
    """The account of an organisation, whose dossier staff have accepted, may be paid from now on.

    :raises NotHigher: if it was before
    :raises NumberTaken: if another of its SIREN or RNA was
    """
    with constraints.kept("organisation_is_accepted_once", otherwise=NumberTaken):
        _write(user, Tier.ORGANISATION, instead_of=(Tier.PHONE,))


def _write(user: User, tier: User.Tier, *, instead_of: tuple[User.Tier, ...]) -> None:
    is_raised = User.objects.filter(pk=user.pk, tier__in=instead_of).update(tier=tier)
    user.refresh_from_db(fields=["tier"])
    if not is_raised:
        raise NotHigher(Tier(user.tier))

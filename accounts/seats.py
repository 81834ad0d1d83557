"""Who acts for an organisation, and what they may do: seats, and the invitations that give them.

Nobody looks for a member by number or handle: a link is handed over, and whoever opens it is asked first.
Lock order: the member who takes a seat, or leaves us, then organisations, then an invitation.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from accounts import constraints, crypto
from accounts.models import Invitation, Organisation, Role, Seat, User

TREASURY = frozenset({Role.OWNER, Role.TREASURER})  # Who handles its money.
LIFETIME = timedelta(days=7)
MOST_OPEN = 10  # Invitations of an organisation that nobody has taken.


class NoSeat(Exception):
    """They do not act for that organisation, or not in that role."""


class LastOwner(Exception):
    """Somebody has to own it."""


class Unknown(Exception):
    """Nobody made that invitation, or it was taken, withdrawn, or its time is over."""


class HasSeat(Exception):
    """They act for it already."""


class TooMany(Exception):
    """As many invitations are open as may be."""


def of(user: User) -> QuerySet[Seat]:
    """The organisations that the member acts for."""
    return Seat.objects.filter(user=user, left_at=None).select_related("organisation__account")


def at(organisation: Organisation) -> QuerySet[Seat]:
    """Who acts for it, owners first, then by how long."""
    return Seat.objects.filter(organisation=organisation, left_at=None).select_related("user")


def ever_held(user: User, *, account: User) -> bool:
    """Whether they act for the organisation of that account, or did."""
    return Seat.objects.filter(user=user, organisation__account=account).exists()


def held(slug: str, *, by: User, roles: frozenset[Role]) -> Seat:
    """Their seat at the organisation of that address.

    :raises NoSeat: if they have none, or none of these roles
    """
    seat = of(by).filter(organisation__slug=slug, role__in=roles).first()
    if seat is None:
        raise NoSeat
    return seat


def check_treasury(user: User, *, account: User) -> None:
    """A member handles their own money, and an organisation's if it is theirs to handle, still.

    :raises NoSeat: if it is not
    """
    if user != account and not of(user).filter(organisation__account=account, role__in=TREASURY).exists():
        raise NoSeat


def readers(account: User) -> list[User]:
    """Who reads what an account is told of its money: its member, or its owners and treasurers."""
    if account.tier != User.Tier.ORGANISATION:
        return [account]
    theirs = Seat.objects.filter(organisation__account=account, left_at=None).select_related("user")
    return [seat.user for seat in theirs.filter(role__in=TREASURY)]


def take(organisation: Organisation, user: User, role: Role) -> Seat:
    """:raises HasSeat: if they act for it already"""
    with constraints.kept("member_has_one_seat_at_a_time", otherwise=HasSeat):
        return Seat.objects.create(organisation=organisation, user=user, role=role)


@transaction.atomic
def invite(organisation: Organisation, role: Role, *, by: User) -> str:
    """The token of a link that gives a seat, once, within a week.

    :raises NoSeat: if they are not its owner any more
    :raises TooMany: if as many are open as may be
    """
    _lock_as_owner(organisation, by)
    if open_at(organisation).count() >= MOST_OPEN:
        raise TooMany
    token = secrets.token_urlsafe(32)
    Invitation.objects.create(
        organisation=organisation,
        role=role,
        digest=crypto.fingerprint(token, of="invitation"),
        invited_by=by,
        expires_at=Now() + LIFETIME,
    )
    return token


def open_at(organisation: Organisation) -> QuerySet[Invitation]:
    """Its invitations that can be taken still."""
    return _good().filter(organisation=organisation).select_related("invited_by").order_by("-pk")


def invitation(token: str) -> Invitation:
    """:raises Unknown: if it is good for nothing"""
    digest = crypto.fingerprint(token, of="invitation")
    found = _good().select_related("organisation__account").filter(digest=digest).first()
    if found is None:
        raise Unknown
    return found


@transaction.atomic
def accept(token: str, *, by: User) -> Seat:
    """Take the seat that the invitation gives.

    :raises Unknown: if it is good for nothing
    :raises HasSeat: if they act for that organisation already; it can be given to somebody else
    """
    found = invitation(token)
    _lock_member(by.pk)
    _lock(found.organisation)  # Its maker may be losing their seat.
    Invitation.objects.select_for_update().get(pk=found.pk)
    found = invitation(token)  # Somebody may have been quicker.
    seat = take(found.organisation, by, Role(found.role))
    Invitation.objects.filter(pk=found.pk).update(seat=seat)
    return seat


@transaction.atomic
def withdraw(organisation: Organisation, invitation: int, *, by: User) -> None:
    """:raises NoSeat: if they are not its owner any more"""
    _lock_as_owner(organisation, by)
    Invitation.objects.filter(pk=invitation, organisation=organisation, seat=None).update(withdrawn_at=Now())


@transaction.atomic
def change(organisation: Organisation, seat: int, role: Role, *, by: User) -> None:
    """Give somebody another role.

    :raises NoSeat: if whoever asks is not its owner any more, or that seat was left
    :raises LastOwner: if nobody would own it
    """
    _lock_member(_held(organisation, seat).user_id)
    _lock_as_owner(organisation, by)
    theirs = _held(organisation, seat)
    if theirs.role == Role.OWNER and role != Role.OWNER:
        _check_another_owner(organisation, theirs)
    Seat.objects.filter(pk=theirs.pk).update(left_at=Now())
    take(organisation, theirs.user, role)


@transaction.atomic
def leave(organisation: Organisation, seat: int, *, by: User) -> None:
    """End a seat: its owner ends anybody's, everybody their own.

    :raises NoSeat: if they may not, or that seat was left
    :raises LastOwner: if nobody would own it
    """
    _lock(organisation)
    theirs = _held(organisation, seat)
    if theirs.user_id != by.pk:
        held(organisation.slug, by=by, roles=frozenset({Role.OWNER}))
    if theirs.role == Role.OWNER:
        _check_another_owner(organisation, theirs)
    Seat.objects.filter(pk=theirs.pk).update(left_at=Now())


def lock_all(user: User) -> None:
    """Their organisations, for whoever is about to leave us: of two owners who leave at once, one stays."""
    theirs = Organisation.objects.filter(seats__user=user, seats__left_at=None).order_by("pk")
    list(theirs.select_for_update(of=("self",), no_key=True))


def leave_all(user: User) -> None:
    """End the seats of somebody who leaves us; whoever owns one alone was held up before."""
    Seat.objects.filter(user=user, left_at=None).update(left_at=Now())


def _good() -> QuerySet[Invitation]:
    """Those that can be taken: whoever made it has owned the organisation ever since."""
    maker = Seat.objects.filter(
        organisation=OuterRef("organisation"),
        user=OuterRef("invited_by"),
        role=Role.OWNER,
        left_at=None,
        taken_at__lte=OuterRef("invited_at"),
    )
    return Invitation.objects.filter(Exists(maker), seat=None, withdrawn_at=None, expires_at__gt=Now())


def _lock_member(user: int) -> None:
    """Whoever takes a seat, before the organisation: to leave us takes both in this order."""
    User.objects.select_for_update(no_key=True).get(pk=user)


def _lock(organisation: Organisation) -> None:
    """Who acts for it changes by one transaction at a time: of two owners, one stays."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def _lock_as_owner(organisation: Organisation, by: User) -> None:
    _lock(organisation)
    held(organisation.slug, by=by, roles=frozenset({Role.OWNER}))


def _held(organisation: Organisation, seat: int) -> Seat:
    found = at(organisation).filter(pk=seat).first()
    if found is None:
        raise NoSeat
    return found


def _check_another_owner(organisation: Organisation, seat: Seat) -> None:
    if not at(organisation).filter(role=Role.OWNER).exclude(pk=seat.pk).exists():
        raise LastOwner

"""Organisations: signed up by a member, known by their register's number, reviewed by staff.

An organisation's account is a user whom nobody can sign in as: it has no number, no password and no e-mail
address. Its dossier is the account's; once that is accepted, the account's tier is ORGANISATION.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts import identities, registers, seats, slugs
from accounts.models import Dossier, Identity, Organisation, Role, User

MOST_UNREVIEWED = 3  # By one member: what waits is looked at by hand.
LONGEST_SLUG = 32  # It is the number of its identity on our pages.
LONGEST_HANDLE = 32


class TooMany(Exception):
    """As many organisations of that member as may wait for staff do."""


class KnownAlready(Exception):
    """An organisation of that number was reviewed before: whoever acts for it invites others."""

    def __init__(self, organisation: Organisation) -> None:
        super().__init__(organisation.pk)
        self.organisation = organisation


@dataclass(frozen=True, kw_only=True)
class Details:
    """What an organisation says of itself and may say otherwise later."""

    purpose: str
    street: str
    postcode: str
    city: str
    website: str


@dataclass(frozen=True, kw_only=True)
class Facts(Details):
    """Who an organisation says that it is; the numbers as they were written."""

    name: str
    kind: Organisation.Kind
    siren: str
    rna: str


@transaction.atomic
def found(facts: Facts, *, by: User) -> Organisation:
    """Sign up an organisation; whoever does is its first owner.

    :raises registers.NotANumber: if a number is none of its register's
    :raises KnownAlready: if one of that number was reviewed before
    :raises TooMany: if that member waits for the review of several
    """
    siren = registers.siren(facts.siren) if facts.siren else ""
    rna = registers.rna(facts.rna) if facts.rna else ""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if _waiting(by) >= MOST_UNREVIEWED:
        raise TooMany
    if known := _reviewed(siren=siren, rna=rna):
        raise KnownAlready(known)
    account = User(phone=None, name=facts.name, language=by.language)
    account.set_unusable_password()
    account.save()
    organisation = Organisation(
        account=account,
        kind=facts.kind,
        siren=siren,
        rna=rna,
        purpose=facts.purpose,
        street=facts.street,
        postcode=facts.postcode,
        city=facts.city,
        website=facts.website,
        founded_by=by,
    )
    slugs.keep(
        organisation,
        account.name,
        lambda: organisation.save(force_insert=True),
        otherwise="organisation",
        longest=LONGEST_SLUG,
    )
    _give_identity(organisation)
    seats.take(organisation, by, Role.OWNER)
    return organisation


def describe(organisation: Organisation, details: Details) -> None:
    """Change what it says of itself; its name and numbers stay what staff see, or saw."""
    Organisation.objects.filter(pk=organisation.pk).update(**asdict(details))


def identity(organisation: Organisation) -> Identity:
    """By which it is paid on our own pages, whether or not it is on X."""
    return Identity.objects.select_related("user").get(
        user=organisation.account, network=Identity.Network.SITE
    )


def of(account: User) -> Organisation | None:
    """The organisation whose account that is; a member's own is none's."""
    found = Organisation.objects.select_related("account", "founded_by").filter(account=account)
    return found.first()


def is_reviewed(organisation: Organisation) -> bool:
    """Whether staff have accepted its dossier: it may be paid, and has a public page."""
    return organisation.account.tier == User.Tier.ORGANISATION


def public(slug: str) -> Organisation | None:
    """The organisation whose page is there, if everybody may read it."""
    found = Organisation.objects.select_related("account").filter(slug=slug).first()
    return found if found and is_reviewed(found) else None


def _give_identity(organisation: Organisation) -> None:
    name = organisation.account.name
    identities.link(
        organisation.account,
        network=Identity.Network.SITE,
        external_id=organisation.slug,
        handle=name[:LONGEST_HANDLE].strip(),
        name=name,
        picture_url="",
        joined_network_at=None,
        at=timezone.now(),
    )


def _reviewed(*, siren: str, rna: str) -> Organisation | None:
    reviewed = Organisation.objects.select_related("account").filter(account__tier=User.Tier.ORGANISATION)
    for register, number in (("siren", siren), ("rna", rna)):
        if number and (known := reviewed.filter(**{register: number}).first()):
            return known
    return None


def _waiting(founder: User) -> int:
    """How many of theirs staff have to look at still; not what they refused, until it is sent anew."""
    newest = Dossier.objects.filter(user=OuterRef("account")).order_by("-pk").values("status")[:1]
    theirs = Organisation.objects.filter(founded_by=founder).exclude(account__tier=User.Tier.ORGANISATION)
    reviewed = theirs.annotate(review=Coalesce(Subquery(newest), Value("")))
    return reviewed.exclude(review=Dossier.Status.REFUSED).count()

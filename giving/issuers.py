"""Organisations that may issue tax receipts: they say what they are, and two of staff look at it.

What they said stays while it is allowed; who signs may change. Ending it takes two of staff as well.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction
from django.db.models.functions import Now

from accounts import organisations
from accounts.models import Organisation, User
from giving.models import ReceiptIssuer
from payments import approvals, proposals
from payments.models import Proposal


class NotOfGeneralInterest(Exception):
    """A company issues no receipts, nor does an organisation that staff have not accepted."""


class AllowedAsItIs(Exception):
    """Quality, decree and articles were looked at, and stay as long as it is allowed."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What an organisation says of itself, to issue receipts."""

    quality: ReceiptIssuer.Quality
    decreed_on: date | None
    articles: list[str]
    signatory_name: str
    signatory_office: str


def of(organisation: Organisation) -> ReceiptIssuer | None:
    """What it has said, allowed or not."""
    return ReceiptIssuer.objects.select_related("organisation__account").filter(pk=organisation.pk).first()


@transaction.atomic
def ask(organisation: Organisation, facts: Facts, *, by: User) -> ReceiptIssuer:
    """Ask to be allowed; or, once that is so, have somebody else sign.

    :raises NotOfGeneralInterest: as it says
    :raises AllowedAsItIs: if it is allowed, and something else than who signs differs
    """
    if organisation.kind == Organisation.Kind.COMPANY or not organisations.is_reviewed(organisation):
        raise NotOfGeneralInterest
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    known = of(organisation)
    if known and known.may_issue:
        said = (known.quality, known.decreed_on, sorted(known.articles))
        if said != (facts.quality, facts.decreed_on, sorted(facts.articles)):
            raise AllowedAsItIs
    issuer, _made = ReceiptIssuer.objects.update_or_create(
        organisation=organisation, defaults=asdict(facts), create_defaults={**asdict(facts), "asked_by": by}
    )
    return issuer


def propose(staff: User, issuer: ReceiptIssuer, *, since: date | None, reason: str) -> Proposal:
    """One of staff wants it to issue receipts for gifts since that day; without one, no more.

    :raises proposals.NotAllowed, proposals.AlreadyProposed: as `proposals.propose`
    """
    terms = {"since": since.isoformat() if since else "", **_looked_at(issuer)}
    return proposals.propose(staff, Proposal.Kind.RECEIPTS, about=issuer, terms=terms, reason=reason)


@proposals.does(Proposal.Kind.RECEIPTS)
def _decide(proposal: Proposal, _approved_by: User) -> None:
    """:raises approvals.Outdated: if it says something else of itself since, or there is nothing to end"""
    issuer = ReceiptIssuer.objects.select_for_update(no_key=True).get(
        pk=int(proposal.about.partition(":")[2])
    )
    rows = ReceiptIssuer.objects.filter(pk=issuer.pk)
    if not proposal.terms["since"]:
        if not issuer.may_issue:
            raise approvals.Outdated
        rows.update(proposal=proposal, ended_at=Now())
        return
    if proposal.terms | _looked_at(issuer) != proposal.terms:
        raise approvals.Outdated
    rows.update(proposal=proposal, since=date.fromisoformat(proposal.terms["since"]), ended_at=None)


def _looked_at(issuer: ReceiptIssuer) -> dict[str, object]:
    """What it says of itself, as staff allow it."""
    return {
        "quality": issuer.quality,
        "articles": issuer.articles,
        "decreed_on": issuer.decreed_on.isoformat() if issuer.decreed_on else "",
    }

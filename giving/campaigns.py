"""Campaigns: opened and changed by an organisation, and found by their address or hashtag.

Once somebody gave, goal, deadline and hashtag stay: whoever changes them takes the campaign's row, and givers
wait for that alone. A deadline is judged by the database's clock.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from accounts import constraints, organisations, slugs
from accounts.models import Organisation, User
from giving.models import Campaign, Gift, Match

LONGEST_HASHTAG = 30
LONGEST = timedelta(days=366)  # From today on: what is set aside is not for ever.
_HASHTAG = re.compile(r"[^\W_](?:\w*[^\W_])?")


class CampaignOver(Exception):
    """It has ended, or its deadline has passed."""


class NotReviewed(Exception):
    """Staff have not accepted the organisation: it collects nothing yet."""


class HashtagTaken(Exception):
    """Another open campaign of the organisation has that hashtag."""


class TermsKept(Exception):
    """Somebody gave on these terms: goal, deadline and hashtag stay."""


class NotAHashtag(Exception):
    """X would not read it as one."""


class DeadlinePassed(Exception):
    """It would have ended already."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What an organisation says of a campaign; `goal` in cents."""

    title: str
    story: str
    hashtag: str
    goal: int | None = None
    deadline: datetime | None = None
    is_all_or_nothing: bool = False


def open_(organisation: Organisation, terms: Terms) -> Campaign:
    """Begin to collect.

    :raises NotReviewed, HashtagTaken, DeadlinePassed: as they say
    """
    if not organisations.is_reviewed(organisation):
        raise NotReviewed
    campaign = Campaign(organisation=organisation)
    _apply(campaign, terms)
    with transaction.atomic():
        slugs.keep(campaign, campaign.title, lambda: _keep(campaign), otherwise="campaign")
        _check_deadline(campaign)
    return campaign


@transaction.atomic
def change(campaign: Campaign, terms: Terms) -> Campaign:
    """Say it otherwise; its terms only while nobody gave.

    :raises CampaignOver: if it has ended
    :raises TermsKept: if somebody gave
    :raises HashtagTaken, DeadlinePassed: as they say
    """
    # Givers hold the row's key until they are done: whoever is about to give is waited for.
    campaign = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if campaign.ended_at is not None:
        raise CampaignOver
    before = _terms(campaign)
    _apply(campaign, terms)
    if _terms(campaign) != before:
        if is_given_to(campaign):
            raise TermsKept
        _keep(campaign)
        _check_deadline(campaign)
    else:
        _keep(campaign)
    return campaign


def is_given_to(campaign: Campaign) -> bool:
    """Whether somebody gives on its terms, be it that their code is waited for."""
    return any(model.objects.filter(campaign=campaign).exists() for model in (Gift, Match))


def of(organisation: Organisation) -> QuerySet[Campaign]:
    """All that it collects or collected for, what is open first, then the newest."""
    return Campaign.objects.filter(organisation=organisation).order_by("ended_at", "-opened_at", "-pk")


def collecting() -> QuerySet[Campaign]:
    """The campaigns that can be given to now."""
    every = Campaign.objects.filter(ended_at=None, organisation__account__tier=User.Tier.ORGANISATION)
    return every.filter(Q(deadline=None) | Q(deadline__gt=Now())).select_related("organisation__account")


def is_collecting(campaign: Campaign) -> bool:
    """Whether it can be given to now."""
    return collecting().filter(pk=campaign.pk).exists()


def at(slug: str) -> Campaign | None:
    """The campaign of that address, of an organisation whose pages everybody may read."""
    found = Campaign.objects.select_related("organisation__account").filter(slug=slug).first()
    return found if found and organisations.is_reviewed(found.organisation) else None


def tagged(payee: User, hashtags: Collection[str]) -> Campaign | None:
    """The one open campaign of that payee's that these hashtags name; None where none is, or several are."""
    words = {plain(word) for word in hashtags}
    found = list(collecting().filter(organisation__account=payee, hashtag__in=words)[:2]) if words else []
    return found[0] if len(found) == 1 else None


def hashtag(written: str) -> str:
    """The hashtag as it is kept: in small letters, without its sign.

    :raises NotAHashtag: if X would read another one, or none
    """
    word = plain(written.strip().removeprefix("#"))
    if not _HASHTAG.fullmatch(word) or word.isdecimal() or len(word) > LONGEST_HASHTAG:
        raise NotAHashtag
    return word


def plain(word: str) -> str:
    """As two people write it who mean the same: small letters, and accents in one piece with theirs."""
    return unicodedata.normalize("NFC", word).lower()


def _apply(campaign: Campaign, terms: Terms) -> None:
    campaign.title, campaign.story, campaign.hashtag = terms.title, terms.story, terms.hashtag
    campaign.goal, campaign.deadline = terms.goal, terms.deadline
    campaign.is_all_or_nothing = terms.is_all_or_nothing


def _terms(campaign: Campaign) -> tuple[object, ...]:
    return campaign.hashtag, campaign.goal, campaign.deadline, campaign.is_all_or_nothing


def _keep(campaign: Campaign) -> None:
    with constraints.kept("organisation_has_one_open_campaign_of_a_hashtag", otherwise=HashtagTaken):
        campaign.save()


def _check_deadline(campaign: Campaign) -> None:
    if Campaign.objects.filter(pk=campaign.pk, deadline__lte=Now()).exists():
        raise DeadlinePassed

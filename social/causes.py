"""Campaigns that a message gives to: by the hashtag beside the organisation that it pays.

A hashtag that names none of the payee's open campaigns is a word like any other: the organisation is paid.
"""

from __future__ import annotations

from collections.abc import Mapping

from accounts.models import Identity
from giving import campaigns, gifts
from payments.models import Order
from social import entities, lexicon
from social.outcomes import Spoken


def hashtags(text: str) -> frozenset[str]:
    """The hashtags of a text that are no commands, in small letters."""
    return frozenset(tag.word.lower() for tag in entities.hashtags(text)) - lexicon.ALL


def give(spoken: Spoken, payee: Identity) -> Order | None:
    """The order that gives to the campaign that is meant; None where none is.

    Nobody chose by a message to be named on a page, so nobody is.

    :raises orders.AlreadyPlaced, limits.OverLimit, …: as `orders.place` does
    """
    tags = hashtags(spoken.message.text)
    campaign = campaigns.tagged(payee.user, tags) if tags and payee.user else None
    if campaign is None:
        return None
    try:
        return gifts.give(
            campaign,
            payer=spoken.author,
            payee=payee,
            amount=spoken.reading.amount,
            note=spoken.reading.note,
            words=spoken.message.text,
            channel=spoken.message.channel,
            channel_id=spoken.message.root_id,
            at=spoken.at,
        )
    except campaigns.CampaignOver:  # In this moment.
        return None


def named(tags: Mapping[str, frozenset[str]]) -> set[str]:
    """Which of these payees, by their number on X, have an open campaign that one of their hashtags names."""
    if not tags:
        return set()
    found = campaigns.collecting().filter(
        hashtag__in={word for words in tags.values() for word in words},
        organisation__account__identities__network=Identity.Network.X,
        organisation__account__identities__external_id__in=list(tags),
    )
    return set(found.values_list("organisation__account__identities__external_id", flat=True))

"""What a message pays that is more than a payment: a campaign, a money pot, a loan, by its hashtag.

A hashtag that names none of the payee's open campaigns is a word like any other: the organisation is paid.
One that has the form of a pot's or a loan's, and is none of the payee's, orders nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.models import Identity
from giving import campaigns, gifts, loan_life, loans, pots, tags
from payments import money
from payments.models import Order
from social import entities, lexicon
from social.answers import Refusal
from social.outcomes import Spoken

# Why nothing is ordered, in the words that are answered.
REFUSED: dict[type[Exception], Refusal] = {
    pots.NoSuchPot: Refusal.NO_POT,
    pots.PotOver: Refusal.NO_POT,
    pots.PotFull: Refusal.NO_POT,
    pots.OrganiserChanged: Refusal.NO_POT,
    loans.NoSuchLoan: Refusal.NO_LOAN,
    loan_life.LoanClosed: Refusal.NO_LOAN,
    loans.TooSmall: Refusal.TOO_SMALL_A_SHARE,
    loans.OverGoal: Refusal.TOO_LARGE_A_SHARE,
}


def facts(why: Exception, language: str) -> dict[str, str]:
    """What the answer says beside: how much may be lent."""
    match why:
        case loans.TooSmall():
            return {"allowed": money.show(why.least, language)}
        case loans.OverGoal():
            return {"allowed": money.show(why.left, language)}
        case _:
            return {}


def hashtags(text: str) -> frozenset[str]:
    """The hashtags of a text that are no commands, as campaigns have theirs."""
    return frozenset(campaigns.plain(tag.word) for tag in entities.hashtags(text)) - lexicon.ALL


def place(spoken: Spoken, payee: Identity, terms: dict[str, Any]) -> Order | None:
    """The order for what is meant; None where it is a payment like any other.

    :raises pots.NoSuchPot, loans.NoSuchLoan, …: as `REFUSED` says
    :raises orders.AlreadyPlaced, limits.OverLimit, …: as `orders.place` does
    """
    text, note = spoken.message.text, spoken.reading.note
    if pot := pots.meant(text, payee=payee):
        # Nobody chose by a message to be named on its page, and a handle is not the name that we know.
        how: dict[str, Any] = {"message": tags.POT.without(note), "hides_name": True, "hides_amount": True}
        said = {name: fact for name, fact in terms.items() if name != "note"}
        return pots.contribute(pot, spoken.author, **said, **how).order
    if loan := loans.meant(text, payee=payee):
        return loans.lend_as_said(loan, by=spoken.author, **terms | {"note": tags.LOAN.without(note)})
    return _give(spoken, payee, terms)


def _give(spoken: Spoken, payee: Identity, terms: dict[str, Any]) -> Order | None:
    """To the campaign; nobody chose by a message to be named on its page, so nobody is."""
    words = hashtags(spoken.message.text)
    campaign = campaigns.tagged(payee.user, words) if words and payee.user else None
    if campaign is None:
        return None
    try:
        return gifts.give(campaign, payer=spoken.author, payee=payee, **terms)
    except campaigns.CampaignOver:  # In this moment.
        return None


def named(written: Mapping[str, frozenset[str]]) -> set[str]:
    """Which of these payees, by their number on X, have an open campaign that one of their hashtags names."""
    if not written:
        return set()
    found = campaigns.collecting().filter(
        hashtag__in={word for words in written.values() for word in words},
        organisation__account__identities__network=Identity.Network.X,
        organisation__account__identities__external_id__in=list(written),
    )
    return set(found.values_list("organisation__account__identities__external_id", flat=True))

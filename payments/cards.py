"""A member's cards: registered on the processor's page, French ones only. The number never reaches us."""

from __future__ import annotations

import logging

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from accounts.models import User
from payments import acquirer, outside
from payments.models import Card

logger = logging.getLogger(__name__)

COUNTRY = "FR"
ERASED = "erased-"  # Before the row's own number, where the processor's was.


class ForeignCard(Exception):
    """The card was issued in another country: `country` is its two letters."""

    def __init__(self, country: str) -> None:
        super().__init__(country)
        self.country = country


class NotTheirs(Exception):
    """The processor's page was opened for somebody else."""


class NoCard(Exception):
    """No card was registered on that page."""


class AlreadyRegistered(Exception):
    """The member has that card."""

    def __init__(self, card: Card) -> None:
        super().__init__(card.pk)
        self.card = card


def of(user: User) -> list[Card]:
    """The member's cards, the newest first."""
    return list(Card.objects.filter(user=user, removed_at=None).order_by("-pk"))


def begin(user: User, *, success_url: str, cancel_url: str) -> acquirer.Page:
    """Open the processor's page on which the member registers a card.

    :raises acquirer.Unreachable: nothing happened that matters; it can be asked again
    """
    processor = outside.acquirer()
    known = Card.objects.filter(user=user).values_list("customer_id", flat=True).first()
    customer_id = known or processor.open_customer(user_id=user.pk, key=f"customer-{user.pk}")
    return processor.open_setup_page(
        customer_id=customer_id, user_id=user.pk, success_url=success_url, cancel_url=cancel_url
    )


def finish(user: User, *, page_id: str) -> Card:
    """Keep the card that was registered on that page.

    :raises NotTheirs: if the page was not opened for this member
    :raises NoCard: if no card was registered there, or it was removed since
    :raises ForeignCard: if it is not a French one; said to whoever asks, redirect and webhook alike
    :raises AlreadyRegistered: if the member has it; harmless when repeated
    :raises acquirer.Unreachable: the processor's webhook finishes it later
    """
    owner, details = outside.acquirer().registered_card(page_id)
    if owner != user.pk:
        raise NotTheirs
    if details is None:
        raise NoCard
    if details.country != COUNTRY:
        _detach(details)
        raise ForeignCard(details.country)
    return _keep(user, details)


def remove(card: Card) -> None:
    """The member no longer wants it; what was loaded from it stays in the books.

    :raises acquirer.Unreachable: the card is kept, so that it can be asked again
    """
    _forget(card.method_id)
    Card.objects.filter(pk=card.pk, removed_at=None).update(removed_at=Now())


def known_of(user: User) -> list[dict[str, object]]:
    """What is sealed of a member's cards when they leave."""
    return [
        {"pk": card.pk, "brand": card.brand, "last4": card.last4} for card in Card.objects.filter(user=user)
    ]


def unforgotten(user_id: int) -> list[Card]:
    """The cards of somebody who has left that are still known for what they are."""
    return list(Card.objects.filter(user=user_id).exclude(method_id__startswith=ERASED))


def erase(card: Card) -> None:
    """Of a card whose owner has left, forget what it was; at the processor first.

    :raises acquirer.Unreachable: it can be asked again
    """
    if card.removed_at is None:
        remove(card)
    Card.objects.filter(pk=card.pk).update(
        method_id=f"{ERASED}{card.pk}",
        customer_id="",
        brand="",
        last4="",
        fingerprint="",
        expiry_month=0,
        expiry_year=0,
    )


def details(card: Card) -> acquirer.CardDetails:
    """The card as the processor knows it."""
    return acquirer.CardDetails(
        method_id=card.method_id,
        customer_id=card.customer_id,
        brand=card.brand,
        last4=card.last4,
        expiry_month=card.expiry_month,
        expiry_year=card.expiry_year,
        country=card.country,
        fingerprint=card.fingerprint,
    )


def _keep(user: User, details: acquirer.CardDetails) -> Card:
    """A card of theirs from now on; what does not become one stays attached to nobody.

    :raises AlreadyRegistered, NoCard, acquirer.Unreachable: as `finish` does
    """
    if known := Card.objects.filter(user=user, method_id=details.method_id).first():
        raise NoCard if known.removed_at else AlreadyRegistered(known)
    if not details.customer_id:
        raise NoCard
    try:
        with transaction.atomic():
            return _new(user, details)
    except IntegrityError as problem:
        # Its redirect and its webhook bring it at one instant.
        if known := Card.objects.filter(user=user, method_id=details.method_id).first():
            raise AlreadyRegistered(known) from problem
        if User.objects.filter(pk=user.pk, erased_at__isnull=False).exists():
            _detach(details)
            raise NoCard from problem
        if (same := _renew(user, details)) is None:
            raise
        raise AlreadyRegistered(same) from problem


def _renew(user: User, details: acquirer.CardDetails) -> Card | None:
    """The card that they have already, by its new id and expiry: the old ones pay nothing any more."""
    with transaction.atomic():
        theirs = Card.objects.filter(user=user, fingerprint=details.fingerprint, removed_at=None)
        card = theirs.select_for_update(no_key=True).first()
        if card is None or card.method_id == details.method_id:
            return card
        before, card.method_id, card.customer_id = card.method_id, details.method_id, details.customer_id
        card.expiry_month, card.expiry_year = details.expiry_month, details.expiry_year
        card.save(update_fields=["method_id", "customer_id", "expiry_month", "expiry_year"])
    try:
        _forget(before)
    except acquirer.Unreachable:
        # The new one is there to be charged, whatever becomes of the old one.
        logger.exception("The processor may have an old card still", extra={"card": card.pk})
    return card


def _new(user: User, details: acquirer.CardDetails) -> Card:
    return Card.objects.create(
        user=user,
        customer_id=details.customer_id,
        method_id=details.method_id,
        brand=details.brand,
        last4=details.last4,
        expiry_month=details.expiry_month,
        expiry_year=details.expiry_year,
        country=details.country,
        fingerprint=details.fingerprint,
    )


def _detach(details: acquirer.CardDetails) -> None:
    """No row of ours has it: the processor is not to keep it either; nothing to do if it was done.

    :raises acquirer.Unreachable: as `_forget` does
    """
    if details.customer_id:
        _forget(details.method_id)


def _forget(method_id: str) -> None:
    """:raises acquirer.Unreachable: it may have the card still, also where only our key is wrong"""
    try:
        outside.acquirer().forget_card(method_id)
    except acquirer.Refused as refusal:
        if str(refusal) in acquirer.OUR_KEY:
            raise acquirer.Unreachable(str(refusal)) from refusal
        # It has forgotten the card before, and we did not hear of it: keeping it would be for ever.
        logger.warning("The processor has no such card", extra={"method": method_id}, exc_info=True)

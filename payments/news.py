"""What the card processor tells, signed: each event goes to the noun that it is about."""

from __future__ import annotations

import logging

from accounts.models import User
from payments import cards, chargebacks, fundings, heard, returns
from payments.acquirer import Event, Refused

logger = logging.getLogger(__name__)

_REFUNDS = ("refund.", "charge.refund.")  # The second is its name in older versions of the API.


def take(event: Event) -> None:
    """Let a webhook of the processor take effect, once.

    :raises Unreachable: so that the processor sends it again
    """
    if event.kind.startswith("payment_intent."):
        fundings.take_event(event)
    elif event.kind.startswith(_REFUNDS):
        returns.take_event(event)
    elif event.kind.startswith("charge.dispute."):
        chargebacks.take_event(event)
    elif event.kind == "checkout.session.completed":
        _register_card(event)


def _register_card(event: Event) -> None:
    user = User.objects.filter(pk=_number(event.object.get("client_reference_id"))).first()
    if user is None or event.object.get("mode") != "setup":
        return
    try:
        cards.finish(user, page_id=str(event.object["id"]))
    except (cards.AlreadyRegistered, cards.ForeignCard, cards.NoCard, cards.NotTheirs, Refused):
        logger.info("A card page was finished before, or without a card", extra={"event": event.id})
    heard.is_new(event)


def _number(text: object) -> int:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() else 0

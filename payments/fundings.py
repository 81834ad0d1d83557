"""Loads a wallet from its owner's card: the intent, the outside call, the outcome. Writes its status.

The row is committed before the processor is asked, and its id is the idempotency key. What became
of it is what the processor's API states, whether the answer, the redirect, the webhook or the sweep
brought it here first: all of them end in `_settle`, which credits once. Amounts are cents.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from payments import cards, ledger, limits, notices, outside
from payments.acquirer import Charge, Declined, Event, Refused, State, Unreachable
from payments.models import AcquirerEvent, Card, Funding, LedgerAccount, Notification, Transfer

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

SMALLEST = 5_00
CURRENCY = "eur"
ASK_AGAIN_AFTER = timedelta(seconds=20)
# A person who has not come back from their bank by then will not.
ACTION_LIFETIME = timedelta(hours=1)
# A call that has not reached the processor by then never will: its own timeout is 10 s.
LOST_AFTER = timedelta(minutes=5)

Status = Funding.Status
NEXT: dict[Funding.Status, frozenset[Funding.Status]] = {
    Status.CREATED: frozenset({Status.ACTION, Status.UNKNOWN, Status.SUCCEEDED, Status.FAILED}),
    Status.ACTION: frozenset({Status.UNKNOWN, Status.SUCCEEDED, Status.FAILED}),
    Status.UNKNOWN: frozenset({Status.ACTION, Status.SUCCEEDED, Status.FAILED}),
    Status.SUCCEEDED: frozenset(),
    Status.FAILED: frozenset({Status.SUCCEEDED}),  # The processor may take the money after we gave up.
}


class TooSmall(Exception):
    """Less than the smallest top-up."""


def load(card: Card, *, amount: int, return_url: str, key: UUID | None = None) -> tuple[Funding, str]:
    """Ask the card for money; return the funding and the bank's page to go to, if there is one.

    `return_url` is where the bank's page comes back to; `{funding}` in it becomes the funding's id.
    `key` is of the form that was filled in: sent twice, it asks for the same money.

    :raises TooSmall: below 5 euros
    :raises limits.OverLimit: above what one top-up or the wallet may be
    """
    if amount < SMALLEST:
        raise TooSmall
    funding, is_new = _asked(card, amount=amount, key=key or uuid4())
    if funding.status in {Status.SUCCEEDED, Status.FAILED}:
        return funding, ""
    return _ask(
        funding,
        lambda: outside.acquirer().charge(
            cards.details(card),
            amount=amount,
            funding_id=str(funding.pk),
            return_url=return_url.format(funding=funding.pk),
        ),
        is_first=is_new,
    )


def refresh(funding: Funding) -> Funding:
    """Ask the processor how it stands, unless that is settled."""
    if funding.status in {Status.SUCCEEDED, Status.FAILED}:
        return funding
    return _ask(funding, lambda: _look_up(funding))[0]


def take_event(event: Event) -> None:
    """Let a webhook of the processor take effect, once.

    What it says is only a hint: what counts is what the API states when asked.

    :raises Unreachable: so that the processor sends it again
    """
    if event.kind.startswith("payment_intent."):
        funding = _funding_of(event)
        if funding is None:
            return
        charge = outside.acquirer().look_up(str(event.object["id"]))
        with transaction.atomic():
            if _is_new(event):
                _settle(funding, charge)
    elif event.kind == "checkout.session.completed":
        _register_card(event)


def resolve_open(*, limit: int = 50) -> int:
    """Ask about every funding whose end is not known; return how many were asked about."""
    open_ = Funding.objects.filter(
        status__in=[Status.CREATED, Status.ACTION, Status.UNKNOWN], checked_at__lte=Now() - ASK_AGAIN_AFTER
    )
    waiting = list(open_.select_related("card", "user").order_by("checked_at")[:limit])
    for funding in waiting:
        _resolve(funding)
    return len(waiting)


def _resolve(funding: Funding) -> None:
    try:
        refresh(funding)
    except Exception:
        # It would be the first of every round, and keep the others from being asked about.
        logger.exception("A top-up could not be asked about", extra={"funding": str(funding.pk)})
        _wait(funding)


def _asked(card: Card, *, amount: int, key: UUID) -> tuple[Funding, bool]:
    """What the form asked for, and whether it is the first time; filled in otherwise, it is another form."""
    terms = {"user": card.user, "card": card, "amount": amount}
    known = Funding.objects.filter(user=card.user, form_key=key).first()
    if known is not None and (known.card_id, known.amount) == (card.pk, amount):
        return known, False
    limits.check_top_up(card.user, amount=amount)
    if known is not None:
        return Funding.objects.create(**terms), True
    return Funding.objects.get_or_create(user=card.user, form_key=key, defaults=terms)


def _ask(
    funding: Funding, call: Callable[[], Charge | None], *, is_first: bool = False
) -> tuple[Funding, str]:
    """Make the outside call and record what came of it; an unknown end is a state.

    A refused first call took nothing. A refused question says nothing of the money: it is asked again.
    """
    try:
        charge = call()
    except Declined as refusal:
        return _refuse(funding, problem=refusal.code, charge=refusal.charge), ""
    except Refused as refusal:
        logger.exception("The processor refused a call", extra={"funding": str(funding.pk)})
        return _refuse(funding, problem=str(refusal)) if is_first else _wait(funding), ""
    except Unreachable:
        return _wait(funding), ""
    if charge is None:
        return _wait(funding), ""
    return _settle(funding, charge), charge.action_url if charge.state is State.ACTION else ""


def _look_up(funding: Funding) -> Charge | None:
    """The funding's charge; one that waits too long for its cardholder is cancelled."""
    processor = outside.acquirer()
    if not funding.intent_id:
        charge = processor.find(customer_id=funding.card.customer_id, funding_id=str(funding.pk))
        if charge is None and _is_older(funding, LOST_AFTER):
            raise Declined("not_received")
        return charge
    charge = processor.look_up(funding.intent_id)
    if charge.state is State.ACTION and _is_older(funding, ACTION_LIFETIME):
        return processor.cancel(charge.id)
    return charge


def _settle(funding: Funding, charge: Charge) -> Funding:
    """Record what the processor states; credit the wallet once, with the amount that was taken."""
    if not _is_of(charge, funding):
        logger.critical(
            "A charge is not the top-up's", extra={"funding": str(funding.pk), "charge": charge.id}
        )
        return _wait(funding)
    match charge.state:
        case State.SUCCEEDED:
            return _credit(funding, charge)
        case State.FAILED | State.CANCELLED:
            return _refuse(funding, problem=charge.problem or charge.state, charge=charge)
        case State.ACTION:
            return _move(funding, Status.ACTION, intent_id=charge.id)
        case State.PROCESSING:
            return _move(funding, Status.UNKNOWN, intent_id=charge.id)


def _is_of(charge: Charge, funding: Funding) -> bool:
    """Whether the charge was made for this funding, in euros: another moves nothing here."""
    took_nothing = charge.state is State.SUCCEEDED and charge.amount <= 0
    return charge.funding_id == str(funding.pk) and charge.currency == CURRENCY and not took_nothing


@transaction.atomic
def _credit(funding: Funding, charge: Charge) -> Funding:
    funding = _lock(funding)
    if funding.status == Status.SUCCEEDED:
        return funding
    ledger.post(
        ledger.Posting(
            id=funding.pk,
            source=ledger.system(LedgerAccount.Kind.CARD_CLEARING),
            target=ledger.wallet(funding.user),
            amount=charge.amount,
            kind=Transfer.Kind.TOP_UP,
        )
    )
    funding = _move(funding, Status.SUCCEEDED, intent_id=charge.id, transfer_id=funding.pk, problem="")
    notices.tell(funding.user, Notification.Kind.WALLET_LOADED, funding=funding)
    return funding


@transaction.atomic
def _refuse(funding: Funding, *, problem: str, charge: Charge | None = None) -> Funding:
    funding = _lock(funding)
    if funding.status in {Status.SUCCEEDED, Status.FAILED}:
        return funding
    intent_id = charge.id if charge else funding.intent_id
    funding = _move(funding, Status.FAILED, problem=problem[:64], intent_id=intent_id)
    notices.tell(funding.user, Notification.Kind.LOAD_REFUSED, funding=funding)
    return funding


def _wait(funding: Funding) -> Funding:
    return _move(funding, Status.UNKNOWN)


@transaction.atomic
def _move(funding: Funding, status: Funding.Status, **fields: object) -> Funding:
    """The only code that changes a funding's status; what is settled stays, and asking again is noted."""
    funding = _lock(funding)
    if status != funding.status and status not in NEXT[Status(funding.status)]:
        return funding
    for name, value in ({"status": status, "checked_at": Now()} | fields).items():
        setattr(funding, name, value)
    funding.save()
    funding.refresh_from_db(fields=["checked_at"])
    return funding


def _lock(funding: Funding) -> Funding:
    return (
        Funding.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user", "card")
        .get(pk=funding.pk)
    )


def _is_older(funding: Funding, age: timedelta) -> bool:
    return Funding.objects.filter(pk=funding.pk, created_at__lte=Now() - age).exists()


def _is_new(event: Event) -> bool:
    """Note the event; false where it took effect before."""
    _noted, is_new = AcquirerEvent.objects.get_or_create(pk=event.id, defaults={"kind": event.kind})
    return is_new


def _funding_of(event: Event) -> Funding | None:
    """The funding that the event is about: by our id in it, which is there before its id is here."""
    ours = str((event.object.get("metadata") or {}).get("funding", ""))
    return Funding.objects.filter(pk=ours).select_related("user", "card").first() if _is_uuid(ours) else None


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _register_card(event: Event) -> None:
    user = User.objects.filter(pk=_number(event.object.get("client_reference_id"))).first()
    if user is None or event.object.get("mode") != "setup":
        return
    try:
        cards.finish(user, page_id=str(event.object["id"]))
    except (cards.AlreadyRegistered, cards.ForeignCard, cards.NoCard, cards.NotTheirs, Refused):
        logger.info("A card page was finished before, or without a card", extra={"event": event.id})
    _is_new(event)


def _number(text: object) -> int:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() else 0

"""Loads a wallet from its owner's card, for an order or for itself: intent, call, outcome. Writes its status.

The row is committed before the processor is asked, and its id is the idempotency key. What became
of it is what the processor's API states, whether the answer, the redirect, the webhook or the sweep
brought it here first: all of them end in `_settle`, which credits once. Amounts are cents. Lock order:
the payer, the order, the funding, the balances.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now

from accounts import freezes
from accounts.models import User
from payments import cards, heard, ledger, life, limits, notices, orders, outside, refunds, strong
from payments.acquirer import Charge, Declined, Event, Refused, State, Unreachable
from payments.models import Card, Funding, LedgerAccount, Notification, Order, Transfer

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
# The processor's word for a bank that wants to see its cardholder.
WANTS_CARDHOLDER = "authentication_required"
TAKEN_UP_WITHIN = timedelta(minutes=1)

Status = Funding.Status
NEXT: dict[Funding.Status, frozenset[Funding.Status]] = {
    Status.CREATED: frozenset({Status.ACTION, Status.UNKNOWN, Status.SUCCEEDED, Status.FAILED}),
    Status.ACTION: frozenset({Status.UNKNOWN, Status.SUCCEEDED, Status.FAILED}),
    Status.UNKNOWN: frozenset({Status.ACTION, Status.SUCCEEDED, Status.FAILED}),
    Status.SUCCEEDED: frozenset(),
    Status.FAILED: frozenset({Status.SUCCEEDED}),  # The processor may take the money after we gave up.
}


OPEN = frozenset({Status.CREATED, Status.ACTION, Status.UNKNOWN})


class TooSmall(Exception):
    """Less than the smallest top-up."""


def load(card: Card, *, amount: int, return_url: str, key: UUID | None = None) -> tuple[Funding, str]:
    """Ask the card for money; return the funding and the bank's page to go to, if there is one.

    `return_url` is where the bank's page comes back to; `{funding}` in it becomes the funding's id.
    `key` is of the form that was filled in: sent twice, it asks for the same money.

    :raises TooSmall: below 5 euros
    :raises freezes.Frozen: if the member's money stands still
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


def pay(  # noqa: PLR0913  # what was shown, and where to come back to
    order: Order,
    *,
    code: str,
    proof: strong.Proof | None = None,
    card: Card | None,
    at_most: int,
    return_url: str,
) -> tuple[Order, str]:
    """Confirm an order by the code, and ask the card for what the wallet lacks: `at_most` that many cents.

    Returns the order as it stands then, and the bank's page to go to if the bank wants to see its
    cardholder; that comes back to `return_url`. Raises what `orders.confirm` raises.
    """
    order = orders.confirm(order, code=code, proof=proof, card=card, at_most=at_most)
    funding = asked_for(order) if order.status == Order.Status.FUNDING else None
    if funding is None:
        return order, ""
    _funding, url = _ask(funding, lambda: _charge_for_order(funding, return_url), is_first=True)
    return Order.objects.select_related("payer", "payee").get(pk=order.pk), url


def asked_for(order: Order) -> Funding | None:
    """The funding whose end the order waits for."""
    return (
        Funding.objects.filter(order=order, status__in=OPEN).select_related("user", "card", "order").first()
    )


def bank_page(funding: Funding) -> str:
    """The bank's page that waits for its cardholder; nothing if none does (any more).

    :raises Unreachable: it can be asked again
    """
    if not funding.intent_id:
        return ""
    charge = outside.acquirer().look_up(funding.intent_id)
    return charge.action_url if charge.state is State.ACTION else ""


def give_up(funding: Funding) -> Funding:
    """Its cardholder will not go to their bank: the charge is cancelled, unless it was paid meanwhile."""

    def cancel() -> Charge:
        try:
            return outside.acquirer().cancel(funding.intent_id)
        except Refused:  # It went its way; how it stands is asked.
            return outside.acquirer().look_up(funding.intent_id)

    return _ask(funding, cancel)[0] if funding.status == Status.ACTION else funding


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
    funding = (
        Funding.objects.filter(pk=heard.our_id(event, "funding"))
        .select_related("user", "card", "order")
        .first()
    )
    if funding is None:
        return
    charge = outside.acquirer().look_up(str(event.object["id"]))
    with transaction.atomic():
        if heard.is_new(event):
            _settle(funding, charge)


def settle_charge(charge_id: str) -> Funding | None:
    """Settle the top-up that a charge of the processor's was made for; none if it has taken nothing.

    :raises Unreachable: it can be asked again
    """
    charge = outside.acquirer().look_up(charge_id)
    funding = (
        Funding.objects.filter(pk=heard.uuid(charge.funding_id))
        .select_related("user", "card", "order")
        .first()
    )
    if funding is None:
        return None
    settled = _settle(funding, charge)
    return settled if settled.status == Status.SUCCEEDED else None


def resolve_open(*, limit: int = 50) -> int:
    """Ask about every funding whose end is not known; return how many were asked about."""
    open_ = Funding.objects.filter(status__in=OPEN, checked_at__lte=Now() - ASK_AGAIN_AFTER)
    waiting = list(open_.select_related("card", "user", "order").order_by("checked_at")[:limit])
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


def _charge_for_order(funding: Funding, return_url: str) -> Charge:
    """Ask the registered card without its holder; and with them, where their bank wants to see them."""
    processor, card = outside.acquirer(), cards.details(funding.card)
    try:
        return processor.charge_unseen(card, amount=funding.amount, funding_id=str(funding.pk))
    except Declined as refusal:
        if refusal.code != WANTS_CARDHOLDER or refusal.charge is None:
            raise
        return processor.approve(
            refusal.charge.id, card=card, key=f"{funding.pk}-seen", return_url=return_url
        )


@transaction.atomic
def _asked(card: Card, *, amount: int, key: UUID) -> tuple[Funding, bool]:
    """What the form asked for, and whether it is the first time; filled in otherwise, it is another form.

    Under the payer's lock, or many at once would each fit into the wallet.
    """
    life.lock_payer(card.user)
    freezes.check(card.user)
    terms = {"user": card.user, "card": card, "amount": amount}
    known = Funding.objects.filter(user=card.user, form_key=key).first()
    if known is not None and (known.card_id, known.amount) == (card.pk, amount):
        return known, False
    limits.check_top_up(card.user, amount=amount, asked=_under_way(card.user))
    if known is not None:
        return Funding.objects.create(**terms), True
    return Funding.objects.get_or_create(user=card.user, form_key=key, defaults=terms)


def _under_way(user: User) -> int:
    """What their cards were asked for, for the wallet alone, and may bring still, in cents.

    Before the wallet is looked at: what arrives in between counts twice, not never.
    """
    theirs = Funding.objects.filter(user=user, order=None, status__in=OPEN)
    return theirs.aggregate(total=Sum("amount"))["total"] or 0


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
    if _is_taken_up_again(funding, charge):
        return funding
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


def _is_taken_up_again(funding: Funding, charge: Charge) -> bool:
    """Whether a refusal is only the bank's wish to see its cardholder, with whom we go on this moment."""
    is_first = funding.order_id is not None and funding.status == Status.CREATED
    is_wish = charge.state is State.FAILED and charge.problem == WANTS_CARDHOLDER
    return is_first and is_wish and not _is_older(funding, TAKEN_UP_WITHIN)


@transaction.atomic
def _credit(funding: Funding, charge: Charge) -> Funding:
    """Credit it once; for an order, pay that at once, or send the money back where it came from."""
    order = _lock_order(funding)
    funding = _lock(funding)
    if funding.status == Status.SUCCEEDED:
        return funding
    is_awaited = funding.status in OPEN  # Given up before, its order has gone another way.
    ledger.reopen(funding.user)
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
    if funding.user.erased_at is not None:
        refunds.return_charge(funding, amount=charge.amount)
    elif order is None:
        notices.tell(funding.user, Notification.Kind.WALLET_LOADED, funding=funding)
    elif not (is_awaited and orders.resume(order)):
        refunds.return_charge(funding, amount=charge.amount)
    return funding


@transaction.atomic
def _refuse(funding: Funding, *, problem: str, charge: Charge | None = None) -> Funding:
    order = _lock_order(funding)
    funding = _lock(funding)
    if funding.status in {Status.SUCCEEDED, Status.FAILED}:
        return funding
    intent_id = charge.id if charge else funding.intent_id
    funding = _move(funding, Status.FAILED, problem=problem[:64], intent_id=intent_id)
    if order is None:
        notices.tell(funding.user, Notification.Kind.LOAD_REFUSED, funding=funding)
    else:
        orders.wait_again(order, detail=f"card: {problem}")
        notices.tell(funding.user, Notification.Kind.FUNDING_FAILED, funding=funding)
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


def _lock_order(funding: Funding) -> Order | None:
    """Its payer and order, which are locked before it: a funding is of one order for ever."""
    if funding.order is None:
        return None
    life.lock_payer(funding.user)
    return life.lock(funding.order)


def _lock(funding: Funding) -> Funding:
    return (
        Funding.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user", "card", "order")
        .get(pk=funding.pk)
    )


def _is_older(funding: Funding, age: timedelta) -> bool:
    return Funding.objects.filter(pk=funding.pk, created_at__lte=Now() - age).exists()

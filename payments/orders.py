"""Orders: placed by somebody's words, confirmed by their secret code, or void.

Amounts are cents. Lock order: the payer, the order, then the ledger's balances.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, prefetch_related_objects

from accounts import codes, freezes, prepared
from accounts.models import Identity, User
from payments import (
    consent,
    feed,
    glance,
    ledger,
    life,
    limits,
    notices,
    purposes,
    references,
    request_life,
    risk,
    settlement,
    strong,
)
from payments.models import Card, Funding, Notification, Order, Request

LIFETIME = timedelta(hours=24)
LEAST_OF_A_CARD = 50  # The processor's: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
# A stolen X account can only propose; this is how often.
OPEN_AT_ONCE = 3
PLACED_A_DAY = 10
BY_TEXT = "sms"

# In plain SQL, as an open page asks for it whenever something moves: the ORM takes four times as long.
_WAITING = """
    SELECT * FROM payments_order
     WHERE payer_id = %s AND status = 'PENDING' AND expires_at > statement_timestamp()
     ORDER BY created_at DESC
"""

Status = Order.Status
OrderClosed = life.OrderClosed
_WHY: dict[type[Exception], str] = {
    settlement.PayeeChanged: "payee changed",
    settlement.PayeeRefuses: "payee refuses",
    settlement.PayeeIsPayer: "payee is payer",
    request_life.RequestClosed: "request closed",
    purposes.Over: "purpose over",
}


class AlreadyPlaced(Exception):
    """The message has made its order before."""


class TooMany(Exception):
    """Too many orders wait, or were placed in a day. `allowed` says how many may."""

    def __init__(self, *, allowed: int) -> None:
        super().__init__(allowed)
        self.allowed = allowed


class InsufficientFunds(Exception):
    """The payer's wallet lacks `missing` cents."""

    def __init__(self, *, missing: int) -> None:
        super().__init__(missing)
        self.missing = missing


class Refused(Exception):
    """A rule refuses the order, which is void: `found` says which."""

    def __init__(self, found: risk.Assessment) -> None:
        super().__init__(", ".join(found.fired))
        self.found = found


def place(  # noqa: PLR0913  # an order is that many facts
    payer: User,
    *,
    payee: Identity,
    amount: int,
    note: str,
    words: str,
    channel: str,
    channel_id: str,
    at: datetime,
    request: Request | None = None,
    kind: Order.Kind = Order.Kind.SEND,
    lifetime: timedelta = LIFETIME,
) -> Order:
    """Record the payer's wish to pay, and ask for their code; the payee need not have joined.

    What pays a `request`, which is locked, waits no longer than that does, and rings no phone.

    :raises AlreadyPlaced: if the message `channel_id` made an order before
    :raises settlement.PayeeIsPayer: if they are the same
    :raises settlement.PayeeRefuses: if the payee does not want to be paid
    :raises limits.OverLimit: if the payer may not pay that much
    :raises TooMany: if too many orders wait, or were placed in the last day
    :raises freezes.Frozen: if the payer's money stands still
    """
    order = Order(kind=kind, payer=payer, payee=payee, amount=amount, note=note, words=words)
    order.channel, order.channel_id = channel, channel_id
    draft(order, at=at, lifetime=lifetime)
    if request is not None:
        order.request, order.expires_at = request, min(order.expires_at, request.expires_at)
    is_quiet = request is not None or channel == BY_TEXT
    with transaction.atomic():
        life.lock_payer(payer)
        freezes.check(payer)
        limits.check_new(order)
        is_quiet |= _check_pace(payer, at=at)
        _begin(order)
        # One prompt at a time: a stolen X account cannot make a phone ring. A text is answered anyway.
        notices.tell(payer, Notification.Kind.ORDER_PENDING, order=order, is_quiet=is_quiet)
    return order


def draft(order: Order, *, at: datetime, lifetime: timedelta = LIFETIME) -> None:
    """Give a new order all that it begins with; its payee is whoever holds that identity.

    :raises settlement.PayeeIsPayer, settlement.PayeeRefuses: as `place` does
    """
    order.payee_user = order.payee.user
    settlement.check_payee(order)
    order.reference = references.new()
    order.created_at, order.expires_at = at, at + lifetime


def check_pace(*, waiting: int, placed: int) -> bool:
    """Whether another order waits already, where so many wait and so many were placed in a day.

    :raises TooMany: where it is as many as we take
    """
    if waiting >= OPEN_AT_ONCE:
        raise TooMany(allowed=OPEN_AT_ONCE)
    if placed >= PLACED_A_DAY:
        raise TooMany(allowed=PLACED_A_DAY)
    return bool(waiting)


def confirm(
    order: Order,
    *,
    code: str,
    proof: strong.Proof | None = None,
    card: Card | None = None,
    at_most: int = 0,
) -> Order:
    """Pay the order, if `code` is the payer's secret code; set it aside for a payee who has not joined.

    What the wallet lacks is asked of `card`, up to the `at_most` cents that the payer was shown: the
    order is FUNDING then, its funding is made with it, and `fundings` asks (`fundings.pay`).
    Code and proof are bound to the order's amount and payee: neither can change, and a payee whose
    identity changed hands voids it (PSD2 RTS, article 5). A rule may hold it for review instead.

    :raises OrderClosed: if it is no longer pending
    :raises codes.WrongCode, codes.CodeLocked: the wrong try is counted, also when the caller fails
    :raises freezes.Frozen: if the payer's money stands still
    :raises strong.ProofNeeded, strong.ProofRejected: the code is not enough; it is not for this, or too old
    :raises Refused: a rule refuses it; the order is void
    :raises limits.OverLimit: if they may not pay that much by now, or not yet
    :raises InsufficientFunds: if the wallet cannot cover the amount, and `at_most` what it lacks
    :raises settlement.PayeeChanged, settlement.PayeeRefuses, settlement.PayeeIsPayer: the order is void
    :raises request_life.RequestClosed, purposes.Over: what it pays for has ended; the order is void
    :raises purposes.NotAgreed: if the payer has to agree to something first
    """
    _check_open(order)
    try:
        with consent.checked(order.payer, code=code, until=order.expires_at) as clearing:
            return _pay(order, clearing, proof=proof, card=card, at_most=at_most)
    except codes.TooLate as problem:
        raise OrderClosed(order) from problem
    except Refused as refusal:
        _refuse(order, refusal.found)
        raise
    except tuple(_WHY) as change:
        void(order, detail=_WHY[type(change)])
        raise
    except ledger.InsufficientFunds as problem:
        raise InsufficientFunds(missing=missing(order)) from problem


def resume(order: Order) -> bool:
    """Pay an order whose card has paid its part; in the transaction of the credit, the payer and it locked.

    False where it cannot be paid: it waits for the code again, or is void; the card's money is not its own.
    """
    if order.status != Status.FUNDING:
        return False
    try:
        with transaction.atomic():
            # The limits counted it since the code was given.
            _check_people(order, is_frozen=freezes.is_frozen(order.payer))
            if risk.is_to_review(order):
                _review(order)
            else:
                settlement.settle(order)
    except tuple(_WHY) as change:
        wait_again(order, detail="the payee cannot be paid", voided=_WHY[type(change)])
    except ledger.InsufficientFunds:
        wait_again(order, detail="the wallet lacks the rest")
    except freezes.Frozen:
        wait_again(order, detail="the payer is frozen")
    else:
        return True
    return False


def wait_again(order: Order, *, detail: str, voided: str = "") -> None:
    """The card did not pay: a locked order waits for its code anew, unless something voids it.

    :raises OrderClosed: if no card is asked for it
    """
    order = life.lock(order)  # What a settlement that failed had noted on it is gone.
    order.confirmed_at = None
    why = voided or life.noted(order)
    life.step(order, Status.PENDING, detail=detail[:120])
    if why:
        _end(order, Status.VOIDED, detail=why, tells=Notification.Kind.ORDER_VOIDED)


def decline(order: Order) -> Order:
    """The payer says no.

    :raises OrderClosed: if it is no longer pending
    """
    return _close(order, Status.DECLINED, detail="by the payer")


def void(
    order: Order, *, detail: str, tells: Notification.Kind | None = Notification.Kind.ORDER_VOIDED
) -> Order:
    """Its post was edited or deleted, its payee changed, or its request ended; `detail` says which.

    While a card is asked, the code was given: this is kept, and counts only if the card does not pay.

    :raises OrderClosed: if it is no longer pending
    """
    with transaction.atomic():
        order = life.lock(order)
        if order.status != Status.FUNDING:
            _end(order, Status.VOIDED, detail=detail, tells=tells)
            return order
        life.note(order, detail=detail)
    raise OrderClosed(order)


def expire(order: Order) -> Order:
    """Its time is over; whether it is, is the caller's to know (`expiry`).

    :raises OrderClosed: if it is no longer pending
    """
    return _close(order, Status.EXPIRED, tells=Notification.Kind.ORDER_EXPIRED)


def waiting(payer: User) -> list[Order]:
    """The payer's orders that wait for their code, the newest first."""
    waiting = list(Order.objects.raw(_WAITING, [payer.pk]))
    prefetch_related_objects(waiting, "payee")
    return waiting


def missing(order: Order) -> int:
    """What the payer's wallet lacks for it, in cents."""
    return max(0, order.amount - ledger.balance(ledger.wallet(order.payer)))


def card_part(order: Order) -> int:
    """What a card would pay of it, in cents: what the wallet lacks, or the least that a card is asked for."""
    lacking = missing(order)
    return max(lacking, LEAST_OF_A_CARD) if lacking else 0


def forget_words(order: Order) -> None:
    """Purge what was written, as its author deleted it."""
    Order.objects.filter(pk=order.pk).update(words="", note="")
    feed.forget(order)


@transaction.atomic
def _pay(
    order: Order, clearing: prepared.Call, *, proof: strong.Proof | None, card: Card | None, at_most: int
) -> Order:
    seen = glance.lock(order, device_id=proof.device_id if proof else None, then=[clearing])
    order, order.confirmed_at = seen.order, seen.at
    _check_open(order, at=seen.at)
    _check_people(order, is_frozen=seen.is_frozen)
    limits.check_order_seen(order, seen.limits)
    found = risk.judge(order, seen.facts)
    confirming = _confirming(order, found, proof=proof, spent=seen.spent)
    if card is not None and (part := card_part(order)):
        prepared.run(confirming)
        _ask_card(order, card, part=part, at_most=at_most)
    elif found.verdict is risk.Verdict.REVIEW:
        prepared.run(confirming)
        _review(order)
    else:
        settlement.settle(order, wallets=seen.wallets, first=[confirming])
    return order


def _check_people(order: Order, *, is_frozen: bool) -> None:
    """What must hold of both when it is confirmed, and again when its card has paid."""
    if is_frozen:
        raise freezes.Frozen
    settlement.check_payee(order)
    request_life.check(order)
    purposes.of(order).check(order)


def _check_open(order: Order, *, at: datetime | None = None) -> None:
    if order.status != Status.PENDING or (at is not None and order.expires_at <= at):
        raise OrderClosed(order)


def _ask_card(order: Order, card: Card, *, part: int, at_most: int) -> None:
    """The intent, in the transaction of the code; the card itself is asked after the commit."""
    if part > at_most:
        raise ledger.InsufficientFunds
    Funding.objects.create(user=order.payer, card=card, amount=part, order=order)
    life.step(order, Status.FUNDING)


def _review(order: Order) -> None:
    settlement.hold(order)
    life.step(order, Status.REVIEW)
    notices.tell(order.payer, Notification.Kind.ORDER_IN_REVIEW, order=order)


def _confirming(
    order: Order, found: risk.Assessment, *, proof: strong.Proof | None, spent: Sequence[int]
) -> prepared.Call:
    """Record which rules fired; what records how the order is confirmed.

    :raises strong.ProofNeeded, strong.ProofRejected, Refused: as `confirm`
    """
    if found.verdict is risk.Verdict.REFUSE:
        raise Refused(found)
    is_asked = risk.Verdict.FACTOR in found.fired.values()
    confirming = strong.accepting(order, proof=proof, is_asked=is_asked, spent=spent)
    risk.record(order, found)
    return confirming


@transaction.atomic
def _refuse(order: Order, found: risk.Assessment) -> None:
    void(order, detail=f"refused: {', '.join(found.fired)}")
    risk.record(order, found)


def _close(
    order: Order, status: Order.Status, *, detail: str = "", tells: Notification.Kind | None = None
) -> Order:
    with transaction.atomic():
        order = life.lock(order)
        _end(order, status, detail=detail, tells=tells)
    return order


def _end(order: Order, status: Order.Status, *, detail: str, tells: Notification.Kind | None) -> None:
    life.step(order, status, detail=detail)
    if tells:
        notices.tell(order.payer, tells, order=order)


def _check_pace(payer: User, *, at: datetime) -> bool:
    """As `check_pace`, counted under the payer's lock."""
    since = at - timedelta(days=1)
    counts = Order.objects.filter(payer=payer).aggregate(
        open=Count("pk", filter=Q(status=Status.PENDING, expires_at__gt=at)),
        placed=Count("pk", filter=Q(created_at__gt=since)),
    )
    return check_pace(waiting=counts["open"], placed=counts["placed"])


def _begin(order: Order) -> None:
    try:
        with transaction.atomic():
            life.begin(order)
    except IntegrityError as problem:
        if "message_makes_one_order" in str(problem):
            raise AlreadyPlaced from problem
        raise

"""Orders: placed by somebody's words, confirmed by their secret code, or void.

Amounts are cents. Lock order: the payer, the order, then the ledger's balances.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, prefetch_related_objects
from django.db.models.functions import Now

from accounts import codes
from accounts.models import Identity, User
from payments import clock, ledger, life, limits, notices, settlement
from payments.models import Notification, Order

LIFETIME = timedelta(hours=24)
# A stolen X account can only propose; this is how often.
OPEN_AT_ONCE = 3
PLACED_A_DAY = 10
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # None that is read as another.

# In plain SQL, as an open page asks for it whenever something moves: the ORM takes four times as long.
_WAITING = """
    SELECT * FROM payments_order
     WHERE payer_id = %s AND status = 'PENDING' AND expires_at > statement_timestamp()
     ORDER BY created_at DESC
"""

Status = Order.Status
OrderClosed = life.OrderClosed
_WHY = {
    settlement.PayeeChanged: "payee changed",
    settlement.PayeeRefuses: "payee refuses",
    settlement.PayeeIsPayer: "payee is payer",
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
) -> Order:
    """Record the payer's wish to pay, and ask for their code; the payee need not have joined.

    :raises AlreadyPlaced: if the message `channel_id` made an order before
    :raises settlement.PayeeIsPayer: if they are the same
    :raises settlement.PayeeRefuses: if the payee does not want to be paid
    :raises limits.OverLimit: if the payer may not pay that much
    :raises TooMany: if too many orders wait, or were placed in the last day
    """
    order = Order(payer=payer, payee=payee, payee_user=payee.user, amount=amount, note=note, words=words)
    settlement.check_payee(order)
    order.reference = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8))
    order.channel, order.channel_id = channel, channel_id
    order.created_at, order.expires_at = at, at + LIFETIME
    with transaction.atomic():
        life.lock_payer(payer)
        limits.check_new(order)
        _check_pace(payer, at=at)
        _begin(order)
        notices.tell(payer, Notification.Kind.ORDER_PENDING, order=order)
    return order


def confirm(order: Order, *, code: str) -> Order:
    """Pay the order, if `code` is the payer's secret code; set it aside for a payee who has not joined.

    The code is bound to the order's amount and payee: neither can change, and a payee whose
    identity changed hands voids it (PSD2 RTS, article 5).

    :raises OrderClosed: if it is no longer pending
    :raises codes.WrongCode: the wrong try is counted, also when the caller fails
    :raises codes.CodeLocked: after five of them
    :raises limits.OverLimit: if they may not pay that much by now, or not yet
    :raises InsufficientFunds: if the wallet cannot cover the amount
    :raises settlement.PayeeChanged: the order is void, as for the next two
    :raises settlement.PayeeRefuses: …
    :raises settlement.PayeeIsPayer: the payer has linked the payee's identity since
    """
    _check_open(order)
    _verify(order.payer, code=code)
    try:
        return _pay(order)
    except tuple(_WHY) as change:
        void(order, detail=_WHY[type(change)])
        raise
    except ledger.InsufficientFunds as problem:
        raise InsufficientFunds(missing=missing(order)) from problem


def decline(order: Order) -> Order:
    """The payer says no.

    :raises OrderClosed: if it is no longer pending
    """
    return _close(order, Status.DECLINED, detail="by the payer")


def void(order: Order, *, detail: str) -> Order:
    """Its post was edited or deleted, or its payee changed; `detail` says which.

    :raises OrderClosed: if it is no longer pending
    """
    return _close(order, Status.VOIDED, detail=detail, tells=Notification.Kind.ORDER_VOIDED)


def expire_due(*, limit: int = 200) -> int:
    """Close pending orders whose time is over, by the database's clock; return how many."""
    due = Order.objects.filter(status=Status.PENDING, expires_at__lte=Now()).order_by("expires_at")[:limit]
    expired = 0
    for order in due:
        try:
            _close(order, Status.EXPIRED, tells=Notification.Kind.ORDER_EXPIRED)
        except OrderClosed:
            continue
        expired += 1
    return expired


def waiting(payer: User) -> list[Order]:
    """The payer's orders that wait for their code, the newest first."""
    waiting = list(Order.objects.raw(_WAITING, [payer.pk]))
    prefetch_related_objects(waiting, "payee")
    return waiting


def missing(order: Order) -> int:
    """What the payer's wallet lacks for it, in cents."""
    return max(0, order.amount - ledger.balance(ledger.wallet(order.payer)))


def forget_words(order: Order) -> None:
    """Purge what was written, as its author deleted it."""
    Order.objects.filter(pk=order.pk).update(words="", note="")


def _verify(payer: User, *, code: str) -> None:
    try:
        codes.verify(payer, code)
    except codes.WrongCode as problem:
        if problem.tries_left == 0:
            notices.tell(payer, Notification.Kind.CODE_LOCKED)
        raise


@transaction.atomic
def _pay(order: Order) -> Order:
    life.lock_payer(order.payer)
    order = life.lock(order)
    order.confirmed_at = _check_open(order)
    settlement.check_payee(order)
    limits.check_order(order)
    settlement.settle(order)
    return order


def _close(
    order: Order, status: Order.Status, *, detail: str = "", tells: Notification.Kind | None = None
) -> Order:
    with transaction.atomic():
        order = life.lock(order)
        life.step(order, status, detail=detail)
        if tells:
            notices.tell(order.payer, tells, order=order)
    return order


def _check_open(order: Order) -> datetime:
    """The database's time.

    :raises OrderClosed: if it cannot be confirmed any more by then
    """
    now = clock.now()
    if order.status != Status.PENDING or order.expires_at <= now:
        raise OrderClosed(order)
    return now


def _check_pace(payer: User, *, at: datetime) -> None:
    """:raises TooMany: counted under the payer's lock"""
    since = at - timedelta(days=1)
    counts = Order.objects.filter(payer=payer).aggregate(
        open=Count("pk", filter=Q(status=Status.PENDING, expires_at__gt=at)),
        placed=Count("pk", filter=Q(created_at__gt=since)),
    )
    if counts["open"] >= OPEN_AT_ONCE:
        raise TooMany(allowed=OPEN_AT_ONCE)
    if counts["placed"] >= PLACED_A_DAY:
        raise TooMany(allowed=PLACED_A_DAY)


def _begin(order: Order) -> None:
    try:
        with transaction.atomic():
            life.begin(order)
    except IntegrityError as problem:
        if "message_makes_one_order" in str(problem):
            raise AlreadyPlaced from problem
        raise

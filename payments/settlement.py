"""Moves a confirmed order's money: to the payee, or aside until it is released or given back.

A hold ends once: its end has one id, whichever end it is. Amounts are cents.
Lock order: the payer, the order, its request or what it is for, then the ledger's balances.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction

from accounts import prepared
from payments import clock, feed, ledger, life, notices, purposes, request_life, rows
from payments.models import LedgerAccount, Notification, Order, Transfer

CLAIM_LIFETIME = timedelta(days=7)

Status = Order.Status
Told = Notification.Kind
HOLDING = frozenset({Status.HELD, Status.REVIEW})


class PayeeIsPayer(Exception):
    """Nobody pays themselves."""


class PayeeChanged(Exception):
    """The payee's identity is held by somebody else than when the order was placed."""


class PayeeRefuses(Exception):
    """The payee does not want to be paid."""


def check_payee(order: Order) -> None:
    """Whom to pay now: the identity's holder, if the payer meant them, or nobody held it then.

    :raises PayeeIsPayer: if the payer does
    :raises PayeeRefuses: if they do not want to be paid
    :raises PayeeChanged: if somebody else holds it
    """
    payee = order.payee
    if payee.user_id == order.payer_id:
        raise PayeeIsPayer
    if payee.refuses_since is not None:
        raise PayeeRefuses
    if order.payee_user_id not in {None, payee.user_id}:
        raise PayeeChanged
    order.payee_user = payee.user


def settle(
    order: Order,
    *,
    wallets: Sequence[LedgerAccount] | None = None,
    first: Sequence[prepared.Call] = (),
) -> None:
    """Pay a confirmed, locked order from its payer's wallet; set it aside for a payee who has not joined.

    So it is where what it is for is decided later.

    The wallets are those of both, if they are known. What has to be there `first` goes in the same message.

    :raises ledger.InsufficientFunds: if the wallet lacks some of it
    """
    until = purposes.of(order).held_until(order)
    if until or order.payee_user is None:
        hold(order, first=first)
        _wait(order, until)
        return
    source, target = wallets or ledger.wallets(order.payer, order.payee_user)
    _pay(order, _posting(order, order.pk, source, target, Transfer.Kind.PAYMENT), first=first)


def hold(order: Order, *, first: Sequence[prepared.Call] = ()) -> None:
    """Set a locked order's money aside; that transfer has the order's id. The caller steps on.

    :raises ledger.InsufficientFunds: if the wallet lacks some of it
    """
    source = ledger.wallet(order.payer)
    if first:
        prepared.run(*first)
    order.hold_id = _post(_posting(order, order.pk, source, _held(), Transfer.Kind.HOLD))


@transaction.atomic
def release(order: Order) -> Order:
    """Pay what was set aside; what was looked at and has to wait for something else is kept on.

    :raises life.OrderClosed: if nothing is set aside for it any more
    :raises PayeeChanged: if somebody else holds the payee's identity now
    :raises PayeeRefuses: if they do not want to be paid
    :raises PayeeIsPayer: if the payer does
    """
    order = _lock_held(order)
    check_payee(order)
    until = purposes.of(order).held_until(order) if order.status == Status.REVIEW else None
    if until or order.payee_user is None:
        _wait(order, until)
        return order
    target = ledger.wallet(order.payee_user)
    _pay(order, _posting(order, _end_id(order), _held(), target, Transfer.Kind.RELEASE))
    return order


@transaction.atomic
def give_back(order: Order, status: Order.Status, *, detail: str, tells: Notification.Kind) -> Order:
    """Return what was set aside to its payer; the order ends as `status`.

    :raises life.OrderClosed: if nothing is set aside for it any more
    """
    order = _lock_held(order)
    target = ledger.wallet(order.payer)
    posting = _posting(order, _end_id(order), _held(), target, Transfer.Kind.RETURN)
    order.transfer_id = posting.id
    ended = life.stepping(order, status, detail=detail)  # What it is for may lock a row: before the balances.
    _post(posting)
    prepared.run(*ended)
    notices.tell(order.payer, tells, order=order)
    return order


def _lock_held(order: Order) -> Order:
    order = life.lock(order)
    if order.status not in HOLDING:
        raise life.OrderClosed(order)
    return order


def _pay(order: Order, posting: ledger.Posting, *, first: Sequence[prepared.Call] = ()) -> None:
    """The money to the payee, and all that says so, in one message.

    :raises PayeeChanged: if they have left in this moment
    """
    assert order.payee_user
    request_life.pay(order)
    order.transfer_id = posting.id
    paid = [ledger.posting(posting), *life.stepping(order, Status.PAID), *feed.publishing(order)]
    received = rows.made(Notification, user=order.payee_user, kind=Told.PAYMENT_RECEIVED, order=order)
    try:
        notices.tell_all(
            rows.made(Notification, user=order.payer, kind=Told.PAYMENT_SENT, order=order),
            received,
            in_app=[received] if purposes.of(order).is_one_of_many(order) else (),
            first=[*first, *paid],
        )
    except IntegrityError as refusal:
        raise _meaning(ledger.meaning(refusal)) from refusal


def _wait(order: Order, until: datetime | None) -> None:
    """For its payee to join, or until what it is for is decided."""
    order.expires_at = until or clock.now() + CLAIM_LIFETIME
    life.step(order, Status.HELD)
    notices.tell(order.payer, Told.PROMISE_HELD if until else Told.PAYMENT_HELD, order=order)


def _held() -> LedgerAccount:
    return ledger.system(LedgerAccount.Kind.HELD)


def _end_id(order: Order) -> UUID:
    return uuid5(order.pk, "end")


def _post(posting: ledger.Posting) -> UUID:
    """:raises PayeeChanged: if they have left in this moment"""
    try:
        ledger.post(posting)
    except ledger.WalletClosed as refusal:
        raise _meaning(refusal) from refusal
    return posting.id


def _meaning(refusal: Exception) -> Exception:
    return PayeeChanged() if isinstance(refusal, ledger.WalletClosed) else refusal


def _posting(
    order: Order, id: UUID, source: LedgerAccount, target: LedgerAccount, kind: Transfer.Kind
) -> ledger.Posting:
    return ledger.Posting(id=id, source=source, target=target, amount=order.amount, kind=kind)

"""Tells people, once, what has come true: a notification and its deliveries, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from accounts import prepared
from accounts.models import Identity, Seat, User
from payments import hints, rows, sets, telling, wording
from payments.models import (
    Chargeback,
    Delivery,
    Funding,
    Notification,
    Order,
    Payout,
    Refund,
    Repayment,
    Request,
)

_E_MAIL, _SMS, _X = Delivery.Channel.EMAIL, Delivery.Channel.SMS, Delivery.Channel.X
# What is said back where an order was written, by the order's channel.
THERE = {
    "x": _X,
    "dm": Delivery.Channel.DM,
    "sms": Delivery.Channel.TEXT,
    "messenger": Delivery.Channel.MESSENGER,
}

# Beside the app itself, which always shows it. X stands for wherever the order was written.
CHANNELS: dict[Notification.Kind, tuple[Delivery.Channel, ...]] = {
    Notification.Kind.ORDER_PENDING: (_SMS, _E_MAIL),
    Notification.Kind.ORDER_VOIDED: (_E_MAIL,),
    Notification.Kind.ORDER_EXPIRED: (_E_MAIL,),
    Notification.Kind.PAYMENT_SENT: (_E_MAIL, _X),
    Notification.Kind.PAYMENT_RECEIVED: (_SMS, _E_MAIL),
    Notification.Kind.ORDER_IN_REVIEW: (_SMS, _E_MAIL),
    Notification.Kind.PAYMENT_HELD: (_E_MAIL, _X),
    Notification.Kind.PROMISE_HELD: (_E_MAIL,),
    Notification.Kind.CLAIM_WAITS: (_E_MAIL,),
    Notification.Kind.CLAIM_ENDS: (_SMS, _E_MAIL),
    Notification.Kind.PAYMENT_RETURNED: (_SMS, _E_MAIL),
    Notification.Kind.PAYMENT_CANCELLED: (_E_MAIL,),
    Notification.Kind.WALLET_LOADED: (_E_MAIL,),
    Notification.Kind.LOAD_REFUSED: (_E_MAIL,),
    Notification.Kind.FUNDING_FAILED: (_E_MAIL,),
    Notification.Kind.REFUND_SENT: (_E_MAIL,),
    Notification.Kind.REFUND_RECEIVED: (_SMS, _E_MAIL),
    Notification.Kind.CARD_REFUNDED: (_E_MAIL,),
    Notification.Kind.CARD_REFUND_FAILED: (_E_MAIL,),
    Notification.Kind.CHARGEBACK_OPENED: (_SMS, _E_MAIL),
    Notification.Kind.CHARGEBACK_WON: (_E_MAIL,),
    Notification.Kind.PAYOUT_REQUESTED: (_E_MAIL,),
    Notification.Kind.PAYOUT_WAITS: (_SMS, _E_MAIL),
    Notification.Kind.PAYOUT_ARRIVED: (_E_MAIL,),
    Notification.Kind.PAYOUT_RETURNED: (_E_MAIL,),
    Notification.Kind.BANK_ACCOUNT_ADDED: (_SMS, _E_MAIL),
    Notification.Kind.DEBT_TO_RECOVER: (_SMS, _E_MAIL),
    Notification.Kind.DEBT_RECOVERED: (_E_MAIL,),
    Notification.Kind.DEBT_VOID: (_E_MAIL,),
    Notification.Kind.REQUEST_RECEIVED: (_SMS, _E_MAIL),
    Notification.Kind.REQUEST_REMINDED: (_E_MAIL,),
    Notification.Kind.REQUEST_PAID: (_X,),
    Notification.Kind.SPLIT_PAID: (_E_MAIL, _X),
    Notification.Kind.REQUEST_DECLINED: (_E_MAIL,),
    Notification.Kind.REQUEST_EXPIRED: (_E_MAIL,),
    Notification.Kind.REQUEST_CANCELLED: (_E_MAIL,),
    Notification.Kind.POT_TO_CLOSE: (_SMS, _E_MAIL),
    Notification.Kind.POT_RETURNED: (_SMS, _E_MAIL),
    Notification.Kind.PURCHASE_DRAFT: (_E_MAIL,),
    Notification.Kind.PURCHASE_SENT: (_E_MAIL,),
    Notification.Kind.CODE_LOCKED: (_SMS, _E_MAIL),
    Notification.Kind.MONEY_HALTED: (_E_MAIL,),
    Notification.Kind.CALLBACK_PAUSED: (_E_MAIL,),
    Notification.Kind.X_ALARM: (_E_MAIL,),
    Notification.Kind.X_REVOKED: (_E_MAIL,),
    Notification.Kind.IDENTITY_ACCEPTED: (_E_MAIL,),
    Notification.Kind.IDENTITY_REFUSED: (_E_MAIL,),
    Notification.Kind.LOAN_REPAID: (_E_MAIL,),
    Notification.Kind.LOAN_LATE: (_E_MAIL,),
    Notification.Kind.LOAN_DEFAULTED: (_E_MAIL,),
    Notification.Kind.ORGANISATION_OPEN: (_E_MAIL,),
    Notification.Kind.ORGANISATION_REFUSED: (_E_MAIL,),
    Notification.Kind.CAMPAIGN_STOPPED: (_SMS, _E_MAIL),
    Notification.Kind.POT_STOPPED: (_SMS, _E_MAIL),
    Notification.Kind.PRODUCT_STOPPED: (_SMS, _E_MAIL),
    Notification.Kind.SEAT_OFFERED: (_E_MAIL,),
    Notification.Kind.SEAT_TAKEN: (_SMS, _E_MAIL),
    Notification.Kind.SEAT_CHANGED: (_SMS, _E_MAIL),
    Notification.Kind.SEAT_ENDED: (_SMS, _E_MAIL),
    Notification.Kind.ACCOUNT_CLOSED: (_SMS, _E_MAIL),
}
_UNSEEN = "SELECT EXISTS (SELECT FROM payments_notification WHERE user_id = %s AND seen_at IS NULL)"
TASKS: dict[str, str] = {
    _E_MAIL: "payments.deliver",
    _SMS: "payments.deliver",
    _X: "social.reply",
    Delivery.Channel.DM: "social.answer",
    Delivery.Channel.TEXT: "social.answer",
    Delivery.Channel.MESSENGER: "social.answer",
}


def tell(  # noqa: PLR0913  # what it is about is one of them
    user: User,
    kind: Notification.Kind,
    *,
    order: Order | None = None,
    funding: Funding | None = None,
    refund: Refund | None = None,
    chargeback: Chargeback | None = None,
    payout: Payout | None = None,
    repayment: Repayment | None = None,
    request: Request | None = None,
    seat: Seat | None = None,
    is_quiet: bool = False,
) -> Notification:
    """Say it in the app, and by each channel that has an address; quietly, without making a phone ring.

    :raises django.db.IntegrityError: if that user was told that of that order, top-up, … before
    """
    notification = rows.made(
        Notification,
        user=user,
        kind=kind,
        order=order,
        funding=funding,
        refund=refund,
        chargeback=chargeback,
        payout=payout,
        repayment=repayment,
        request=request,
        seat=seat,
    )
    tell_all(notification, is_quiet=is_quiet)
    return notification


@transaction.atomic(savepoint=False)
def tell_all(
    *notifications: Notification,
    is_quiet: bool = False,
    in_app: Collection[Notification] = (),
    first: Sequence[prepared.Call] = (),
) -> None:
    """Say each of them to its user, some `in_app` alone; what makes it true is kept `first`, in one message.

    :raises django.db.IntegrityError: as `tell` does
    """
    sent = [each for each in notifications if each not in in_app]
    deliveries = [delivery for each in sent for delivery in _deliveries(each, is_quiet=is_quiet)]
    telling.keep(notifications, deliveries, first=first)
    hints.give(
        tasks={TASKS[delivery.channel] for delivery in deliveries},
        pages={each.user_id: ("wallet", "notice") for each in notifications},
    )


@transaction.atomic(savepoint=False)
def ask_crowd(orders: Sequence[Order], *, rings: Sequence[bool], first: Sequence[prepared.Call] = ()) -> None:
    """Ask the payer of each new order for their code, as `tell` does; `rings` says whose phones may ring.

    The orders are kept `first`, in the same message.

    :raises django.db.IntegrityError: as `tell` does
    """
    kind = Notification.Kind.ORDER_PENDING
    columns: dict[str, Sequence[object]] = {
        "user_id": [order.payer_id for order in orders],
        "order_id": [order.pk for order in orders],
    }
    keys = [key for (key,) in prepared.run(*first, sets.insertion_of(Notification, columns, kind=kind))]
    said = _said_of_each(kind, orders)
    deliveries = [
        (uuid7(), telling.key(channel, key), channel, key, said[order.pk].subject, said[order.pk].text)
        for order, key, may_ring in zip(orders, keys, rings, strict=True)
        for channel in CHANNELS[kind]
        if (may_ring if channel == _SMS else _has_address(order.payer, channel))
    ]
    if deliveries:
        names = ("id", "key", "channel", "notification_id", "subject", "text")
        lists = zip(*deliveries, strict=True)
        prepared.run(sets.insertion_of(Delivery, dict(zip(names, lists, strict=True))))
    hints.give(
        tasks={TASKS[channel] for _id, _key, channel, *_rest in deliveries},
        pages={order.payer_id: ("wallet", "notice") for order in orders},
    )


def remind_in_public(request: Request) -> None:
    """Reply to the post that asked somebody who has not joined; once, and nothing where it was no post."""
    if request.channel != "x":
        return
    kind = Notification.Kind.REQUEST_REMINDED
    text = wording.reply(request, kind, language=request.asker.language)
    key = f"{_X}:request:{request.pk}:reminder"
    rows.insert(Delivery(key=key, channel=_X, reply_to=request.channel_id, text=text))
    hints.run(TASKS[_X])


def latest(user: User, *, limit: int = 20) -> list[tuple[Notification, wording.Words]]:
    """The member's newest notifications, each with its words in their language."""
    rows = Notification.objects.filter(user=user).order_by("-created_at")
    rows = rows.select_related(
        "order__payer",
        "order__payee",
        "funding__order__payee",
        "refund__order__payee",
        "refund__order__payer",
        "refund__funding",
        "chargeback",
        "payout__bank_account",
        "repayment",
        "request__payee",
        "request__payer",
        "seat__user",
        "seat__organisation__account",
    )[:limit]
    return [(row, wording.of(row, language=user.language)) for row in rows]


def mark_seen(user: User) -> None:
    Notification.objects.filter(user=user, seen_at=None).update(seen_at=Now())


def unseen(user: User) -> bool:
    """Whether there is something that the member has not looked at."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSEEN, [user.pk])
        return bool(cursor.fetchone()[0])


def _said_of_each(kind: Notification.Kind, orders: Sequence[Order]) -> dict[UUID, wording.Words]:
    """What each order's payer reads of it, in their language."""
    readers: dict[str, list[Order]] = {}
    for order in orders:
        readers.setdefault(order.payer.language, []).append(order)
    return {
        order.pk: words
        for language, theirs in readers.items()
        for order, words in zip(theirs, wording.of_orders(kind, theirs, language=language), strict=True)
    }


def _deliveries(notification: Notification, *, is_quiet: bool) -> list[Delivery]:
    user, order, kind = notification.user, notification.order, Notification.Kind(notification.kind)
    words, about = wording.of(notification, language=user.language), _about(notification)
    return [
        *(
            rows.made(
                Delivery,
                key=telling.key(channel, notification.pk),
                channel=channel,
                notification=notification,
                subject=words.subject,
                text=words.text,
            )
            for channel in CHANNELS[kind]
            if _has_address(user, channel) and not (is_quiet and channel == _SMS)
        ),
        *(_said_there(notification, about, words) if about and _X in CHANNELS[kind] else ()),
        *(_invitation(order) if order and kind == Notification.Kind.PAYMENT_HELD else ()),
    ]


def _about(notification: Notification) -> Order | Request | None:
    """What was said of it, where an answer goes; of a bill one, when all have paid."""
    about = notification.order or notification.request
    is_share = isinstance(about, Request) and about.split_id is not None
    if is_share and notification.kind == Notification.Kind.REQUEST_PAID:
        return None
    return about if about is not None and about.channel in THERE else None


def _said_there(notification: Notification, about: Order | Request, words: wording.Words) -> list[Delivery]:
    """Under the post everybody reads it, and in private its author alone."""
    channel, kind = THERE[about.channel], Notification.Kind(notification.kind)
    language = notification.user.language
    return [
        rows.made(
            Delivery,
            key=telling.key(channel, notification.pk),
            channel=channel,
            notification=notification,
            reply_to=about.channel_id,
            subject=words.subject,
            text=wording.reply(about, kind, language=language) if channel == _X else words.text,
        )
    ]


def _invitation(order: Order) -> list[Delivery]:
    """Whoever is paid by their number, and is no member, hears of it there: once for each order."""
    if order.payee.network != Identity.Network.PHONE:
        return []
    text = wording.invitation(order, language=order.payer.language)
    return [Delivery(key=f"invitation:{order.pk}", channel=_SMS, reply_to=order.payee.external_id, text=text)]


def _has_address(user: User, channel: Delivery.Channel) -> bool:
    match channel:
        case Delivery.Channel.EMAIL:
            return bool(user.email)
        case Delivery.Channel.SMS:
            return bool(user.phone)
        case _:
            return False

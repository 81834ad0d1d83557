"""Tells people, once, what has come true: a notification and its deliveries, in the caller's transaction."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models.functions import Now

from accounts.models import User
from payments import hints, wording
from payments.models import Delivery, Funding, Notification, Order

_E_MAIL, _SMS, _X = Delivery.Channel.EMAIL, Delivery.Channel.SMS, Delivery.Channel.X

# Beside the app itself, which always shows it.
CHANNELS: dict[Notification.Kind, tuple[Delivery.Channel, ...]] = {
    Notification.Kind.ORDER_PENDING: (_SMS, _E_MAIL),
    Notification.Kind.ORDER_VOIDED: (_E_MAIL,),
    Notification.Kind.ORDER_EXPIRED: (_E_MAIL,),
    Notification.Kind.PAYMENT_SENT: (_E_MAIL, _X),
    Notification.Kind.PAYMENT_RECEIVED: (_SMS, _E_MAIL),
    Notification.Kind.PAYMENT_HELD: (_E_MAIL, _X),
    Notification.Kind.CLAIM_WAITS: (_E_MAIL,),
    Notification.Kind.CLAIM_ENDS: (_SMS, _E_MAIL),
    Notification.Kind.PAYMENT_RETURNED: (_SMS, _E_MAIL),
    Notification.Kind.PAYMENT_CANCELLED: (_E_MAIL,),
    Notification.Kind.WALLET_LOADED: (_E_MAIL,),
    Notification.Kind.LOAD_REFUSED: (_E_MAIL,),
    Notification.Kind.CODE_LOCKED: (_SMS, _E_MAIL),
}
_UNSEEN = "SELECT EXISTS (SELECT FROM payments_notification WHERE user_id = %s AND seen_at IS NULL)"
TASKS = {_E_MAIL: "payments.deliver", _SMS: "payments.deliver", _X: "social.reply"}


@transaction.atomic(savepoint=False)
def tell(
    user: User, kind: Notification.Kind, *, order: Order | None = None, funding: Funding | None = None
) -> Notification:
    """Say it in the app, and by each channel that has an address.

    :raises django.db.IntegrityError: if that user was told that of that order or funding before
    """
    notification = Notification.objects.create(user=user, kind=kind, order=order, funding=funding)
    words = wording.of(notification, language=user.language)
    channels = [channel for channel in CHANNELS[kind] if _has_address(user, channel, order)]
    Delivery.objects.bulk_create(
        Delivery(
            key=f"{channel}:notification:{notification.pk}",
            channel=channel,
            notification=notification,
            reply_to=order.channel_id if order and channel == _X else "",
            subject=words.subject,
            text=wording.reply(order, kind, language=user.language)
            if order and channel == _X
            else words.text,
        )
        for channel in channels
    )
    for task in {TASKS[channel] for channel in channels}:
        hints.run(task)
    hints.refresh(user.pk, "wallet", "notice")
    return notification


def latest(user: User, *, limit: int = 20) -> list[tuple[Notification, wording.Words]]:
    """The member's newest notifications, each with its words in their language."""
    rows = Notification.objects.filter(user=user).order_by("-created_at")
    rows = rows.select_related("order__payer", "order__payee", "funding")[:limit]
    return [(row, wording.of(row, language=user.language)) for row in rows]


def mark_seen(user: User) -> None:
    Notification.objects.filter(user=user, seen_at=None).update(seen_at=Now())


def unseen(user: User) -> bool:
    """Whether there is something that the member has not looked at."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSEEN, [user.pk])
        return bool(cursor.fetchone()[0])


def _has_address(user: User, channel: Delivery.Channel, order: Order | None) -> bool:
    match channel:
        case Delivery.Channel.EMAIL:
            return bool(user.email)
        case Delivery.Channel.SMS:
            return bool(user.phone)
        case Delivery.Channel.X:
            return order is not None and order.channel == "x"

"""Tells people, once, what has come true: a notification and its deliveries, in the caller's transaction."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models.functions import Now

from accounts.models import User
from payments import hints, rows, wording
from payments.models import Chargeback, Delivery, Funding, Notification, Order, Payout, Refund, Repayment

_E_MAIL, _SMS, _X = Delivery.Channel.EMAIL, Delivery.Channel.SMS, Delivery.Channel.X

# Beside the app itself, which always shows it.
CHANNELS: dict[Notification.Kind, tuple[Delivery.Channel, ...]] = {
    Notification.Kind.ORDER_PENDING: (_SMS, _E_MAIL),
    Notification.Kind.ORDER_VOIDED: (_E_MAIL,),
    Notification.Kind.ORDER_EXPIRED: (_E_MAIL,),
    Notification.Kind.PAYMENT_SENT: (_E_MAIL, _X),
    Notification.Kind.PAYMENT_RECEIVED: (_SMS, _E_MAIL),
    Notification.Kind.ORDER_IN_REVIEW: (_SMS, _E_MAIL),
    Notification.Kind.PAYMENT_HELD: (_E_MAIL, _X),
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
    Notification.Kind.CODE_LOCKED: (_SMS, _E_MAIL),
    Notification.Kind.MONEY_HALTED: (_E_MAIL,),
    Notification.Kind.X_ALARM: (_E_MAIL,),
    Notification.Kind.X_REVOKED: (_E_MAIL,),
    Notification.Kind.IDENTITY_ACCEPTED: (_E_MAIL,),
    Notification.Kind.IDENTITY_REFUSED: (_E_MAIL,),
    Notification.Kind.ACCOUNT_CLOSED: (_SMS, _E_MAIL),
}
_UNSEEN = "SELECT EXISTS (SELECT FROM payments_notification WHERE user_id = %s AND seen_at IS NULL)"
TASKS: dict[str, str] = {_E_MAIL: "payments.deliver", _SMS: "payments.deliver", _X: "social.reply"}


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
    is_quiet: bool = False,
) -> Notification:
    """Say it in the app, and by each channel that has an address; quietly, without making a phone ring.

    :raises django.db.IntegrityError: if that user was told that of that order, top-up, … before
    """
    notification = Notification(
        user=user,
        kind=kind,
        order=order,
        funding=funding,
        refund=refund,
        chargeback=chargeback,
        payout=payout,
        repayment=repayment,
    )
    tell_all(notification, is_quiet=is_quiet)
    return notification


@transaction.atomic(savepoint=False)
def tell_all(*notifications: Notification, is_quiet: bool = False) -> None:
    """Say each of them to its user, in as many statements as one takes.

    :raises django.db.IntegrityError: as `tell` does
    """
    rows.insert(*notifications)
    deliveries = [delivery for each in notifications for delivery in _deliveries(each, is_quiet=is_quiet)]
    rows.insert(*deliveries)
    hints.give(
        tasks={TASKS[delivery.channel] for delivery in deliveries},
        pages={each.user_id: ("wallet", "notice") for each in notifications},
    )


def latest(user: User, *, limit: int = 20) -> list[tuple[Notification, wording.Words]]:
    """The member's newest notifications, each with its words in their language."""
    rows = Notification.objects.filter(user=user).order_by("-created_at")
    rows = rows.select_related(
        "order__payer",
        "order__payee",
        "funding__order__payee",
        "refund__order__payee",
        "refund__order__payer",
        "chargeback",
        "payout__bank_account",
        "repayment",
    )[:limit]
    return [(row, wording.of(row, language=user.language)) for row in rows]


def mark_seen(user: User) -> None:
    Notification.objects.filter(user=user, seen_at=None).update(seen_at=Now())


def unseen(user: User) -> bool:
    """Whether there is something that the member has not looked at."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSEEN, [user.pk])
        return bool(cursor.fetchone()[0])


def _deliveries(notification: Notification, *, is_quiet: bool) -> list[Delivery]:
    user, order, kind = notification.user, notification.order, Notification.Kind(notification.kind)
    words = wording.of(notification, language=user.language)
    return [
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
        for channel in CHANNELS[kind]
        if _has_address(user, channel, order) and not (is_quiet and channel == _SMS)
    ]


def _has_address(user: User, channel: Delivery.Channel, order: Order | None) -> bool:
    match channel:
        case Delivery.Channel.EMAIL:
            return bool(user.email)
        case Delivery.Channel.SMS:
            return bool(user.phone)
        case Delivery.Channel.X:
            return order is not None and order.channel == "x"

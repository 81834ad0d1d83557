"""Money that members ask for: of one, or of all who share a bill; answered within seven days.

Asking moves nothing. To pay makes an order, which goes the way of all orders: code, limits, rules, card.
Amounts are cents. Lock order: the payer, the order, its request, the bill.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, prefetch_related_objects
from django.db.models.functions import Now

from accounts import freezes
from accounts.models import Identity, User
from payments import clock, life, notices, orders, references, request_life, request_limits, strangers
from payments.models import Notification, Order, Request, Split

LIFETIME = timedelta(days=7)
REMINDED_BEFORE = timedelta(days=1)  # The end, where the asker did not remind sooner.
BATCH = 200

Status = Request.Status
Kind = Notification.Kind
RequestClosed = request_life.RequestClosed
is_being_paid = request_life.is_being_paid
TooManyRequests = request_limits.TooManyRequests
_OPEN = Request.objects.filter(status=Status.OPEN)
_UNDER_WAY = Order.objects.filter(request=OuterRef("pk"), status__in=request_life.UNDER_WAY)
# In plain SQL, as an open page asks for it whenever something moves.
_ASKED_OF = """
    SELECT r.* FROM accounts_identity i JOIN payments_request r ON r.payer_id = i.id
     WHERE i.user_id = %s AND r.status = 'OPEN' AND r.expires_at > statement_timestamp()
     ORDER BY r.created_at DESC
"""


class AlreadyAsked(Exception):
    """The message has asked before."""


class AskerIsPayer(Exception):
    """Nobody asks themselves for money."""


class AskerHasNoIdentity(Exception):
    """The asker is linked to no network: there is nobody whom an order could pay."""


class AskerChanged(Exception):
    """The identity that asked is not the asker's any more: whom it would pay is somebody else."""


class PayerRefuses(Exception):
    """Who is asked has nothing to do with this: no payments at all, or no requests from strangers."""

    def __init__(self, payer: Identity) -> None:
        super().__init__(payer.pk)
        self.payer = payer


class TooLittleToShare(Exception):
    """There is not a cent for each."""


class BeingPaid(Exception):
    """The code was given already: the payment is on its way."""


class RemindedAlready(Exception):
    """Once is once."""


class NothingAsked(Exception):
    """There is no open request by that reference or message."""


def ask(  # noqa: PLR0913  # a request is that many facts
    asker: User,
    *,
    payer: Identity,
    amount: int,
    note: str,
    words: str,
    channel: str,
    channel_id: str,
    at: datetime,
) -> Request:
    """Ask somebody for money; they need not have joined.

    :raises AlreadyAsked: if the message `channel_id` asked before
    :raises AskerIsPayer, AskerHasNoIdentity: as they say
    :raises PayerRefuses: if they want no requests, or none from strangers
    :raises TooManyRequests: if too many wait, in all or between these two, or were made in the last day
    :raises limits.OverLimit: if no order may be that large
    :raises freezes.Frozen: if the asker's money stands still
    """
    request = Request(asker=asker, payer=payer, amount=amount, note=note, words=words)
    request.channel, request.channel_id, request.created_at = channel, channel_id, at
    _ask(asker, [request], at=at)
    return request


def split(  # noqa: PLR0913  # a bill is that many facts
    asker: User,
    *,
    payers: Sequence[Identity],
    amount: int,
    note: str,
    words: str,
    channel: str,
    channel_id: str,
    at: datetime,
) -> Split:
    """Divide a bill over the people named and its writer, and ask each of the others for their share.

    :raises TooLittleToShare: if there is not a cent for each
    :raises AlreadyAsked, AskerIsPayer, PayerRefuses, …: as `ask` does, for any of them
    """
    payers = list(dict.fromkeys(payers))
    own_share, *others = shares(amount, among=len(payers) + 1)
    if not others or not others[-1]:
        raise TooLittleToShare
    bill = Split(asker=asker, amount=amount, own_share=own_share, note=note, words=words)
    bill.channel, bill.channel_id, bill.created_at = channel, channel_id, at
    asked = [
        Request(asker=asker, payer=payer, amount=share) for payer, share in zip(payers, others, strict=True)
    ]
    for request in asked:
        request.split, request.note, request.words = bill, note, words
        request.channel, request.channel_id, request.created_at = channel, channel_id, at
    _ask(asker, asked, at=at, bill=bill)
    return bill


def shares(amount: int, *, among: int) -> list[int]:
    """Whole cents that add up to the amount; what is left over goes to the first ones, a cent each."""
    share, left = divmod(amount, among)
    return [share + (place < left) for place in range(among)]


@transaction.atomic
def pay(request: Request, *, payer: User) -> Order:
    """The order that pays it, which waits for the payer's code; the one made before, if it still waits.

    :raises RequestClosed: if it was answered, or its time is over
    :raises AskerChanged: if the asker has unlinked the identity that it was asked as
    :raises orders.TooMany, limits.OverLimit, settlement.PayeeRefuses, freezes.Frozen: as `orders.place` does
    """
    life.lock_payer(payer)
    request = request_life.lock(request)
    if request.status != Status.OPEN or request.payer.user_id != payer.pk or request_life.is_over(request):
        raise RequestClosed(request)
    if begun := request.orders.filter(status__in=(Order.Status.PENDING, *request_life.UNDER_WAY)).first():
        return begun
    if request.payee.user_id != request.asker_id:
        raise AskerChanged
    return orders.place(
        payer,
        payee=request.payee,
        amount=request.amount,
        note=request.note,
        words=request.words,
        channel="request",
        channel_id=f"{request.pk}:{request.orders.count() + 1}",
        at=clock.now(),
        request=request,
    )


def decline(request: Request) -> Request:
    """Who is asked says no.

    :raises RequestClosed: if it has ended
    :raises BeingPaid: if they gave their code for it
    """
    return _end(request, Status.DECLINED, tells=Kind.REQUEST_DECLINED, detail="by the payer")


def cancel(request: Request, *, detail: str = "by the asker") -> Request:
    """The asker wants nothing any more.

    :raises RequestClosed: if it has ended
    :raises BeingPaid: if its payer gave their code for it
    """
    return _end(request, Status.CANCELLED, tells=Kind.REQUEST_CANCELLED, detail=detail)


def cancel_all(requests: QuerySet[Request], *, detail: str = "by the asker") -> list[Request]:
    """Take back those that can be, as of a bill; return them."""
    ended = []
    for request in requests.filter(status=Status.OPEN).order_by("pk"):
        with contextlib.suppress(RequestClosed, BeingPaid):
            ended.append(cancel(request, detail=detail))
    return ended


def end_of_former(asker_id: int) -> None:
    """Somebody who has left asks for nothing; nobody is told, as there is no name left to tell."""
    for request in _OPEN.filter(asker=asker_id):
        with contextlib.suppress(RequestClosed, BeingPaid):
            _end(request, Status.CANCELLED, tells=None, detail="the asker has left")


def withdraw(
    asker: User, *, reference: str = "", channel: str = "", channel_id: str = "", detail: str = "by the asker"
) -> list[Request]:
    """Take back what a message asked for, or what has that reference, a bill's or a request's.

    :raises NothingAsked: if nothing of it is open
    """
    named = Q(reference=reference) | Q(split__reference=reference)
    written = Q(channel=channel, channel_id=channel_id)
    ended = cancel_all(Request.objects.filter(named if reference else written, asker=asker), detail=detail)
    if not ended:
        raise NothingAsked
    return ended


def forget_words(*, channel: str, channel_id: str) -> None:
    """Purge what was written, as its author deleted it."""
    for model in (Request, Split):
        model.objects.filter(channel=channel, channel_id=channel_id).update(words="", note="")


@transaction.atomic
def remind(request: Request) -> Request:
    """Tell who is asked that it waits still, once; in public, where they have not joined and it was public.

    :raises RequestClosed: if it has ended, or its time is over
    :raises RemindedAlready: if they were reminded
    """
    request = request_life.lock(request)
    if request.status != Status.OPEN or request_life.is_over(request):
        raise RequestClosed(request)
    if request.reminded_at is not None:
        raise RemindedAlready
    request.reminded_at = clock.now()
    request.save(update_fields=["reminded_at"])
    if request.payer.user is not None:
        notices.tell(request.payer.user, Kind.REQUEST_REMINDED, request=request)
    elif request.payer.refuses_since is None:
        notices.remind_in_public(request)
    return request


def remind_due() -> int:
    """Remind of what ends tomorrow and was not reminded of; return how many were."""
    due = _OPEN.filter(reminded_at=None, expires_at__lte=Now() + REMINDED_BEFORE, expires_at__gt=Now())
    return sum(_is_reminded(request) for request in due.order_by("expires_at")[:BATCH])


def expire_due() -> int:
    """End what nobody answered in time, but for what is being paid; return how many."""
    _void_orders(Order.objects.exclude(request__status=Status.OPEN))  # Where somebody broke off before.
    due = _OPEN.filter(~Exists(_UNDER_WAY), expires_at__lte=Now())
    expired = 0
    for request in due.order_by("expires_at")[:BATCH]:
        with contextlib.suppress(RequestClosed, BeingPaid):
            _end(request, Status.EXPIRED, tells=Kind.REQUEST_EXPIRED)
            expired += 1
    return expired


def tell_joined(user: User) -> int:
    """Tell somebody who has just linked an account what was asked of it before; return how many requests."""
    heard = Notification.objects.filter(request=OuterRef("pk"), kind=Kind.REQUEST_RECEIVED, user=user)
    asked = list(_OPEN.filter(~Exists(heard), payer__user=user, expires_at__gt=Now()).exclude(asker=user))
    prefetch_related_objects(asked, "payee", "payer")
    for request in asked:
        with contextlib.suppress(IntegrityError), transaction.atomic():  # Their other tab was faster.
            notices.tell(user, Kind.REQUEST_RECEIVED, request=request, is_quiet=True)
    return len(asked)


def asked_of(user: User) -> list[Request]:
    """What waits for the member's answer, the newest first."""
    asked = list(Request.objects.raw(_ASKED_OF, [user.pk]))
    prefetch_related_objects(asked, "payee")
    return asked


def asked_by(user: User, *, limit: int = 50) -> QuerySet[Request]:
    """What the member asked of one person each, the newest first."""
    alone = Request.objects.filter(asker=user, split=None).select_related("payer")
    return alone.order_by("-created_at")[:limit]


def bills_of(user: User, *, limit: int = 50) -> QuerySet[Split]:
    """The bills that the member split, the newest first, with how many others there are and have paid."""
    counted = Split.objects.annotate(
        asked=Count("shares"), paid=Count("shares", filter=Q(shares__status=Status.PAID))
    )
    return counted.filter(asker=user).order_by("-created_at")[:limit]


def _ask(asker: User, asked: list[Request], *, at: datetime, bill: Split | None = None) -> None:
    """Check and keep what is asked with one message, and tell who has joined."""
    face = _face(asker)
    for request in asked:
        _check_payer(asker, request.payer)
        request.payee, request.reference = face, references.new()
        request.expires_at = clock.now() + LIFETIME
    request_limits.check_amount(max(request.amount for request in asked))
    with transaction.atomic():
        life.lock_payer(asker)
        freezes.check(asker)
        request_limits.check_pace(asker, asked, at=at)
        _keep(asked, bill)
        for request in asked:
            _tell(request)


def _face(asker: User) -> Identity:
    """As whom they ask: the identity that an order would pay; on Messenger nobody is paid."""
    faces = asker.identities.exclude(network=Identity.Network.MESSENGER)
    face = asker.face or faces.order_by("linked_at").first()
    if face is None:
        raise AskerHasNoIdentity
    return face


def _check_payer(asker: User, payer: Identity) -> None:
    """:raises AskerIsPayer, PayerRefuses: as they say"""
    if payer.user_id == asker.pk:
        raise AskerIsPayer
    if payer.refuses_since is not None:
        raise PayerRefuses(payer)
    user = payer.user
    if user is not None and strangers.are_shut_out(user) and strangers.are(asker, user):
        raise PayerRefuses(payer)


def _keep(asked: list[Request], bill: Split | None) -> None:
    """:raises AlreadyAsked: if their message asked before"""
    try:
        with transaction.atomic():
            if bill is not None:
                bill.reference = references.new()
                bill.save(force_insert=True)
            for request in asked:
                request_life.begin(request)
    except IntegrityError as problem:
        if "message_makes_one_request" in str(problem) or "message_splits_one_bill" in str(problem):
            raise AlreadyAsked from problem
        raise


def _tell(request: Request) -> None:
    """Who is asked hears of it; by SMS only of one at a time, so that nobody can make a phone ring."""
    user = request.payer.user
    if user is not None:
        is_waiting = _OPEN.filter(payer=request.payer).exclude(pk=request.pk).exists()
        notices.tell(user, Kind.REQUEST_RECEIVED, request=request, is_quiet=is_waiting)


def _end(
    request: Request, status: Request.Status, *, tells: Notification.Kind | None, detail: str = ""
) -> Request:
    """End it without a payment, and tell the other side; an order that waits for its code ends with it.

    One that was begun meanwhile is left to the sweep: whoever confirms it may hold it, and wait for us.
    """
    with transaction.atomic():
        waiting = request.orders.filter(status=Order.Status.PENDING).order_by("pk")
        locked = [life.lock(order).pk for order in waiting]
        request = request_life.lock(request)
        if request_life.is_being_paid(request):
            raise BeingPaid
        request_life.step(request, status, detail=detail)
        hears = request.payer.user if tells == Kind.REQUEST_CANCELLED else request.asker
        if hears is not None and tells is not None:
            notices.tell(hears, tells, request=request)
        _void_orders(request.orders.filter(pk__in=locked))
    return request


def _void_orders(of: QuerySet[Order]) -> None:
    """Close what would pay a request that has ended. It could not be paid: `orders.confirm` looks."""
    for order in of.filter(status=Order.Status.PENDING, request__isnull=False).select_related("request"):
        assert order.request
        with contextlib.suppress(orders.OrderClosed):
            if order.request.status == Status.DECLINED:
                orders.decline(order)
            else:
                orders.void(order, detail="request closed", tells=None)


def _is_reminded(request: Request) -> bool:
    with contextlib.suppress(RequestClosed, RemindedAlready):
        remind(request)
        return True
    return False

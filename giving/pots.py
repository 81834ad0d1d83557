"""Money pots: opened by a member, given to by whoever has the link, paid to nobody but whoever opened them.

What is given is an order, set aside until the pot is closed (`pot_closings`). Amounts are cents.
Lock order: the payer, the order, the pot, then the ledger's balances.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone

from accounts import freezes, numbers
from accounts.models import Identity, User
from giving import set_aside, tags
from giving.models import Contribution, Pot
from payments import clock, life, orders, settlement
from payments.models import Order

MOST_DAYS = 365  # With the rest of its last day, and the hour of summer time, within what the table allows.
OPEN_AT_ONCE = 10
MOST_CONTRIBUTIONS = 1_000
SLUG = 16  # Of 31 letters: as many as nobody tries.


class WrongClosingDay(Exception):
    """A pot closes today at the earliest, and within twelve months."""


class TooManyPots(Exception):
    """The member has as many open as may be: `allowed`."""

    def __init__(self, *, allowed: int) -> None:
        super().__init__(allowed)
        self.allowed = allowed


class PotOver(Exception):
    """It is closed, or its last day is over."""


class PotFull(Exception):
    """As many have given as a pot takes."""


class OrganiserChanged(Exception):
    """The identity that it pays is not the organiser's any more."""


class NoSuchPot(Exception):
    """The message names a pot that is not there, is another's, or names several."""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What is in a pot, in cents, and of how many people."""

    total: int
    people: int


@dataclass(frozen=True, kw_only=True)
class Share:
    """A contribution as somebody may see it: no name or amount where it is hidden from them."""

    name: str
    amount: int | None
    message: str
    at: datetime | None
    reference: str
    is_own: bool


def begin(  # noqa: PLR0913  # a pot is that many facts
    organiser: User,
    *,
    title: str,
    story: str,
    closes_on: date,
    goal: int | None = None,
    hides_total: bool = False,
) -> Pot:
    """Open a pot, which pays the organiser as they are on X, or by their number.

    :raises WrongClosingDay: if that day is over, or more than twelve months away
    :raises TooManyPots: if they have as many as may be
    :raises settlement.PayeeRefuses: if they do not want to be paid
    :raises freezes.Frozen: if their money stands still
    """
    now = clock.now()
    if not 0 <= (closes_on - timezone.localtime(now).date()).days <= MOST_DAYS:
        raise WrongClosingDay
    payee = face(organiser, at=now)
    if payee.refuses_since is not None:
        raise settlement.PayeeRefuses
    pot = Pot(organiser=organiser, payee=payee, title=title, story=story, goal=goal, hides_total=hides_total)
    pot.slug, pot.code, pot.opened_at = tags.letters(SLUG).lower(), tags.new_code(), now
    pot.closes_at = _end_of(closes_on)
    with transaction.atomic():
        life.lock_payer(organiser)
        freezes.check(organiser)
        if Pot.objects.filter(organiser=organiser, status=Pot.Status.OPEN).count() >= OPEN_AT_ONCE:
            raise TooManyPots(allowed=OPEN_AT_ONCE)
        pot.save(force_insert=True)
    return pot


def face(organiser: User, *, at: datetime) -> Identity:
    """As whom the member is paid, which contributors see: on X, else by their number."""
    return organiser.face or numbers.identity(str(organiser.phone), at=at)


@transaction.atomic
def contribute(  # noqa: PLR0913  # an order is that many facts
    pot: Pot,
    payer: User,
    *,
    amount: int,
    message: str,
    hides_name: bool,
    hides_amount: bool,
    channel: str,
    channel_id: str,
    at: datetime,
    words: str = "",
) -> Contribution:
    """An order to pay the organiser, which waits for the payer's code.

    :raises PotOver, PotFull, OrganiserChanged: as they say
    :raises orders.AlreadyPlaced, orders.TooMany, limits.OverLimit, freezes.Frozen: as `orders.place` does
    :raises settlement.PayeeIsPayer, settlement.PayeeRefuses: as `orders.place` does
    """
    check(pot)
    order = orders.place(
        payer,
        payee=pot.payee,
        amount=amount,
        note=message,
        words=words,
        channel=channel,
        channel_id=channel_id,
        at=at,
        kind=Order.Kind.POT,
        lifetime=min(orders.LIFETIME, max(pot.closes_at - at, timedelta(minutes=1))),
    )
    return Contribution.objects.create(order=order, pot=pot, hides_name=hides_name, hides_amount=hides_amount)


def check(pot: Pot, *, beside: Order | None = None) -> None:
    """Whether something may be given to it; `beside` an order, if that is in it. Decisive while it is locked.

    :raises PotOver, PotFull, OrganiserChanged: as they say
    """
    open_ = Pot.objects.filter(pk=pot.pk, status=Pot.Status.OPEN, closes_at__gt=Now())
    payee = open_.values_list("payee__user", flat=True).first()
    if payee is None and not open_.exists():
        raise PotOver
    if payee != pot.organiser_id:
        raise OrganiserChanged
    if _in(pot).exclude(order=beside).count() >= MOST_CONTRIBUTIONS:
        raise PotFull


def lock(pk: UUID) -> Pot:
    """The pot as it is now, for this transaction alone."""
    return (
        Pot.objects.select_for_update(of=("self",), no_key=True)
        .select_related("organiser", "payee")
        .get(pk=pk)
    )


def find(slug: str) -> Pot | None:
    """The pot of that address, but for one whose organiser has left."""
    found = Pot.objects.select_related("organiser", "payee__user")
    return found.filter(slug=slug).exclude(title="").first()


def meant(text: str, *, payee: Identity) -> Pot | None:
    """The pot of that payee's which the words name; none, if they name none.

    A pot that pays a number is meant by who names that number.

    :raises NoSuchPot: if they name one that is not the payee's, or several
    """
    named = tags.POT.codes(text)
    if not named:
        return None
    pots = Pot.objects.select_related("organiser", "payee__user").filter(code__in=named).exclude(title="")
    known = [pot for pot in pots if payee.pk == pot.payee_id or _is_known_as(payee, pot)]
    if len(named) > 1 or not known:
        raise NoSuchPot
    return known[0]


def tally(pot: Pot) -> Tally:
    given = _in(pot).filter(order__status__in=set_aside.GIVEN)
    found = given.aggregate(total=Sum("order__amount"), people=Count("order__payer", distinct=True))
    return Tally(total=found["total"] or 0, people=found["people"])


def shares(pot: Pot, *, to: User | None) -> list[Share]:
    """What was given, the newest first, as that member may see it; somebody who is not signed in is `None`.

    The organiser sees all, and each what is theirs. Where the total is hidden, so are its parts.
    """
    given = _in(pot).filter(order__status__in=set_aside.GIVEN).select_related("order__payer")
    is_organiser = to is not None and to.pk == pot.organiser_id
    return [
        _share(one, pot, to, sees_all=is_organiser) for one in given.order_by("-order__confirmed_at", "-pk")
    ]


def opened_by(user: User) -> QuerySet[Pot]:
    """The member's pots, the newest first, with the `total` of each, if there is any."""
    given = Q(contributions__is_in=True, contributions__order__status__in=set_aside.GIVEN)
    theirs = Pot.objects.annotate(total=Sum("contributions__order__amount", filter=given))
    return theirs.filter(organiser=user).exclude(title="").order_by("-opened_at")


def given_to_by(user: User) -> QuerySet[Contribution]:
    """What the member gave, the newest first."""
    theirs = Contribution.objects.filter(order__payer=user, order__status__in=set_aside.GIVEN)
    return theirs.exclude(pot__title="").select_related("order", "pot").order_by("-order__created_at")


def _is_known_as(payee: Identity, pot: Pot) -> bool:
    """Whether its organiser is that payee as well; who knows them on X need not know their number."""
    return payee.user_id == pot.organiser_id and pot.payee.network != Identity.Network.PHONE


def _share(one: Contribution, pot: Pot, to: User | None, *, sees_all: bool) -> Share:
    order = one.order
    is_own = to is not None and order.payer_id == to.pk
    sees = sees_all or is_own
    hides_amount = one.hides_amount or pot.hides_total
    return Share(
        name=order.payer.get_full_name() if sees or not one.hides_name else "",
        amount=order.amount if sees or not hides_amount else None,
        message=order.note,
        at=order.confirmed_at,
        reference=order.reference if is_own else "",
        is_own=is_own,
    )


def _in(pot: Pot) -> QuerySet[Contribution]:
    return Contribution.objects.filter(pot=pot, is_in=True)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=timezone.get_default_timezone())

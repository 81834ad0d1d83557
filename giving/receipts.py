"""Tax receipts: issued for gifts that were paid, numbered without a gap, void with a reason.

A gift is an order to an issuer, of kind GIFT or SEND, with what was not given back of it; it is on one valid
receipt at most. Lock order: the giver, the orders, then the issuer's book of the year, whose lock numbers
receipts one after another. Days and years are those of Paris. Amounts are cents.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DatabaseError, transaction
from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Now, TruncDate

from accounts.models import Organisation, User
from giving import givers, receipt_contents
from giving.models import GiverAddress, Receipt, ReceiptBook, ReceiptedGift, ReceiptIssuer
from giving.receipt_contents import Gift
from payments import clock, life
from payments.models import Order, OrderEvent, Refund

logger = logging.getLogger(__name__)

PARIS = ZoneInfo("Europe/Paris")
BATCH = 200
JUST_PAID = timedelta(minutes=15)  # Is looked at each minute; what is older, a little later.
LOOKED_BACK = timedelta(days=100)  # For gifts without a receipt; what was paid before is asked for by hand.
HELD_AT_MOST = timedelta(days=400)  # From an order to its payment: a campaign goes on for a year.
# What was no gift, or has its receipt on paper, never has another one.
FOR_GOOD = (Receipt.VoidReason.NO_GIFT, Receipt.VoidReason.TWICE)

_KINDS = (Order.Kind.SEND, Order.Kind.GIFT)
_BACK = Refund.objects.order_by().values("order").annotate(sum=Sum("amount")).values("sum")
_LEFT = F("amount") - Coalesce(Subquery(_BACK.filter(order=OuterRef("pk"))), 0)
_PAID = OrderEvent.objects.filter(order=OuterRef("pk"), status=Order.Status.PAID).values("at")[:1]
_GIVEN_ON = TruncDate(Subquery(_PAID, output_field=DateTimeField()), tzinfo=PARIS)
_RECEIPTED = ReceiptedGift.objects.filter(order=OuterRef("pk"))
_ON_A_RECEIPT = _RECEIPTED.filter(Q(void_at=None) | Q(receipt__void_reason__in=FOR_GOOD))
# The next one would say the same of them.
_OF_WRONG_GIVER = _RECEIPTED.filter(
    receipt__void_reason=Receipt.VoidReason.WRONG_GIVER,
    receipt__issued_at__gte=OuterRef("payer__giver_address__changed_at"),
)
_OF_WRONG_ISSUER = _RECEIPTED.filter(
    receipt__void_reason=Receipt.VoidReason.WRONG_ISSUER,
    receipt__issued_at__gte=OuterRef("payee_user__organisation__receipt_issuer__changed_at"),
)


@dataclass(frozen=True, kw_only=True)
class Year:
    """Gifts of one giver to an organisation in a year."""

    organisation: Organisation
    year: int
    gifts: list[Gift]

    @property
    def amount(self) -> int:
        return sum(gift.amount for gift in self.gifts)


class NoAddress(Exception):
    """A receipt says where its giver lives, and they have not said it, or have left."""


class NoGift(Exception):
    """There is no gift that can have a receipt."""


class IsVoid(Exception):
    """It is void already."""


def of(giver: User) -> QuerySet[Receipt]:
    """Their receipts, the newest first."""
    theirs = Receipt.objects.filter(giver=giver).select_related("organisation__account")
    return theirs.order_by("-issued_at")


def missing(giver: User) -> list[Gift]:
    """Their gifts that they can have a receipt for, the newest first."""
    return [_gift(order) for order in _missing().filter(payer=giver).order_by("-created_at")]


def by_year(gifts: Iterable[Gift]) -> list[Year]:
    """The gifts of each year and organisation, the newest first."""
    grouped: dict[tuple[int, Organisation], list[Gift]] = {}
    for gift in gifts:
        grouped.setdefault((gift.given_on.year, gift.organisation), []).append(gift)
    return [Year(organisation=who, year=year, gifts=of) for (year, who), of in grouped.items()]


def take_address(giver: User, said: givers.Details, *, rhythm: GiverAddress.Rhythm) -> int:
    """Keep where they live, and issue what waited for it; return how many receipts."""
    givers.keep(giver, said, rhythm=rhythm)
    if rhythm != GiverAddress.Rhythm.EACH:
        return 0
    return sum(_is_issued(giver, order) for order in _due(_missing()).filter(payer=giver))


def issue(order: Order, *, giver: User) -> Receipt:
    """A receipt for one gift.

    :raises NoAddress: if they have not said where they live
    :raises NoGift: if it is none of theirs to an issuer, was given back, has a receipt, or never has one
    """
    return _issue(giver, _missing().filter(pk=order.pk, payer=giver), is_yearly=False)


def issue_for_year(organisation: Organisation, *, giver: User, year: int) -> Receipt:
    """One receipt for all of their gifts to it in that year that have none.

    :raises NoAddress: if they have not said where they live
    :raises NoGift: if all have one, or there is none
    """
    return _issue(giver, _theirs(organisation, giver, year), is_yearly=True)


def void(receipt: Receipt, *, by: User, reason: Receipt.VoidReason) -> None:
    """Its number stays used; its gifts may be on another one, but for the reasons of `FOR_GOOD`.

    :raises IsVoid: if it is
    """
    valid = Receipt.objects.filter(pk=receipt.pk, void_at=None)
    if not valid.update(void_at=Now(), void_reason=reason, voided_by=by):
        raise IsVoid


def void_refunded(*, only: Receipt | None = None) -> int:
    """Make receipts void of whose gifts something was given back since; return how many."""
    back = _BACK.filter(order=OuterRef("order"))
    changed = ReceiptedGift.objects.filter(void_at=None, order__refunds__isnull=False)
    changed = changed.annotate(left=F("order__amount") - Subquery(back)).exclude(left=F("amount"))
    valid = Receipt.objects.filter(void_at=None, pk__in=changed.values("receipt"))
    if only is not None:
        valid = valid.filter(pk=only.pk)
    return valid.update(void_at=Now(), void_reason=Receipt.VoidReason.REFUNDED)


def issue_due() -> int:
    """Issue what givers want for each gift, and in January for the year before; return how many."""
    return _issued(_each()) + _issue_yearly()


def issue_at_once() -> int:
    """Issue for each gift that was confirmed and paid just now, where its giver wants that; how many.

    What waited for its campaign, or for us, is found by `issue_due`.
    """
    return _issued(_each().filter(confirmed_at__gte=Now() - JUST_PAID))


def forget_due() -> int:
    """Forget what receipts said whose six years are over; their numbers stay. Return how many."""
    return Receipt.objects.filter(content__isnull=False, kept_until__lte=Now()).update(content=None)


def _each() -> QuerySet[Any]:
    """Gifts of who wants a receipt for each."""
    paid_since = _today(clock.now() - LOOKED_BACK)
    return _due(_missing()).filter(
        payer__giver_address__rhythm=GiverAddress.Rhythm.EACH,
        given_on__gte=paid_since,
        created_at__gte=Now() - LOOKED_BACK - HELD_AT_MOST,
    )


def _issued(gifts: QuerySet[Any]) -> int:
    return sum(_is_issued(order.payer, order) for order in gifts.select_related("payer")[:BATCH])


def _issue_yearly() -> int:
    """One for each giver and organisation."""
    year = _today(clock.now()).year - 1
    yearly = _due(_missing(year=year)).filter(
        payer__giver_address__rhythm=GiverAddress.Rhythm.YEAR,
        created_at__gte=datetime(year, 1, 1, tzinfo=PARIS) - HELD_AT_MOST,
    )
    pair = ("payer_id", "payee_user_id")
    found = list(yearly.select_related("payer").order_by(*pair).distinct(*pair)[:BATCH])
    return sum(_is_issued_for_year(order, year) for order in found)


def _due(wanted: QuerySet[Any]) -> QuerySet[Any]:
    """What is issued without being asked for: not again what was wrong and still is."""
    return wanted.filter(~Exists(_OF_WRONG_GIVER), ~Exists(_OF_WRONG_ISSUER), payer__erased_at=None)


def _theirs(organisation: Organisation, giver: User, year: int) -> QuerySet[Order]:
    return _missing(year=year).filter(payer=giver, payee_user=organisation.account)


def _missing(*, year: int | None = None) -> QuerySet[Any]:
    """Gifts to issuers, since the day from which these issue, that can have a receipt; of a year, or all."""
    issuer = "payee_user__organisation__receipt_issuer"
    paid = Order.objects.filter(
        status=Order.Status.PAID,
        kind__in=_KINDS,
        **{f"{issuer}__proposal__isnull": False, f"{issuer}__ended_at": None},
    )
    counted = paid.annotate(left=_LEFT, given_on=_GIVEN_ON)
    theirs = counted.filter(~Exists(_ON_A_RECEIPT), left__gt=0, given_on__gte=F(f"{issuer}__since"))
    if year is not None:
        theirs = theirs.filter(given_on__gte=date(year, 1, 1), given_on__lte=date(year, 12, 31))
    return theirs.select_related("payee_user__organisation__account")


def _gift(order: Order) -> Gift:
    """What `_missing` found."""
    assert order.payee_user
    facts: dict[str, object] = vars(order)
    amount, given_on = facts["left"], facts["given_on"]
    assert isinstance(amount, int)
    assert isinstance(given_on, date)
    return Gift(order=order, organisation=order.payee_user.organisation, amount=amount, given_on=given_on)


@transaction.atomic
def _issue(giver: User, wanted: QuerySet[Order], *, is_yearly: bool) -> Receipt:
    """Issue one for what is wanted and found again under the locks."""
    life.lock_payer(giver)
    said = givers.details(giver)
    if said is None or not User.objects.filter(pk=giver.pk, erased_at=None).exists():
        raise NoAddress
    gifts = [_gift(order) for order in _locked(wanted)]
    if not gifts:
        raise NoGift
    organisation = gifts[0].organisation
    issuer = ReceiptIssuer.objects.select_related("organisation__account").get(pk=organisation.pk)
    today = _today(clock.now())
    number = _next_number(organisation, today.year)
    receipt = Receipt(
        organisation=organisation,
        year=today.year,
        number=number,
        giver=giver,
        amount=sum(gift.amount for gift in gifts),
        given_on=max(gift.given_on for gift in gifts),
        is_yearly=is_yearly,
    )
    receipt.content = receipt_contents.written(issuer, said, gifts, number=str(receipt), issued_on=today)
    receipt.save(force_insert=True)
    ReceiptedGift.objects.bulk_create(
        ReceiptedGift(receipt=receipt, order=gift.order, amount=gift.amount, given_on=gift.given_on)
        for gift in gifts
    )
    receipt.refresh_from_db(fields=["issued_at", "kept_until"])  # The database dates it.
    return receipt


def _locked(wanted: QuerySet[Order]) -> list[Order]:
    """The same gifts, as they are now: whoever gives one back waits, or was before."""
    keys = list(wanted.values_list("pk", flat=True))
    list(Order.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))
    return list(_missing().filter(pk__in=keys).order_by("created_at", "pk"))


def _next_number(organisation: Organisation, year: int) -> int:
    """Under the lock of its book, until this transaction has the receipt or gives the number back."""
    ReceiptBook.objects.get_or_create(organisation=organisation, year=year)
    book = ReceiptBook.objects.select_for_update().get(organisation=organisation, year=year)
    book.last += 1
    book.save(update_fields=["last"])
    return book.last


def _is_issued(giver: User, order: Order) -> bool:
    return _is_done(partial(issue, order, giver=giver), order)


def _is_issued_for_year(order: Order, year: int) -> bool:
    """With all others that its giver gave to that organisation in that year."""
    wanted = _due(_theirs(_gift(order).organisation, order.payer, year))
    return _is_done(partial(_issue, order.payer, wanted, is_yearly=True), order)


def _is_done(work: Callable[[], Receipt], order: Order) -> bool:
    """None stops the others."""
    try:
        work()
    except (NoAddress, NoGift):  # Somebody was faster, or they have left.
        return False
    except DatabaseError:
        logger.exception("A receipt could not be issued", extra={"order": str(order.pk)})
        return False
    return True


def _today(at: datetime) -> date:
    return at.astimezone(PARIS).date()

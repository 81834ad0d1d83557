"""Loans: proposed by an organisation, opened by one of staff, lent to by orders that are set aside.

All of the goal comes together, or nothing is lent: `loan_endings` decides. Amounts are cents.
Lock order: the payer, the order, the loan, then the ledger's balances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import audit, organisations, prepared, slugs
from accounts.models import Identity, Organisation, User
from giving import loan_life, set_aside, tags
from giving.models import Loan, LoanShare
from payments import clock, erasures, life, orders, purposes
from payments.models import Order

SMALLEST_SHARE = 10_00
MOST_OPEN = 3  # Of one organisation: proposed, or looking for lenders.
SHORTEST_SEARCH_DAYS, LONGEST_SEARCH_DAYS = 2, 90
DECIDED_WITHIN = timedelta(days=2)  # From the deadline on.
RISK = _("I have understood that I may lose all or part of what I lend, and that nobody insures it.")

Status = Loan.Status
OPEN = (Status.PROPOSED, Status.COLLECTING)
PUBLIC = (Status.COLLECTING, Status.RUNNING, Status.REPAID, Status.MISSED, Status.DEFAULTED)
# An order whose code was given has its room, until it ends.
_RESERVED = (Order.Status.FUNDING, Order.Status.REVIEW, Order.Status.HELD)
_ENDED = frozenset({Order.Status.CANCELLED, Order.Status.RETURNED})
# Nobody leaves who is owed money: where would it go? What is set aside still, `erasures` knows of.
OBSTACLES = {
    """giving_loanshare s JOIN giving_loan l ON l.id = s.loan_id
         WHERE s.lender_id = %(user)s AND s.is_taken AND l.status IN ('RUNNING', 'DEFAULTED')""": (
        erasures.Obstacle(
            _("You have lent money that is not repaid yet. Wait until all of it is back."), "loans"
        )
    ),
}


class NotReviewed(Exception):
    """Staff have not accepted the organisation."""


class TooMany(Exception):
    """As many loans of that organisation are open as may be."""


class TooLate(Exception):
    """Its deadline has passed, or nobody would have a day to lend."""


class TooSmall(Exception):
    """Less than the smallest share: `least` cents."""

    def __init__(self, *, least: int) -> None:
        super().__init__(least)
        self.least = least


class OverGoal(Exception):
    """More than what is left to lend: `left` cents."""

    def __init__(self, *, left: int) -> None:
        super().__init__(left)
        self.left = left


class NoSuchLoan(Exception):
    """The message names a loan that is not there, is another's, or names several."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What an organisation asks lenders for: cents, basis points a year, months."""

    title: str
    story: str
    goal: int
    rate: int
    term_months: int
    deadline: datetime


@transaction.atomic
def propose(organisation: Organisation, terms: Terms, *, by: User) -> Loan:
    """Ask staff to open a loan; its terms stay from here on.

    :raises NotReviewed: if staff have not accepted the organisation
    :raises TooMany: if as many of its loans are open as may be
    :raises TooLate: if its deadline is less than a day away
    """
    organisation = Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=organisation.pk)
    if not organisations.is_reviewed(organisation):
        raise NotReviewed
    if Loan.objects.filter(organisation=organisation, status__in=OPEN).count() >= MOST_OPEN:
        raise TooMany
    loan = Loan(
        organisation=organisation,
        code=tags.new_code(),
        title=terms.title,
        story=terms.story,
        goal=terms.goal,
        rate=terms.rate,
        term_months=terms.term_months,
        deadline=terms.deadline,
        made_by=by,
    )
    _check_time(loan)
    slugs.keep(loan, loan.title, lambda: loan_life.begin(loan), otherwise="loan")
    return loan


@transaction.atomic
def accept(loan: Loan, *, by: User, reason: str) -> Loan:
    """One of staff opens it to lenders.

    :raises loan_life.LoanClosed: if it was decided on before
    :raises TooLate: if nobody would have a day to lend
    :raises django.db.IntegrityError: `loan_is_opened_by_somebody_else`, `nobody_opens_their_own_loan`
    """
    loan = loan_life.lock(loan)
    _check_time(loan)
    loan.accepted_by = by
    loan_life.step(loan, Status.COLLECTING)
    audit.record(by, "loan.accepted", about=loan, before=None, after=_said(loan), reason=reason)
    return loan


@transaction.atomic
def refuse(loan: Loan, *, by: User, reason: str) -> Loan:
    """:raises loan_life.LoanClosed: if it was decided on before"""
    loan = loan_life.lock(loan)
    loan_life.step(loan, Status.REFUSED)
    audit.record(by, "loan.refused", about=loan, before=None, after=_said(loan), reason=reason)
    return loan


@transaction.atomic
def lend(loan: Loan, *, by: User, amount: int, key: UUID, at: datetime) -> Order:
    """As `lend_as_said`, for who agreed to `RISK` in the form that they filled in, whose `key` it is."""
    number = channel_id(by, amount=amount, key=key)
    order = lend_as_said(loan, by=by, amount=amount, channel="site", channel_id=number, at=at)
    _agree(order)
    return order


def channel_id(by: User, *, amount: int, key: UUID) -> str:
    """One for each lender, form and amount: another amount in the same form is another order."""
    return f"{by.pk}:{key}:{amount}"


@transaction.atomic
def lend_as_said(  # noqa: PLR0913  # an order is that many facts
    loan: Loan,
    *,
    by: User,
    amount: int,
    channel: str,
    channel_id: str,
    at: datetime,
    note: str = "",
    words: str = "",
) -> Order:
    """Ask for the lender's code, and beside it that they agree to `RISK`.

    :raises loan_life.LoanClosed: if it looks for no lenders any more, or nothing is left to lend
    :raises TooSmall: below the smallest share, or below what is left if that is less
    :raises OverGoal: above what is left
    :raises orders.AlreadyPlaced: if the message or form `channel_id` was sent before
    :raises limits.OverLimit, orders.TooMany, freezes.Frozen, settlement.PayeeIsPayer,
        settlement.PayeeRefuses: as `orders.place` does
    """
    left_for = loan.deadline - clock.now()
    if loan.status != Status.COLLECTING or left_for <= timedelta(0):
        raise loan_life.LoanClosed(loan)
    _check_share(loan, amount)
    order = orders.place(
        by,
        payee=organisations.identity(loan.organisation),
        amount=amount,
        note=note,
        words=words,
        channel=channel,
        channel_id=channel_id,
        at=at,
        kind=Order.Kind.LOAN,
        lifetime=min(orders.LIFETIME, left_for),
    )
    LoanShare.objects.create(order=order, loan=loan, lender=by)
    return order


def room(loan: Loan, *, but: Order | None = None) -> int:
    """What can still be lent, in cents; exact under the loan's lock. That order, `but`, has no room yet."""
    reserved = loan.shares.filter(order__status__in=_RESERVED)
    if but is not None:
        reserved = reserved.exclude(order=but)
    return loan.goal - int(reserved.aggregate(total=Sum("order__amount"))["total"] or 0)


def lent(loan: Loan) -> int:
    """What lenders have set aside for it, or lent, in cents."""
    given = loan.shares.filter(order__status__in=set_aside.GIVEN)
    return int(given.aggregate(total=Sum("order__amount"))["total"] or 0)


def lenders(loan: Loan) -> int:
    """How many have set something aside for it, or lent."""
    given = loan.shares.filter(order__status__in=set_aside.GIVEN)
    return given.values("lender").distinct().count()


def public(slug: str) -> Loan | None:
    """The loan whose page everybody may read."""
    return public_ones().filter(slug=slug).first()


def public_ones() -> QuerySet[Loan]:
    """The loans that everybody may read of."""
    return Loan.objects.filter(status__in=PUBLIC).select_related("organisation__account")


def looking_for_lenders() -> QuerySet[Loan]:
    """Those that can be lent to now, the first to end first."""
    return public_ones().filter(status=Status.COLLECTING, deadline__gt=Now()).order_by("deadline")


def meant(text: str, *, payee: Identity) -> Loan | None:
    """The loan to that payee which the words name; none, if they name none.

    :raises NoSuchLoan: if they name one that is not the payee's, or several
    """
    named = tags.LOAN.codes(text)
    if not named:
        return None
    theirs = public_ones().filter(code__in=named, organisation__account=payee.user_id)
    if len(named) > 1 or not (found := theirs.first()):
        raise NoSuchLoan
    return found


class LoanPurpose(purposes.Purpose):
    """An order that lends."""

    # It is repaid, by its instalments: given back as well, it would be owed all the same.
    is_refundable = False

    def check(self, order: Order) -> None:
        """Within the loan's time and goal; who confirms at the same instant waits for the loan's row."""
        share = _share(order)
        if share is None or share.is_taken is not None:  # Decided on without it.
            raise purposes.Over
        if share.agreed_at is None:
            raise purposes.NotAgreed
        loan = loan_life.lock(share.loan)
        # A card that was asked in time may have taken its own.
        is_in_time = order.status == Order.Status.FUNDING or loan.deadline > clock.now()
        if loan.status != Status.COLLECTING or not is_in_time or order.amount > room(loan, but=order):
            raise purposes.Over

    def agreement(self, order: Order) -> str:
        share = _share(order)
        return "" if share is None or share.agreed_at else str(RISK)

    def agree(self, order: Order) -> None:
        _agree(order)

    def held_until(self, order: Order) -> datetime:
        """Under the loan's lock, which whoever decides has as well."""
        share = _share(order)
        assert share is not None
        return max(loan_life.lock(share.loan).deadline, clock.now()) + DECIDED_WITHIN

    def stepping(self, order: Order, status: Order.Status) -> Sequence[prepared.Call]:
        """What was taken for a loan that runs is not taken back.

        :raises life.OrderClosed: if somebody tries
        """
        if status in _ENDED and LoanShare.objects.filter(order=order, is_taken=True).exists():
            raise life.OrderClosed(order)
        return ()

    def title(self, order: Order) -> str:
        share = _share(order)
        return share.loan.title if share else ""

    def path(self, order: Order) -> str:
        share = _share(order)
        return reverse("loan", args=[share.loan.slug]) if share else ""


def _share(order: Order) -> LoanShare | None:
    return LoanShare.objects.select_related("loan").filter(order=order).first()


def _agree(order: Order) -> None:
    """Nothing comes of it where the loan was decided on meanwhile."""
    LoanShare.objects.filter(order=order, agreed_at=None, is_taken=None).update(agreed_at=Now())


def _check_share(loan: Loan, amount: int) -> None:
    left = room(loan)
    if left <= 0:
        raise loan_life.LoanClosed(loan)
    if amount > left:
        raise OverGoal(left=left)
    if amount < min(SMALLEST_SHARE, left):
        raise TooSmall(least=min(SMALLEST_SHARE, left))


def _check_time(loan: Loan) -> None:
    if loan.deadline < clock.now() + timedelta(days=1):
        raise TooLate


def _said(loan: Loan) -> dict[str, object]:
    return {"goal": loan.goal, "rate": loan.rate, "months": loan.term_months, "status": loan.status}

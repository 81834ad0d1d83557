"""Payouts that an organisation need not ask for: all that its wallet holds, after fees, by a plan.

A plan is agreed to once, with code and device or passkey, by an owner or treasurer. It pays while whoever
agreed acts for the organisation still: on its days, or as soon after as somebody of ours is there. A payout's
form key follows from plan and day. Amounts are cents.
Lock order: the organisation, the plan, then as a payout's.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models.functions import Now

from accounts import freezes, seats
from accounts.models import Organisation, Seat
from payments import consent, fees, ledger, limits, payout_limits, payouts, proofs, standstill, strong
from payments.models import BankAccount, PayoutPlan

logger = logging.getLogger(__name__)

Period = PayoutPlan.Period
_PAYOUTS = UUID("706c616e-6e65-4420-9061-796f75747321")  # What their form keys are made from.
# What is in the way today, and may not be the next time.
_NOT_TODAY = (
    payouts.TooSmall,
    payouts.AccountNotUsable,
    freezes.Frozen,
)
# Something else left the wallet at the same time, or made the limits narrower.
_RACED = (payouts.InsufficientFunds, ledger.InsufficientFunds, limits.OverLimit)


def of(organisation: Organisation) -> PayoutPlan | None:
    """The plan that stands."""
    standing = PayoutPlan.objects.select_related("bank_account", "set_by")
    return standing.filter(organisation=organisation, ended_at=None).first()


def set_plan(  # noqa: PLR0913  # what is agreed to, and what was shown
    seat: Seat,
    account: BankAccount,
    *,
    period: PayoutPlan.Period,
    minimum: int,
    code: str,
    proof: proofs.Proof | None,
    at: datetime,
) -> PayoutPlan:
    """Pay out to that account from the next such day on, in the place of the plan before.

    :raises payouts.TooSmall: below 1 euro
    :raises payouts.AccountNotUsable: if the account is another's or removed, or its name is open
    :raises strong.ProofNeeded, strong.ProofRejected: without a device or passkey, shown for these terms
    :raises codes.WrongCode: the wrong try is counted, also when the caller fails
    :raises codes.CodeLocked, codes.NoCode: as `codes.verify` does; seats.NoSeat: if the seat has ended
    """
    organisation = seat.organisation
    if minimum < payouts.SMALLEST:
        raise payouts.TooSmall
    if account.user_id != organisation.account_id or not account.is_usable:
        raise payouts.AccountNotUsable
    terms = proofs.of_plan(account, period=period, minimum=minimum)
    shown = proofs.check(proof, terms=terms, by=seat.user)
    consent.check(seat.user, code=code)
    with transaction.atomic():
        end(organisation)
        seats.held(organisation.slug, by=seat.user, roles=seats.TREASURY)  # Till then it may have ended.
        return PayoutPlan.objects.create(
            organisation=organisation,
            bank_account=account,
            period=period,
            minimum=minimum,
            set_by=seat.user,
            looked_on=at.astimezone(fees.PARIS).date(),
            factor=shown.factor,
            device_id=shown.device_id,
            passkey_id=shown.passkey_id,
        )


@transaction.atomic
def end(organisation: Organisation) -> None:
    """Nothing is paid out by itself any more."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    PayoutPlan.objects.filter(organisation=organisation, ended_at=None).update(ended_at=Now())


def stands(plan: PayoutPlan) -> bool:
    """Whether whoever agreed to it may do so still."""
    return seats.of(plan.set_by).filter(organisation=plan.organisation, role__in=seats.TREASURY).exists()


def pay_due(*, at: datetime) -> int:
    """Pay out what plans say for today, or said since they were last looked at; return how many payouts.

    :raises standstill.MoneyStandsStill: while there is a halt
    """
    standstill.check()
    today = at.astimezone(fees.PARIS).date()
    waiting = PayoutPlan.objects.filter(ended_at=None, looked_on__lt=today).order_by("?")
    return sum(_is_paid(key, today=today) for key in waiting.values_list("pk", flat=True))


def _is_paid(key: int, *, today: date) -> bool:
    """Whether it paid; where it lost a race, it is looked at again the next time."""
    try:
        return _pay(key, today=today)
    except _RACED:
        return False
    except standstill.MoneyStandsStill:
        raise
    except Exception:
        # It would keep the others waiting.
        logger.exception("A plan could not be paid", extra={"plan": key})
        return False


@transaction.atomic
def _pay(key: int, *, today: date) -> bool:
    """Look at a plan once a day: pay, if one of its days has come since."""
    Organisation.objects.select_for_update(no_key=True).get(payout_plans=key)
    locked = PayoutPlan.objects.select_for_update(of=("self",), no_key=True)
    plan = locked.select_related("organisation__account", "bank_account__user", "set_by").get(pk=key)
    if plan.ended_at is not None or plan.looked_on >= today:
        return False
    is_due = _begin(Period(plan.period), today) > plan.looked_on and stands(plan)
    PayoutPlan.objects.filter(pk=key).update(looked_on=today)
    return is_due and _pay_out(plan, today=today)


def _pay_out(plan: PayoutPlan, *, today: date) -> bool:
    """All that the wallet holds after fees, as far as the limits go."""
    account, owner = plan.bank_account, plan.organisation.account
    try:
        with transaction.atomic():
            fees.charge(plan.organisation, until=today - timedelta(days=1))
            left = payout_limits.left(payout_limits.standing(owner))
            amount = min(payouts.available(owner), left)
            if amount < plan.minimum:
                return False
            payouts.reserve(
                account,
                amount=amount,
                key=uuid5(_PAYOUTS, f"{plan.pk}:{today}"),
                shown=_shown(plan),
                by=plan.set_by,
                is_planned=True,
            )
    except _NOT_TODAY:
        return False
    return True


def _begin(period: PayoutPlan.Period, today: date) -> date:
    """The last of its days, today among them."""
    match period:
        case Period.DAY:
            return today
        case Period.WEEK:
            return today - timedelta(days=today.weekday())
        case Period.MONTH:
            return today.replace(day=1)


def _shown(plan: PayoutPlan) -> strong.Shown:
    return strong.Shown(shown_at=plan.set_at, device_id=plan.device_id, passkey_id=plan.passkey_id)

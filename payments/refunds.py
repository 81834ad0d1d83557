"""Gives money back: a payment to its payer, by the payee or two of staff; a top-up to its card.

A refund is new transfers, posted with its row; what goes to a card has left the wallet before the
processor is asked, which `returns` does. Amounts are cents. Lock order: the order, the top-up, the
balances.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Sum
from uuid_utils.compat import uuid7

from accounts import audit, freezes, prepared, seats
from accounts.models import User
from payments import approvals, consent, hints, ledger, notices, proposals, purposes, standstill
from payments.models import Funding, LedgerAccount, Notification, Order, Proposal, Refund, Transfer

Status, Origin = Refund.Status, Refund.Origin


@dataclass(frozen=True, kw_only=True)
class _Terms:
    """What is given back: an order's money to its payer, a top-up's to its card, or one, then the other."""

    origin: Refund.Origin
    amount: int
    order: Order | None = None
    funding: Funding | None = None
    proposal: Proposal | None = None
    key: UUID | None = None
    by: User | None = None


class NotPaid(Exception):
    """The order was not paid, so there is nothing to give back."""


class TooMuch(Exception):
    """More than is left of the payment: `left` cents."""

    def __init__(self, *, left: int) -> None:
        super().__init__(left)
        self.left = left


class InsufficientFunds(Exception):
    """The payee's wallet lacks `missing` cents."""

    def __init__(self, *, missing: int) -> None:
        super().__init__(missing)
        self.missing = missing


def give(order: Order, *, amount: int, code: str, key: UUID, by: User | None = None) -> Refund:
    """The payee gives a received payment back to its payer's wallet, whole or in part, by their code.

    `key` is of the form that was filled in: sent twice, it gives once. What an organisation was paid is given
    back `by` somebody who acts for it, with their own code.

    :raises seats.NoSeat: if they do not
    :raises standstill.MoneyStandsStill: while there is a halt
    :raises NotPaid: if the order is not paid
    :raises TooMuch: if less is left of it
    :raises codes.WrongCode: the wrong try is counted, also when the caller fails
    :raises codes.CodeLocked: after five of them
    :raises InsufficientFunds: if the payee has spent it
    :raises freezes.Frozen: if the payee's money stands still
    """
    if order.payee_user is None:
        raise NotPaid
    giver = by or order.payee_user
    seats.check_treasury(giver, account=order.payee_user)
    standstill.check()
    if not Refund.objects.filter(order=order, form_key=key).exists():
        _check(order, amount=amount)
    for user in {order.payee_user, giver}:
        freezes.check(user)
    consent.check(giver, code=code)
    return _give(order, amount=amount, key=key, by=by)


def left(order: Order) -> int:
    """What of the payment was not given back yet, in cents; nothing to a payer who has left, or of a loan."""
    if order.payer.erased_at is not None or not purposes.of(order).is_refundable:
        return 0
    given = Refund.objects.filter(order=order).aggregate(total=Sum("amount"))["total"] or 0
    return order.amount - given if order.status == Order.Status.PAID else 0


def of(order: Order) -> list[Refund]:
    """What of the order was given back, the oldest first."""
    return list(Refund.objects.filter(order=order).order_by("pk"))


def return_charge(funding: Funding, *, amount: int) -> Refund:
    """Send back to the card what it was charged for nothing; in the transaction that credited it."""
    return _post(_Terms(origin=Origin.SYSTEM, funding=funding, amount=amount))


def propose(staff: User, payment: Order | Funding, *, amount: int, to_card: bool, reason: str) -> Proposal:
    """One of staff wants a payment, or a top-up, given back; another has to allow it.

    :raises standstill.MoneyStandsStill: while there is a halt
    :raises NotPaid: if there is no such payment, or no card paid for it
    :raises TooMuch: if less is left of it
    :raises proposals.NotAllowed: if this member of staff may not
    :raises proposals.AlreadyProposed: if it was asked for and not decided yet
    """
    standstill.check()
    if isinstance(payment, Order):
        _check(payment, amount=amount)
    terms = {"to": "CARD" if to_card or isinstance(payment, Funding) else "WALLET"}
    if isinstance(payment, Order) and to_card:
        _card_payment(payment)
    return proposals.propose(
        staff, Proposal.Kind.REFUND, about=payment, terms=terms, amount=amount, reason=reason
    )


@proposals.does(Proposal.Kind.REFUND)
def _give_as_decided(proposal: Proposal, _approved_by: User) -> None:
    """What two of staff decided, in the transaction of the second one's word.

    :raises approvals.Outdated: if less is left of the payment, or it was spent
    """
    try:
        _post(_decided(proposal))
    except (NotPaid, TooMuch, InsufficientFunds) as change:
        raise approvals.Outdated from change


def _decided(proposal: Proposal) -> _Terms:
    """The terms of the proposal, and what it is about, locked."""
    model, _colon, pk = proposal.about.partition(":")
    assert proposal.amount
    terms = _Terms(origin=Origin.STAFF, amount=proposal.amount, proposal=proposal)
    if model == audit.name(Funding()).partition(":")[0]:
        return replace(terms, funding=_lock_funding(Funding(pk=pk)))
    order = _lock_order(Order(pk=pk))
    _check(order, amount=proposal.amount)
    card = _lock_funding(_card_payment(order)) if proposal.terms["to"] == "CARD" else None
    return replace(terms, order=order, funding=card)


def _check(order: Order, *, amount: int) -> None:
    if order.status != Order.Status.PAID:
        raise NotPaid
    if amount > (rest := left(order)):
        raise TooMuch(left=rest)


@transaction.atomic
def _give(order: Order, *, amount: int, key: UUID, by: User | None = None) -> Refund:
    order = _lock_order(order)
    known = Refund.objects.filter(order=order, form_key=key).first()
    if known is not None:
        return known
    _check(order, amount=amount)
    return _post(_Terms(origin=Origin.PAYEE, order=order, amount=amount, key=key, by=by))


def _post(terms: _Terms) -> Refund:
    """Move the money back, one step or two, keep why, and tell both; the card is asked after the commit."""
    to_payer = _to_payer(terms.order, terms.amount) if terms.order else None
    to_card = _to_card(terms.funding, terms.amount) if terms.funding else None
    try:
        with transaction.atomic():
            ledger.post(*(posting for posting in (to_payer, to_card) if posting))
            refund = Refund.objects.create(
                origin=terms.origin,
                order=terms.order,
                funding=terms.funding,
                proposal=terms.proposal,
                amount=terms.amount,
                form_key=terms.key,
                given_by=terms.by,
                status=Status.REQUESTED if to_card else Status.SUCCEEDED,
                transfer_id=to_payer.id if to_payer else None,
                card_transfer_id=to_card.id if to_card else None,
            )
            if terms.order and (calls := purposes.of(terms.order).refunding(terms.order, refund)):
                prepared.run(*calls)
    except ledger.InsufficientFunds as problem:
        raise InsufficientFunds(missing=_missing(terms)) from problem
    except ledger.WalletClosed as problem:
        raise TooMuch(left=0) from problem
    except IntegrityError as problem:
        if "refunds_never_exceed_the_payment" in _constraint(problem):
            raise TooMuch(left=0) from problem
        raise
    _tell(refund)
    return refund


def _tell(refund: Refund) -> None:
    if refund.order:
        assert refund.order.payee_user
        notices.tell(refund.order.payer, Notification.Kind.REFUND_RECEIVED, refund=refund)
        for reader in seats.readers(refund.order.payee_user):
            notices.tell(reader, Notification.Kind.REFUND_SENT, refund=refund)
    elif refund.funding:
        notices.tell(refund.funding.user, Notification.Kind.CARD_REFUNDED, refund=refund)
    if refund.funding:
        hints.run("payments.resolve_refunds")


def _to_payer(order: Order, amount: int) -> ledger.Posting:
    assert order.payee_user
    source, target = ledger.wallets(order.payee_user, order.payer)
    return ledger.Posting(id=uuid7(), source=source, target=target, amount=amount, kind=Transfer.Kind.REFUND)


def _to_card(funding: Funding, amount: int) -> ledger.Posting:
    return ledger.Posting(
        id=uuid7(),
        source=ledger.wallet(funding.user),
        target=ledger.system(LedgerAccount.Kind.CARD_CLEARING),
        amount=amount,
        kind=Transfer.Kind.CARD_REFUND,
    )


def _missing(terms: _Terms) -> int:
    """What the one who gives lacks, in cents."""
    giver = terms.order.payee_user if terms.order else terms.funding and terms.funding.user
    assert giver
    return max(1, terms.amount - ledger.balance(ledger.wallet(giver)))


def _card_payment(order: Order) -> Funding:
    """The charge that paid for the order, whole or in part; not one for nothing, which went back by itself.

    :raises NotPaid: if it was paid by the wallet alone
    """
    taken = order.fundings.filter(status=Funding.Status.SUCCEEDED)
    funding = taken.exclude(refunds__origin=Origin.SYSTEM).first()
    if funding is None:
        raise NotPaid
    return funding


def _constraint(refusal: IntegrityError) -> str:
    return str(getattr(getattr(refusal.__cause__, "diag", None), "constraint_name", "") or "")


def _lock_funding(funding: Funding) -> Funding:
    """:raises NotPaid: if nothing was taken from the card"""
    locked = Funding.objects.select_for_update(of=("self",), no_key=True).select_related("user")
    found = locked.get(pk=funding.pk)
    if found.status != Funding.Status.SUCCEEDED:
        raise NotPaid
    return found


def _lock_order(order: Order) -> Order:
    locked = Order.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("payer", "payee", "payee_user").get(pk=order.pk)

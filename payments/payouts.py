"""Money from a wallet to its owner's bank account: reserved, exported, settled or back. Writes its status.

Each step's transfer has an id that follows from the payout's: the reservation is the payout's own, the end
(paid, or released to the wallet) is one for both, and what comes back after the end has a third. So nothing
happens twice, and paid and released cannot both be, in whatever order and however often the bank says so.
What an organisation owes in fees stays on its wallet.
Lock order: the payer, the payout, then the ledger's balances. Amounts are cents.
"""

from __future__ import annotations

from uuid import UUID, uuid4, uuid5

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from accounts import freezes, seats
from accounts.models import User
from payments import consent, fees, ledger, life, notices, payout_limits, proofs, standstill, strong
from payments.models import (
    BankAccount,
    LedgerAccount,
    Notification,
    Payout,
    PayoutBatch,
    PayoutEvent,
    Transfer,
)

SMALLEST = 1_00

Status = Payout.Status
NEXT: dict[Payout.Status, frozenset[Payout.Status]] = {
    Status.REQUESTED: frozenset({Status.EXPORTED, Status.CANCELLED}),
    Status.EXPORTED: frozenset({Status.SETTLED, Status.REJECTED}),
    Status.SETTLED: frozenset({Status.RETURNED}),
    Status.RETURNED: frozenset(),
    Status.REJECTED: frozenset(),
    Status.CANCELLED: frozenset(),
}


class TooSmall(Exception):
    """Less than the smallest payout."""


class AccountNotUsable(Exception):
    """The bank account was removed, or its name neither matched nor was accepted."""


class InsufficientFunds(Exception):
    """The wallet holds less, or fees are to be taken of it: `available` cents."""

    def __init__(self, *, available: int) -> None:
        super().__init__(available)
        self.available = available


class PayoutClosed(Exception):
    """The payout's life does not go there from where it is."""

    def __init__(self, payout: Payout) -> None:
        super().__init__(payout.status)
        self.payout = payout


class OtherAmount(Exception):
    """The bank speaks of another amount than was asked for."""


def request(  # noqa: PLR0913  # where to, how much, and what was shown by whom
    account: BankAccount,
    *,
    amount: int,
    code: str,
    key: UUID,
    proof: proofs.Proof | None = None,
    by: User | None = None,
) -> Payout:
    """Reserve the money for the account, if `code` is the secret code of its owner.

    Of an organisation's money code and proof are those of an owner or treasurer of it, `by`.

    `key` is of the form that was filled in: sent twice, it asks for the same payout.

    It waits for a day if something about the member is new (`payout_limits`).

    :raises TooSmall: below 1 euro
    :raises standstill.MoneyStandsStill: while there is a halt
    :raises strong.ProofNeeded, strong.ProofRejected: without a device or passkey, shown for these terms
    :raises codes.WrongCode: the wrong try is counted, also when the caller fails
    :raises codes.CodeLocked, codes.NoCode: as `codes.verify` does
    :raises freezes.Frozen: if the member's money stands still
    :raises AccountNotUsable: if the account was removed, or its name is open
    :raises limits.OverLimit: if they may not cash out that much by now
    :raises InsufficientFunds: if the wallet holds less, or not as much after fees that are owed
    :raises seats.NoSeat: if `by` does not handle that organisation's money
    """
    if amount < SMALLEST:
        raise TooSmall
    standstill.check()
    agreeing = by or account.user
    shown = proofs.check(proof, terms=proofs.of_payout(account, amount=amount), by=agreeing)
    consent.check(agreeing, code=code)
    return reserve(account, amount=amount, key=key, shown=shown, by=agreeing)


def reserve(  # noqa: PLR0913  # where to, how much, and what was shown by whom
    account: BankAccount, *, amount: int, key: UUID, shown: strong.Shown, by: User, is_planned: bool = False
) -> Payout:
    """Reserve the money for the account, as `by` has agreed to; planned, it rings no phone.

    :raises TooSmall, standstill.MoneyStandsStill, freezes.Frozen: as `request` does
    :raises AccountNotUsable, limits.OverLimit, InsufficientFunds, seats.NoSeat: as `request` does
    """
    if amount < SMALLEST:
        raise TooSmall
    standstill.check()
    try:
        return _reserve(account, amount=amount, key=key, shown=shown, by=by, is_planned=is_planned)
    except ledger.InsufficientFunds as problem:
        raise InsufficientFunds(available=available(account.user)) from problem


def available(user: User) -> int:
    """What the wallet holds, in cents, but for fees that are owed; limits may allow less."""
    return max(0, ledger.balance(ledger.wallet(user)) - fees.owed(user))


def cancel(payout: Payout) -> Payout:
    """The member takes it back while it waits for the next file.

    :raises PayoutClosed: if it is in a file for the bank, or over
    """
    with transaction.atomic():
        payout = _lock(payout.pk)
        _check_next(payout, Status.CANCELLED)
        _release(payout)
        _step(payout, Status.CANCELLED, detail="by the member")
        return payout


def waiting(*, limit: int) -> list[Payout]:
    """Payouts for the next file, the oldest first, locked for the caller's transaction.

    Not those of the frozen, nor what one of them agreed to for an organisation, nor what has to wait still.
    """
    frozen = freezes.standing().values("user")
    waiting = Payout.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    waiting = waiting.select_related("bank_account").filter(status=Status.REQUESTED)
    waiting = waiting.filter(Q(waits_until=None) | Q(waits_until__lte=Now()))
    waiting = waiting.exclude(user__in=frozen).exclude(agreed_by__in=frozen)
    # Of what is older than who agreed to it was kept; their passkey may be gone.
    waiting = waiting.exclude(device__user__in=frozen)
    waiting = waiting.exclude(passkey_id__in=Authenticator.objects.filter(user__in=frozen).values("pk"))
    return list(waiting.order_by("pk")[:limit])


def export(payouts: list[Payout], *, batch: PayoutBatch) -> None:
    """They are in that file now; the caller holds them locked."""
    for payout in payouts:
        payout.batch = batch
        _step(payout, Status.EXPORTED)


def settle(payout: Payout, *, amount: int | None) -> bool:
    """The bank paid it; return whether that is news.

    :raises OtherAmount: if it paid another amount
    :raises PayoutClosed: if it was never exported, or is on the wallet again
    """
    with transaction.atomic():
        payout = _lock(payout.pk)
        _check_amount(payout, amount)
        if payout.status in {Status.SETTLED, Status.RETURNED}:
            return False
        _settle(payout)
        _tell(payout, Notification.Kind.PAYOUT_ARRIVED)
        return True


def reject(payout: Payout, *, amount: int | None, reason: str) -> bool:
    """The bank refused it, so the money is released to the wallet; return whether that is news.

    :raises OtherAmount: if it refused another amount
    :raises PayoutClosed: if it was never exported, or was paid: then it is back when a statement says so
    """
    with transaction.atomic():
        payout = _lock(payout.pk)
        _check_amount(payout, amount)
        if payout.status in {Status.REJECTED, Status.RETURNED}:
            return False
        _check_next(payout, Status.REJECTED)
        _release(payout)
        payout.reason = reason
        _step(payout, Status.REJECTED, detail=reason)
        _tell(payout, Notification.Kind.PAYOUT_RETURNED)
        return True


def take_back(payout: Payout, *, amount: int | None, reason: str) -> bool:
    """The payee's bank sent it back, so the wallet is credited; return whether that is news.

    Its settlement may not have been seen: it was, or nothing could have come back. A refusal that was seen
    has credited it before.

    :raises OtherAmount: if another amount came back
    :raises PayoutClosed: if it was never exported
    """
    with transaction.atomic():
        payout = _lock(payout.pk)
        _check_amount(payout, amount)
        if payout.status in {Status.RETURNED, Status.REJECTED}:
            return False
        if payout.status != Status.SETTLED:
            _settle(payout)
        payout.back_id = _move(
            payout, "return", LedgerAccount.Kind.BANK, LedgerAccount.Kind.WALLET, Transfer.Kind.PAYOUT_BACK
        )
        payout.reason = reason
        _step(payout, Status.RETURNED, detail=reason)
        _tell(payout, Notification.Kind.PAYOUT_RETURNED)
        return True


@transaction.atomic
def _reserve(  # noqa: PLR0913  # where to, how much, and what was shown by whom
    account: BankAccount,
    *,
    amount: int,
    key: UUID,
    shown: strong.Shown,
    by: User | None = None,
    is_planned: bool = False,
) -> Payout:
    life.lock_payer(account.user)
    _check_payer(account.user, by or account.user)
    known = Payout.objects.filter(user=account.user, form_key=key).first()
    if known is not None and (known.bank_account_id, known.amount) == (account.pk, amount):
        return known
    if known is not None:
        key = uuid4()  # Filled in otherwise, it is another form.
    account = BankAccount.objects.select_related("user").get(pk=account.pk)
    if not account.is_usable:
        raise AccountNotUsable
    payout = _checked(account, amount=amount, key=key, shown=shown, by=by or account.user)
    ledger.post(
        ledger.Posting(
            id=payout.pk,
            source=ledger.wallet(account.user),
            target=ledger.system(LedgerAccount.Kind.PAYOUT),
            amount=amount,
            kind=Transfer.Kind.PAYOUT,
        )
    )
    if ledger.balance(ledger.wallet(account.user)) < fees.owed(account.user):
        raise ledger.InsufficientFunds
    payout.reservation_id = payout.pk
    payout.save(force_insert=True)
    PayoutEvent.objects.create(payout=payout, status=payout.status)
    kind = Notification.Kind.PAYOUT_WAITS if payout.waits_until else Notification.Kind.PAYOUT_REQUESTED
    _tell(payout, kind, is_quiet=is_planned)
    return payout


def _check_payer(payer: User, by: User) -> None:
    for user in {payer, by}:
        freezes.check(user)
    seats.check_treasury(by, account=payer)


def _tell(payout: Payout, kind: Notification.Kind, *, is_quiet: bool = False) -> None:
    for reader in seats.readers(payout.user):
        notices.tell(reader, kind, payout=payout, is_quiet=is_quiet)


def _checked(account: BankAccount, *, amount: int, key: UUID, shown: strong.Shown, by: User) -> Payout:
    """The payout, if the limits allow it; under the payer's lock."""
    found = payout_limits.standing(account.user)
    payout_limits.check(found, amount=amount)
    return Payout(
        user=account.user,
        bank_account=account,
        amount=amount,
        form_key=key,
        requested_at=found.at,
        waits_until=payout_limits.waits_until(account, amount=amount, shown=shown, by=by, found=found),
        factor=shown.factor,
        device_id=shown.device_id,
        passkey_id=shown.passkey_id,
        agreed_by=by,
    )


def _settle(payout: Payout) -> None:
    _check_next(payout, Status.SETTLED)
    payout.settlement_id = _move(
        payout, "end", LedgerAccount.Kind.PAYOUT, LedgerAccount.Kind.BANK, Transfer.Kind.PAYOUT_PAID
    )
    _step(payout, Status.SETTLED)


def _release(payout: Payout) -> None:
    payout.back_id = _move(
        payout, "end", LedgerAccount.Kind.PAYOUT, LedgerAccount.Kind.WALLET, Transfer.Kind.PAYOUT_BACK
    )


def _move(
    payout: Payout,
    step: str,
    source: LedgerAccount.Kind,
    target: LedgerAccount.Kind,
    kind: Transfer.Kind,
) -> UUID:
    """Move the payout's money; the transfer's id follows from the payout and the step."""
    to_wallet = target == LedgerAccount.Kind.WALLET
    if to_wallet:
        ledger.reopen(payout.user)
    posting = ledger.Posting(
        id=uuid5(payout.pk, step),
        source=ledger.system(source),
        target=ledger.wallet(payout.user) if to_wallet else ledger.system(target),
        amount=payout.amount,
        kind=kind,
    )
    ledger.post(posting)
    return posting.id


def _step(payout: Payout, status: Payout.Status, *, detail: str = "") -> None:
    """The only code that changes a payout's status.

    :raises PayoutClosed: if the payout's life does not go there from where it is
    """
    _check_next(payout, status)
    payout.status = status
    payout.save(update_fields=["status", "reason", "batch", "settlement", "back"])
    PayoutEvent.objects.create(payout=payout, status=status, detail=detail)


def _check_next(payout: Payout, status: Payout.Status) -> None:
    """:raises PayoutClosed: before money is moved"""
    if status not in NEXT[Status(payout.status)]:
        raise PayoutClosed(payout)


def _check_amount(payout: Payout, amount: int | None) -> None:
    """:raises OtherAmount: if an amount was said, and is not the payout's"""
    if amount is not None and amount != payout.amount:
        raise OtherAmount


def _lock(pk: UUID) -> Payout:
    """The payout as it is now, for this transaction alone."""
    locked = Payout.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("user", "bank_account").get(pk=pk)

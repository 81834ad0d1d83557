"""Strong authentication: when the secret code is not enough, and what was shown beside it.

Small payments may go by the code alone, until their number or their sum since the last strong one is
used up (PSD2 RTS, article 16). Counted by one statement under the payer's lock, of rows that are
written in the transaction that pays. A proof is good for one order, its amount and payee, for minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256
from uuid import UUID

from django.db import connection

from accounts import prepared
from accounts.models import Device
from accounts.prepared import Prepared
from payments import rows
from payments.models import Confirmation, Order

# Article 16 of Delegated Regulation (EU) 2018/389.
ONE = 30_00
TOTAL = 100_00
TIMES = 5
FRESH = timedelta(minutes=5)

# How often and how much went by the code alone since the last strong confirmation.
SPENT = """
    SELECT count(*), coalesce(sum(amount), 0)::bigint
      FROM payments_confirmation
     WHERE payer_id = %(payer)s AND factor = 'CODE'
       AND id > coalesce((SELECT max(id) FROM payments_confirmation
                           WHERE payer_id = %(payer)s AND factor <> 'CODE'), 0)
"""
WIDTH = 2  # Columns of its row.
_SPENT = Prepared("spent_since_strong", SPENT, payer="bigint")
_STANDS = """
    SELECT statement_timestamp(),
           CASE %(factor)s
             WHEN 'DEVICE' THEN EXISTS (SELECT FROM accounts_device
                                         WHERE id = %(device)s AND user_id = %(payer)s AND removed_at IS NULL)
             ELSE EXISTS (SELECT FROM mfa_authenticator WHERE id = %(passkey)s AND user_id = %(payer)s)
           END
"""


class Reason(Enum):
    """Why something has to be shown beside the code."""

    ONE = "the amount is above what goes by the code alone"
    TOTAL = "the sum since the last strong confirmation would be above it"
    TIMES = "as many as may go by the code alone went since the last strong confirmation"
    RISK = "a rule asks for it"
    IDLE = "nobody was at the page for too long"
    LEAVES = "money leaves for a bank, or is to"
    REPAYS = "all of a loan is repaid at once"


class ProofNeeded(Exception):
    """A known device or a passkey has to be shown beside the code."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class ProofRejected(Exception):
    """What was shown is of another order, too old, or no longer the payer's."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Something that a member has, and when it was shown."""

    shown_at: datetime
    device_id: int | None = None
    passkey_id: int | None = None

    @property
    def factor(self) -> Confirmation.Factor:
        return Confirmation.Factor.DEVICE if self.device_id else Confirmation.Factor.PASSKEY


@dataclass(frozen=True, kw_only=True)
class Proof(Shown):
    """Something that the payer has, shown for one order: with the terms that they saw."""

    order_id: UUID
    amount: int
    payee_id: int


def prove_by_device(order: Order, device: Device, *, at: datetime) -> Proof:
    """The payer agrees to the order on this device."""
    return _proof(order, shown_at=at, device_id=device.pk)


def prove_by_passkey(order: Order, passkey_id: int, *, at: datetime) -> Proof:
    """The payer's passkey has signed the order's `challenge`."""
    return _proof(order, shown_at=at, passkey_id=passkey_id)


def challenge(order: Order, *, nonce: str) -> bytes:
    """What a passkey signs: this order, its amount and its payee, and nothing else."""
    terms = f"{nonce}|{order.pk}|{order.amount}|{order.payee_id}"
    return sha256(terms.encode()).digest()


def required(order: Order) -> Reason | None:
    """Why the code would not be enough for the order now; exact under the payer's lock only."""
    (spent,) = prepared.run(_SPENT(payer=order.payer_id))
    return _reason(order, spent)


def accepting(order: Order, *, proof: Proof | None, is_asked: bool, spent: Sequence[int]) -> prepared.Call:
    """What records how the order is confirmed, for `prepared.run`, in the transaction that pays.

    `spent` is a row of the statement `SPENT`, seen under the payer's lock.

    :raises ProofNeeded: if there is no proof, and one is due, or `is_asked` by a rule
    :raises ProofRejected: if it is of other terms, too old, or of something that is the payer's no more
    """
    if proof:
        _check(order, proof)
    elif reason := Reason.RISK if is_asked else _reason(order, spent):
        raise ProofNeeded(reason)
    confirmation = rows.made(
        Confirmation,
        order=order,
        payer_id=order.payer_id,
        payee_id=order.payee_id,
        payee_handle=order.payee.handle,
        amount=order.amount,
        factor=proof.factor if proof else Confirmation.Factor.CODE,
        device_id=proof.device_id if proof else None,
        passkey_id=proof.passkey_id if proof else None,
    )
    return rows.insertion(confirmation)


def _proof(order: Order, *, shown_at: datetime, **shown: int) -> Proof:
    return Proof(order_id=order.pk, amount=order.amount, payee_id=order.payee_id, shown_at=shown_at, **shown)


def _reason(order: Order, spent: Sequence[int]) -> Reason | None:
    times, total = spent
    if order.amount > ONE:
        return Reason.ONE
    if total + order.amount > TOTAL:
        return Reason.TOTAL
    return Reason.TIMES if times >= TIMES else None


def check(shown: Shown, *, by: int) -> None:
    """:raises ProofRejected: if what was shown is not that member's any more, or was shown too long ago"""
    facts = {"factor": shown.factor, "device": shown.device_id, "passkey": shown.passkey_id, "payer": by}
    with connection.cursor() as cursor:
        cursor.execute(_STANDS, facts)
        now, is_theirs = cursor.fetchone()
    if not is_theirs or shown.shown_at + FRESH < now:
        raise ProofRejected


def _check(order: Order, proof: Proof) -> None:
    terms = (proof.order_id, proof.amount, proof.payee_id)
    if terms != (order.pk, order.amount, order.payee_id):
        raise ProofRejected
    check(proof, by=order.payer_id)

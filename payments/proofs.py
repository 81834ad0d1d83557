"""What is shown beside the code where much of a wallet goes at once: always, and good for these terms alone.

A payout's terms are its amount and its bank account (PSD2 RTS, article 5); a bank account's its number; those
of repaying a loan early the loan and what repays it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from accounts import crypto
from accounts.models import Device, User
from payments import strong
from payments.models import BankAccount


@dataclass(frozen=True, kw_only=True)
class Proof(strong.Shown):
    """Something that a member has, shown for `terms`, and when."""

    terms: str


def of_payout(account: BankAccount, *, amount: int) -> str:
    """The terms of cashing out that much to that account."""
    return f"payout|{account.pk}|{amount}"


def of_account(user: User, *, iban: str) -> str:
    """The terms of adding the account of that number."""
    return f"account|{user.pk}|{crypto.fingerprint(iban, of='iban')}"


def of_plan(account: BankAccount, *, period: str, minimum: int) -> str:
    """The terms of paying all out to that account, each day, week or month, from that amount on."""
    return f"plan|{account.pk}|{period}|{minimum}"


def of_repayment(loan: int, *, amount: int) -> str:
    """The terms of paying all lenders of that loan, by its number, what is left of theirs."""
    return f"repayment|{loan}|{amount}"


def by_device(terms: str, device: Device, *, at: datetime) -> Proof:
    """The member agrees on this device."""
    return Proof(terms=terms, shown_at=at, device_id=device.pk)


def by_passkey(terms: str, passkey_id: int, *, at: datetime) -> Proof:
    """The member's passkey has signed the terms' `challenge`."""
    return Proof(terms=terms, shown_at=at, passkey_id=passkey_id)


def challenge(terms: str, *, nonce: str) -> bytes:
    """What a passkey signs: these terms, and nothing else."""
    return sha256(f"{nonce}|{terms}".encode()).digest()


def check(proof: Proof | None, *, terms: str, by: User, why: strong.Reason = strong.Reason.LEAVES) -> Proof:
    """The proof, if it is one.

    :raises strong.ProofNeeded: if there is none; `why` there has to be one
    :raises strong.ProofRejected: if it is of other terms, too old, or of something that is no longer theirs
    """
    if proof is None:
        raise strong.ProofNeeded(why)
    if proof.terms != terms:
        raise strong.ProofRejected
    strong.check(proof, by=by.pk)
    return proof

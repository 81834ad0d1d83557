"""A member's bank accounts: number checked, the holder's name asked of its bank, the member's choice kept.

The full number leaves this module only for the bank: `iban_of` reads it for a payment file.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Coalesce, Now
from schwifty import IBAN
from schwifty import exceptions as wrong
from text_unidecode import unidecode

from accounts import crypto, seats
from accounts.models import User
from payments import bank, consent, life, notices, outside, payouts, proofs, strong
from payments.models import BankAccount, Notification, Payout

LONGEST_NAME = 70  # Max70Text: of a creditor's name in SEPA.
# A name check tells who holds an account: asked too often, it would be a directory.
CHECKS_A_DAY = 10

Outcome = BankAccount.Outcome
_OUTCOMES = {
    bank.Verdict.MATCH: Outcome.MATCH,
    bank.Verdict.CLOSE: Outcome.CLOSE,
    bank.Verdict.NO_MATCH: Outcome.NO_MATCH,
    bank.Verdict.NOT_POSSIBLE: Outcome.NOT_POSSIBLE,
}
# SEPA's letters (EPC217-08), and the ampersand of firms; anything else could spoil a whole file.
_PRINTABLE = re.compile(r"[A-Za-z0-9 /?:().,'+&-]+")
_SPACES = re.compile(r"[\s\u00a0\u2007\u202f\u2009.-]")


class Slip(StrEnum):
    """What keeps a text from being an account number."""

    LETTERS = "it does not begin with two letters and two digits"
    COUNTRY = "no such country has these numbers"
    LENGTH = "its length is not its country's"
    STRUCTURE = "it holds signs that its country's numbers do not"
    CHECK = "its check digits say that a digit is wrong"
    ZONE = "its country is not in SEPA"


class NotAnIban(Exception):
    """It is no account number in SEPA; `slip` says why, and the number is in no exception."""

    def __init__(self, slip: Slip) -> None:
        super().__init__(slip)
        self.slip = slip


class NotAName(Exception):
    """No bank can print it."""


class AlreadyRegistered(Exception):
    """The member has that account, and may use it."""

    def __init__(self, account: BankAccount) -> None:
        super().__init__(account.pk)
        self.account = account


class TooMany(Exception):
    """Too many names were asked of banks in a day."""


class NothingToChoose(Exception):
    """The name matched, or the account was removed: there is no choice to make."""


def read(text: str) -> str:
    """The account number that was typed, without its spaces.

    :raises NotAnIban: if it is none, or none in SEPA
    """
    number = _SPACES.sub("", text).upper()
    if not re.match("[A-Z]{2}[0-9]{2}", number) or not number.isascii():
        raise NotAnIban(Slip.LETTERS)
    try:
        iban = IBAN(number)
    except wrong.SchwiftyException as problem:
        raise NotAnIban(_slip(problem)) from None  # Its words hold the number.
    if not iban.in_sepa_zone:
        raise NotAnIban(Slip.ZONE)
    return iban.compact


def of(user: User) -> list[BankAccount]:
    """The member's accounts, the newest first."""
    return list(BankAccount.objects.filter(user=user, removed_at=None).order_by("-pk"))


def usable(user: User) -> list[BankAccount]:
    """Those to which money may go."""
    return [account for account in of(user) if account.is_usable]


def add(  # noqa: PLR0913  # whose, which, and what was shown by whom
    user: User,
    *,
    number: str,
    holder_name: str,
    code: str,
    proof: proofs.Proof | None = None,
    by: User | None = None,
) -> BankAccount:
    """Ask the account's bank for its holder, and keep what it said; the choice to go on is the member's.

    Of an organisation's account the code and the proof are those of an owner of it, `by`.

    A bank that does not answer could not say: that, too, is an outcome.

    :raises NotAnIban: if it is no account number in SEPA
    :raises NotAName: if no bank could print the name
    :raises AlreadyRegistered: if the member may use it already
    :raises TooMany: after ten checks in a day
    :raises strong.ProofNeeded, strong.ProofRejected: without a device or passkey, shown for this number
    :raises codes.WrongCode: the wrong try is counted, also when the caller fails
    :raises codes.CodeLocked, codes.NoCode: as `codes.verify` does
    """
    iban, name = read(number), _name(holder_name)
    _check_new(user, crypto.fingerprint(iban, of="iban"))
    shown = proofs.check(proof, terms=proofs.of_account(user, iban=iban), by=by or user)
    consent.check(by or user, code=code)
    return _add(user, iban=iban, name=name, shown=shown)


def correct(account: BankAccount) -> BankAccount:
    """Take the name that the bank suggested, and ask again with it; the number was agreed to.

    :raises NothingToChoose: if it suggested none, or the account may be used
    :raises NotAName: if no transfer can carry that name
    :raises TooMany: after ten checks in a day
    """
    is_settled = account.is_usable or account.removed_at is not None
    if not account.suggested_name or is_settled or account.factor is None:
        raise NothingToChoose
    agreed = strong.Shown(
        shown_at=account.checked_at, device_id=account.device_id, passkey_id=account.passkey_id
    )
    return _add(account.user, iban=iban_of(account), name=_name(account.suggested_name), shown=agreed)


def accept(account: BankAccount) -> BankAccount:
    """The member goes on although the name did not match: kept, with its time.

    :raises NothingToChoose: if the name matched, or the account was removed
    """
    undecided = BankAccount.objects.filter(~Q(outcome=Outcome.MATCH), pk=account.pk, removed_at=None)
    if not undecided.exists():
        raise NothingToChoose
    undecided.filter(accepted_at=None).update(accepted_at=Now())
    account.refresh_from_db()
    return account


@transaction.atomic
def remove(account: BankAccount) -> None:
    """The member no longer wants it: what waits to go there is theirs again, what was paid stays on record.

    Under the payer's lock, so that a payout is either asked for before, and taken back, or refused.
    """
    life.lock_payer(account.user)
    BankAccount.objects.filter(pk=account.pk, removed_at=None).update(removed_at=Now())
    for payout in Payout.objects.filter(bank_account=account, status=Payout.Status.REQUESTED).order_by("pk"):
        with suppress(payouts.PayoutClosed):  # In a file since: the bank decides what becomes of it.
            payouts.cancel(payout)


def known_of(user: User) -> list[dict[str, object]]:
    """What is sealed of a member's accounts when they leave."""
    accounts = BankAccount.objects.filter(user=user).order_by("pk")
    return [{"pk": row.pk, "iban": iban_of(row), "holder": row.holder_name} for row in accounts]


def erase(user: User) -> None:
    """Forget the accounts of somebody who leaves; payouts still say that they went to one."""
    suggested = Case(When(outcome=Outcome.CLOSE, then=Value("–")), default=Value(""))
    BankAccount.objects.filter(user=user).update(
        iban=b"",
        fingerprint="",
        last4="",
        bank_name="",
        holder_name="",
        suggested_name=suggested,
        removed_at=Coalesce("removed_at", Now()),
    )


def iban_of(account: BankAccount) -> str:
    """The full number, for the bank alone."""
    return crypto.decrypt(account.iban)


def _add(user: User, *, iban: str, name: str, shown: strong.Shown) -> BankAccount:
    """:raises AlreadyRegistered, TooMany: as `add`"""
    fingerprint = crypto.fingerprint(iban, of="iban")
    _check_new(user, fingerprint)
    said = _verify(iban, name)
    return _keep(
        BankAccount(
            user=user,
            iban=crypto.encrypt(iban),
            fingerprint=fingerprint,
            country=iban[:2],
            last4=iban[-4:],
            bank_name=_bank_name(iban),
            holder_name=name,
            outcome=_OUTCOMES[said.verdict],
            suggested_name=said.name.strip()[:140],
            factor=shown.factor,
            device_id=shown.device_id,
            passkey_id=shown.passkey_id,
        )
    )


def _slip(problem: wrong.SchwiftyException) -> Slip:
    match problem:
        case wrong.InvalidCountryCode():
            return Slip.COUNTRY
        case wrong.InvalidLength():
            return Slip.LENGTH
        case wrong.InvalidChecksumDigits():
            return Slip.CHECK
        case _:
            return Slip.STRUCTURE


def _name(text: str) -> str:
    """The name as it goes to banks: what they print is Latin letters.

    :raises NotAName: if nothing of it is left then, or too much
    """
    name = " ".join(text.split())
    printed = unidecode(name)
    is_printable = _PRINTABLE.fullmatch(printed) and re.search("[A-Za-z]", printed)
    if not is_printable or max(len(printed), len(name)) > LONGEST_NAME:
        raise NotAName
    return name


def _bank_name(iban: str) -> str:
    try:
        return str(IBAN(iban).bank_name or "")[:80]
    except wrong.SchwiftyException:
        return ""


def _check_new(user: User, fingerprint: str) -> None:
    """:raises AlreadyRegistered, TooMany: before the bank is asked"""
    known = BankAccount.objects.filter(user=user, fingerprint=fingerprint, removed_at=None).first()
    if known is not None and known.is_usable:
        raise AlreadyRegistered(known)
    day = BankAccount.objects.filter(user=user, checked_at__gt=Now() - timedelta(days=1))
    if day.count() >= CHECKS_A_DAY:
        raise TooMany


def _verify(iban: str, name: str) -> bank.Verification:
    try:
        return outside.bank().verify_payee(iban=iban, name=name)
    except (bank.Unreachable, bank.Refused):
        return bank.Verification(verdict=bank.Verdict.NOT_POSSIBLE, name="")


@transaction.atomic
def _keep(account: BankAccount) -> BankAccount:
    """Keep the check, in place of one that led to nothing."""
    User.objects.select_for_update(no_key=True).values_list("pk").get(pk=account.user_id)
    same = BankAccount.objects.filter(user=account.user, fingerprint=account.fingerprint, removed_at=None)
    checked_before = list(same)
    for known in checked_before:
        if known.is_usable:
            raise AlreadyRegistered(known)
        remove(known)
    account.save(force_insert=True)
    if not checked_before:
        for reader in seats.readers(account.user):
            notices.tell(reader, Notification.Kind.BANK_ACCOUNT_ADDED)
    return account

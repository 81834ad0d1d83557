"""The books: opens ledger accounts, posts transfers, tells balances. Nothing else moves money.

Amounts are cents. The rules are in the database (`migrations/sql/0002_ledger.sql`, and `0060` for how money
is moved): this module calls its functions and turns their refusals into exceptions.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts import arrays, prepared
from accounts.models import User
from accounts.prepared import Prepared
from payments import rows
from payments.models import Entry, LedgerAccount, Transfer

_POST = Prepared(
    "post_transfers",
    "SELECT post_transfers(%(ids)s, %(sources)s, %(targets)s, %(amounts)s, %(kinds)s)",
    ids="uuid[]",
    sources="bigint[]",
    targets="bigint[]",
    amounts="bigint[]",
    kinds="text[]",
)
_WALLETS = Prepared(
    "wallets_of",
    f"""
    SELECT {rows.columns(LedgerAccount, "a")} FROM payments_ledgeraccount a
     WHERE a.kind = 'WALLET' AND a.owner_id = ANY(%(owners)s)
    """,  # noqa: S608  # our own names
    owners="bigint[]",
)
# The number of the wallet of whom a statement calls `owner`; none before it is first asked for.
WALLET = "(SELECT id FROM payments_ledgeraccount WHERE kind = 'WALLET' AND owner_id = %(owner)s)"
_BALANCE = """
    SELECT b.amount + coalesce((SELECT sum(e.amount) FROM payments_entry e WHERE e.account_id = %s), 0)
    FROM payments_balance b WHERE b.account_id = %s
"""


class InsufficientFunds(Exception):
    """A source has less than what should leave it."""


class WalletClosed(Exception):
    """Its owner has left, or it cannot be closed, as there is money in it."""


class TermsDiffer(Exception):
    """The id was used before, for a transfer with other terms."""


@dataclass(frozen=True, kw_only=True)
class Posting:
    """A transfer to be posted; `id` makes it happen once, however often it is asked for."""

    id: UUID
    source: LedgerAccount
    target: LedgerAccount
    amount: int
    kind: Transfer.Kind


def wallet(user: User) -> LedgerAccount:
    """The user's wallet, opened when it is first asked for."""
    return wallets(user)[0]


def wallets(*users: User) -> list[LedgerAccount]:
    """The wallets of these users, in their order, each opened when it is first asked for."""
    found = prepared.run(_WALLETS(owners=arrays.written([user.pk for user in users])))
    known = [rows.read(LedgerAccount, values)[0] for values in found]
    by_owner = {account.owner_id: account for account in known}
    return [by_owner.get(user.pk) or _opened(kind=LedgerAccount.Kind.WALLET, owner=user) for user in users]


def system(kind: LedgerAccount.Kind) -> LedgerAccount:
    """The system's account of that kind."""
    return _opened(kind=kind, owner=None)


def post(*postings: Posting) -> int:
    """Move money, all or none; return how many of the transfers were new.

    :raises InsufficientFunds: if a source that may not be negative would be
    :raises TermsDiffer: if an id was used for another transfer
    :raises WalletClosed: if the owner of a target has left
    """
    try:
        return int(prepared.run(posting(*postings))[0][0])
    except IntegrityError as refusal:
        raise meaning(refusal) from refusal


def posting(*postings: Posting) -> prepared.Call:
    """What moves money as `post` does, for `prepared.run`.

    :raises django.db.IntegrityError: when it is run; `meaning` says which refusal of `post` it is
    """
    return _POST(
        ids=arrays.written([posting.id for posting in postings]),
        sources=arrays.written([posting.source.pk for posting in postings]),
        targets=arrays.written([posting.target.pk for posting in postings]),
        amounts=arrays.written([posting.amount for posting in postings]),
        kinds=arrays.written([posting.kind for posting in postings]),
    )


def meaning(refusal: IntegrityError) -> Exception:
    """The refusal of `post` that the database's is, or itself if it is none."""
    diagnosis = getattr(refusal.__cause__, "diag", None)
    match getattr(diagnosis, "constraint_name", None):
        case "wallet_is_never_overdrawn":
            return InsufficientFunds()
        case "closed_wallet_is_empty":
            return WalletClosed()
        case "transfer_id_means_one_transfer":
            return TermsDiffer()
        case _:
            return refusal


def balance(account: LedgerAccount) -> int:
    """What is in the account now, in cents, to the last committed transfer."""
    with connection.cursor() as cursor:
        cursor.execute(_BALANCE, [account.pk, account.pk])
        return int(cursor.fetchone()[0])


def with_balances(accounts: QuerySet[LedgerAccount]) -> QuerySet[LedgerAccount]:
    """The accounts, each with what is in it as `cents`: a page of them is one query."""
    entries = Entry.objects.filter(account=OuterRef("pk")).values("account").values(total=Sum("amount"))
    tail = Coalesce(Subquery(entries), 0, output_field=BigIntegerField())
    return accounts.annotate(cents=F("balance__amount") + tail)


def transfers(account: LedgerAccount, *, before: int | None = None, limit: int = 25) -> list[Transfer]:
    """A page of the account's transfers, newest first, those with a number before `before` only."""
    older = Q(number__lt=before) if before else Q()
    legs = [
        Transfer.objects.filter(older, **{side: account}).order_by("-number")[:limit]
        for side in ("source", "target")
    ]
    return list(legs[0].union(legs[1], all=True).order_by("-number")[:limit])


def append(account: LedgerAccount) -> bool:
    """Let the wallet be appended to from now on, as many pay it at once; whether it was not before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT append_wallet(%s)", [account.pk])
        return bool(cursor.fetchone()[0])


def close(user: User) -> None:
    """Let nothing into the wallet of a member who leaves; whoever pays into it now is waited for.

    :raises WalletClosed: if there is money in it
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT close_wallet(%s)", [wallet(user).owner_id])
    except IntegrityError as refusal:
        raise meaning(refusal) from refusal


def reopen(user: User) -> None:
    """Before money comes back that a member sent out before they left: what is theirs stays theirs."""
    if user.erased_at is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reopen_wallet(%s)", [user.pk])


def roll_up() -> int:
    """Fold the entries of appended accounts into their balances; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(roll_up(a)), 0) FROM (SELECT DISTINCT account_id a FROM payments_entry) t"
        )
        return int(cursor.fetchone()[0])


def _opened(*, kind: LedgerAccount.Kind, owner: User | None) -> LedgerAccount:
    account, _ = LedgerAccount.objects.get_or_create(kind=kind, owner=owner)
    return account

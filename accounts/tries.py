"""Guarded digits: a try is counted, and the count committed, before it is looked at.

Checking first lets 60 guesses sent at once all be evaluated; counting in the caller's transaction
lets a failing caller take the count back. What is kept of the digits is argon2id of an HMAC whose
key, CODE_PEPPER, is not in the database: a million codes could otherwise be tried on a stolen copy.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256

import argon2
from django.conf import settings
from django.db import connection

from accounts import prepared
from accounts.models import DeviceCode, SecretCode, UnlockCode, User
from accounts.prepared import Prepared

Kept = type[SecretCode | UnlockCode | DeviceCode]

# 7 MiB, 5 passes, which OWASP holds equal to 19 MiB, 2 passes, and which takes three quarters of the time:
# https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
_HASHER = argon2.PasswordHasher(time_cost=5, memory_cost=7 * 1024, parallelism=1)
_SOON = Prepared("commit_soon", "SELECT set_config('synchronous_commit', 'off', true)")


@dataclass(frozen=True)
class Try:
    """A try that was counted: its number, and the digest that it is checked against."""

    number: int
    digest: str


def digest(user: User, digits: str) -> str:
    return _HASHER.hash(_peppered(user, digits))


def is_right(one: Try, *, user: User, digits: str) -> bool:
    """Whether the digits are those of the digest; takes as long for right ones as for wrong ones."""
    try:
        return _HASHER.verify(one.digest, _peppered(user, digits))
    except argon2.exceptions.VerifyMismatchError:
        return False


def count(kept: Kept, user: User, *, limit: int, until: datetime | None = None) -> Try | None:
    """Count a try, and return it; nothing when there is nothing to try, no try is left, or it is too late.

    `until` is by the database's clock.

    :raises RuntimeError: inside a transaction, which could be rolled back and the try with it
    """
    _refuse_transaction()
    asked = _counting(kept)(user=user.pk, most=limit, until=until or "infinity")
    found = prepared.run(asked)  # Committed by itself.
    return Try(*found[0]) if found else None


def clearing(kept: Kept, user: User, one: Try) -> prepared.Call:
    """What gives all tries back after a right one, unless another was counted since; for `clear`."""
    return _clearing(kept)(user=user.pk, number=one.number, digest=one.digest)


def clear(clearing: prepared.Call) -> None:
    """Give tries back, and do not wait until that is on the disk: a crash that loses it takes a try."""
    prepared.run(_SOON(), clearing)


def _refuse_transaction() -> None:
    """As `atomic(durable=True)` does, without two more messages to the database."""
    if connection.in_atomic_block and not connection.atomic_blocks[-1]._from_testcase:  # type: ignore[attr-defined]  # noqa: SLF001  # what Django's `durable` looks at
        raise RuntimeError("A durable try cannot be counted within a transaction.")


@cache
def _counting(kept: Kept) -> Prepared:
    table = _table(kept)
    return Prepared(
        f"count_{table}",
        f"""
        UPDATE {table} SET tries = tries + 1
         WHERE user_id = %(user)s AND tries < %(most)s AND clock_timestamp() < %(until)s
        RETURNING tries, digest
        """,  # noqa: S608  # a table's name
        user="bigint",
        most="smallint",
        until="timestamptz",
    )


@cache
def _clearing(kept: Kept) -> Prepared:
    table = _table(kept)
    return Prepared(
        f"clear_{table}",
        f"""
        UPDATE {table} SET tries = 0
         WHERE user_id = %(user)s AND tries = %(number)s AND digest = %(digest)s
        """,  # noqa: S608  # a table's name
        user="bigint",
        number="smallint",
        digest="text",
    )


def _table(kept: Kept) -> str:
    return kept._meta.db_table  # noqa: SLF001  # what Django's `durable` looks at, and documented


def _peppered(user: User, digits: str) -> bytes:
    return hmac.digest(settings.CODE_PEPPER.encode(), f"{user.pk}:{digits}".encode(), sha256)

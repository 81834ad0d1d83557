"""Databases of a benchmark's own, on the server that the environment names; gone when it ends.

Importing this sets Django up. Each member's first money comes by the ledger's own function.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import django
import psycopg2

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smoney.settings")
django.setup()

from django.core.management import call_command  # noqa: E402  # Django must be set up first
from django.db import connections  # noqa: E402  # Django must be set up first
from django.utils import timezone  # noqa: E402  # Django must be set up first

from accounts.models import Identity, SecretCode, User  # noqa: E402  # Django must be set up first
from payments import ledger, self_check  # noqa: E402  # Django must be set up first
from payments.models import LedgerAccount  # noqa: E402  # Django must be set up first

FIRST_MONEY = 100_00  # cents, each transfer takes one: nobody runs dry, and no wallet is full
BALANCED = {"balances add up to zero", "a balance equals its transfers", "no wallet is overdrawn"}
LOAD = """
SELECT post_transfers(array_agg(gen_random_uuid()), array_agg(clearing.id), array_agg(wallet.id),
                      array_agg(%(amount)s::bigint), array_agg('TOP_UP'::text))
  FROM payments_ledgeraccount clearing, payments_ledgeraccount wallet
 WHERE clearing.kind = 'CARD_CLEARING' AND wallet.kind = 'WALLET'
"""


@contextlib.contextmanager
def made(*names: str) -> Iterator[list[str]]:
    """Empty databases of these names, told apart from another run's by this process's number."""
    own = [f"bench_{os.getpid()}_{name}" for name in names]
    try:
        for name in own:
            execute("postgres", f'CREATE DATABASE "{name}"')
        yield own
    finally:
        connections.close_all()
        for name in own:
            execute("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def copy(source: str, target: str) -> None:
    """Make the target anew, as the source is now."""
    connections.close_all()
    execute("postgres", f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
    execute("postgres", f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


def use(name: str) -> None:
    """Let Django's connections of this process go to that database."""
    for alias in ("owner", "default"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


def fill(name: str, *, members: int) -> None:
    """Make our tables there, and as many members, each with a wallet and as much money."""
    use(name)
    call_command("migrate", database="owner", verbosity=0)
    users = User.objects.bulk_create(map(_member, range(members)), batch_size=5_000)
    wallets = (LedgerAccount(kind=LedgerAccount.Kind.WALLET, owner=user) for user in users)
    LedgerAccount.objects.bulk_create(wallets, batch_size=5_000)
    for kind in (LedgerAccount.Kind.CARD_CLEARING, LedgerAccount.Kind.FEES):
        ledger.system(kind)
    ((is_old,),) = execute(name, "SELECT to_regproc('uuidv7') IS NULL")  # PostgreSQL below 18
    if is_old:
        execute(name, "CREATE FUNCTION uuidv7() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'")
    execute(name, LOAD, amount=FIRST_MONEY)
    ledger.roll_up()
    execute(name, "VACUUM ANALYZE")


def wallets(name: str) -> tuple[int, int]:
    """The first and the last wallet's number: they follow one another."""
    rows = execute(name, "SELECT min(id), max(id) FROM payments_ledgeraccount WHERE kind = 'WALLET'")
    return rows[0][0], rows[0][1]


def account(name: str, kind: LedgerAccount.Kind) -> int:
    """The number of the system's account of that kind."""
    rows = execute(name, "SELECT id FROM payments_ledgeraccount WHERE kind = %(kind)s", kind=kind.value)
    return int(rows[0][0])


def organisation() -> int:
    """The number of a wallet that is appended to, which nobody has paid yet, in the database that is used."""
    wallet = ledger.wallet(User.objects.create_user("+33700000001", name="Organisation"))
    ledger.append(wallet)
    return wallet.pk


def identities() -> list[Identity]:
    """Each member's account on X, and a code of theirs, made when they are first asked for."""
    if not Identity.objects.exists():
        users = list(User.objects.order_by("pk"))
        Identity.objects.bulk_create(map(_identity, users), batch_size=5_000)
        codes = (SecretCode(user=user, digest="-", changed_at=timezone.now()) for user in users)
        SecretCode.objects.bulk_create(codes, batch_size=5_000)
    return list(Identity.objects.select_related("user").order_by("pk"))


def check(name: str) -> None:
    """Prove that the books balance still: a ledger that is fast and wrong is not fast.

    :raises AssertionError: if they do not
    """
    use(name)
    broken = {breach.rule for breach in self_check.run()} & BALANCED
    assert not broken, broken


def execute(name: str, statement: str, **facts: object) -> list[tuple[Any, ...]]:
    """What the statement gives, as the tables' owner, each in a transaction of its own."""
    with connected(name) as ask:
        return ask(statement, **facts)


@contextlib.contextmanager
def connected(name: str) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    """As `execute`, for whoever asks often while a clock runs: connecting costs more than asking."""
    parameters = connections["owner"].get_connection_params() | {"dbname": name}
    with contextlib.closing(psycopg2.connect(**parameters)) as connection:
        connection.autocommit = True

        def ask(statement: str, **facts: object) -> list[tuple[Any, ...]]:
            with connection.cursor() as cursor:
                cursor.execute(statement, facts or None)
                return cursor.fetchall() if cursor.description else []

        yield ask


def _member(number: int) -> User:
    phone, email = f"+336{number:08}", f"m{number}@example.org"
    verified_at = timezone.now()
    return User(
        name=f"Member {number}", password="!", phone=phone, phone_verified_at=verified_at, email=email
    )


def _identity(user: User) -> Identity:
    handle, now = f"m{user.pk}", timezone.now()
    return Identity(network="x", external_id=str(user.pk), handle=handle, user=user, linked_at=now)

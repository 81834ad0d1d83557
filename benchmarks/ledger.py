"""Posting money beside pgbench's TPC-B-like: single, batch, from Django, a whole confirmation, django-hordak.

`./run bench ledger [seconds] [rounds]`: so long for each figure, so many times. Every case moves money
between members taken at random, durably, with every constraint in place; `confirm` is all of `orders.confirm`
but the comparison of the code's hash; `hordak` is `django` once more, beside django-hordak.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from functools import partial

from uuid_utils.compat import uuid7

from benchmarks import _clients, _confirming, _databases, _hordak, _pgbench, _posting
from benchmarks._rounds import Case, Contest, Goal, argument, run, say
from payments import ledger
from payments.models import LedgerAccount, Transfer

MEMBERS = 10_000
SINGLE, BATCH, DJANGO, CONFIRM, HORDAK = Goal(1.1), Goal(2.5), Goal(0.5), Goal(0.1), Goal(6)


def main() -> int:
    seconds, rounds = argument(1, 6), argument(2, 5)
    with _databases.made("ours", "tpc_b", "hordak") as (ours, tpc_b, hordak):
        say(f"{MEMBERS:,} members join …")
        _databases.fill(ours, members=MEMBERS)
        _pgbench.prepare(tpc_b)
        contests = [_beside_tpc_b(ours, tpc_b, clients=clients, seconds=seconds) for clients in (4, 8)]
        if _hordak.is_there():
            _hordak.prepare(hordak)
            contests.append(_beside_hordak(ours, hordak, clients=4, seconds=seconds))
        run("ledger", *contests, rounds=rounds)
        _databases.check(ours)
    if not _hordak.is_there():
        say(f"case hordak was left out: {_hordak.HOW_TO_GET_IT}")
    return 0


def _beside_tpc_b(ours: str, tpc_b: str, *, clients: int, seconds: int) -> Contest:
    spread = partial(_posting.spread, ours, _databases.wallets(ours), clients=clients, seconds=seconds)
    told = {"clients": clients}
    cases = [
        Case("single", SINGLE, spread, told),
        *(Case("batch", BATCH, partial(spread, batch=size), told | {"a call": size}) for size in (10, 100)),
        Case("django", DJANGO, partial(_from_django, ours, clients=clients, seconds=seconds), told),
        Case("confirm", CONFIRM, partial(_confirming.rate, ours, clients=clients, seconds=seconds), told),
    ]
    return Contest("TPC-B-like", partial(_pgbench.tpc_b, tpc_b, clients=clients, seconds=seconds), cases)


def _beside_hordak(ours: str, hordak: str, *, clients: int, seconds: int) -> Contest:
    django = partial(_from_django, ours, clients=clients, seconds=seconds)
    theirs = partial(_hordak.rate, hordak, clients=clients, seconds=seconds)
    return Contest("django-hordak", theirs, [Case("hordak", HORDAK, django, {"clients": clients})])


def _from_django(ours: str, *, clients: int, seconds: int) -> float:
    """Transfers a second by `ledger.post`, each in a transaction of its own."""
    _databases.use(ours)
    first, last = _databases.wallets(ours)
    wallets = [LedgerAccount(pk=number) for number in range(first, last + 1)]
    return _clients.rate(partial(_poster, wallets), clients=clients, seconds=seconds)


def _poster(wallets: list[LedgerAccount], number: int) -> Callable[[], object]:
    chance = random.Random(number)

    def post() -> None:
        source, target = chance.sample(wallets, 2)
        kind = Transfer.Kind.PAYMENT
        ledger.post(ledger.Posting(id=uuid7(), source=source, target=target, amount=1, kind=kind))

    return post


if __name__ == "__main__":
    sys.exit(main())

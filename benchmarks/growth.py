# ruff: noqa: SLF001  # the statements themselves, as the modules ask them
"""What posting, a balance and a page of a statement cost after 10^6 and 10^7 transfers, beside 10^4.

`./run bench growth [seconds] [rounds] [largest]`; a largest of 1000000 is done in a minute. Each size has a
database of its own, filled by the tables' owner set by set, and they take turns; the small one is made anew
for each figure, so that it stays small. A page is one of the history, whole in every size, with the orders
that it shows. The figures are microseconds of a client's time for one call, with four clients.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from functools import partial

from benchmarks import _databases, _pgbench, _posting
from benchmarks._rounds import Case, Contest, Goal, argument, run, say
from payments import activity, ledger
from payments.models import Order, Transfer

CLIENTS = 4
MEMBERS = 5_000  # Each is loaded once, …
READ, ROUNDS = 200, 25  # … and the first of them have paid each other so often: 10^4 transfers.
SMALL = MEMBERS + READ * ROUNDS
LARGE = (10**6, 10**7)
SPARE = """
ALTER TABLE payments_transfer DROP CONSTRAINT {source}, DROP CONSTRAINT {target};
DROP INDEX transfer_by_source, transfer_by_target;
"""
RESTORE = """
CREATE INDEX transfer_by_source ON payments_transfer (source_id, number DESC);
CREATE INDEX transfer_by_target ON payments_transfer (target_id, number DESC);
ALTER TABLE payments_transfer
  ADD CONSTRAINT {source} FOREIGN KEY (source_id) REFERENCES payments_ledgeraccount
    DEFERRABLE INITIALLY DEFERRED,
  ADD CONSTRAINT {target} FOREIGN KEY (target_id) REFERENCES payments_ledgeraccount
    DEFERRABLE INITIALLY DEFERRED;
"""
KEYS = """
SELECT conname FROM pg_constraint WHERE conrelid = 'payments_transfer'::regclass AND contype = 'f'
 ORDER BY conkey
"""
# Everybody pays a cent to the member so many places on: each round leaves all balances as they were.
ROUND = """
INSERT INTO payments_transfer (id, source_id, target_id, amount, kind, source_after, target_after)
SELECT uuidv7(), %(first)s + place, %(first)s + (place + step) %% %(members)s, 1, 'PAYMENT',
       %(money)s - 1, %(money)s
  FROM generate_series(%(since)s, %(until)s) step, generate_series(0, %(members)s - 1) place
"""


def main() -> int:
    seconds, rounds, largest = argument(1, 4), argument(2, 5), argument(3, LARGE[-1])
    sizes = [size for size in LARGE if size <= largest]
    with _databases.made("base", "small", *map(str, sizes)) as (base, small, *large):
        say(f"{SMALL:,} transfers …")
        _databases.fill(base, members=MEMBERS)
        wallets = _databases.wallets(base)
        for name, size in zip(large, sizes, strict=True):
            say(f"{size:,} transfers …")
            _databases.copy(base, name)
            _grow(name, size - SMALL, members=MEMBERS)
        for name in (base, *large):
            _grow(name, READ * ROUNDS, members=READ)
            _place_orders(name)
            _databases.execute(name, "VACUUM ANALYZE")
        small_one = partial(_fresh, base, small, wallets, seconds)
        others = {
            size: partial(_cost, name, wallets, seconds) for name, size in zip(large, sizes, strict=True)
        }
        contests = [_contest(what, small_one, others) for what in MEASURES]
        run("growth", *contests, rounds=rounds)
        _databases.check(large[-1])
    return 0


def _contest(
    what: str, small: Callable[[str], float], others: Mapping[int, Callable[[str], float]]
) -> Contest:
    goal = Goal(1.25, is_most=True)
    cases = [Case(what, goal, partial(cost, what), {"size": size}) for size, cost in others.items()]
    return Contest(f"{SMALL} transfers", partial(small, what), cases, unit="µs")


def _fresh(base: str, small: str, wallets: tuple[int, int], seconds: int, what: str) -> float:
    _databases.copy(base, small)
    return _cost(small, wallets, seconds, what)


def _cost(name: str, wallets: tuple[int, int], seconds: int, what: str) -> float:
    """Microseconds of a client's time for one call, once the first second has warmed the database up."""
    MEASURES[what](name, wallets, 1)
    return CLIENTS * 1e6 / MEASURES[what](name, wallets, seconds)


def _post(name: str, wallets: tuple[int, int], seconds: int) -> float:
    return _posting.spread(name, wallets, clients=CLIENTS, seconds=seconds)


def _balance(name: str, wallets: tuple[int, int], seconds: int) -> float:
    first, last = wallets
    text = "\\set wallet random(:first, :last)\n" + ledger._BALANCE.replace("%s", ":wallet") + ";\n"
    return _pgbench.script(name, text, clients=CLIENTS, seconds=seconds, first=first, last=last)


def _page(name: str, wallets: tuple[int, int], seconds: int) -> float:
    first, last = wallets[0], wallets[0] + READ - 1
    sql = activity._ALL % {"wallet": ":wallet", "limit": activity.PAGE, "network": "'x'"}
    text = f"\\set wallet random(:first, :last)\n{sql};\n"
    return _pgbench.script(name, text, clients=CLIENTS, seconds=seconds, first=first, last=last)


MEASURES = {"posting": _post, "balance": _balance, "page": _page}


def _grow(name: str, transfers: int, *, members: int) -> None:
    """Add whole rounds of transfers among the first of the members, at least as many."""
    first, _last = _databases.wallets(name)
    source, target = (row[0] for row in _databases.execute(name, KEYS))
    _databases.execute(name, SPARE.format(source=source, target=target))
    steps, many = -(-transfers // members), max(1, 10**6 // members)
    began = time.monotonic()
    for since in range(1, steps + 1, many):
        until = min(since + many - 1, steps)
        facts = {"first": first, "members": members, "money": _databases.FIRST_MONEY}
        _databases.execute(name, ROUND, since=since, until=until, **facts)
        if steps > many:
            say(f"  {until * members:,} after {time.monotonic() - began:.0f} s")
    _databases.execute(name, RESTORE.format(source=source, target=target))


def _place_orders(name: str) -> None:
    """The paid orders of the transfers that pages show, as a history joins them."""
    _databases.use(name)
    payees = {identity.user_id: identity.pk for identity in _databases.identities()}
    newest = Transfer.objects.select_related("source__owner", "target__owner").order_by("-number")
    made = [_order(transfer, payees[transfer.target.owner_id]) for transfer in newest[: READ * ROUNDS]]
    Order.objects.bulk_create(made, batch_size=2_000)


def _order(transfer: Transfer, payee_id: int) -> Order:
    payer, paid = transfer.source.owner, transfer.target.owner
    order = Order(payer=payer, payee_id=payee_id, payee_user=paid, amount=transfer.amount)
    order.reference, order.channel, order.channel_id = f"{transfer.number:08}"[-8:], "x", str(transfer.number)
    order.note = order.words = "pour le resto"
    order.transfer, order.confirmed_at, order.expires_at = transfer, transfer.posted_at, transfer.posted_at
    order.status = Order.Status.PAID  # As it would have become.
    return order


if __name__ == "__main__":
    sys.exit(main())

"""Everybody pays one organisation, or gives to one campaign, beside the same spread over many, at 16 clients.

`./run bench hot [seconds] [rounds]`. Meanwhile its account is rolled up, as the beat does, and somebody
asks for its balance again and again: it must be the sum of its transfers at that moment, else this fails.
Gifts are whole confirmations, each by another member: to one campaign, beside a thousand of its organisation.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from benchmarks import _databases, _giving, _posting
from benchmarks._rounds import Case, Contest, Goal, argument, run, say

MEMBERS, CLIENTS = 10_000, 16
CAMPAIGNS = 1_000
ROLL_UP_SECONDS, ASK_SECONDS = 2.0, 0.25
EXACT = """
SELECT b.amount + coalesce((SELECT sum(e.amount) FROM payments_entry e WHERE e.account_id = b.account_id), 0)
       = coalesce((SELECT sum(t.amount) FROM payments_transfer t WHERE t.target_id = b.account_id), 0)
  FROM payments_balance b WHERE b.account_id = %(payee)s
"""


@dataclass
class Asked:
    """How often somebody asked for the balance, and how often it was not what the transfers say."""

    times: int = 0
    wrong: int = 0


def main() -> int:
    seconds, rounds, asked = argument(1, 6), argument(2, 5), Asked()
    with _databases.made("hot") as (name,):
        say(f"{MEMBERS:,} members join …")
        _databases.fill(name, members=MEMBERS)
        members = _databases.wallets(name)
        payee = _databases.organisation()
        spread = partial(_posting.spread, name, members, clients=CLIENTS, seconds=seconds)
        to_one = partial(_hot, name, members, payee, seconds, asked)
        contest = Contest("spread", spread, [Case("hot", Goal(0.9), to_one, {"clients": CLIENTS})])
        to_many, to_campaign = (
            partial(_giving.rate, name, campaigns=count, clients=CLIENTS, seconds=seconds)
            for count in (CAMPAIGNS, 1)
        )
        gifts = Contest(
            "spread gifts", to_many, [Case("one campaign", Goal(0.9), to_campaign, {"clients": CLIENTS})]
        )
        run("hot", contest, gifts, rounds=rounds)
        _databases.check(name)
        wrong = _giving.wrong(name)
    say(f"its balance was asked for {asked.times} times meanwhile, and was wrong {asked.wrong} times")
    say(f"of the campaigns' totals {wrong} are wrong")
    return 1 if wrong or asked.wrong or not asked.times else 0


def _hot(name: str, members: tuple[int, int], payee: int, seconds: int, asked: Asked) -> float:
    with _meanwhile(name, payee, asked):
        return _posting.to_one(name, members, payee=payee, clients=CLIENTS, seconds=seconds)


@contextlib.contextmanager
def _meanwhile(name: str, payee: int, asked: Asked) -> Iterator[None]:
    """Roll up and ask in threads of their own until the end."""
    over = threading.Event()

    def roll_up() -> None:
        while not over.wait(ROLL_UP_SECONDS):
            _databases.execute(name, "SELECT roll_up(%(payee)s)", payee=payee)

    def ask() -> None:
        while not over.wait(ASK_SECONDS):
            is_exact = _databases.execute(name, EXACT, payee=payee)[0][0]
            asked.times, asked.wrong = asked.times + 1, asked.wrong + (not is_exact)

    threads = [threading.Thread(target=work) for work in (roll_up, ask)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    sys.exit(main())

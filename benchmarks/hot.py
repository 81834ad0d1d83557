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
from typing import Any

from benchmarks import _databases, _giving, _posting
from benchmarks._rounds import Case, Contest, Goal, argument, run, say

MEMBERS, CLIENTS = 10_000, 16
CAMPAIGNS = 1_000
ROLL_UP_SECONDS, ASK_SECONDS = 2.0, 0.25
ROLL_UP = "SELECT roll_up(%(payee)s)"
ASK = """
SELECT b.amount + coalesce((SELECT sum(e.amount) FROM payments_entry e WHERE e.account_id = b.account_id), 0),
       pg_current_snapshot()::text
  FROM payments_balance b WHERE b.account_id = %(payee)s
"""
# Once the clock stands: the transfers that were there at that moment, by the transactions that wrote them.
THEN = """
SELECT coalesce(sum(t.amount), 0) FROM payments_transfer t
 WHERE t.target_id = %(payee)s AND pg_visible_in_snapshot(t.xmin::text::xid8, %(moment)s::pg_snapshot)
"""


@dataclass
class Asked:
    """How often somebody asked for the balance, and how often it was not what the transfers say."""

    times: int = 0
    wrong: int = 0

    def judge(self, name: str, payee: int, answers: list[tuple[int, str]]) -> None:
        for balance, moment in answers:
            ((sum_,),) = _databases.execute(name, THEN, payee=payee, moment=moment)
            self.times, self.wrong = self.times + 1, self.wrong + (balance != sum_)


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
    with _meanwhile(name, payee) as answers:
        rate = _posting.to_one(name, members, payee=payee, clients=CLIENTS, seconds=seconds)
    asked.judge(name, payee, answers)
    return rate


@contextlib.contextmanager
def _meanwhile(name: str, payee: int) -> Iterator[list[tuple[int, str]]]:
    """Roll up and ask in threads of their own until the end: each balance, and the moment it is of."""
    over = threading.Event()
    answers: list[tuple[int, str]] = []

    def again(statement: str, *, pause: float, keep: list[Any]) -> None:
        with _databases.connected(name) as ask:
            while not over.wait(pause):
                keep += ask(statement, payee=payee)

    work = (
        partial(again, ROLL_UP, pause=ROLL_UP_SECONDS, keep=[]),
        partial(again, ASK, pause=ASK_SECONDS, keep=answers),
    )
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        over.set()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    sys.exit(main())

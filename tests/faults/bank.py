"""The bank's people, each a process of its own: those who move money without end, and those who count it.

`python -m tests.faults.bank write|read|open|check …`. A writer keeps at a move until it is told how that
ended, whatever dies meanwhile, and notes each that it was told was made: what is noted must be there.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smoney.settings")
if __name__ == "__main__":
    django.setup()

from django.db import Error, connection, connections
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts import codes
from accounts.models import User
from payments import ledger, orders, self_check
from payments.models import LedgerAccount, Order, Transfer
from tests import database, people
from tests.trial import lift_limits

WALLETS, TOTAL = 8, 100_00
ORDERING = 2  # Of the writers, this many move money by orders and codes; the others call the ledger.
BARE = {"every payment has its order"}  # What the ledger is asked for directly has none.
PAUSE_SECONDS = 0.05
LONGEST_OUTAGE_SECONDS = 60
T = TypeVar("T")


def open_() -> None:
    """Eight members, with a hundred euros between them."""
    database.prepare(connections["owner"])
    lift_limits()
    for number in range(WALLETS):
        user = people.join(
            f"Nour {number}",
            phone=f"+336123400{number:02}",
            handle=f"nour_{number}",
            external_id=str(1000 + number),
        )
        codes.choose(user, people.CODE)
        people.load(user, TOTAL // WALLETS)


def write(first: int, last: int, seed: int, folder: Path) -> None:
    """Be the writers of these numbers, each a thread, from when all are there until the time is over."""
    until = _start(folder)
    crowd = [threading.Thread(target=_write, args=(n, until, seed, folder)) for n in range(first, last)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()


def _start(folder: Path) -> float:
    """Say that we are there; until when to go on."""
    (folder / f"here-{os.getpid()}").touch()
    while not (folder / "until").exists():
        time.sleep(0.01)
    return float((folder / "until").read_text(encoding="utf-8"))


def _write(number: int, until: float, seed: int, folder: Path) -> None:
    orders.OPEN_AT_ONCE = orders.PLACED_A_DAY = 10**9  # The pace of people is not what is tried here.
    dice = random.Random(f"{seed}:{number}:{os.getpid()}")
    members = patiently(lambda: list(User.objects.order_by("pk")))
    wallets = patiently(lambda: ledger.wallets(*members))
    with (folder / f"told-{number}-{os.getpid()}").open("a", buffering=1) as told:
        while time.monotonic() < until:
            payer, payee = dice.sample(range(WALLETS), 2)
            amount = dice.randint(1, 5_00)
            if number < ORDERING:
                made = order(members[payer], members[payee], amount)
            else:
                made = move(wallets[payer], wallets[payee], amount)
            if made:
                told.write(f"{made}\n")


def move(source: LedgerAccount, target: LedgerAccount, amount: int) -> str:
    """The id of the transfer, or nothing where the wallet lacks the money."""
    kind = Transfer.Kind.PAYMENT
    posting = ledger.Posting(id=uuid7(), source=source, target=target, amount=amount, kind=kind)
    try:
        patiently(lambda: ledger.post(posting))
    except ledger.InsufficientFunds:
        return ""
    return str(posting.id)


def order(payer: User, payee: User, amount: int) -> str:
    """The same by an order and the payer's code, repeated as one who reloads the page."""
    number = str(uuid7())
    placed = patiently(lambda: _placed(payer, payee, amount, number))
    try:
        patiently(lambda: _confirmed(placed))
    except orders.InsufficientFunds:
        with contextlib.suppress(orders.OrderClosed):
            patiently(lambda: orders.decline(placed))
        return ""
    return str(placed.pk)


def _placed(payer: User, payee: User, amount: int, number: str) -> Order:
    terms: dict[str, Any] = {"note": "", "words": "", "channel": "x", "channel_id": number}
    identity = payee.identities.get()
    try:
        return orders.place(payer, payee=identity, amount=amount, at=timezone.now(), **terms)
    except orders.AlreadyPlaced:
        return Order.objects.get(channel="x", channel_id=number)


def _confirmed(placed: Order) -> None:
    now = Order.objects.select_related("payer").get(pk=placed.pk)
    if now.status != Order.Status.PAID:
        orders.confirm(now, code=people.CODE)


def patiently(work: Callable[[], T]) -> T:
    """Its result, however often the database goes away meanwhile."""
    deadline = time.monotonic() + LONGEST_OUTAGE_SECONDS
    while True:
        try:
            return work()
        except Error:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_SECONDS)


def read(folder: Path) -> dict[str, int]:
    """Count all wallets at once, again and again; how often it was wrong."""
    until = _start(folder)
    reads = wrong = negative = 0
    wallets = LedgerAccount.objects.filter(kind=LedgerAccount.Kind.WALLET)
    while time.monotonic() < until:
        amounts = patiently(lambda: [wallet.cents for wallet in ledger.with_balances(wallets)])  # type: ignore[attr-defined]  # annotated
        reads += 1
        wrong += sum(amounts) != TOTAL
        negative += min(amounts) < 0
        time.sleep(0.005)  # They are to see it, not to slow it down.
    return {"reads": reads, "wrong": wrong, "negative": negative}


def check(folder: Path) -> dict[str, Any]:
    """What is in the books at the end, against what was told."""
    told = [line for path in folder.glob("told-*") for line in path.read_text(encoding="utf-8").split()]
    made = {str(id) for id in Transfer.objects.filter(kind="PAYMENT").values_list("pk", flat=True)}
    return {
        "told": len(told),
        "made": len(made),
        "lost": len(set(told) - made),
        "repeated": len(told) - len(set(told)),
        "breaches": [breach.rule for breach in self_check.run() if breach.rule not in BARE],
    }


def main(word: str, *rest: str) -> None:
    match word:
        case "open":
            open_()
        case "write":
            write(int(rest[0]), int(rest[1]), int(rest[2]), Path(rest[3]))
        case "read":
            print(json.dumps(read(Path(rest[0]))))  # noqa: T201  # its result
        case _:
            print(json.dumps(check(Path(rest[0]))))  # noqa: T201  # its result


if __name__ == "__main__":
    main(*sys.argv[1:])

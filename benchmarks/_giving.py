"""Gifts confirmed as `_confirming` does orders: all of them to one campaign, or spread over many.

The organisation is the same either way, and its wallet is appended to; what differs is the campaign alone.
The tallies are folded meanwhile, as the beat does, and in the end each total must be what was given.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from unittest import mock

from django.utils import timezone

from accounts import organisations
from accounts.models import Organisation, User
from benchmarks import _clients, _databases
from benchmarks._confirming import AHEAD_A_SECOND
from giving.models import Campaign, Gift
from payments import ledger, orders
from payments.models import Order, OrderEvent

FOLD_SECONDS = 2.0
WRONG = """
SELECT count(*) FROM giving_campaign c
 WHERE coalesce((SELECT t.amount FROM giving_campaigntotal t WHERE t.campaign_id = c.id), 0)
       + coalesce((SELECT sum(y.amount) FROM giving_tally y WHERE y.campaign_id = c.id), 0)
       <> coalesce((SELECT sum(o.amount) FROM giving_gift g JOIN payments_order o ON o.id = g.order_id
                     WHERE g.campaign_id = c.id AND o.status = 'PAID'), 0)
"""
_numbers: Iterator[int] = itertools.count(1)


def rate(database: str, *, campaigns: int, clients: int, seconds: int) -> float:
    """Gifts confirmed a second, by another member each, to so many campaigns in turn."""
    _databases.use(database)
    _databases.identities()  # Before the organisation has one: they are made where there are none.
    over = _campaigns(campaigns)
    _confirm(database, over, clients=clients, seconds=1)
    _databases.execute(database, "ANALYZE")
    return _confirm(database, over, clients=clients, seconds=seconds)


def wrong(database: str) -> int:
    """How many campaigns' totals are not what was given."""
    return int(_databases.execute(database, WRONG)[0][0])


def _confirm(database: str, over: list[Campaign], *, clients: int, seconds: int) -> float:
    _databases.use(database)
    waiting = _gifts(over, AHEAD_A_SECOND * (seconds + 1))
    shares = [iter(waiting[number::clients]) for number in range(clients)]
    with mock.patch("accounts.tries.is_right", return_value=True), _folding(database):
        return _clients.rate(partial(_payer, shares), clients=clients, seconds=seconds)


def _payer(shares: list[Iterator[Order]], number: int) -> Callable[[], object]:
    def confirm() -> None:
        orders.confirm(next(shares[number]), code="270914")

    return confirm


@contextlib.contextmanager
def _folding(database: str) -> Iterator[None]:
    over = threading.Event()

    def fold() -> None:
        while not over.wait(FOLD_SECONDS):
            _databases.execute(database, "SELECT fold_tallies()")

    thread = threading.Thread(target=fold)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _organisation() -> Organisation:
    """One that collects, founded by the first member; nobody reviews it here."""
    known = Organisation.objects.select_related("account").first()
    if known is not None:
        return known
    facts = organisations.Facts(
        name="Collecte",
        kind=Organisation.Kind.ASSOCIATION,
        siren="318990892",
        rna="",
        purpose="",
        street="",
        postcode="",
        city="",
        website="",
    )
    made = organisations.found(facts, by=User.objects.order_by("pk")[0])
    ledger.append(ledger.wallet(made.account))
    return made


def _campaigns(count: int) -> list[Campaign]:
    """So many open campaigns, made when they are first asked for."""
    organisation, there = _organisation(), Campaign.objects.count()
    missing = (
        Campaign(
            organisation=organisation, slug=f"c{number}", title=f"C {number}", story="-", hashtag=f"c{number}"
        )
        for number in range(there, count)
    )
    Campaign.objects.bulk_create(missing, batch_size=1_000)
    return list(Campaign.objects.order_by("pk")[:count])


def _gifts(over: list[Campaign], count: int) -> list[Order]:
    """Gifts as they wait for their codes, each by another member, each campaign in its turn."""
    members = [each for each in _databases.identities() if each.network == "x"]
    payee, now, made = organisations.identity(_organisation()), timezone.now(), []
    for number in itertools.islice(_numbers, count):
        order = Order(payer=members[number % len(members)].user, payee=payee, payee_user=payee.user, amount=1)
        order.kind, order.reference = Order.Kind.GIFT, f"G{number:07}"
        order.channel, order.channel_id = "site", f"gift:{number}"
        order.created_at, order.expires_at = now, now + timedelta(days=1)
        made.append(order)
    Order.objects.bulk_create(made, batch_size=2_000)
    events = (OrderEvent(order=order, status=order.status) for order in made)
    OrderEvent.objects.bulk_create(events, batch_size=5_000)
    gifts = (Gift(order=order, campaign=over[place % len(over)]) for place, order in enumerate(made))
    Gift.objects.bulk_create(gifts, batch_size=5_000)
    return made
